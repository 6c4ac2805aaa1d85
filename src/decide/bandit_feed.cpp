#include "decide/bandit_feed.h"

#include <algorithm>
#include <utility>

#include "base/thread.h"
#include "learn/artefact.h"

namespace attune::decide {

BanditFeed::BanditFeed(journal::Journal& journal, BanditBook& book, FileSystem& files,
                       const Clock& clock, BanditFeedOptions options)
    : journal_(journal),
      book_(book),
      files_(files),
      clock_(clock),
      options_(std::move(options)) {}

BanditFeed::~BanditFeed() {
  stop();
}

Result<void> BanditFeed::load() {
  position_ = journal_.first().offset;
  auto bytes = learn::read_artefact(files_, options_.path, learn::ArtefactKind::bandits);
  if (!bytes) {
    if (bytes.error().code() == ErrorCode::not_found) return {};
    return pass(bytes, "bandits begin anew");
  }
  auto position = book_.read(*bytes);
  if (!position) return pass(position, "bandits begin anew");
  // What retention has deleted since is lost to the bandits; what they know is kept.
  position_ = std::clamp(position->offset, position_.load(), journal_.durable_end().offset);
  saved_ = position_;
  return {};
}

Result<void> BanditFeed::start() {
  ATTUNE_ASSIGN(reader_, journal_.read({position_}));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void BanditFeed::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  reader_.reset();
  if (auto saved = save(); !saved && options_.report) options_.report(saved.error());
}

BanditFeedStatus BanditFeed::status() const {
  return {.position = {position_},
          .records = records_,
          .undecodable = undecodable_,
          .has_failed = has_failed_};
}

Result<void> BanditFeed::drain() {
  ATTUNE_ASSIGN(reader_, journal_.read({position_}));
  Result<void> done = read_available({});
  reader_.reset();
  book_.publish();
  return done;
}

Result<void> BanditFeed::save_locked() {
  const journal::Position position{position_};
  ATTUNE_TRY(learn::write_artefact(files_, options_.path, learn::ArtefactKind::bandits,
                                   book_.write(position)));
  saved_ = position.offset;
  if (options_.saved) options_.saved(position);
  return {};
}

Result<void> BanditFeed::save() {
  const std::lock_guard lock(record_mutex_);
  return save_locked();
}

Result<void> BanditFeed::change(const std::function<Result<void>()>& change) {
  const std::lock_guard lock(record_mutex_);
  ATTUNE_TRY(change());
  book_.publish();
  return save_locked();
}

void BanditFeed::run(const std::stop_token& stop) {
  name_thread("bandit feed");
  std::int64_t published_us = clock_.steady_us();
  std::int64_t saved_us = published_us;
  while (!stop.stop_requested()) {
    if (auto read = read_available(stop); !read) {
      has_failed_ = true;  // answers go on with what was learned; the status says so
      if (options_.report) options_.report(read.error());
      return;
    }
    const std::int64_t now_us = clock_.steady_us();
    if (now_us - published_us >= options_.publish_every_ms * 1000) {
      book_.publish();
      published_us = now_us;
    }
    if (now_us - saved_us >= options_.save_every_ms * 1000 && saved_ != position_) {
      if (auto saved = save(); !saved && options_.report) options_.report(saved.error());
      saved_us = now_us;
    }
    journal_.wait(journal::Position{position_}, options_.wait_ms);
  }
}

Result<void> BanditFeed::read_available(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ATTUNE_ASSIGN(const std::optional<journal::Record> record, reader_->next());
    if (!record) return {};
    const std::lock_guard lock(record_mutex_);
    take(*record);
    position_ = record->next.offset;
    ++records_;
  }
  return {};
}

void BanditFeed::take(const journal::Record& record) {
  const auto type = event::record_type(record.body);
  if (type == event::RecordType::event) {
    if (event::decode(record.body, event_)) {
      if (!options_.is_erased_event || !options_.is_erased_event(event_)) book_.take(event_);
      return;
    }
  } else if (type == event::RecordType::decision) {
    if (event::decode(record.body, decision_)) {
      if (!options_.is_erased_decision || !options_.is_erased_decision(decision_)) {
        book_.take(decision_);
      }
      return;
    }
  } else if (type == event::RecordType::tick) {
    event::Tick tick;
    if (event::decode(record.body, tick)) {
      book_.advance(tick.received_ms);
      return;
    }
  } else if (type) {
    return;
  }
  ++undecodable_;
}

}  // namespace attune::decide
