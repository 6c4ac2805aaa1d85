// The plug pulled everywhere. A workload runs once on the recording file system; then, for every
// moment of it and every way the disk may have kept or lost what was not synced, the journal is
// opened and held to its promises: every acknowledged record is there, once, in order; what was not
// acknowledged is there as a prefix, whole batches only; the journal goes on working.
#include <algorithm>

#include <fmt/format.h>

#include "journal_fixture.h"

namespace attune::journal {
namespace {

using Kind = FileOperation::Kind;

constexpr std::uint64_t kScatterSeeds[] = {11, 22, 33, 44, 55, 66, 77, 88};

class CrashTest : public JournalFixture {
 protected:
  /// Appends a batch; marks the recording when the answer comes.
  void append_marked(const Texts& texts) {
    batches_.push_back(texts);
    const std::string mark = "acknowledged " + std::to_string(batches_.size());
    std::promise<void> answered;
    bool refused = false;
    journal_->append(batch_of(texts), [&](Result<Position> result) {
      refused = !result;
      if (result) files_->mark(mark);
      answered.set_value();
    });
    answered.get_future().wait();
    if (refused) batches_.pop_back();  // it must not come back either
  }

  /// Batches that wait together and go as one group; acknowledged one after the other.
  void append_group_marked(const std::vector<Texts>& group) {
    std::vector<std::future<void>> answers;
    {
      batches_.push_back({"hold"});
      WriterHold hold(*journal_);
      for (const Texts& texts : group) {
        batches_.push_back(texts);
        auto answered = std::make_shared<std::promise<void>>();
        answers.push_back(answered->get_future());
        const std::string mark = "acknowledged " + std::to_string(batches_.size());
        journal_->append(batch_of(texts), [this, answered, mark](Result<Position> result) {
          if (result) files_->mark(mark);
          answered->set_value();
        });
      }
    }
    for (auto& answer : answers) answer.wait();
  }

  void run_workload() {
    ASSERT_EQ(open(), "ok");
    append_marked({"first"});
    append_marked({"a batch", "of three", "records"});
    append_group_marked({{"g1"}, {"g2", "g2b"}, {"g3"}});
    append_marked({std::string(90, 'L')});
    ASSERT_EQ(open(), "ok");  // closed and opened in between
    for (int i = 0; i < 8; ++i) append_marked({fmt::format("record number {}", i)});
    append_marked({std::string(300, 'M'), "after a long one"});
    append_marked({"last"});
    journal_.reset();
  }

  /// How many batches had been acknowledged when `operations` of them were done.
  std::size_t acknowledged(std::size_t operations) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < operations; ++i) {
      const FileOperation& operation = operations_[i];
      constexpr std::string_view kMark = "acknowledged ";
      if (operation.kind == Kind::mark && operation.path.starts_with(kMark)) {
        count = std::stoul(operation.path.substr(kMark.size()));
      }
    }
    return count;
  }

  /// The texts of the first `count` batches.
  Texts texts_of(std::size_t count) const {
    Texts texts;
    for (std::size_t i = 0; i < count; ++i) {
      texts.insert(texts.end(), batches_[i].begin(), batches_[i].end());
    }
    return texts;
  }

  static std::string describe(const PowerCut& cut) {
    return fmt::format("operations {} names {} writes {} last {} scatter {}", cut.operations,
                       cut.names_kept, cut.writes_kept, cut.last_write_bytes, cut.scatter_seed);
  }

  /// Opens what is left and holds it to the promises. False: a promise is broken.
  bool holds(FileSystem& left, std::size_t acknowledged_count, const std::string& what) {
    auto journal = FileJournal::open(left, clock_, options_);
    if (!journal) {
      ADD_FAILURE() << what << ": " << journal.error().message();
      return false;
    }
    const Texts found = read_texts(**journal, Position{});
    std::size_t whole = acknowledged_count;
    while (whole < batches_.size() && texts_of(whole).size() < found.size()) ++whole;
    if (found != texts_of(whole)) {
      ADD_FAILURE() << what << ": " << found.size() << " records, " << acknowledged_count
                    << " batches were acknowledged";
      return false;
    }
    if (!Appender(**journal).append("one more")) return false;
    Texts expected = found;
    expected.emplace_back("one more");
    journal->reset();
    journal = FileJournal::open(left, clock_, options_);
    if (!journal || read_texts(**journal, Position{}) != expected ||
        (*journal)->open_report().torn_bytes != 0) {
      ADD_FAILURE() << what << ": not the same, or not clean, when opened again";
      return false;
    }
    return true;
  }

  /// The ways to lose power after `operations`: everything or nothing kept, every prefix of the
  /// last write if that is what was just done, and scattered sectors.
  std::vector<PowerCut> cuts_after(std::size_t operations) const {
    std::vector<PowerCut> cuts;
    const FileOperation* last = operations > 0 ? &operations_[operations - 1] : nullptr;
    const std::size_t prefixes =
        last != nullptr && last->kind == Kind::write ? last->bytes.size() : 0;
    for (const bool names_kept : {false, true}) {
      cuts.push_back({.operations = operations, .names_kept = names_kept});
      for (std::size_t bytes = 0; bytes <= prefixes; ++bytes) {
        cuts.push_back({.operations = operations,
                        .names_kept = names_kept,
                        .writes_kept = true,
                        .last_write_bytes = bytes});
      }
      cuts.push_back({.operations = operations,
                      .names_kept = names_kept,
                      .writes_kept = true,
                      .last_write_bytes = FaultyFileSystem::kNever});
      for (const std::uint64_t seed : kScatterSeeds) {
        cuts.push_back({.operations = operations,
                        .names_kept = names_kept,
                        .scatter_seed = seed,
                        .sector_bytes = 16});
      }
    }
    return cuts;
  }

  void sweep() {
    run_workload();
    operations_ = files_->operations();
    std::size_t images = 0;
    for (std::size_t operations = 0; operations <= operations_.size(); ++operations) {
      const std::size_t acknowledged_count = acknowledged(operations);
      for (const PowerCut& cut : cuts_after(operations)) {
        const auto left = files_->after(cut);
        ++images;
        if (!holds(*left, acknowledged_count, describe(cut))) return;
      }
    }
    fmt::print("{} operations, {} images, scatter seeds {} to {}\n", operations_.size(), images,
               kScatterSeeds[0], std::end(kScatterSeeds)[-1]);
    EXPECT_GT(images, 1000U);
    EXPECT_EQ(acknowledged(operations_.size()), batches_.size());
  }

  std::vector<Texts> batches_;  // in the order appended
  std::vector<FileOperation> operations_;
};

TEST_F(CrashTest, KeepsEveryPromiseWhereverThePowerGoes) {
  options_.segment_bytes = 256;
  sweep();
}

TEST_F(CrashTest, KeepsEveryPromiseWithSpaceReservedAhead) {
  options_.segment_bytes = 256;
  options_.reserve_bytes = 100;
  sweep();
}

TEST_F(CrashTest, KeepsEveryPromiseAroundARefusedWrite) {
  options_.segment_bytes = 256;
  options_.reserve_bytes = 100;
  options_.retry_ms = 0;
  files_->fail_write(15);
  sweep();
  EXPECT_EQ(batches_.size(), 16U);  // of 17
}

TEST_F(CrashTest, KeepsEveryPromiseWhenThePowerGoesAgainDuringRecovery) {
  options_.segment_bytes = 256;
  options_.reserve_bytes = 64;
  run_workload();
  operations_ = files_->operations();
  std::size_t images = 0;
  for (std::size_t operations = 0; operations <= operations_.size(); operations += 3) {
    const PowerCut first{.operations = operations,
                         .names_kept = true,
                         .scatter_seed = 1 + operations,
                         .sector_bytes = 16};
    FaultyFileSystem left(*files_->after(first));
    const std::size_t before = left.operations().size();
    if (!FileJournal::open(left, clock_, options_)) continue;  // the sweep above looks at these
    for (std::size_t again = before; again <= left.operations().size(); ++again) {
      for (const std::uint64_t seed : {0ULL, 5ULL, 6ULL, 7ULL}) {
        const PowerCut second{.operations = again,
                              .names_kept = seed % 2 == 1,
                              .scatter_seed = seed,
                              .sector_bytes = 16};
        const auto image = left.after(second);
        ++images;
        if (!holds(*image, acknowledged(operations),
                   describe(first) + ", then " + describe(second))) {
          return;
        }
      }
    }
  }
  EXPECT_GT(images, 500U);
}

// The same question asked the other way round: at the moment of each answer, is the record safe?
TEST_F(CrashTest, NoAnswerComesBeforeItsSync) {
  options_.segment_bytes = 256;
  run_workload();
  operations_ = files_->operations();
  std::size_t answers = 0;
  bool unsynced = false;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const FileOperation& operation = operations_[i];
    if (operation.kind == Kind::write) unsynced = true;
    if (operation.kind == Kind::sync) unsynced = false;
    if (operation.kind != Kind::mark) continue;
    ++answers;
    EXPECT_FALSE(unsynced) << operation.path;
    const auto left = files_->after({.operations = i});
    EXPECT_TRUE(holds(*left, acknowledged(i + 1), "at the answer " + operation.path));
  }
  EXPECT_GE(answers, 15U);
}

}  // namespace
}  // namespace attune::journal
