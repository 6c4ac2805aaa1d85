// Records replaced by others of their length: no position moves, no byte of them stays, and where
// the power goes meanwhile the journal opens with each record either old or new.
#include <algorithm>

#include <fmt/format.h>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

const std::string kSecret = "secret";
const std::string kBlank = "......";

/// Secret records become blank ones.
bool blank(const Record& record, std::string& body) {
  if (record.body.find(kSecret) == std::string_view::npos) return false;
  body.assign(record.body.size(), '.');
  return true;
}

std::vector<Position> positions(Journal& journal) {
  std::vector<Position> all;
  auto reader = journal.read(journal.first());
  for (;;) {
    auto record = (*reader)->next();
    if (!record || !*record) return all;
    all.push_back((*record)->position);
  }
}

class ReplaceTest : public JournalFixture {
 protected:
  ReplaceTest() {
    options_.segment_bytes = 128;
    EXPECT_EQ(open(), "ok");
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(append_batch({fmt::format("kept {}", i), i % 3 == 0 ? kSecret : "public"}), "ok");
    }
  }
  bool is_on_disk(FileSystem& files, const std::string& text) {
    const auto names = files.list("journal");
    EXPECT_TRUE(names);
    return std::ranges::any_of(*names, [&](const std::string& name) {
      const auto bytes = read_file(files, "journal/" + name, 1 << 20);
      return bytes && bytes->find(text) != std::string::npos;
    });
  }
};

TEST_F(ReplaceTest, KeepsPositionsAndOthersAndLeavesNoByte) {
  ASSERT_TRUE(is_on_disk(*files_, kSecret));
  const Texts before = records();
  std::vector<Position> where = positions(*journal_);
  const auto done = journal_->replace(blank, "filler");
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->records, 3U);
  EXPECT_EQ(done->bytes, 3 * kSecret.size());
  EXPECT_EQ(done->segments, 3U);
  EXPECT_FALSE(is_on_disk(*files_, kSecret));

  Texts expected = before;
  std::ranges::replace(expected, kSecret, kBlank);
  expected.emplace_back("filler");
  EXPECT_EQ(records(), expected);
  const std::vector<Position> now = positions(*journal_);
  where.push_back(now.back());
  EXPECT_EQ(now, where);

  ASSERT_EQ(append("later"), "ok");
  ASSERT_EQ(open(), "ok");
  EXPECT_EQ(journal_->open_report().torn_bytes, 0U);
  expected.emplace_back("later");
  EXPECT_EQ(records(), expected);
  const auto again = journal_->replace(blank, "filler");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->records, 0U);
  EXPECT_EQ(again->segments, 0U);
}

TEST_F(ReplaceTest, AReaderThatHasTheOldFileOpenReadsOn) {
  auto reader = journal_->read(Position{});
  ASSERT_TRUE(reader);
  ASSERT_TRUE(*(*reader)->next());
  ASSERT_TRUE(journal_->replace(blank, "filler"));
  std::size_t rest = 0;
  for (;;) {
    const auto record = (*reader)->next();
    ASSERT_TRUE(record) << record.error().message();
    if (!*record) break;
    ++rest;
  }
  EXPECT_EQ(rest, 16U);
}

TEST_F(ReplaceTest, DamageIsReportedAndNothingChanged) {
  const auto path = journal_->segments().at(1).path;
  auto file = files_->open(path, FileSystem::Open::write);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(kSegmentHeaderBytes + 20, "#"));
  const auto bytes = read_file(*files_, path, 1 << 20);
  const auto done = journal_->replace(blank, "filler");
  EXPECT_EQ(code_of(done), "data_loss");
  EXPECT_EQ(*read_file(*files_, path, 1 << 20), *bytes);
}

TEST_F(ReplaceTest, EachRecordIsOldOrNewWhereverThePowerGoes) {
  const std::size_t begun = files_->operations().size();
  Texts old_texts = records();
  ASSERT_TRUE(journal_->replace(blank, "filler"));
  Texts new_texts = old_texts;
  std::ranges::replace(new_texts, kSecret, kBlank);
  journal_.reset();
  std::size_t images = 0;
  for (std::size_t operations = begun; operations <= files_->operations().size(); ++operations) {
    for (const bool names_kept : {false, true}) {
      for (const std::uint64_t seed : {0, 11, 22, 33}) {
        const auto left = files_->after({.operations = operations,
                                         .names_kept = names_kept,
                                         .scatter_seed = seed,
                                         .sector_bytes = 16});
        const std::string what = fmt::format("operations {} names {} scatter {}", operations,
                                             names_kept, seed);
        auto journal = FileJournal::open(*left, clock_, options_);
        ASSERT_TRUE(journal) << what << ": " << journal.error().message();
        const Texts found = read_texts(**journal, Position{});
        ASSERT_GE(found.size(), old_texts.size()) << what;
        for (std::size_t i = 0; i < old_texts.size(); ++i) {
          ASSERT_TRUE(found[i] == old_texts[i] || found[i] == new_texts[i]) << what << found[i];
        }
        // And it can be done again, to the end.
        ASSERT_TRUE((*journal)->replace(blank, "filler")) << what;
        ASSERT_FALSE(is_on_disk(*left, kSecret)) << what;
        ++images;
      }
    }
  }
  EXPECT_GT(images, 100U);
}

}  // namespace
}  // namespace attune::journal
