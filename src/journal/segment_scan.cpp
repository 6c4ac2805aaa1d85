#include "journal/segment_scan.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "journal/frame_stream.h"

namespace attune::journal {
namespace {

struct Stop {               // where the whole groups end
  Position bad;             // the frame that does not check
  std::string why;
  std::optional<Position> group_end;  // where the broken group would end, when its own frame checks
};

// Reads one group. Nullopt: it is whole.
Result<std::optional<Stop>> read_group(FrameStream& stream, Position limit, SegmentScan& scan) {
  ATTUNE_ASSIGN(const Frame group, stream.next(limit));
  if (group.kind == Frame::Kind::end) return Stop{group.position, {}, {}};
  if (group.kind == Frame::Kind::bad) return Stop{group.position, std::string(group.body), {}};
  if (group.kind == Frame::Kind::record) {
    return Stop{group.position, "a record outside of a group", {}};
  }
  const Position group_end{group.next.offset + group.length};
  std::uint64_t records = 0;
  while (stream.position() < group_end) {
    ATTUNE_ASSIGN(const Frame record, stream.next(std::min(limit, group_end)));
    if (record.kind == Frame::Kind::record) {
      ++records;
      continue;
    }
    std::string why = "the file ends within the group";
    if (record.kind == Frame::Kind::bad) why = record.body;
    if (record.kind == Frame::Kind::group) why = "a group frame within a group";
    return Stop{record.position, std::move(why), group_end};
  }
  ++scan.groups;
  scan.records += records;
  scan.last_group = group.position;
  scan.end = group_end;
  return std::optional<Stop>();
}

// Walks over the raw bytes behind the last whole group.
class TailSearch {
 public:
  TailSearch(File& file, std::uint64_t start, std::uint64_t limit)
      : file_(file),
        start_(start),
        limit_(limit),
        buffer_(static_cast<std::size_t>(std::min<std::uint64_t>(limit - start, 1 << 20))) {}

  /// The position after the last byte that is not zero, or `from`.
  Result<std::uint64_t> last_used(std::uint64_t from) {
    std::uint64_t used = from;
    for (std::uint64_t at = from; at < limit_;) {
      ATTUNE_ASSIGN(const std::string_view bytes, read(at));
      if (bytes.empty()) break;
      const auto last = bytes.find_last_not_of('\0');
      if (last != std::string_view::npos) used = at + last + 1;
      at += bytes.size();
    }
    return used;
  }

  /// The first position from `from` on where a group frame checks, below `until`.
  Result<std::optional<Position>> group_after(std::uint64_t from, std::uint64_t until,
                                              const FrameCodec& codec) {
    for (std::uint64_t at = from; at + kFrameHeaderBytes <= until;) {
      ATTUNE_ASSIGN(const std::string_view bytes, read(at));
      if (bytes.size() < kFrameHeaderBytes) break;
      const std::size_t last = bytes.size() - kFrameHeaderBytes;
      for (std::size_t i = 0; i <= last; ++i) {
        if ((static_cast<unsigned char>(bytes[i + 3]) & 0x80) == 0) continue;  // not a group's word
        const Position position{at + i};
        if (codec.check_group(FrameCodec::split(bytes.data() + i), position)) return position;
      }
      at += last + 1;
    }
    return std::optional<Position>();
  }

 private:
  Result<std::string_view> read(std::uint64_t at) {
    const auto bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), limit_ - at));
    ATTUNE_ASSIGN(const std::size_t got, file_.read_at(kSegmentHeaderBytes + (at - start_),
                                                       std::span<char>(buffer_.data(), bytes)));
    return std::string_view(buffer_.data(), got);
  }

  File& file_;
  std::uint64_t start_;
  std::uint64_t limit_;
  std::vector<char> buffer_;
};

}  // namespace

Result<SegmentScan> scan_segment(FileSystem& files, const std::string& path, std::uint64_t start,
                                 const FrameCodec& codec) {
  ATTUNE_ASSIGN(auto file, files.open(path, FileSystem::Open::read));
  SegmentScan scan;
  ATTUNE_ASSIGN(scan.file_bytes, file->size());
  scan.end = scan.last_group = Position{start};
  const Position limit{start + scan.file_bytes - kSegmentHeaderBytes};

  FrameStream stream(std::move(file), start, codec);
  std::optional<Stop> stop;
  while (!stop) {
    ATTUNE_ASSIGN(stop, read_group(stream, limit, scan));
  }
  if (scan.groups == 0) scan.last_group = scan.end;

  ATTUNE_ASSIGN(file, files.open(path, FileSystem::Open::read));
  TailSearch tail(*file, start, limit.offset);
  ATTUNE_ASSIGN(const std::uint64_t used, tail.last_used(scan.end.offset));
  scan.tail_bytes = used - scan.end.offset;
  if (scan.tail_bytes == 0) return scan;

  scan.bad = stop->bad;
  scan.why = stop->why;
  ATTUNE_ASSIGN(const auto resumes, tail.group_after(scan.end.offset + 1, used, codec));
  const bool begun_after = stop->group_end && used > stop->group_end->offset;
  if (resumes || begun_after) {
    scan.tail = SegmentScan::Tail::damaged;
    scan.resumes = resumes.value_or(begun_after ? *stop->group_end : scan.bad);
  } else {
    scan.tail = SegmentScan::Tail::torn;
  }
  return scan;
}

}  // namespace attune::journal
