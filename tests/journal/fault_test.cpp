// Each write fails once, each sync fails once, the disk is full at every byte: what is acknowledged
// is there, what is refused is not, and the journal says which.
#include <algorithm>
#include <limits>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

class FaultTest : public JournalFixture {
 protected:
  FaultTest() {
    options_.segment_bytes = 200;
    options_.retry_ms = 250;
  }

  /// Appends 12 batches over several segments, waiting out what is refused for a time.
  void run_workload() {
    for (int i = 0; i < 12; ++i) {
      const auto filler = static_cast<std::size_t>(i) * 5 + 1;
      const Texts texts{"record " + std::to_string(i), std::string(filler, 'x')};
      const std::string answer = append_batch(texts);
      answers_.push_back(answer);
      if (answer == "ok") acknowledged_.insert(acknowledged_.end(), texts.begin(), texts.end());
      if (answer == "unavailable") clock_.advance_ms(options_.retry_ms);
    }
  }
  std::size_t answered(const std::string& answer) const {
    return static_cast<std::size_t>(std::count(answers_.begin(), answers_.end(), answer));
  }
  void start_over() {
    journal_.reset();
    files_ = std::make_unique<FaultyFileSystem>();
    answers_.clear();
    acknowledged_.clear();
  }

  std::vector<std::string> answers_;
  Texts acknowledged_;
};

TEST_F(FaultTest, EachWriteFailsOnceAndNothingIsLost) {
  for (const std::uint64_t reserve_bytes : {0ULL, 64ULL}) {
    options_.reserve_bytes = reserve_bytes;
    std::size_t failures = 0;
    for (std::size_t write = 0;; ++write) {
      start_over();
      files_->fail_write(write);
      if (open() != "ok") {
        ASSERT_EQ(open(), "ok") << "after the write of the header failed";
      }
      run_workload();
      EXPECT_EQ(records(), acknowledged_) << "write " << write;
      files_->fail_write(FaultyFileSystem::kNever);
      ASSERT_EQ(open(), "ok") << open_error_;
      EXPECT_EQ(records(), acknowledged_) << "write " << write;
      EXPECT_EQ(answered("ok") + answered("unavailable"), 12U);
      failures += answered("unavailable");
      if (write > 0 && answered("unavailable") == 0) break;
      ASSERT_LE(answered("unavailable"), 1U) << "one failure, one refusal";
    }
    EXPECT_GT(failures, 12U);
  }
}

TEST_F(FaultTest, WhatARefusedWriteLeftIsTakenBackBeforeTheAnswer) {
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append("kept"), "ok");
  files_->fail_write(0);
  EXPECT_EQ(append(std::string(100, 'x')), "unavailable");
  cut_power({.names_kept = true, .writes_kept = true, .last_write_bytes = 1000});
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(journal_->open_report().torn_bytes, 0U);
  EXPECT_EQ(records(), Texts{"kept"});
}

TEST_F(FaultTest, AFailedSyncOfTakingBackStopsTheJournal) {
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append("kept"), "ok");
  files_->fail_write(0);
  files_->fail_sync(0);
  EXPECT_EQ(append("x"), "data_loss");
  clock_.advance_ms(options_.retry_ms);
  EXPECT_EQ(append("y"), "data_loss");
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(records(), Texts{"kept"});
}

TEST_F(FaultTest, EachFailedSyncStopsTheJournalForGood) {
  std::size_t stops = 0;
  for (std::size_t sync = 0;; ++sync) {
    start_over();
    ASSERT_EQ(open(), "ok");
    files_->fail_sync(sync);
    run_workload();
    if (answered("data_loss") == 0) break;
    ++stops;
    EXPECT_EQ(answered("ok") + answered("data_loss"), 12U);
    EXPECT_EQ(answers_.back(), "data_loss") << "no way back, sync " << sync;
    EXPECT_EQ(code_of(journal_->writable()), "data_loss");
    EXPECT_EQ(records(), acknowledged_) << "reading goes on";
    // Opened again, then the power goes: whatever the open showed must be on the disk.
    ASSERT_EQ(open(), "ok") << open_error_;
    const Texts seen = records();
    ASSERT_GE(seen.size(), acknowledged_.size());
    EXPECT_EQ(Texts(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(acknowledged_.size())),
              acknowledged_);
    cut_power({});
    ASSERT_EQ(open(), "ok") << open_error_;
    EXPECT_EQ(records(), seen) << "sync " << sync;
  }
  EXPECT_GT(stops, 12U);
}

TEST_F(FaultTest, EachFailedSyncOfOpeningFailsTheOpenAndHarmsNothing) {
  ASSERT_EQ(open(), "ok");
  run_workload();
  std::size_t failures = 0;
  for (std::size_t sync = 0;; ++sync) {
    journal_.reset();
    files_->fail_sync(sync);
    if (open() == "ok") break;
    ++failures;
    files_->fail_sync(FaultyFileSystem::kNever);
    ASSERT_EQ(open(), "ok");
    EXPECT_EQ(records(), acknowledged_);
  }
  EXPECT_EQ(failures, 2U);  // of the last segment and of the folder
}

TEST_F(FaultTest, AFullDiskRefusesLosesNothingAndEnds) {
  for (const std::uint64_t reserve_bytes : {0ULL, 64ULL}) {
    options_.reserve_bytes = reserve_bytes;
    start_over();
    ASSERT_EQ(open(), "ok");
    run_workload();
    const std::uint64_t needed = files_->live().bytes_total();
    for (std::uint64_t capacity = 64; capacity < needed; ++capacity) {
      start_over();
      ASSERT_EQ(open(), "ok");
      files_->set_capacity(capacity);
      run_workload();
      ASSERT_GT(answered("unavailable"), 0U) << capacity;
      ASSERT_EQ(answered("ok") + answered("unavailable"), 12U) << capacity;
      ASSERT_EQ(records(), acknowledged_) << capacity;
      files_->set_capacity(std::numeric_limits<std::uint64_t>::max());
      ASSERT_EQ(append("space again"), "ok") << capacity;
      acknowledged_.push_back("space again");
      ASSERT_EQ(open(), "ok") << open_error_;
      ASSERT_EQ(records(), acknowledged_) << capacity;
    }
  }
}

TEST_F(FaultTest, OpensOnAFullDisk) {
  ASSERT_EQ(open(), "ok");
  run_workload();
  files_->set_capacity(files_->live().bytes_total());
  ASSERT_EQ(open(), "ok") << open_error_;
  EXPECT_EQ(records(), acknowledged_);
  EXPECT_EQ(append("x"), "unavailable");
}

TEST_F(FaultTest, RefusesAtOnceUntilItIsTimeToTryAgain) {
  ASSERT_EQ(open(), "ok");
  files_->set_capacity(files_->live().bytes_total());
  EXPECT_EQ(append("a"), "unavailable");
  const std::size_t before = files_->operations().size();
  EXPECT_EQ(append("b"), "unavailable");
  EXPECT_EQ(code_of(journal_->writable()), "unavailable");
  EXPECT_EQ(files_->operations().size(), before) << "the disk was not tried";
  files_->set_capacity(1 << 20);
  EXPECT_EQ(append("c"), "unavailable") << "not yet";
  clock_.advance_ms(options_.retry_ms);
  EXPECT_EQ(append("d"), "ok");
  EXPECT_EQ(code_of(journal_->writable()), "ok");
  EXPECT_EQ(records(), Texts{"d"});
  EXPECT_EQ(journal_->stats().refused, 3U);
}

TEST_F(FaultTest, KeepsSomeDiskFreeForOthers) {
  options_.free_bytes_min = 1000;
  ASSERT_EQ(open(), "ok");
  files_->set_capacity(files_->live().bytes_total() + 1000 + 20);
  EXPECT_EQ(append("abc"), "ok");  // 8 + 8 + 3: one byte under
  EXPECT_EQ(append("x"), "unavailable");
}

TEST_F(FaultTest, WhatWaitsBehindAFailureIsAnsweredToo) {
  ASSERT_EQ(open(), "ok");
  options_.group_bytes_max = 20;
  ASSERT_EQ(open(), "ok");
  std::vector<std::string> answers;
  {
    WriterHold hold(*journal_);
    files_->fail_sync(0);
    for (int i = 0; i < 5; ++i) {
      journal_->append(batch_of({"0123456789"}),
                       [&](Result<Position> result) { answers.push_back(code_of(result)); });
    }
  }
  journal_.reset();
  EXPECT_EQ(answers, Texts(5, "data_loss"));
}

}  // namespace
}  // namespace attune::journal
