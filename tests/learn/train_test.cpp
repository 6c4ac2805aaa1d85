#include "learn/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "learn/child_process.h"
#include "learn/site_data.h"
#include "learn/site_model.h"
#include "learn/worker_protocol.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "test_log.h"

namespace attune::learn {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNowMs = 1'795'255'200'000;
constexpr std::int64_t kHourMs = 3'600'000;

class TrainTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("ATTUNE_TEST_WORKER");
    auto opened = store::open_duckdb({});
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    const auto migrated = store_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    session_ = *store_->session();
    options_.data_dir = folder_.path();
    options_.site = site_;
    options_.worker_program = ATTUNE_TRAIN_WORKER;
    options_.params = published_params();
  }
  void TearDown() override { ::unsetenv("ATTUNE_TEST_WORKER"); }

  struct Row {
    std::string session;
    std::string item;
    std::int64_t time_ms = 0;
    std::string type = "VIEW";
    std::string visitor = "v";
  };
  void add(const std::vector<Row>& rows, const Uuid& site) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& user = batch.add_int64("user_id");
    auto& product = batch.add_int64("product_id");
    auto& type = batch.add_text("interaction_type");
    auto& session = batch.add_text("session_id");
    auto& time = batch.add_timestamp("timestamp");
    auto& site_id = batch.add_text("site_id");
    auto& visitor = batch.add_text("visitor_id");
    auto& item = batch.add_text("item_id");
    for (const Row& row : rows) {
      id.push(next_id_++);
      user.push(stable_id(site.text(), row.visitor));
      product.push(stable_id(site.text(), row.item));
      type.push(row.type);
      session.push(row.session);
      time.push(store::Timestamp::from_ms(row.time_ms));
      site_id.push(site.text());
      visitor.push(row.visitor);
      item.push(row.item);
    }
    const auto added = session_->append("user_product_interactions", batch);
    ASSERT_TRUE(added) << added.error().message();
  }
  /// Visits with structure (or without): a model beats popularity on the first kind only.
  void add_visits(std::size_t count, bool structured, const Uuid& site,
                  std::int64_t end_ms = kNowMs) {
    Random random(7);
    std::vector<Row> rows;
    for (std::size_t v = 0; v < count; ++v) {
      const std::size_t home = random.below(30);
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t item = structured ? (home + i) % 30 : random.below(30);
        const auto ago = static_cast<std::int64_t>((count - v) * 60'000 - i * 1000);
        rows.push_back({fmt::format("s{}", v), fmt::format("item-{:02}", item), end_ms - ago});
      }
    }
    add(rows, site);
  }
  std::vector<std::string> files_of_site() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_ / ("models/" + site_.text()))) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  std::int64_t count(const std::string& what) {
    const auto rows = session_->query_text("select count(*) from ml_models where " + what);
    return rows ? std::get<std::int64_t>(rows->rows[0][0]) : -1;
  }

  TestFolder folder_;
  ManualClock clock_{kNowMs};
  Uuid site_ = *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479");
  Uuid other_site_ = *Uuid::parse("a47ac10b-58cc-4372-a567-0e02b2c3d479");
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  TrainOptions options_;
  std::int64_t next_id_ = 1;
};

TEST_F(TrainTest, AModelBetterThanPopularityGoesIntoProduction) {
  add_visits(300, true, site_);
  add_visits(50, false, other_site_);
  std::vector<std::string> stages;
  const auto report = train_site(*store_, clock_, options_, [&](std::string_view stage, double) {
    if (stages.empty() || stages.back() != stage) stages.emplace_back(stage);
  });
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->promoted) << report->verdict;
  EXPECT_EQ(report->sessions, 300U) << "the other site's visits are not in it";
  EXPECT_GT(report->held_out.model.mrr, report->held_out.popularity.mrr);
  EXPECT_GT(report->held_out.mrr_gain.low, 0);
  EXPECT_THAT(stages, testing::Contains("training"));
  const auto active = active_model(*session_, site_);
  ASSERT_TRUE(active && *active);
  EXPECT_EQ((*active)->version, report->version);
  const auto model = load_site_model(real_file_system(), (*active)->artefact_path);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ((*model)->site_id, site_.text());
  EXPECT_EQ(files_of_site().size(), 1U) << "export and temporary model are gone";
  EXPECT_FALSE(*active_model(*session_, other_site_));
  const auto row = session_->query_text(
      "select hyperparameters->>'m', metrics->>'predictions', training_data_period->>'end', "
      "algorithm, "
      "length(artifact_sha256), artifact_size_bytes > 0, deployed_at is not null from ml_models");
  ASSERT_TRUE(row) << row.error().message();
  EXPECT_EQ(row->rows[0][0], store::Value(std::string("500")));
  EXPECT_EQ(row->rows[0][1], store::Value(fmt::format("{}", report->held_out.predictions)));
  EXPECT_EQ(row->rows[0][2], store::Value(std::string("2026-11-21T09:59:03Z")));
  EXPECT_EQ(row->rows[0][4], store::Value(std::int64_t{64}));
  EXPECT_EQ(row->rows[0][5], store::Value(true));
  EXPECT_EQ(row->rows[0][6], store::Value(true));
  EXPECT_THAT(to_json(*report), HasSubstr("\"promoted\":true"));
}

TEST_F(TrainTest, AModelNoBetterThanPopularityIsArchived) {
  add_visits(300, false, site_);
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->promoted);
  EXPECT_THAT(report->verdict, HasSubstr("popularity"));
  EXPECT_FALSE(*active_model(*session_, site_));
  EXPECT_EQ(count("status = 'archived' and not is_active and deployed_at is null"), 1);
}

TEST_F(TrainTest, AWorseModelDoesNotReplaceAGoodOne) {
  add_visits(300, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  clock_.advance_ms(kHourMs);
  options_.params = *parse_params("popularity:half_life_days=9");
  const auto worse = train_site(*store_, clock_, options_);
  ASSERT_TRUE(worse) << worse.error().message();
  EXPECT_FALSE(worse->promoted) << "popularity cannot beat popularity";
  EXPECT_EQ((*active_model(*session_, site_))->version, good->version);
}

TEST_F(TrainTest, RollsBackToTheModelBefore) {
  EXPECT_EQ(rollback_model(*store_, clock_, site_).error().code(), ErrorCode::failed_precondition);
  add_visits(300, true, site_);
  std::vector<std::string> versions;
  for (int i = 0; i < 3; ++i) {
    clock_.advance_ms(kHourMs);
    const auto report = train_site(*store_, clock_, options_);
    ASSERT_TRUE(report && report->promoted);
    versions.push_back(report->version);
  }
  // The second one's file is damaged, so rolling back goes on to the first.
  std::ofstream(folder_ / fmt::format("models/{}/{}.model", site_.text(), versions[1]),
                std::ios::app)
      << "x";
  const auto back = rollback_model(*store_, clock_, site_);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->version, versions[0]);
  EXPECT_EQ((*active_model(*session_, site_))->version, versions[0]);
  EXPECT_EQ(count("status = 'production'"), 1);
  EXPECT_EQ(rollback_model(*store_, clock_, site_).error().code(), ErrorCode::failed_precondition);
}

TEST_F(TrainTest, OldArtefactsAreRemovedAndNoted) {
  add_visits(120, true, site_);
  for (int i = 0; i < 13; ++i) {
    clock_.advance_ms(kHourMs);
    ASSERT_TRUE(train_site(*store_, clock_, options_));
  }
  EXPECT_EQ(files_of_site().size(), 11U);  // ten archived ones and the one in production
  EXPECT_EQ(count("artifact_path is null"), 2);
  EXPECT_EQ(count("true"), 13);
}

TEST_F(TrainTest, ASiteWithoutVisitsGetsAClearError) {
  auto report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(report.error().message(), HasSubstr("0 visits"));
  add({{"one", "a", kNowMs - 5}, {"one", "a", kNowMs - 4, "CART_ADD"}, {"two", "b", kNowMs - 3}},
      site_);
  report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report) << "visits with one item teach nothing";
  EXPECT_EQ(count("true"), 0);
}

TEST_F(TrainTest, TooLittleHeldOutDataIsNotEnoughToPromote) {
  add_visits(6, true, site_);
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->promoted);
  EXPECT_THAT(report->verdict, HasSubstr("held-out"));
}

TEST_F(TrainTest, ABadWorkerChangesNothing) {
  add_visits(100, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  clock_.advance_ms(kHourMs);
  const auto expect_failure = [&](ErrorCode code, const char* hint) {
    const auto report = train_site(*store_, clock_, options_);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code(), code) << report.error().message();
    EXPECT_THAT(report.error().message(), HasSubstr(hint));
    EXPECT_EQ((*active_model(*session_, site_))->version, good->version);
    EXPECT_EQ(files_of_site().size(), 1U) << "nothing is left behind";
  };
  ::setenv("ATTUNE_TEST_WORKER", "crash", 1);
  expect_failure(ErrorCode::internal, "about to fall over");
  ::setenv("ATTUNE_TEST_WORKER", "garbage", 1);
  expect_failure(ErrorCode::internal, "nonsense");
  ::setenv("ATTUNE_TEST_WORKER", "sleep", 1);
  options_.worker_seconds_max = 0;
  expect_failure(ErrorCode::resource_exhausted, "longer than");
  options_.worker_seconds_max = 600;
  options_.stop_requested = [] { return true; };
  expect_failure(ErrorCode::failed_precondition, "asked to stop");
  options_.worker_program = "/nowhere/attune";
  options_.stop_requested = nullptr;
  expect_failure(ErrorCode::unavailable, "/nowhere/attune");
}

#ifndef ATTUNE_SANITIZED
TEST_F(TrainTest, AWorkerOutOfMemorySaysSo) {
  add_visits(2000, true, site_);
  options_.worker_memory_bytes_max = 1 << 20;
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::resource_exhausted) << report.error().message();
}
#endif

TEST_F(TrainTest, SiteDataHasCatalogueVisitsAndPurchases) {
  const auto sql = session_->query_text("select 1");
  ASSERT_TRUE(sql);
  const std::int64_t hour = kNowMs / kHourMs * kHourMs;
  add({{"s1", "mug", hour - 1000, "VIEW", "ann"},
       {"s1", "mug", hour - 900, "CART_ADD", "ann"},
       {"s2", "mug", hour - 800, "VIEW", "bob"},
       {"s2", "mug", hour - 700, "PURCHASE", "bob"},
       {"s3", "hat", hour - 30 * kHourMs, "VIEW", "cy"},
       {"s3", "hat", hour + 5, "REMOVE_CART", "cy"},
       {"s4", "mug", hour + 10, "VIEW", "dan"}},
      site_);
  const auto data = load_site_data(*session_, site_, kNowMs);
  ASSERT_TRUE(data) << data.error().message();
  EXPECT_EQ(data->counted_until_ms, hour) << "the hour of the newest interaction is not counted";
  std::map<std::string, std::uint32_t> visits;
  for (const ItemDay& day : data->visits) visits[day.item_id] += day.visits;
  EXPECT_EQ(visits["mug"], 2U);
  EXPECT_EQ(visits["hat"], 1U);
  ASSERT_EQ(data->purchases.size(), 1U);
  EXPECT_EQ(data->purchases[0].item_id, "mug");
  EXPECT_EQ(data->purchases[0].user_id, stable_id(site_.text(), "bob"));
  const auto none = load_site_data(*session_, other_site_, kNowMs);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->visits.empty() && none->purchases.empty() && none->products.empty());
}

TEST(HeldOutTest, HoldsOutTheLastDaysOrAFifth) {
  const SessionLog short_log = random_log({.visits = 100});  // less than a day
  const HeldOut fifth = measure_held_out(short_log, published_params());
  EXPECT_EQ(fifth.from_ms, short_log.end_ms(80));
  const SessionLog long_log = random_log({.visits = 2000});  // ten minutes apart: 14 days
  const HeldOut day = measure_held_out(long_log, published_params());
  EXPECT_NEAR(static_cast<double>(long_log.end_ms(1999) - day.from_ms), 86'400'000.0, 600'000.0);
  EXPECT_GE(day.predictions, 200U);
  EXPECT_EQ(measure_held_out(slice(short_log, 0, 1), published_params()).predictions, 0U);
}

TEST(WorkerProtocolTest, ResultsComeBackExactly) {
  WorkerResult result{"v1", "stan", {}};
  result.held_out.model.mrr = 1.0 / 3;
  result.held_out.predictions = 12345678901;
  result.held_out.mrr_gain = {-0.1, 1e-17};
  const auto again = parse_result_line(to_line(result));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->held_out.model.mrr, 1.0 / 3);
  EXPECT_EQ(again->held_out.predictions, 12345678901U);
  EXPECT_EQ(again->held_out.mrr_gain.high, 1e-17);
  EXPECT_FALSE(parse_result_line("result v1 stan 0.5"));
}

TEST(ChildProcessTest, HearsLinesAndTheEnd) {
  std::vector<std::string> lines;
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", "echo one; echo two; echo sorry >&2; exit 3"};
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  const auto ended = run_child(options);
  ASSERT_TRUE(ended);
  EXPECT_THAT(lines, testing::ElementsAre("one", "two"));
  EXPECT_EQ(ended->code, 3);
  EXPECT_EQ(ended->error_text, "sorry\n");
}

TEST(ChildProcessTest, PassesOnNoDescriptors) {
  TestFolder folder;
  std::ofstream held(folder / "held");
  std::string count;
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", "ls /proc/self/fd | wc -l"};
  options.on_line = [&](std::string_view line) { count = line; };
  ASSERT_TRUE(run_child(options));
  EXPECT_EQ(count, "4");  // three standard ones, and the folder that ls reads
}

}  // namespace
}  // namespace attune::learn
