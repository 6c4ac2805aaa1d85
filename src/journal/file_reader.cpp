#include "journal/file_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace attune::journal {
namespace {

tl::unexpected<Error> deleted(Position wanted, Position first) {
  return fail(ErrorCode::not_found,
              fmt::format("position {} has been deleted; the journal begins at {}", wanted.offset,
                          first.offset));
}

}  // namespace

Result<void> FileReader::open_segment() {
  // The end is taken before the look-up: a segment is listed before the end moves into it.
  const Position end{source_.durable_end.load(std::memory_order_acquire)};
  auto segment = source_.segments.find(position_);
  if (!segment) return deleted(position_, source_.segments.first());
  if (!stream_ || segment->start != segment_->start) {
    auto file = source_.files.open(segment->path, FileSystem::Open::read);
    if (!file && file.error().code() == ErrorCode::not_found) {
      return deleted(position_, source_.segments.first());
    }
    if (!file) return pass(file, "reading the journal");
    stream_.emplace(std::move(*file), segment->start, source_.codec);
    stream_->seek(position_);
  }
  segment_ = std::move(segment);
  limit_ = segment_->end ? std::min(end, Position{*segment_->end}) : end;
  return {};
}

Result<std::optional<Record>> FileReader::next() {
  for (;;) {
    if (position_ >= limit_) {
      if (position_.offset == source_.durable_end.load(std::memory_order_acquire)) {
        return std::optional<Record>();
      }
      ATTUNE_TRY(open_segment());
    }
    ATTUNE_ASSIGN(const Frame frame, stream_->next(limit_));
    if (frame.kind == Frame::Kind::bad) {
      return fail(ErrorCode::data_loss,
                  fmt::format("{}, offset {} (position {}): {}", segment_->path,
                              kSegmentHeaderBytes + (frame.position.offset - segment_->start),
                              frame.position.offset, frame.body));
    }
    position_ = frame.next;
    if (frame.kind == Frame::Kind::record) {
      return std::optional<Record>(
          Record{.position = frame.position, .next = frame.next, .body = frame.body});
    }
  }
}

}  // namespace attune::journal
