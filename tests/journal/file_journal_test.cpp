#include "journal/file_journal.h"

#include <filesystem>
#include <thread>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

class FileJournalTest : public JournalFixture {};

TEST_F(FileJournalTest, GivesBackWhatWasAppendedInOrder) {
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(records(), Texts());
  ASSERT_EQ(append("one"), "ok");
  ASSERT_EQ(append_batch({"two", "three"}), "ok");
  EXPECT_EQ(records(), (Texts{"one", "two", "three"}));
}

TEST_F(FileJournalTest, GivesBackEverythingAfterOpeningAgain) {
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append("one"), "ok");
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append("two"), "ok");
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(records(), (Texts{"one", "two"}));
  EXPECT_EQ(journal_->open_report().torn_bytes, 0U);
  EXPECT_EQ(journal_->open_report().records_checked, 2U);
}

TEST_F(FileJournalTest, EveryPositionItGaveIsAPlaceToReadFrom) {
  options_.segment_bytes = 128;
  ASSERT_EQ(open(), "ok");
  std::vector<Position> given;
  Texts texts;
  for (int i = 0; i < 12; ++i) {
    texts.push_back("record " + std::to_string(i));
    const auto position = append_at({texts.back()});
    ASSERT_TRUE(position);
    given.push_back(*position);
  }
  EXPECT_GT(journal_->open_report().segments + files_->live().paths().size(), 3U);
  auto reader = journal_->read(journal_->first());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto record = (*reader)->next();
    ASSERT_TRUE(record && *record);
    EXPECT_EQ((*record)->position, given[i]);
    const Texts rest(texts.begin() + static_cast<std::ptrdiff_t>(i), texts.end());
    EXPECT_EQ(read_texts(*journal_, given[i]), rest);
    EXPECT_EQ(read_texts(*journal_, (*record)->next), Texts(rest.begin() + 1, rest.end()));
  }
  EXPECT_EQ(*(*reader)->next(), std::nullopt);
  EXPECT_EQ((*reader)->position(), journal_->durable_end());
}

TEST_F(FileJournalTest, ABatchLiesTogetherAndIsAnsweredWithItsFirstRecord) {
  ASSERT_EQ(open(), "ok");
  const auto position = append_at({"a", "b", "c"});
  ASSERT_TRUE(position);
  EXPECT_EQ(read_texts(*journal_, *position), (Texts{"a", "b", "c"}));
  EXPECT_EQ(position->offset, kFrameHeaderBytes);
}

TEST_F(FileJournalTest, WhatWaitsTogetherIsOneWriteAndOneSync) {
  ASSERT_EQ(open(), "ok");
  const std::size_t before = files_->operations().size();
  append_together({"a", "b", "c", "d", "e"});
  std::string kinds;
  const auto operations = files_->operations();
  for (std::size_t i = before; i < operations.size(); ++i) {
    kinds += operations[i].kind == FileOperation::Kind::write ? "write " : "";
    kinds += operations[i].kind == FileOperation::Kind::sync ? "sync " : "";
  }
  EXPECT_EQ(kinds, "write sync write sync ");  // the record that held the writer, then the five
  EXPECT_EQ(records(), (Texts{"hold", "a", "b", "c", "d", "e"}));
  EXPECT_EQ(journal_->stats().groups, 2U);
  EXPECT_EQ(journal_->stats().records, 6U);
  EXPECT_EQ(journal_->stats().pending_bytes, 0U);
}

TEST_F(FileJournalTest, AGroupEndsAtItsLimitButTakesAnyOneBatch) {
  options_.group_bytes_max = 30;
  ASSERT_EQ(open(), "ok");
  append_together({"0123456789", std::string(100, 'x'), "0123456789", "9876543210"});
  EXPECT_EQ(journal_->stats().groups, 5U);  // 18 bytes each, two are over 30
  EXPECT_EQ(records().size(), 5U);
}

TEST_F(FileJournalTest, RefusesWhatCannotBeARecord) {
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(append_batch({}), "invalid_argument");
  EXPECT_EQ(append(""), "invalid_argument");
  EXPECT_EQ(append_batch({"a", "", "b"}), "invalid_argument");
  EXPECT_EQ(append(std::string(kRecordBytesMax + 1, 'x')), "invalid_argument");
  EXPECT_EQ(append(std::string(kRecordBytesMax, 'x')), "ok");
  EXPECT_EQ(append("x"), "ok");
  EXPECT_EQ(records().size(), 2U);
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(FileJournalTest, RefusesABatchThatCouldNeverWait) {
  options_.pending_bytes_max = 1024;
  options_.group_bytes_max = 1024;
  ASSERT_EQ(open(), "ok");
  const std::size_t longest = 1024 - kAppendBytes - kFrameHeaderBytes;
  EXPECT_EQ(append(std::string(longest, 'x')), "ok");
  EXPECT_EQ(append(std::string(longest + 1, 'x')), "invalid_argument");
}

TEST_F(FileJournalTest, BoundsWhatWaits) {
  options_.pending_bytes_max = 1024;
  options_.group_bytes_max = 1024;
  ASSERT_EQ(open(), "ok");
  WriterHold hold(*journal_);
  std::promise<Result<Position>> answer;
  const std::size_t most = 1024 - 2 * kAppendBytes - 2 * kFrameHeaderBytes - 50;
  journal_->append(batch_of({std::string(most, 'x')}),
                   [&](Result<Position> result) { answer.set_value(std::move(result)); });
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(append(std::string(51, 'y')), "resource_exhausted");  // at once: the writer is held
  std::promise<void> fits;
  journal_->append(batch_of({std::string(50, 'z')}), [&](Result<Position> result) {
    EXPECT_TRUE(result);
    fits.set_value();
  });
  EXPECT_EQ(code_of(journal_->writable()), "resource_exhausted");
  hold.release();
  EXPECT_EQ(code_of(answer.get_future().get()), "ok");
  fits.get_future().wait();
  EXPECT_EQ(append(std::string(51, 'y')), "ok");
}

TEST_F(FileJournalTest, ClosingAnswersWhatWaits) {
  ASSERT_EQ(open(), "ok");
  int answered = 0;
  {
    WriterHold hold(*journal_);
    for (int i = 0; i < 10; ++i) {
      journal_->append(batch_of({"x"}),
                       [&](Result<Position> result) { answered += result ? 1 : 0; });
    }
  }
  journal_.reset();
  EXPECT_EQ(answered, 10);
}

TEST_F(FileJournalTest, ASecondOwnerIsRefused) {
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(code_of(FileJournal::open(*files_, clock_, options_)), "failed_precondition");
  journal_.reset();
  EXPECT_EQ(code_of(FileJournal::open(*files_, clock_, options_)), "ok");
}

TEST_F(FileJournalTest, RefusesOptionsOutOfBounds) {
  const auto refused = [&](auto change) {
    FileJournalOptions options = options_;
    change(options);
    return code_of(FileJournal::open(*files_, clock_, options));
  };
  const std::string bad = "invalid_argument";
  EXPECT_EQ(refused([](auto& o) { o.folder.clear(); }), bad);
  EXPECT_EQ(refused([](auto& o) { o.segment_bytes = 127; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.reserve_bytes = 1ULL << 40; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.pending_bytes_max = 1023; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.pending_bytes_max = 2ULL << 30; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.group_bytes_max = o.pending_bytes_max + 1; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.linger_us_max = -1; }), bad);
  EXPECT_EQ(refused([](auto& o) { o.retry_ms = -1; }), bad);
}

TEST_F(FileJournalTest, ReadingIsRefusedOutsideOfWhatThereIs) {
  ASSERT_EQ(open(), "ok");
  const auto position = append_at({"a"});
  EXPECT_EQ(code_of(journal_->read(Position{journal_->durable_end().offset + 1})), "data_loss");
  EXPECT_EQ(code_of(journal_->read(journal_->durable_end())), "ok");
  EXPECT_EQ(read_texts(*journal_, Position{position->offset + 1}), (Texts{"(data_loss)"}));
}

TEST_F(FileJournalTest, AReaderFollowsTheWriterOverSegments) {
  options_.segment_bytes = 128;
  ASSERT_EQ(open(), "ok");
  auto reader = journal_->read(journal_->first());
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(*(*reader)->next(), std::nullopt);
    const std::string text = "number " + std::to_string(i);
    ASSERT_EQ(append(text), "ok");
    const auto record = (*reader)->next();
    ASSERT_TRUE(record && *record);
    EXPECT_EQ((*record)->body, text);
  }
}

TEST_F(FileJournalTest, WaitEndsWithANewRecordOrInTime) {
  ASSERT_EQ(open(), "ok");
  EXPECT_FALSE(journal_->wait(journal_->durable_end(), 0));
  const Position before = journal_->durable_end();
  std::thread appender([&] { EXPECT_EQ(append("a"), "ok"); });
  EXPECT_TRUE(journal_->wait(before, 60'000));
  appender.join();
  EXPECT_TRUE(journal_->wait(before, 0));
  EXPECT_FALSE(journal_->wait(journal_->durable_end(), 0));
}

TEST_F(FileJournalTest, FinishedSegmentsAreCutToTheirSize) {
  options_.segment_bytes = 200;
  options_.reserve_bytes = 1000;
  ASSERT_EQ(open(), "ok");
  ASSERT_EQ(append(std::string(150, 'a')), "ok");
  EXPECT_EQ(bytes().size(), kSegmentHeaderBytes + 200);  // reserved to the segment's size
  ASSERT_EQ(append(std::string(150, 'b')), "ok");
  EXPECT_EQ(bytes().size(), kSegmentHeaderBytes + 166);
  EXPECT_EQ(bytes(166).size(), kSegmentHeaderBytes + 200);
  journal_.reset();
  EXPECT_EQ(bytes(166).size(), kSegmentHeaderBytes + 166);  // closing cuts too
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(FileJournalTest, AGroupLargerThanASegmentGetsOneOfItsOwn) {
  options_.segment_bytes = 128;
  ASSERT_EQ(open(), "ok");
  const std::string large(1000, 'L');
  for (const std::string& text : {std::string("a"), large, std::string("b")}) {
    ASSERT_EQ(append(text), "ok");
  }
  EXPECT_EQ(records(), (Texts{"a", large, "b"}));
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(journal_->open_report().segments, 3U);
  EXPECT_EQ(records(), (Texts{"a", large, "b"}));
}

TEST_F(FileJournalTest, ANewJournalHasAnIdOfItsOwn) {
  options_.journal_id = Uuid();
  ASSERT_EQ(open(), "ok");
  const Uuid id = journal_->open_report().journal_id;
  EXPECT_FALSE(id.is_nil());
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(journal_->open_report().journal_id, id);
}

TEST(FileJournalOnDiskTest, WorksOnARealDiskWithItsDefaults) {
  const RealClock clock;
  FileJournalOptions options;
  options.folder = std::filesystem::temp_directory_path() / ("attune-" + Uuid::random().text());
  options.folder += "/deeper/journal";
  for (int round = 0; round < 3; ++round) {
    auto journal = FileJournal::open(real_file_system(), clock, options);
    ASSERT_TRUE(journal) << journal.error().message();
    EXPECT_EQ(read_texts(**journal, Position{}).size(), static_cast<std::size_t>(round));
    ASSERT_TRUE(Appender(**journal).append("round " + std::to_string(round)));
    EXPECT_EQ(code_of(FileJournal::open(real_file_system(), clock, options)),
              "failed_precondition");
  }
  std::filesystem::remove_all(folder_of(folder_of(options.folder)));
}

}  // namespace
}  // namespace attune::journal
