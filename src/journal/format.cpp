#include "journal/format.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/ensure.h"

namespace attune::journal {
namespace {

constexpr std::size_t kNameDigits = 20;  // as many as the largest u64 has

std::string_view text_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

}  // namespace

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void put_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint32_t get_u32(const char* from) {
  static_assert(std::endian::native == std::endian::little, "bytes are copied as they lie");
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::uint64_t get_u64(const char* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::string encode(const SegmentHeader& header) {
  std::string out(kSegmentMagic);
  put_u32(out, kFormatVersion);
  put_u32(out, kSegmentHeaderBytes);
  put_u64(out, header.start);
  out.append(text_of(header.journal_id));
  out.resize(kSegmentHeaderBytes - 4);
  put_u32(out, mask_crc(crc32c(out)));
  return out;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) {
    return fail(ErrorCode::data_loss, "the file is shorter than a segment's header");
  }
  if (!bytes.starts_with(kSegmentMagic)) {
    return fail(ErrorCode::data_loss, "not a segment of a journal (wrong magic)");
  }
  // The version comes before the checksum: another version may keep its checksum elsewhere.
  if (const std::uint32_t version = get_u32(bytes.data() + 8); version != kFormatVersion) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("format version {}; this program knows {}", version, kFormatVersion));
  }
  const std::uint32_t crc = crc32c(bytes.substr(0, kSegmentHeaderBytes - 4));
  if (get_u32(bytes.data() + kSegmentHeaderBytes - 4) != mask_crc(crc) ||
      get_u32(bytes.data() + 12) != kSegmentHeaderBytes) {
    return fail(ErrorCode::data_loss, "the segment's header is damaged");
  }
  SegmentHeader header;
  header.start = get_u64(bytes.data() + 16);
  std::memcpy(header.journal_id.bytes.data(), bytes.data() + 24, header.journal_id.bytes.size());
  return header;
}

std::string segment_name(std::uint64_t start) {
  return fmt::format("{:0{}}{}", start, kNameDigits, kSegmentSuffix);
}

std::optional<std::uint64_t> segment_start(std::string_view name) {
  if (name.size() != kNameDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) {
    return std::nullopt;
  }
  std::uint64_t start = 0;
  const char* end = name.data() + kNameDigits;
  const auto [stop, error] = std::from_chars(name.data(), end, start);
  if (error != std::errc() || stop != end) return std::nullopt;
  return start;
}

FrameCodec::FrameCodec(const Uuid& journal_id) : seed_(crc32c(text_of(journal_id))) {}

std::uint32_t FrameCodec::checksum(Position position, std::uint32_t word,
                                   std::string_view body) const {
  char head[12];
  std::memcpy(head, &position.offset, 8);
  std::memcpy(head + 8, &word, 4);
  return crc32c(body, crc32c({head, sizeof head}, seed_));
}

void FrameCodec::put_group(std::string& out, Position position,
                           std::uint32_t records_bytes) const {
  ensure(records_bytes > kFrameHeaderBytes && records_bytes <= kLengthMask,
         "a group has records and fits its length");
  const std::uint32_t word = kGroupBit | records_bytes;
  put_u32(out, word);
  put_u32(out, mask_crc(checksum(position, word, {})));
}

void FrameCodec::put_record(std::string& out, Position position, std::string_view body) const {
  ensure(!body.empty() && body.size() <= kRecordBytesMax, "a record's body is within its bounds");
  const auto word = static_cast<std::uint32_t>(body.size());
  put_u32(out, word);
  put_u32(out, mask_crc(checksum(position, word, body)));
  out.append(body);
}

FrameHeader FrameCodec::split(const char* from) {
  const std::uint32_t word = get_u32(from);
  return {.group = (word & kGroupBit) != 0,
          .length = word & kLengthMask,
          .masked_crc = get_u32(from + 4)};
}

bool FrameCodec::check_group(const FrameHeader& header, Position position) const {
  return header.group && header.length > kFrameHeaderBytes &&
         header.masked_crc == mask_crc(checksum(position, kGroupBit | header.length, {}));
}

bool FrameCodec::check_record(const FrameHeader& header, Position position,
                              std::string_view body) const {
  return !header.group && header.length == body.size() &&
         header.masked_crc == mask_crc(checksum(position, header.length, body));
}

}  // namespace attune::journal
