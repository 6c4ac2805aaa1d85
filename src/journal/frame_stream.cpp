#include "journal/frame_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace attune::journal {
namespace {

// Large enough that the read calls cost little, small enough to stay in the L2 cache.
constexpr std::size_t kBufferBytes = 256 << 10;

}  // namespace

FrameStream::FrameStream(std::unique_ptr<File> file, std::uint64_t start, const FrameCodec& codec)
    : file_(std::move(file)), start_(start), codec_(codec), position_(start) {}

void FrameStream::seek(Position position) { position_ = position.offset; }

Frame FrameStream::bad(std::string_view why) const {
  return {.kind = Frame::Kind::bad,
          .position = Position{position_},
          .next = Position{position_},
          .body = why};
}

Result<std::string_view> FrameStream::window(std::size_t bytes, std::uint64_t limit) {
  bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, limit - position_));
  const std::uint64_t buffer_end = buffer_position_ + buffer_bytes_;
  const std::uint64_t want_end = position_ + bytes;
  if (position_ < buffer_position_ || want_end > buffer_end) {
    // What is left over moves to the front and the rest of the buffer is read behind it, never past
    // the limit: beyond it a writer may be at work.
    std::size_t kept = 0;
    if (position_ >= buffer_position_ && position_ < buffer_end) {
      kept = static_cast<std::size_t>(buffer_end - position_);
      std::memmove(buffer_.data(), buffer_.data() + (position_ - buffer_position_), kept);
    }
    const auto target =
        std::max<std::uint64_t>(bytes, std::min<std::uint64_t>(kBufferBytes, limit - position_));
    if (buffer_.size() < target) buffer_.resize(static_cast<std::size_t>(target));
    const std::uint64_t from = position_ + kept;
    const auto room = static_cast<std::size_t>(
        std::min<std::uint64_t>(buffer_.size() - kept, limit - from));
    buffer_position_ = position_;
    buffer_bytes_ = kept;
    ATTUNE_ASSIGN(const std::size_t got,
                  file_->read_at(kSegmentHeaderBytes + (from - start_),
                                 std::span<char>(buffer_.data() + kept, room)));
    buffer_bytes_ += got;
  }
  const std::size_t skip = static_cast<std::size_t>(position_ - buffer_position_);
  return std::string_view(buffer_.data() + skip, std::min(bytes, buffer_bytes_ - skip));
}

Result<Frame> FrameStream::next(Position limit) {
  if (position_ >= limit.offset) return Frame{.position = position(), .next = position()};
  ATTUNE_ASSIGN(std::string_view bytes, window(kFrameHeaderBytes, limit.offset));
  if (bytes.size() < kFrameHeaderBytes) return bad("the file ends within a frame's header");
  const FrameHeader header = FrameCodec::split(bytes.data());
  if (header.group) {
    if (!codec_.check_group(header, position())) return bad("the group frame does not check");
    const Frame frame{.kind = Frame::Kind::group,
                      .position = position(),
                      .next = Position{position_ + kFrameHeaderBytes},
                      .length = header.length};
    position_ = frame.next.offset;
    return frame;
  }
  if (header.length == 0) return bad("there is no frame");
  if (header.length > kRecordBytesMax) return bad("the record's length is impossible");
  const std::size_t frame_bytes = kFrameHeaderBytes + header.length;
  ATTUNE_ASSIGN(bytes, window(frame_bytes, limit.offset));
  if (bytes.size() < frame_bytes) return bad("the record goes on past its group or the file");
  const std::string_view body = bytes.substr(kFrameHeaderBytes);
  if (!codec_.check_record(header, position(), body)) {
    return bad("the record does not match its checksum");
  }
  const Frame frame{.kind = Frame::Kind::record,
                    .position = position(),
                    .next = Position{position_ + frame_bytes},
                    .body = body};
  position_ = frame.next.offset;
  return frame;
}

}  // namespace attune::journal
