#include "journal/segment_rewrite.h"

#include <fmt/format.h>

#include <utility>

#include "base/ensure.h"
#include "journal/frame_stream.h"

namespace attune::journal {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// Calls `visit(frame)` for every frame of the segment.
template <class Visit>
Result<void> each_frame(FileSystem& files, const Segment& segment, const FrameCodec& codec,
                        Visit visit) {
  ATTUNE_ASSIGN(auto file, files.open(segment.path, FileSystem::Open::read));
  FrameStream stream(std::move(file), segment.start, codec);
  for (;;) {
    ATTUNE_ASSIGN(const Frame frame, stream.next(Position{*segment.end}));
    if (frame.kind == Frame::Kind::end) return {};
    if (frame.kind == Frame::Kind::bad) {
      return fail(ErrorCode::data_loss, fmt::format("{}, position {}: {}", segment.path,
                                                    frame.position.offset, frame.body));
    }
    ATTUNE_TRY(visit(frame));
  }
}

Record record_of(const Frame& frame) {
  return {.position = frame.position, .next = frame.next, .body = frame.body};
}

/// Bytes on their way into a file, a piece at a time.
class Output {
 public:
  explicit Output(File& file) : file_(file) {}
  std::string buffer;

  Result<void> flush(std::size_t from_bytes) {
    if (buffer.size() < from_bytes) return {};
    ATTUNE_TRY(file_.write_at(offset_, buffer));
    offset_ += buffer.size();
    buffer.clear();
    return {};
  }

 private:
  File& file_;
  std::uint64_t offset_ = 0;
};

}  // namespace

Result<Rewritten> rewrite_segment(FileSystem& files, const Segment& segment,
                                  const Uuid& journal_id, const Replace& replace) {
  ensure(segment.end.has_value(), "only finished segments are written anew");
  const FrameCodec codec(journal_id);
  Rewritten done;
  std::string body;
  // Most segments hold nothing to replace: looking costs no writing.
  ATTUNE_TRY(each_frame(files, segment, codec, [&](const Frame& frame) -> Result<void> {
    if (frame.kind != Frame::Kind::record || !replace(record_of(frame), body)) return {};
    ++done.records;
    done.bytes += frame.body.size();
    return {};
  }));
  if (done.records == 0) return done;

  const std::string fresh = segment.path + ".new";
  if (auto removed = files.remove(fresh);
      !removed && removed.error().code() != ErrorCode::not_found) {
    return pass(removed);
  }
  ATTUNE_ASSIGN(auto file, files.open(fresh, FileSystem::Open::create));
  Output out(*file);
  out.buffer = encode(SegmentHeader{.start = segment.start, .journal_id = journal_id});
  ATTUNE_TRY(each_frame(files, segment, codec, [&](const Frame& frame) -> Result<void> {
    if (frame.kind == Frame::Kind::group) {
      codec.put_group(out.buffer, frame.position, frame.length);
    } else {
      std::string_view kept = frame.body;
      if (replace(record_of(frame), body)) {
        ensure(body.size() == frame.body.size(), "a body is replaced by one of its length");
        kept = body;
      }
      codec.put_record(out.buffer, frame.position, kept);
    }
    return out.flush(kPieceBytes);
  }));
  ATTUNE_TRY(out.flush(0));
  ATTUNE_TRY(file->sync_data());
  ATTUNE_TRY(files.rename(fresh, segment.path));
  ATTUNE_TRY(files.sync_folder(folder_of(segment.path)));
  done.segments = 1;
  return done;
}

}  // namespace attune::journal
