#include "journal/cursor_store.h"
#include "journal_fixture.h"

namespace attune::journal {
namespace {

class RetentionTest : public JournalFixture {
 protected:
  RetentionTest() {
    options_.segment_bytes = 128;
    EXPECT_EQ(open(), "ok");
    for (const char c : std::string("abcdefgh")) EXPECT_EQ(append(std::string(40, c)), "ok");
    // 56 bytes each, two a segment: 0, 112, 224, 336.
  }
  std::string starts() {
    std::string text;
    for (const std::string& path : files_->live().paths()) {
      if (path.ends_with(".journal")) text += std::to_string(*segment_start(path.substr(8))) + " ";
    }
    return text;
  }
  Position first_of(std::size_t record) const { return Position{record * 56}; }
};

TEST_F(RetentionTest, DeletesWholeSegmentsBehindThePosition) {
  EXPECT_EQ(starts(), "0 112 224 336 ");
  EXPECT_EQ(*journal_->retain_from(first_of(3)), 112U + kSegmentHeaderBytes);
  EXPECT_EQ(starts(), "112 224 336 ");
  EXPECT_EQ(journal_->first(), Position{112});
  EXPECT_EQ(records().size(), 6U);
  EXPECT_EQ(*journal_->retain_from(first_of(3)), 0U);
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(journal_->first(), Position{112});
  EXPECT_EQ(records().size(), 6U);
}

TEST_F(RetentionTest, SegmentsSayWhereTheyBeginAndEnd) {
  ASSERT_TRUE(journal_->retain_from(first_of(3)));
  const auto segments = journal_->segments();
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[0].start, 112U);
  EXPECT_EQ(segments[0].end, 224U);
  EXPECT_EQ(segments[2].end, std::nullopt);
  const auto reader = journal_->read(Position{segments[1].start});
  ASSERT_TRUE(reader);
  EXPECT_EQ((**(*reader)->next()).body.front(), 'e');
}

TEST_F(RetentionTest, NeverDeletesTheLastSegment) {
  EXPECT_EQ(*journal_->retain_from(journal_->durable_end()), 3 * (112U + kSegmentHeaderBytes));
  EXPECT_EQ(starts(), "336 ");
  EXPECT_EQ(append("more"), "ok");
  EXPECT_EQ(records().size(), 3U);
}

TEST_F(RetentionTest, WaitsForEveryCursor) {
  ASSERT_TRUE(journal_->cursors().save("fast", first_of(8)));
  ASSERT_TRUE(journal_->cursors().save("slow", first_of(3)));
  ASSERT_TRUE(journal_->retain_from(journal_->durable_end()));
  EXPECT_EQ(starts(), "112 224 336 ");
  ASSERT_TRUE(journal_->cursors().remove("slow"));
  ASSERT_TRUE(journal_->retain_from(journal_->durable_end()));
  EXPECT_EQ(starts(), "336 ");
}

TEST_F(RetentionTest, StopsAtACursorThatDoesNotCheck) {
  ASSERT_TRUE(journal_->cursors().save("etl", first_of(8)));
  std::string bytes = files_->live().get("journal/etl.cursor");
  bytes[33] ^= 1;
  files_->live().put("journal/etl.cursor", bytes);
  EXPECT_EQ(code_of(journal_->retain_from(journal_->durable_end())), "data_loss");
  EXPECT_EQ(starts(), "0 112 224 336 ");
}

TEST_F(RetentionTest, AReaderOfADeletedSegmentFinishesItThenIsTold) {
  auto reader = journal_->read(first_of(0));
  ASSERT_TRUE((*reader)->next());
  ASSERT_TRUE(journal_->retain_from(first_of(4)));
  const auto second = (*reader)->next();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->body.front(), 'b');
  const auto third = (*reader)->next();
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::not_found);
  EXPECT_NE(third.error().message().find("begins at 224"), std::string::npos);
  EXPECT_EQ(code_of(journal_->read(first_of(0))), "not_found");
}

// Power cut at each moment of a retention: what is left is a journal without a gap.
TEST_F(RetentionTest, LeavesNoGapWhereverThePowerGoes) {
  const std::size_t before = files_->operations().size();
  ASSERT_TRUE(journal_->retain_from(journal_->durable_end()));
  const std::size_t after = files_->operations().size();
  EXPECT_EQ(after - before, 6U);  // three times remove and sync
  for (std::size_t operations = before; operations <= after; ++operations) {
    for (const bool names_kept : {false, true}) {
      const auto left = files_->after({.operations = operations, .names_kept = names_kept});
      auto opened = FileJournal::open(*left, clock_, options_);
      ASSERT_TRUE(opened) << opened.error().message();
      const Texts found = read_texts(**opened, (*opened)->first());
      ASSERT_FALSE(found.empty());
      EXPECT_EQ(found.back().front(), 'h');
    }
  }
}

class CursorTest : public JournalFixture {
 protected:
  CursorTest() {
    EXPECT_EQ(open(), "ok");
    EXPECT_EQ(append("a"), "ok");
  }
  std::string loaded(const std::string& name) {
    const auto position = journal_->cursors().load(name);
    if (!position) return "(" + code_of(position) + ")";
    return *position ? std::to_string((*position)->offset) : "none";
  }
};

TEST_F(CursorTest, AreKeptByName) {
  EXPECT_EQ(loaded("etl"), "none");
  ASSERT_TRUE(journal_->cursors().save("etl", Position{8}));
  ASSERT_TRUE(journal_->cursors().save("learn-2", Position{0}));
  ASSERT_TRUE(journal_->cursors().save("etl", Position{17}));
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(loaded("etl"), "17");
  EXPECT_EQ(loaded("learn-2"), "0");
  const auto all = journal_->cursors().list();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].name, "etl");
  ASSERT_TRUE(journal_->cursors().remove("etl"));
  ASSERT_TRUE(journal_->cursors().remove("etl"));
  EXPECT_EQ(loaded("etl"), "none");
}

TEST_F(CursorTest, RefuseOtherNames) {
  for (const char* name : {"", "a/b", "..", "A", "a.b", "a b"}) {
    EXPECT_EQ(code_of(journal_->cursors().save(name, Position{})), "invalid_argument") << name;
    EXPECT_EQ(loaded(name), "(invalid_argument)") << name;
    EXPECT_EQ(code_of(journal_->cursors().remove(name)), "invalid_argument") << name;
  }
  EXPECT_EQ(code_of(journal_->cursors().save(std::string(65, 'a'), Position{})),
            "invalid_argument");
}

TEST_F(CursorTest, EveryFlippedByteIsNoticed) {
  ASSERT_TRUE(journal_->cursors().save("etl", Position{17}));
  const std::string good = files_->live().get("journal/etl.cursor");
  ASSERT_EQ(good.size(), 48U);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 4;
    files_->live().put("journal/etl.cursor", bad);
    EXPECT_EQ(loaded("etl"), at >= 8 && at < 12 ? "(failed_precondition)" : "(data_loss)") << at;
  }
  files_->live().put("journal/etl.cursor", good + "x");
  EXPECT_EQ(loaded("etl"), "(data_loss)");
  files_->live().put("journal/etl.cursor", "");
  EXPECT_EQ(loaded("etl"), "(data_loss)");
}

TEST_F(CursorTest, OfAnotherJournalAreRefused) {
  CursorStore other(*files_, "journal", Uuid::from_name(test_journal_id(), "other"));
  ASSERT_TRUE(other.save("etl", Position{0}));
  EXPECT_EQ(loaded("etl"), "(data_loss)");
}

TEST_F(CursorTest, PastTheEndMeanThatSomethingIsLost) {
  ASSERT_TRUE(journal_->cursors().save("etl", Position{journal_->durable_end().offset + 1}));
  EXPECT_EQ(open(), "data_loss");
  EXPECT_NE(open_error_.find("cursor etl"), std::string::npos) << open_error_;
}

TEST_F(CursorTest, WithoutSegmentsMeanThatAllIsLost) {
  ASSERT_TRUE(journal_->cursors().save("etl", Position{0}));
  journal_.reset();
  ASSERT_TRUE(files_->remove(segment_path()));
  EXPECT_EQ(open(), "data_loss");
}

// Old or new, whatever fails and wherever the power goes while one is replaced.
TEST_F(CursorTest, AreReplacedWholeOrNotAtAll) {
  ASSERT_TRUE(journal_->cursors().save("etl", Position{1}));
  const std::size_t before = files_->operations().size();
  ASSERT_TRUE(journal_->cursors().save("etl", Position{2}));
  const std::size_t after = files_->operations().size();
  for (std::size_t operations = before; operations <= after; ++operations) {
    for (const bool kept : {false, true}) {
      for (std::size_t bytes = 0; bytes <= 48; ++bytes) {
        const auto left = files_->after({.operations = operations,
                                         .names_kept = kept,
                                         .writes_kept = kept,
                                         .last_write_bytes = bytes});
        CursorStore store(*left, "journal", test_journal_id());
        const auto position = store.load("etl");
        ASSERT_TRUE(position && *position) << operations;
        const std::uint64_t found = (*position)->offset;
        ASSERT_TRUE(operations == after ? found == 2 : found == 1 || found == 2) << found;
        ASSERT_TRUE(operations > before || found == 1) << found;
      }
    }
  }
}

TEST_F(CursorTest, AFailedSaveLeavesTheOldPosition) {
  ASSERT_TRUE(journal_->cursors().save("etl", Position{1}));
  files_->fail_write(0);
  EXPECT_EQ(code_of(journal_->cursors().save("etl", Position{2})), "unavailable");
  EXPECT_EQ(loaded("etl"), "1");
  files_->fail_sync(0);
  EXPECT_EQ(code_of(journal_->cursors().save("etl", Position{3})), "unavailable");
  EXPECT_EQ(loaded("etl"), "1");
  EXPECT_EQ(code_of(journal_->cursors().save("etl", Position{4})), "ok");
  EXPECT_EQ(loaded("etl"), "4");
}

}  // namespace
}  // namespace attune::journal
