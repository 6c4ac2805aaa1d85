#include "decide/snapshot_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "test_shop.h"

namespace attune::decide {
namespace {

class SnapshotKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "attune-keeper-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    source_.sites = [] { return std::vector{test_site(1), test_site(2)}; };
    source_.data = [this](const Uuid& site) -> Result<learn::SiteData> {
      if (site == broken_) return fail(ErrorCode::unavailable, "the store is away");
      learn::SiteData data;
      data.products.resize(1);
      data.products[0].id = fmt::format("product-{}", loads_++);
      return data;
    };
    source_.models = [this](const Uuid&) -> Result<std::vector<learn::ActiveModel>> {
      std::vector<learn::ActiveModel> active;
      if (active_) active.push_back(*active_);
      return active;
    };
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  SnapshotKeeper make(std::int64_t every_ms = 3'600'000) {
    return SnapshotKeeper(decider_, source_, [this](const Uuid&, const Error&) { ++failures_; },
                          {.every_ms = every_ms});
  }
  void put_model(const std::string& name, std::initializer_list<std::string_view> visits) {
    const auto model = model_of(visits, learn::published_params());
    ASSERT_TRUE(learn::save_site_model(real_file_system(), *model, folder_ + "/" + name));
    active_ = learn::ActiveModel{.strategy = "sequential",
                                 .version = model->version,
                                 .artefact_path = folder_ + "/" + name,
                                 .algorithm = {},
                                 .trained_ms = 0,
                                 .status = "production"};
  }
  std::string served_version() {
    const auto snapshot = decider_.snapshot(test_site());
    return snapshot && snapshot->model() ? snapshot->model()->version : "";
  }
  template <class Done>
  void eventually(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  std::string folder_;
  LiveState live_;
  RealClock clock_;
  Decider decider_{live_, nullptr, clock_};
  SnapshotSource source_;
  Uuid broken_{};
  std::optional<learn::ActiveModel> active_;
  std::atomic<int> loads_{0};
  std::atomic<int> failures_{0};
};

TEST_F(SnapshotKeeperTest, LoadsEverySiteAtTheStart) {
  broken_ = test_site(2);
  SnapshotKeeper keeper = make();
  ASSERT_TRUE(keeper.start());
  EXPECT_NE(decider_.snapshot(test_site(1)), nullptr);
  EXPECT_EQ(decider_.snapshot(test_site(2)), nullptr);
  EXPECT_EQ(failures_, 1);
}

TEST_F(SnapshotKeeperTest, FollowsChangesWhenTold) {
  SnapshotKeeper keeper = make();
  ASSERT_TRUE(keeper.start());
  const auto before = decider_.snapshot(test_site());
  keeper.changed(test_site());
  eventually([&] { return decider_.snapshot(test_site()) != before; });
}

TEST_F(SnapshotKeeperTest, LooksAgainByItself) {
  SnapshotKeeper keeper = make(1);
  ASSERT_TRUE(keeper.start());
  const int loads = loads_;
  eventually([&] { return loads_ > loads + 2; });
  keeper.stop();
}

TEST_F(SnapshotKeeperTest, AReaderNeverTakesASnapshotApart) {
  SnapshotKeeper keeper = make();
  ASSERT_TRUE(keeper.start());
  std::atomic<std::thread::id> taken_apart_by{};
  {
    const auto model = model_of({"a b", "b c"}, learn::published_params());
    const std::shared_ptr<const learn::SiteModel> marked(
        model.get(), [model, &taken_apart_by](const learn::SiteModel*) {
          taken_apart_by = std::this_thread::get_id();
        });
    decider_.publish(test_site(), SiteSnapshot::build(test_site(), learn::SiteData{}, marked));
  }
  auto read = decider_.snapshot(test_site());
  keeper.changed(test_site());
  eventually([&] { return decider_.snapshot(test_site()) != read; });
  read.reset();
  eventually([&] { return taken_apart_by.load() != std::thread::id{}; });
  EXPECT_NE(taken_apart_by.load(), std::this_thread::get_id());
}

TEST_F(SnapshotKeeperTest, ServesTheModelOfTheRegistry) {
  SnapshotKeeper keeper = make();
  ASSERT_TRUE(keeper.refresh(test_site()));
  EXPECT_EQ(served_version(), "");
  put_model("first", {"ab", "ab"});
  ASSERT_TRUE(keeper.refresh(test_site()));
  EXPECT_EQ(served_version(), active_->version);
  active_.reset();
  ASSERT_TRUE(keeper.refresh(test_site()));
  EXPECT_EQ(served_version(), "") << "rolled back to none";
}

TEST_F(SnapshotKeeperTest, ABadArtefactDoesNotReplaceAGoodOne) {
  SnapshotKeeper keeper = make();
  put_model("good", {"ab", "ab"});
  ASSERT_TRUE(keeper.refresh(test_site()));
  const std::string good = active_->version;
  const auto before = decider_.snapshot(test_site());
  put_model("bad", {"ab", "cd"});
  std::filesystem::resize_file(folder_ + "/bad", 100);
  const auto refreshed = keeper.refresh(test_site());
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().code(), ErrorCode::data_loss);
  EXPECT_EQ(served_version(), good);
  EXPECT_NE(decider_.snapshot(test_site()), before) << "the catalogue is fresh all the same";
}

TEST_F(SnapshotKeeperTest, AtAStartTheNewestGoodModelOfBeforeServes) {
  std::vector<learn::ActiveModel> earlier;
  for (const char* name : {"oldest", "older", "newest"}) {
    put_model(name, {"ab", name});
    earlier.insert(earlier.begin(), *active_);
  }
  earlier.erase(earlier.begin());   // the one in production
  std::filesystem::resize_file(folder_ + "/newest", 100);
  std::filesystem::resize_file(folder_ + "/older", 100);
  source_.earlier_models = [&](const Uuid&, const learn::ActiveModel& wanted)
      -> Result<std::vector<learn::ActiveModel>> {
    EXPECT_EQ(wanted.version, active_->version);
    return earlier;
  };
  SnapshotKeeper keeper = make();
  const auto refreshed = keeper.refresh(test_site());
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(served_version(), earlier.back().version);
  EXPECT_THAT(refreshed.error().message(),
              testing::HasSubstr(earlier.back().version + " serves in its place"));
  std::filesystem::remove(folder_ + "/oldest");
  EXPECT_FALSE(keeper.refresh(test_site())) << "the production file is still bad";
  EXPECT_EQ(served_version(), earlier.back().version) << "what serves goes on serving";
}

TEST_F(SnapshotKeeperTest, AModelInTheShadowAnswersUnseen) {
  put_model("shadow", {"abc", "abc", "xy", "xy"});
  const learn::ActiveModel shadow = *active_;
  put_model("present", {"ab", "ab", "xy", "xy"});
  std::vector<learn::ShadowCounts> counted;
  source_.shadows = [&](const Uuid&, const std::vector<learn::ShadowCounts>& since)
      -> Result<std::vector<learn::ActiveModel>> {
    counted = since;
    return std::vector{shadow};
  };
  SnapshotKeeper keeper = make();
  ASSERT_TRUE(keeper.refresh(test_site()));
  EXPECT_EQ(served_version(), active_->version);
  const auto ask = [&](const std::string& item, bool preview) {
    const auto answer = decider_.recommend(
        {.site = test_site(), .visitor = "v", .item = item, .preview = preview});
    ASSERT_TRUE(answer);
    for (const AnswerSource& source : answer->sources) {
      EXPECT_NE(source.version, shadow.version) << "the visitor sees what is in production";
    }
  };
  ask("a", false);  // present: b; shadow: b, c
  ask("x", false);  // both: y
  ask("a", true);   // a preview is not counted
  ask("", false);   // nothing to go by
  decider_.refresh_popular();
  ASSERT_TRUE(keeper.refresh(test_site()));
  ASSERT_EQ(counted.size(), 1U);
  EXPECT_EQ(counted[0].strategy, "sequential");
  EXPECT_EQ(counted[0].version, shadow.version);
  EXPECT_EQ(counted[0].requests, 2U);
  EXPECT_DOUBLE_EQ(counted[0].overlap, 0.5 + 1);
  for (int i = 0; i < 200; ++i) ask("a", false);
  decider_.refresh_popular();
  EXPECT_EQ(decider_.take_shadow_counts(test_site()).at(0).requests, 64U) << "a sample";
  EXPECT_TRUE(decider_.take_shadow_counts(test_site()).empty());
}

}  // namespace
}  // namespace attune::decide
