// Follows a file journal from a position: durable records only, one after the other, over segments.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/file_system.h"
#include "journal/format.h"
#include "journal/frame_stream.h"
#include "journal/journal.h"
#include "journal/segment_list.h"

namespace attune::journal {

/// What a reader shares with its journal, which must outlive it.
struct FileReaderSource {
  FileSystem& files;
  const SegmentList& segments;
  const std::atomic<std::uint64_t>& durable_end;
  FrameCodec codec;
};

class FileReader final : public Reader {
 public:
  FileReader(FileReaderSource source, Position from) : source_(source), position_(from) {}

  /// Opens the segment where the reader stands.
  /// Errors  not_found: retention has deleted it.
  [[nodiscard]] Result<void> open_segment();

  Result<std::optional<Record>> next() override;
  Position position() const override { return position_; }

 private:
  FileReaderSource source_;
  Position position_;                  // where the next record is looked for
  Position limit_;                     // durable bytes of this segment known to end here
  std::optional<Segment> segment_;
  std::optional<FrameStream> stream_;  // of segment_
};

}  // namespace attune::journal
