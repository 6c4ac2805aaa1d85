#include "decide/live_feed.h"

#include <algorithm>
#include <utility>

#include "base/thread.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kMarkMs = 60'000;
constexpr std::int64_t kKeepUs = 60'000'000;  // keeping costs a sync of the disk

}  // namespace

LiveFeed::LiveFeed(journal::Journal& journal, LiveState& live, Decider& decider, const Clock& clock,
                   LiveFeedOptions options)
    : journal_(journal),
      live_(live),
      decider_(decider),
      clock_(clock),
      options_(std::move(options)) {}

LiveFeed::~LiveFeed() {
  stop();
}

Result<void> LiveFeed::start(journal::Position from) {
  ATTUNE_ASSIGN(reader_, journal_.read(from));
  position_ = from.offset;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void LiveFeed::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  reader_.reset();
}

LiveFeedStatus LiveFeed::status() const {
  return {.position = {position_},
          .records = records_,
          .undecodable = undecodable_,
          .is_warm = is_warm_,
          .has_failed = has_failed_};
}

Result<void> LiveFeed::drain(journal::Position from) {
  ATTUNE_ASSIGN(reader_, journal_.read(from));
  Result<void> done = read_available({});
  reader_.reset();
  tell_keep();
  decider_.refresh_popular();
  return done;
}

void LiveFeed::run(const std::stop_token& stop) {
  name_thread("live feed");
  std::int64_t ranked_us = 0;
  while (!stop.stop_requested()) {
    if (!read_available(stop)) {
      has_failed_ = true;  // answers go on with what is in memory; the status says so
      return;
    }
    const std::int64_t now_us = clock_.steady_us();
    if (!kept_ || now_us - kept_us_ >= kKeepUs) {
      tell_keep();
      kept_us_ = now_us;
    }
    if (now_us - ranked_us >= options_.popular_every_ms * 1000 || ranked_us == 0) {
      decider_.refresh_popular();
      ranked_us = now_us;
    }
    journal_.wait(journal::Position{position_}, options_.wait_ms);
  }
}

Result<void> LiveFeed::read_available(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ATTUNE_ASSIGN(const std::optional<journal::Record> record, reader_->next());
    if (!record) {
      is_warm_ = true;
      return {};
    }
    take(*record);
    position_ = record->next.offset;
    ++records_;
  }
  return {};
}

void LiveFeed::take(const journal::Record& record) {
  const auto type = event::record_type(record.body);
  if (!type) {
    ++undecodable_;
    return;
  }
  if (*type != event::RecordType::event) return;
  if (!event::decode(record.body, event_)) {
    ++undecodable_;
    return;
  }
  if (!options_.is_erased || !options_.is_erased(event_)) live_.apply(event_);
  note_time(event_.received_ms, record.position);
}

void LiveFeed::note_time(std::int64_t received_ms, journal::Position position) {
  if (!marks_.empty() && received_ms - marks_.back().received_ms < kMarkMs) return;
  marks_.push_back({received_ms, position});
  while (marks_.size() > 1 && marks_[1].received_ms <= received_ms - options_.warm_ms) {
    marks_.pop_front();
  }
}

void LiveFeed::tell_keep() {
  if (marks_.empty() || !options_.keep || kept_ == marks_.front().position) return;
  kept_ = marks_.front().position;
  options_.keep(*kept_);
}

}  // namespace attune::decide
