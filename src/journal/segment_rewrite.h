// A finished segment written anew with some bodies replaced by others of the same length, so that
// no position changes: how what an erased person did goes away.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "journal/format.h"
#include "journal/journal.h"
#include "journal/segment_list.h"

namespace attune::journal {

/// Whether a record's body is to be replaced; if so, `body` is set to one of the same length.
using Replace = std::function<bool(const Record& record, std::string& body)>;

struct Rewritten {
  std::uint64_t records = 0;    // replaced
  std::uint64_t bytes = 0;      // of their bodies
  std::uint64_t segments = 0;   // written anew

  void add(const Rewritten& more) {
    records += more.records;
    bytes += more.bytes;
    segments += more.segments;
  }
};

/// Reads the segment; when a body is to be replaced, writes the whole beside it, syncs it and puts
/// it in the old one's place. After a crash there is the old file or the new one. Who has the old
/// one open reads it to its end.
///
/// segment   finished: `end` is set.
/// Errors    data_loss: a frame that does not check, nothing is changed; unavailable: the disk.
/// Source    docs/formats/journal.md, section 11.
[[nodiscard]] Result<Rewritten> rewrite_segment(FileSystem& files, const Segment& segment,
                                                const Uuid& journal_id, const Replace& replace);

}  // namespace attune::journal
