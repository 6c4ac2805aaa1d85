// Which segments there are: the writer adds, readers look up, retention drops.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "journal/journal.h"

namespace attune::journal {

struct Segment {
  std::uint64_t start = 0;             // position of its first frame
  std::string path;
  std::optional<std::uint64_t> end;    // position after its last frame; none: still being written
};

/// Never empty; each segment begins where the one before it ends. Threads: any.
class SegmentList {
 public:
  /// segments  in order, at least one; their `end`s are set here.
  explicit SegmentList(const std::vector<Segment>& segments);

  Position first() const;

  /// The segment where the frame at `position` lies or will lie; nullopt when it was deleted.
  std::optional<Segment> find(Position position) const;

  /// All of them, the oldest first.
  std::vector<Segment> all() const;

  /// The oldest, when there is another after it.
  std::optional<Segment> oldest_finished() const;

  void add(std::uint64_t start, std::string path);
  void drop_oldest();

 private:
  mutable Mutex mutex_;
  std::deque<Segment> segments_ ATTUNE_THREAD(guarded_by(mutex_));
};

}  // namespace attune::journal
