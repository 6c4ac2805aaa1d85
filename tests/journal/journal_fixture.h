// The language of the journal's tests: a journal of tiny segments on a file system that can fail,
// with words for what one does to it. Records are texts; everything is deterministic.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/file_system_faulty.h"
#include "journal/appender.h"
#include "journal/file_journal.h"

namespace attune::journal {

using Texts = std::vector<std::string>;

inline Uuid test_journal_id() {
  Uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i);
  return id;
}

inline FileJournalOptions test_options() {
  FileJournalOptions options;
  options.folder = "journal";
  options.segment_bytes = 1 << 20;
  options.reserve_bytes = 0;
  options.free_bytes_min = 0;
  options.linger_us_max = 0;
  options.journal_id = test_journal_id();
  return options;
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : std::string(to_string(result.error().code()));
}

inline RecordBatch batch_of(const Texts& texts) {
  RecordBatch batch;
  for (const std::string& text : texts) batch.add(text);
  return batch;
}

/// All records from `from` on; ends with "(code)" when the reader fails.
inline Texts read_texts(Journal& journal, Position from) {
  Texts texts;
  auto reader = journal.read(from);
  if (!reader) return {"(" + code_of(reader) + ")"};
  for (;;) {
    auto record = (*reader)->next();
    if (!record) {
      texts.push_back("(" + code_of(record) + ")");
      return texts;
    }
    if (!*record) return texts;
    texts.emplace_back((*record)->body);
  }
}

/// Keeps the writer thread inside a `done`, so that what is appended meanwhile forms one group.
class WriterHold {
 public:
  explicit WriterHold(Journal& journal, const std::string& text = "hold") {
    auto entered = entered_.get_future();
    journal.append(batch_of({text}), [this, gate = gate_.get_future().share()](Result<Position>) {
      entered_.set_value();
      gate.wait();
    });
    entered.wait();
  }
  ~WriterHold() { release(); }
  void release() {
    if (!released_) gate_.set_value();
    released_ = true;
  }

 private:
  std::promise<void> entered_;
  std::promise<void> gate_;
  bool released_ = false;
};

class JournalFixture : public testing::Test {
 protected:
  /// Opens (or opens again) the journal; the old one is closed first.
  std::string open() {
    journal_.reset();
    auto opened = FileJournal::open(*files_, clock_, options_);
    open_error_ = opened ? "" : opened.error().message();
    if (opened) journal_ = std::move(*opened);
    return code_of(opened);
  }

  std::string append(const std::string& text) { return code_of(append_at({text})); }
  std::string append_batch(const Texts& texts) { return code_of(append_at(texts)); }
  Result<Position> append_at(const Texts& texts) {
    return Appender(*journal_).append(batch_of(texts));
  }

  Texts records() { return read_texts(*journal_, journal_->first()); }

  /// Appends each text on its own, all waiting at the same time: one group.
  void append_together(const Texts& texts) {
    std::vector<std::future<Result<Position>>> answers;
    {
      WriterHold hold(*journal_);
      for (const std::string& text : texts) {
        auto promise = std::make_shared<std::promise<Result<Position>>>();
        answers.push_back(promise->get_future());
        journal_->append(batch_of({text}), [promise](Result<Position> result) {
          promise->set_value(std::move(result));
        });
      }
    }
    for (auto& answer : answers) EXPECT_EQ(code_of(answer.get()), "ok");
  }

  std::string segment_path(std::uint64_t start = 0) const {
    return options_.folder + "/" + segment_name(start);
  }
  std::string bytes(std::uint64_t start = 0) const {
    return files_->live().get(segment_path(start));
  }
  void set_bytes(const std::string& bytes, std::uint64_t start = 0) {
    FaultyFileSystem& files = *files_;
    auto file = files.open(segment_path(start), FileSystem::Open::write);
    ASSERT_TRUE(file && (*file)->truncate(0) && (*file)->write_at(0, bytes) &&
                (*file)->sync_data());
  }

  /// Goes on with what a power cut leaves.
  void cut_power(PowerCut cut) {
    cut.operations = files_->operations().size();
    auto left = files_->after(cut);
    journal_.reset();
    files_ = std::make_unique<FaultyFileSystem>(*left);
  }

  FileJournalOptions options_ = test_options();
  ManualClock clock_{1'000'000};
  std::unique_ptr<FaultyFileSystem> files_ = std::make_unique<FaultyFileSystem>();
  std::unique_ptr<FileJournal> journal_;
  std::string open_error_;
};

}  // namespace attune::journal
