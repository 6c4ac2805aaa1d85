// A journal in memory: positions with gaps, like those of the files, and nothing that waits for a
// disk.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/codec.h"
#include "event/site_directory.h"
#include "journal/journal.h"

namespace attune::etl {

class MemoryJournal final : public journal::Journal {
 public:
  struct Entry {
    std::uint64_t position;
    std::string body;
  };

  template <class Value>
  std::uint64_t add(const Value& value) {
    std::string body;
    event::encode(value, body);
    return add_body(std::move(body));
  }

  std::uint64_t add_body(std::string body) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t position = end_;
    end_ += 8 + body.size();
    entries_.push_back(std::make_unique<Entry>(Entry{position, std::move(body)}));
    grown_.notify_all();
    return position;
  }

  std::vector<Entry> entries() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Entry> copies;
    for (const auto& entry : entries_) copies.push_back(*entry);
    return copies;
  }

  void append(journal::RecordBatch batch, journal::AppendDone done) override {
    std::size_t begin = 0;
    std::optional<std::uint64_t> first;
    for (const std::uint32_t end : batch.ends) {
      const std::uint64_t position = add_body(batch.bytes.substr(begin, end - begin));
      if (!first) first = position;
      begin = end;
    }
    done(journal::Position{*first});
  }

  Result<std::unique_ptr<journal::Reader>> read(journal::Position from) override {
    std::size_t at = 0;
    const std::scoped_lock lock(mutex_);
    while (at < entries_.size() && entries_[at]->position < from.offset) ++at;
    return std::make_unique<MemoryReader>(*this, at);
  }

  bool wait(journal::Position after, std::int64_t wait_ms) override {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                           [&] { return end_ > after.offset; });
  }

  journal::Position first() const override { return {0}; }
  journal::Position durable_end() const override {
    const std::scoped_lock lock(mutex_);
    return {end_};
  }
  Result<std::uint64_t> retain_from(journal::Position) override { return std::uint64_t{0}; }

 private:
  class MemoryReader final : public journal::Reader {
   public:
    MemoryReader(MemoryJournal& journal, std::size_t at) : journal_(journal), at_(at) {}
    Result<std::optional<journal::Record>> next() override {
      const std::scoped_lock lock(journal_.mutex_);
      if (at_ >= journal_.entries_.size()) return std::optional<journal::Record>();
      const Entry& entry = *journal_.entries_[at_++];
      return std::optional(journal::Record{
          {entry.position}, {entry.position + 8 + entry.body.size()}, entry.body});
    }
    journal::Position position() const override {
      const std::scoped_lock lock(journal_.mutex_);
      return {at_ < journal_.entries_.size() ? journal_.entries_[at_]->position : journal_.end_};
    }

   private:
    MemoryJournal& journal_;
    std::size_t at_;
  };

  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<std::unique_ptr<Entry>> entries_;   // entries stay where they are: readers view them
  std::uint64_t end_ = 0;
};

/// Sites that never change.
class FixedSites final : public event::SiteDirectory {
 public:
  explicit FixedSites(const std::vector<event::Site>& sites) {
    auto snapshot = std::make_shared<event::SiteSnapshot>();
    for (const event::Site& site : sites) snapshot->by_id.emplace(site.id, site);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const event::SiteSnapshot> sites() const override { return snapshot_; }

 private:
  std::shared_ptr<const event::SiteSnapshot> snapshot_;
};

}  // namespace attune::etl
