// Puts groups at the end of the journal, durably: reserves space ahead, goes over to a new segment,
// takes back what a failed write left. One thread uses it; what it refuses leaves nothing behind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/uuid.h"
#include "journal/format.h"
#include "journal/segment_list.h"

namespace attune::journal {

struct SegmentWriterOptions {
  std::string folder;
  std::uint64_t segment_bytes = 0;
  std::uint64_t reserve_bytes = 0;
  std::uint64_t free_bytes_min = 0;
};

/// The last segment, open for writing.
struct ActiveSegment {
  std::unique_ptr<File> file;
  std::uint64_t start = 0;       // position of its first frame
  std::uint64_t end = 0;         // position after its last whole group
  std::uint64_t file_bytes = 0;  // with the space reserved beyond `end`
};

/// Makes an empty segment that begins at `start`, durable under its name when this returns.
/// Errors  unavailable: nothing is there, try again; data_loss: a sync failed.
[[nodiscard]] Result<ActiveSegment> create_segment(FileSystem& files, const std::string& folder,
                                                   const SegmentHeader& header);

class SegmentWriter {
 public:
  SegmentWriter(FileSystem& files, SegmentWriterOptions options, const Uuid& journal_id,
                SegmentList& segments, ActiveSegment active);

  /// Where the next group will lie.
  Position end() const { return Position{active_.end}; }

  /// Appends one group, encoded for position `end()`; durable when this returns.
  ///
  /// Errors  unavailable: no space or another I/O error; nothing of the group is left, or it will
  ///         be taken back before the next one. data_loss: a sync failed; nothing may be written
  ///         any more.
  [[nodiscard]] Result<void> write(std::string_view group);

  /// The next group begins a new segment, however short this one is.
  void finish_segment() { finish_ = true; }

  /// Gives back the space reserved beyond the end; called when closing.
  void release_reserved();

 private:
  std::uint64_t file_offset(std::uint64_t position) const {
    return kSegmentHeaderBytes + (position - active_.start);
  }
  Result<void> begin_next_segment();
  Result<void> reserve(std::uint64_t group_bytes);
  Result<void> take_back();

  FileSystem& files_;
  const SegmentWriterOptions options_;
  const Uuid journal_id_;
  SegmentList& segments_;
  ActiveSegment active_;
  bool finish_ = false;   // the segment takes no more groups
  bool unclean_ = false;  // part of a refused group may lie after `end`
};

}  // namespace attune::journal
