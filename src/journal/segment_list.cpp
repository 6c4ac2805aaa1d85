#include "journal/segment_list.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace attune::journal {

SegmentList::SegmentList(const std::vector<Segment>& segments) {
  ensure(!segments.empty(), "a journal has a segment");
  for (const Segment& segment : segments) add(segment.start, segment.path);
}

Position SegmentList::first() const {
  const MutexLock held(mutex_);
  return Position{segments_.front().start};
}

std::optional<Segment> SegmentList::find(Position position) const {
  const MutexLock held(mutex_);
  const auto after = std::ranges::upper_bound(segments_, position.offset, {}, &Segment::start);
  if (after == segments_.begin()) return std::nullopt;
  return *std::prev(after);
}

std::vector<Segment> SegmentList::all() const {
  const MutexLock held(mutex_);
  return {segments_.begin(), segments_.end()};
}

std::optional<Segment> SegmentList::oldest_finished() const {
  const MutexLock held(mutex_);
  if (segments_.size() < 2) return std::nullopt;
  return segments_.front();
}

void SegmentList::add(std::uint64_t start, std::string path) {
  const MutexLock held(mutex_);
  if (!segments_.empty()) {
    ensure(segments_.back().start < start, "segments come in order");
    segments_.back().end = start;
  }
  segments_.push_back({.start = start, .path = std::move(path), .end = std::nullopt});
}

void SegmentList::drop_oldest() {
  const MutexLock held(mutex_);
  ensure(segments_.size() > 1, "the last segment stays");
  segments_.pop_front();
}

}  // namespace attune::journal
