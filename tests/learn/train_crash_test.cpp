// A trainer that is killed at any moment leaves a production model that can be served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "learn/child_process.h"
#include "learn/site_model.h"
#include "learn/train.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "test_log.h"

namespace attune::learn {
namespace {

constexpr std::int64_t kNowMs = 1'795'255'200'000;

std::unique_ptr<store::Store> open(const std::string& path) {
  auto opened = store::open_duckdb({.file = path});
  return opened ? std::move(*opened) : nullptr;
}

/// Visits that go through neighbouring items: a model beats popularity.
void add_visits(store::Session& session, const Uuid& site) {
  store::ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& user = batch.add_int64("user_id");
  auto& product = batch.add_int64("product_id");
  auto& type = batch.add_text("interaction_type");
  auto& visit = batch.add_text("session_id");
  auto& time = batch.add_timestamp("timestamp");
  auto& site_id = batch.add_text("site_id");
  auto& visitor = batch.add_text("visitor_id");
  auto& item = batch.add_text("item_id");
  Random random(7);
  for (std::int64_t v = 0; v < 300; ++v) {
    const std::size_t home = random.below(30);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string name = fmt::format("item-{:02}", (home + i) % 30);
      id.push(v * 10 + static_cast<std::int64_t>(i));
      user.push(v);
      product.push(stable_id(site.text(), name));
      type.push("VIEW");
      visit.push(fmt::format("s{}", v));
      time.push(store::Timestamp::from_ms(kNowMs - (300 - v) * 60'000 +
                                          static_cast<std::int64_t>(i) * 1000));
      site_id.push(site.text());
      visitor.push(fmt::format("v{}", v));
      item.push(name);
    }
  }
  const auto added = session.append("user_product_interactions", batch);
  ASSERT_TRUE(added) << added.error().message();
}

constexpr std::int64_t kRoundMs = 3'600'000;

/// Trains one model after the other and is killed after so many steps.
/// start_ms   later than every model before: versions begin with their time.
void train_until_killed(const std::string& folder, const Uuid& site, std::int64_t start_ms,
                        std::size_t steps) {
  std::size_t heard = 0;
  ChildOptions child;
  child.program = ATTUNE_TRAIN_WORKER;
  child.arguments = {"train-forever", folder, site.text(), std::to_string(start_ms)};
  child.on_line = [&](std::string_view) { ++heard; };
  child.stop_requested = [&] { return heard >= steps; };
  const auto ended = run_child(child);
  ASSERT_FALSE(ended) << "it ended by itself: " << ended->error_text;
  ASSERT_EQ(ended.error().code(), ErrorCode::failed_precondition) << ended.error().message();
}

TEST(TrainCrashTest, AKilledTrainerLeavesAModelThatServes) {
  const TestFolder folder;
  const Uuid site = *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479");
  const std::string path = folder / "attune.duckdb";
  std::string version;
  {
    const auto store = open(path);
    ASSERT_TRUE(store && store->migrate());
    const auto session = *store->session();
    add_visits(*session, site);
    const ManualClock clock{kNowMs};
    TrainOptions options;
    options.data_dir = folder.path();
    options.site = site;
    options.params = published_params();
    options.worker_program = ATTUNE_TRAIN_WORKER;
    const auto first = train_site(*store, clock, options);
    ASSERT_TRUE(first && first->promoted);
    version = first->version;
  }
  Random random(3);
  std::set<std::string> versions{version};
  for (int round = 0; round < 8; ++round) {
    train_until_killed(folder.path(), site, kNowMs + (round + 1) * kRoundMs,
                       1 + random.below(40));
    const auto store = open(path);
    ASSERT_TRUE(store) << "round " << round;
    const auto session = *store->session();
    const auto active = active_models(*session, site);
    ASSERT_TRUE(active) << active.error().message();
    ASSERT_EQ(active->size(), 1U) << "round " << round;
    const auto model = load_site_model(real_file_system(), active->front().artefact_path);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ((*model)->version, active->front().version);
    versions.insert(active->front().version);
  }
  EXPECT_GT(versions.size(), 1U) << "no round was long enough to promote anything";
}

}  // namespace
}  // namespace attune::learn
