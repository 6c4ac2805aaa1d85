// What opening a file journal does before the first append: lock, checks, recovery of the tail.
// docs/formats/journal.md, section 5, step by step.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/uuid.h"
#include "journal/segment_list.h"
#include "journal/segment_writer.h"

namespace attune::journal {

/// What was found on open: for the operator's eyes, and for /metrics.
struct OpenReport {
  Uuid journal_id;
  Position first;
  Position end;
  std::uint64_t segments = 0;
  std::uint64_t groups_checked = 0;  // in the last segment
  std::uint64_t records_checked = 0;
  std::uint64_t torn_bytes = 0;      // of an unfinished, never acknowledged write; 0: a clean end
  std::string torn_segment;          // its path, when there is one
  std::uint64_t torn_offset = 0;     // where in the file it began
  std::vector<std::string> removed;  // unfinished files of an interrupted replacement

  /// One sentence in plain words.
  std::string text() const;
};

struct OpenedJournal {
  std::unique_ptr<FileLock> lock;
  OpenReport report;
  std::vector<Segment> segments;
  ActiveSegment active;
};

/// Errors   failed_precondition  another owner has it, or a newer version wrote it
///          data_loss            damage that is no torn tail; the message says where, and nothing
///                               is changed
///          unavailable          I/O error, no space
/// new_journal_id  for a folder without a journal; nil: a random one.
[[nodiscard]] Result<OpenedJournal> open_journal(FileSystem& files, const std::string& folder,
                                                 const Uuid& new_journal_id);

}  // namespace attune::journal
