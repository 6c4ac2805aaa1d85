#include "journal/journal_opening.h"

#include <utility>

#include <fmt/format.h>

#include "journal/cursor_store.h"
#include "journal/format.h"
#include "journal/segment_scan.h"

namespace attune::journal {
namespace {

std::uint64_t file_offset(std::uint64_t start, Position position) {
  return kSegmentHeaderBytes + (position.offset - start);
}

struct Folder {
  std::vector<Segment> segments;
  std::vector<std::string> unfinished;  // paths of *.new
  bool has_cursors = false;
};

Result<Folder> look_around(FileSystem& files, const std::string& folder) {
  ATTUNE_ASSIGN(const auto names, files.list(folder));
  Folder found;
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    if (const auto start = segment_start(name)) {
      found.segments.push_back({.start = *start, .path = path, .end = std::nullopt});
    } else if (name.ends_with(".journal.new") || name.ends_with(".cursor.new")) {
      found.unfinished.push_back(path);
    } else if (name.ends_with(".cursor")) {
      found.has_cursors = true;
    }
  }
  return found;
}

// The header of one segment, held against its name and its journal.
Result<SegmentHeader> read_header(File& file, const Segment& segment) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  ATTUNE_ASSIGN(const std::size_t got, file.read_at(0, bytes));
  bytes.resize(got);
  auto header = decode_segment_header(bytes);
  if (!header) return pass(header, segment.path);
  if (header->start != segment.start) {
    return fail(ErrorCode::data_loss,
                fmt::format("{}: its header says that it starts at {}", segment.path,
                            header->start));
  }
  return header;
}

// Headers of all segments, and that they follow one another without a gap.
Result<Uuid> check_segments(FileSystem& files, const std::vector<Segment>& segments) {
  Uuid journal_id;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    ATTUNE_ASSIGN(const auto file, files.open(segment.path, FileSystem::Open::read));
    ATTUNE_ASSIGN(const SegmentHeader header, read_header(*file, segment));
    if (i == 0) journal_id = header.journal_id;
    if (header.journal_id != journal_id) {
      return fail(ErrorCode::data_loss, segment.path + ": belongs to another journal");
    }
    if (i + 1 == segments.size()) break;
    const std::uint64_t next = segments[i + 1].start;
    ATTUNE_ASSIGN(const std::uint64_t bytes, file->size());
    const std::uint64_t needed = file_offset(segment.start, Position{next});
    if (bytes < needed) {
      return fail(ErrorCode::data_loss,
                  fmt::format("{}, offset {} (position {}): {} bytes are missing before {}",
                              segment.path, bytes, segment.start + bytes - kSegmentHeaderBytes,
                              needed - bytes, segments[i + 1].path));
    }
  }
  return journal_id;
}

Result<void> check_cursors(FileSystem& files, const std::string& folder, const OpenReport& report) {
  CursorStore store(files, folder, report.journal_id);
  ATTUNE_ASSIGN(const auto cursors, store.list());
  for (const Cursor& cursor : cursors) {
    if (cursor.position <= report.end) continue;
    return fail(ErrorCode::data_loss,
                fmt::format("the journal ends at position {}, but cursor {} has read up to {}",
                            report.end.offset, cursor.name, cursor.position.offset));
  }
  return {};
}

// Space that finished segments had reserved and never used, when a crash came before it was cut.
Result<void> cut_finished(FileSystem& files, const std::vector<Segment>& segments) {
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::uint64_t real = file_offset(segments[i].start, Position{segments[i + 1].start});
    ATTUNE_ASSIGN(const auto file, files.open(segments[i].path, FileSystem::Open::write));
    ATTUNE_ASSIGN(const std::uint64_t bytes, file->size());
    if (bytes > real) ATTUNE_TRY(file->truncate(real));
  }
  return {};
}

// Cuts a torn tail off, and makes sure that the last whole group is on the disk: it may be in the
// page cache only, even marked clean there by a sync that failed, so it is written again before the
// sync.
Result<ActiveSegment> repair_last(FileSystem& files, const Segment& last, const SegmentScan& scan) {
  ATTUNE_ASSIGN(auto file, files.open(last.path, FileSystem::Open::write));
  ActiveSegment active{.file = std::move(file),
                       .start = last.start,
                       .end = scan.end.offset,
                       .file_bytes = scan.file_bytes};
  if (scan.tail == SegmentScan::Tail::torn) {
    active.file_bytes = file_offset(last.start, scan.end);
    ATTUNE_TRY(active.file->truncate(active.file_bytes));
  }
  if (scan.last_group < scan.end) {
    std::string group(scan.end.offset - scan.last_group.offset, '\0');
    const std::uint64_t offset = file_offset(last.start, scan.last_group);
    ATTUNE_ASSIGN(const std::size_t got, active.file->read_at(offset, group));
    group.resize(got);
    ATTUNE_TRY(active.file->write_at(offset, group));
  }
  ATTUNE_TRY(active.file->sync_data());
  return active;
}

Error damage(const Segment& last, const SegmentScan& scan) {
  return {ErrorCode::data_loss,
          fmt::format("{}, offset {} (position {}): {}; this is no torn tail, there is data after "
                      "it from offset {} (position {}) on. Nothing was changed",
                      last.path, file_offset(last.start, scan.bad), scan.bad.offset, scan.why,
                      file_offset(last.start, scan.resumes), scan.resumes.offset)};
}

Result<void> recover(FileSystem& files, const std::string& folder, OpenedJournal& opened) {
  OpenReport& report = opened.report;
  ATTUNE_ASSIGN(report.journal_id, check_segments(files, opened.segments));
  const Segment& last = opened.segments.back();
  ATTUNE_ASSIGN(const SegmentScan scan,
                scan_segment(files, last.path, last.start, FrameCodec(report.journal_id)));
  if (scan.tail == SegmentScan::Tail::damaged) return tl::unexpected<Error>(damage(last, scan));
  report.end = scan.end;
  report.groups_checked = scan.groups;
  report.records_checked = scan.records;
  if (scan.tail == SegmentScan::Tail::torn) {
    report.torn_bytes = scan.tail_bytes;
    report.torn_segment = last.path;
    report.torn_offset = file_offset(last.start, scan.end);
  }
  ATTUNE_TRY(check_cursors(files, folder, report));
  ATTUNE_TRY(cut_finished(files, opened.segments));
  ATTUNE_ASSIGN(opened.active, repair_last(files, last, scan));
  return {};
}

Result<void> make_new(FileSystem& files, const std::string& folder, const Uuid& journal_id,
                      OpenedJournal& opened) {
  opened.report.journal_id = journal_id.is_nil() ? Uuid::random() : journal_id;
  const SegmentHeader header{.start = 0, .journal_id = opened.report.journal_id};
  ATTUNE_ASSIGN(opened.active, create_segment(files, folder, header));
  opened.segments.push_back(
      {.start = 0, .path = folder + "/" + segment_name(0), .end = std::nullopt});
  return {};
}

}  // namespace

std::string OpenReport::text() const {
  std::string text = fmt::format("journal {}: {} segment{}, positions {} to {}", journal_id.text(),
                                 segments, segments == 1 ? "" : "s", first.offset, end.offset);
  if (torn_bytes > 0) {
    text += fmt::format(
        "; cut {} bytes of an unfinished write that was never acknowledged from {}, offset {}",
        torn_bytes, torn_segment, torn_offset);
  }
  if (!removed.empty()) text += fmt::format("; removed {} unfinished files", removed.size());
  return text;
}

Result<OpenedJournal> open_journal(FileSystem& files, const std::string& folder,
                                   const Uuid& new_journal_id) {
  OpenedJournal opened;
  ATTUNE_TRY(files.create_folder(folder));
  ATTUNE_ASSIGN(opened.lock, files.lock(folder + "/lock"));
  ATTUNE_ASSIGN(Folder found, look_around(files, folder));
  opened.segments = std::move(found.segments);
  if (!opened.segments.empty()) {
    ATTUNE_TRY(recover(files, folder, opened));
  } else if (found.has_cursors) {
    return fail(ErrorCode::data_loss, folder + ": there are cursors but no segments");
  } else {
    ATTUNE_TRY(make_new(files, folder, new_journal_id, opened));
  }
  for (const std::string& path : found.unfinished) {
    if (auto removed = files.remove(path); removed) opened.report.removed.push_back(path);
  }
  ATTUNE_TRY(files.sync_folder(folder));
  opened.report.first = Position{opened.segments.front().start};
  opened.report.segments = opened.segments.size();
  return opened;
}

}  // namespace attune::journal
