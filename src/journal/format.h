// Bytes of segments and frames: the constants and the coding, and nothing else. The specification
// is docs/formats/journal.md; every number here is in it and must not change for version 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "journal/journal.h"

namespace attune::journal {

inline constexpr std::string_view kSegmentMagic = "ATTNJRNL";
inline constexpr std::string_view kSegmentSuffix = ".journal";
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kFrameHeaderBytes = 8;      // word and checksum
inline constexpr std::uint32_t kGroupBit = 0x80000000U;  // in the word: a group frame
inline constexpr std::uint32_t kLengthMask = 0x7fffffffU;
inline constexpr std::uint64_t kGroupBytesMax = kLengthMask;  // what the length can say

static_assert(kRecordBytesMax < kGroupBit, "a record's length must not look like a group frame");

/// Little-endian integers.
void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);
std::uint32_t get_u32(const char* from);
std::uint64_t get_u64(const char* from);

struct SegmentHeader {
  std::uint64_t start = 0;  // position of the segment's first frame
  Uuid journal_id;
};

/// kSegmentHeaderBytes bytes.
std::string encode(const SegmentHeader& header);

/// Errors  data_loss: not a segment's header, or damaged; failed_precondition: another version.
[[nodiscard]] Result<SegmentHeader> decode_segment_header(std::string_view bytes);

/// "00000000000067108832.journal"
std::string segment_name(std::uint64_t start);

/// The start position that a file name says, or nullopt when it is not a segment's name.
std::optional<std::uint64_t> segment_start(std::string_view name);

/// The first eight bytes of a frame, taken apart but not checked.
struct FrameHeader {
  bool group = false;
  std::uint32_t length = 0;  // of the body, or of a group's records
  std::uint32_t masked_crc = 0;
};

/// Codes the frames of one journal: the checksums begin with its id.
class FrameCodec {
 public:
  explicit FrameCodec(const Uuid& journal_id);

  /// Adds the group frame for `records_bytes` bytes of record frames, lying at `position`.
  void put_group(std::string& out, Position position, std::uint32_t records_bytes) const;

  /// Adds a record frame lying at `position`.
  void put_record(std::string& out, Position position, std::string_view body) const;

  /// Takes kFrameHeaderBytes bytes apart.
  static FrameHeader split(const char* from);

  /// Whether a group frame at `position` is whole.
  bool check_group(const FrameHeader& header, Position position) const;

  /// Whether a record frame at `position` is whole; `body` has header.length bytes.
  bool check_record(const FrameHeader& header, Position position, std::string_view body) const;

 private:
  std::uint32_t checksum(Position position, std::uint32_t word, std::string_view body) const;

  std::uint32_t seed_;  // the checksum of the id alone
};

}  // namespace attune::journal
