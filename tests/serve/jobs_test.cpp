#include "serve/jobs.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace attune::serve {
namespace {

class JobBoardTest : public testing::Test {
 protected:
  ManualClock clock_{1'000'000};
  JobBoard board_{clock_};

  Job wait_for(const std::string& id) {
    for (;;) {
      const auto job = board_.find(id);
      if (job && job->state != JobState::running) return *job;
      std::this_thread::yield();
    }
  }
};

TEST_F(JobBoardTest, RunsAJobAndKeepsItsResult) {
  const JobWork train = [](JobProgress& progress) -> Result<std::string> {
    progress.set(0.5, 12, "half");
    return std::string(R"({"version":"v1"})");
  };
  const auto id = board_.start("train", {.site = "site"}, train);
  ASSERT_TRUE(id);
  const Job job = wait_for(*id);
  EXPECT_EQ(job.state, JobState::done);
  EXPECT_EQ(job.done, 1);
  EXPECT_EQ(job.result_json, R"({"version":"v1"})");
  EXPECT_EQ(job.message, "half");
  EXPECT_EQ(job.started_ms, 1'000'000);
}

TEST_F(JobBoardTest, SaysWhyAJobFailed) {
  const auto id = board_.start("check", {}, [](JobProgress&) -> Result<std::string> {
    return fail(ErrorCode::data_loss, "segment 3 is damaged");
  });
  ASSERT_TRUE(id);
  const Job job = wait_for(*id);
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_EQ(job.message, "segment 3 is damaged");
}

TEST_F(JobBoardTest, RunsOneOfAKindForASiteAndFourInAll) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  const JobWork wait = [gone](JobProgress& progress) -> Result<std::string> {
    progress.set(0.25, 3, "waiting");
    gone.wait();
    return std::string("null");
  };
  const auto first = board_.start("train", {.site = "a"}, wait);
  ASSERT_TRUE(first);
  const auto twice = board_.start("train", {.site = "a"}, wait);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code(), ErrorCode::already_exists);
  for (const char* site : {"b", "c", "d"}) ASSERT_TRUE(board_.start("train", {.site = site}, wait));
  const auto fifth = board_.start("train", {.site = "e"}, wait);
  ASSERT_FALSE(fifth);
  EXPECT_EQ(fifth.error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(board_.list().size(), 4U);
  EXPECT_EQ(board_.list().front().scope.site, "d");  // newest first
  go.set_value();
  wait_for(*first);
}

TEST_F(JobBoardTest, RunsOneOfAKindForAnAccount) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  const JobWork wait = [gone](JobProgress&) -> Result<std::string> {
    gone.wait();
    return std::string("null");
  };
  const auto first = board_.start("insights", {.account = 1}, wait);
  ASSERT_TRUE(first);
  EXPECT_EQ(board_.start("insights", {.account = 1}, wait).error().code(),
            ErrorCode::already_exists);
  // Another account's, a site's of that name and the server's are others.
  EXPECT_TRUE(board_.start("insights", {.account = 2}, wait));
  EXPECT_TRUE(board_.start("insights", {.site = "1"}, wait));
  EXPECT_TRUE(board_.start("insights", {}, wait));
  EXPECT_EQ(board_.find(*first)->scope.account, 1);
  EXPECT_EQ(board_.find(*first)->scope.site, "");
  go.set_value();
  wait_for(*first);
}

TEST_F(JobBoardTest, AsksRunningJobsToStop) {
  const auto id = board_.start("replay", {}, [](JobProgress& progress) -> Result<std::string> {
    while (!progress.stop_requested()) std::this_thread::yield();
    return fail(ErrorCode::unavailable, "stopped");
  });
  ASSERT_TRUE(id);
  board_.stop();
  const auto late =
      board_.start("check", {}, [](JobProgress&) { return Result<std::string>("null"); });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::unavailable);
}

TEST_F(JobBoardTest, ForgetsTheOldest) {
  std::string first;
  for (std::size_t i = 0; i <= JobBoard::kKeptMax; ++i) {
    const auto id =
        board_.start("check", {}, [](JobProgress&) { return Result<std::string>("1"); });
    ASSERT_TRUE(id);
    if (first.empty()) first = *id;
    wait_for(*id);
  }
  EXPECT_EQ(board_.list().size(), JobBoard::kKeptMax);
  EXPECT_FALSE(board_.find(first));
}

}  // namespace
}  // namespace attune::serve
