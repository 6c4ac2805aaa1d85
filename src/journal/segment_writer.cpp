#include "journal/segment_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ensure.h"

namespace attune::journal {
namespace {

/// A failed sync means that nobody knows what is on the disk: not to be tried again.
Error sync_failed(Error error) {
  return {ErrorCode::data_loss,
          "a sync failed, the journal takes no more writes until it is opened again: " +
              error.message()};
}

Result<void> sync(File& file) {
  if (auto synced = file.sync_data(); !synced) {
    return tl::unexpected<Error>(sync_failed(std::move(synced.error())));
  }
  return {};
}

Result<void> remove_if_there(FileSystem& files, const std::string& path) {
  auto removed = files.remove(path);
  if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
  return {};
}

}  // namespace

Result<ActiveSegment> create_segment(FileSystem& files, const std::string& folder,
                                     const SegmentHeader& header) {
  const std::string path = folder + "/" + segment_name(header.start);
  const std::string fresh = path + ".new";
  ATTUNE_TRY(remove_if_there(files, fresh));
  ATTUNE_ASSIGN(auto file, files.open(fresh, FileSystem::Open::create));
  ATTUNE_TRY(file->write_at(0, encode(header)));
  ATTUNE_TRY(sync(*file));
  ATTUNE_TRY(files.rename(fresh, path));
  if (auto synced = files.sync_folder(folder); !synced) {
    return tl::unexpected<Error>(sync_failed(std::move(synced.error())));
  }
  return ActiveSegment{.file = std::move(file),
                       .start = header.start,
                       .end = header.start,
                       .file_bytes = kSegmentHeaderBytes};
}

SegmentWriter::SegmentWriter(FileSystem& files, SegmentWriterOptions options,
                             const Uuid& journal_id, SegmentList& segments, ActiveSegment active)
    : files_(files),
      options_(std::move(options)),
      journal_id_(journal_id),
      segments_(segments),
      active_(std::move(active)) {}

Result<void> SegmentWriter::write(std::string_view group) {
  if (unclean_) ATTUNE_TRY(take_back());
  const std::uint64_t used = active_.end - active_.start;
  if (used > 0 && (finish_ || used + group.size() > options_.segment_bytes)) {
    ATTUNE_TRY(begin_next_segment());
  }
  ATTUNE_TRY(reserve(group.size()));

  const std::uint64_t offset = file_offset(active_.end);
  if (auto written = active_.file->write_at(offset, group); !written) {
    unclean_ = true;
    if (auto taken = take_back(); !taken && taken.error().code() == ErrorCode::data_loss) {
      return taken;
    }
    return written;
  }
  ATTUNE_TRY(sync(*active_.file));
  active_.end += group.size();
  active_.file_bytes = std::max(active_.file_bytes, offset + group.size());
  return {};
}

Result<void> SegmentWriter::begin_next_segment() {
  ATTUNE_ASSIGN(ActiveSegment next,
                create_segment(files_, options_.folder,
                               {.start = active_.end, .journal_id = journal_id_}));
  release_reserved();
  active_ = std::move(next);
  finish_ = false;
  segments_.add(active_.start, options_.folder + "/" + segment_name(active_.start));
  return {};
}

// Not synced, and no failure of it matters: where a segment ends is said by where the next one
// starts or by its last group, and the next open cuts what is left over.
void SegmentWriter::release_reserved() {
  static_cast<void>(active_.file->truncate(file_offset(active_.end)));
}

Result<void> SegmentWriter::reserve(std::uint64_t group_bytes) {
  const std::uint64_t needed = file_offset(active_.end) + group_bytes;
  if (needed <= active_.file_bytes) return {};
  const std::uint64_t whole = kSegmentHeaderBytes + options_.segment_bytes;
  const std::uint64_t target =
      std::max(needed, std::min(needed + options_.reserve_bytes, whole));
  ATTUNE_ASSIGN(const std::uint64_t free, files_.free_bytes(options_.folder));
  if (free < options_.free_bytes_min + (target - active_.file_bytes)) {
    return fail(ErrorCode::unavailable,
                fmt::format("the disk is full: {} bytes free in {}, {} are kept back", free,
                            options_.folder, options_.free_bytes_min));
  }
  if (options_.reserve_bytes == 0) return {};
  ATTUNE_TRY(active_.file->reserve(target));
  active_.file_bytes = target;
  return {};
}

// Cuts the file back to the last whole group, so that what a refused write left is never taken for
// a torn tail or, worse, for something that was synced.
Result<void> SegmentWriter::take_back() {
  const std::uint64_t bytes = file_offset(active_.end);
  ATTUNE_TRY(active_.file->truncate(bytes));
  active_.file_bytes = bytes;
  ATTUNE_TRY(sync(*active_.file));
  unclean_ = false;
  return {};
}

}  // namespace attune::journal
