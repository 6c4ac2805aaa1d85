// The tag/value layer under the record codec: appends fields to a string, and walks over the fields
// of a body without ever reading past its end. Knows nothing of events.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace attune::event {

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed128 = 3 };

/// Tags from here on may not be skipped by a reader that does not know them.
inline constexpr std::uint32_t kMustUnderstandTag = 1000;

inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// Appends fields; the caller keeps tags ascending. What equals its default is left out.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}

  void number(std::uint32_t tag, std::uint64_t value, std::uint64_t fallback = 0) {
    if (value != fallback) always_number(tag, value);
  }
  void always_number(std::uint32_t tag, std::uint64_t value) {
    key(tag, Wire::varint);
    varint(value);
  }
  void signed_number(std::uint32_t tag, std::int64_t value, std::int64_t fallback = 0) {
    if (value != fallback) always_number(tag, zigzag(value));
  }
  void real(std::uint32_t tag, double value, double fallback = 0) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (bits == std::bit_cast<std::uint64_t>(fallback)) return;
    key(tag, Wire::fixed64);
    char raw[8];
    for (int i = 0; i < 8; ++i) raw[i] = static_cast<char>((bits >> (8 * i)) & 0xff);
    out_.append(raw, sizeof raw);
  }
  void text(std::uint32_t tag, std::string_view value) {
    if (!value.empty()) always_text(tag, value);
  }
  void always_text(std::uint32_t tag, std::string_view value) {
    key(tag, Wire::bytes);
    varint(value.size());
    out_.append(value);
  }
  void uuid(std::uint32_t tag, const Uuid& value) {
    if (!value.is_nil()) always_uuid(tag, value);
  }
  void always_uuid(std::uint32_t tag, const Uuid& value) {
    key(tag, Wire::fixed128);
    out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  }

 private:
  void key(std::uint32_t tag, Wire wire) {
    varint((static_cast<std::uint64_t>(tag) << 2) | static_cast<std::uint64_t>(wire));
  }
  void varint(std::uint64_t value) {
    char bytes[10];
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = static_cast<char>(value | 0x80);
    bytes[count++] = static_cast<char>(value);
    out_.append(bytes, count);
  }

  std::string& out_;
};

/// One field as it lies in a body. `number` holds a varint or the bits of a double; `text` the
/// rest.
struct Field {
  std::uint32_t tag = 0;
  Wire wire = Wire::varint;
  std::uint64_t number = 0;
  std::string_view text;

  double real() const { return std::bit_cast<double>(number); }
  Uuid uuid() const {
    Uuid id;
    std::memcpy(id.bytes.data(), text.data(), id.bytes.size());
    return id;
  }
};

/// Walks over the fields of a body. `next` is false at the end and at the first thing that is
/// wrong; `problem` tells which.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes)
      : at_(bytes.data()), begin_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool next(Field& field) {
    if (at_ == end_ || problem_ != nullptr) return false;
    std::uint64_t key = 0;
    if (!varint(key)) return false;
    if ((key >> 2) == 0 || (key >> 2) > 0x1fffffff) return wrong("a tag is out of range");
    field.tag = static_cast<std::uint32_t>(key >> 2);
    field.wire = static_cast<Wire>(key & 3);
    if (field.tag < last_tag_) return wrong("tags do not ascend");
    last_tag_ = field.tag;
    switch (field.wire) {
      case Wire::varint:
        return varint(field.number);
      case Wire::fixed64:
        return fixed64(field.number);
      case Wire::bytes: {
        std::uint64_t length = 0;
        return varint(length) && take(length, field.text);
      }
      case Wire::fixed128:
        return take(16, field.text);
    }
    return false;
  }

  /// nullptr when nothing was wrong up to here.
  const char* problem() const { return problem_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  bool wrong(const char* problem) {
    problem_ = problem;
    return false;
  }
  bool varint(std::uint64_t& value) {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) {
      value = static_cast<unsigned char>(*at_++);
      return true;
    }
    return long_varint(value);
  }
  bool long_varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return wrong("the body ends inside a number");
      const auto byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) return wrong("a number has more than 64 bits");
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return wrong("a number has more than 64 bits");
  }
  bool fixed64(std::uint64_t& value) {
    std::string_view raw;
    if (!take(8, raw)) return false;
    value = 0;
    for (int i = 7; i >= 0; --i) {
      value = (value << 8) | static_cast<unsigned char>(raw[static_cast<std::size_t>(i)]);
    }
    return true;
  }
  bool take(std::uint64_t length, std::string_view& text) {
    if (length > static_cast<std::uint64_t>(end_ - at_)) {
      return wrong("a value goes beyond the end of the body");
    }
    text = {at_, static_cast<std::size_t>(length)};
    at_ += length;
    return true;
  }

  const char* at_;
  const char* begin_;
  const char* end_;
  std::uint32_t last_tag_ = 0;
  const char* problem_ = nullptr;
};

}  // namespace attune::event
