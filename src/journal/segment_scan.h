// What the last segment holds after a crash: whole groups, then nothing, a torn write, or damage.
#pragma once

#include <cstdint>
#include <string>

#include "base/file_system.h"
#include "journal/format.h"

namespace attune::journal {

struct SegmentScan {
  enum class Tail {
    clean,    // only reserved zeros after the last whole group
    torn,     // a write that never ended: to be cut off
    damaged,  // synced data does not check
  };
  Tail tail = Tail::clean;
  Position end;                 // after the last whole group that is followed by whole groups only
  Position last_group;          // where that group begins; equals `end` when there is none
  std::uint64_t groups = 0;
  std::uint64_t records = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t tail_bytes = 0;  // from `end` to the last byte that is not zero
  Position bad;                  // torn, damaged: the frame that does not check
  std::string why;               // torn, damaged: what is wrong with it
  Position resumes;              // damaged: where there is data after it again
};

/// Reads a whole segment file whose header has been checked.
///
/// Errors  unavailable: cannot read.
/// Source  docs/formats/journal.md, section 5, step 4.
[[nodiscard]] Result<SegmentScan> scan_segment(FileSystem& files, const std::string& path,
                                               std::uint64_t start, const FrameCodec& codec);

}  // namespace attune::journal
