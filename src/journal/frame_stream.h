// Reads the frames of one segment file in order, through one buffer. Recovery and readers both
// stand on it; what a frame that does not check means is for them to say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "journal/format.h"

namespace attune::journal {

struct Frame {
  enum class Kind {
    record,
    group,
    end,  // the limit is reached
    bad,  // no frame that checks begins here, or it does not end before the limit; `body` says why
  };
  Kind kind = Kind::end;
  Position position;
  Position next;            // where the frame after it begins (for a group: its first record)
  std::string_view body = {};  // of a record, valid until the next call; of a bad frame: why
  std::uint32_t length = 0;  // of a group: the bytes of its records
};

class FrameStream {
 public:
  /// start  position of the segment's first frame.
  FrameStream(std::unique_ptr<File> file, std::uint64_t start, const FrameCodec& codec);

  /// The next read begins there.
  void seek(Position position);
  Position position() const { return Position{position_}; }

  /// The next frame; reads nothing from `limit` on. After end or bad the stream stays where it is.
  /// Errors  unavailable: cannot read.
  [[nodiscard]] Result<Frame> next(Position limit);

 private:
  Frame bad(std::string_view why) const;
  /// The bytes at the stream's position: at least `bytes` of them, unless `limit` or the file ends.
  Result<std::string_view> window(std::size_t bytes, std::uint64_t limit);

  std::unique_ptr<File> file_;
  std::uint64_t start_;
  FrameCodec codec_;
  std::uint64_t position_;
  std::vector<char> buffer_;
  std::uint64_t buffer_position_ = 0;  // position of the buffer's first byte
  std::size_t buffer_bytes_ = 0;       // filled
};

}  // namespace attune::journal
