// Numbers and texts as bytes, for artefacts: little-endian, lengths before contents, every read
// checked against what is left, so that no file can make the reader run away.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace attune::learn {

static_assert(std::endian::native == std::endian::little, "artefacts are written as memory lies");

class ByteWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void number(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void numbers(const std::vector<T>& values) {
    number(static_cast<std::uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
  }
  void texts(const std::vector<std::string>& values) {
    number(static_cast<std::uint64_t>(values.size()));
    for (const std::string& value : values) text(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote. After the first failed read every later one gives nothing; ask
/// `ok` once at the end of a group.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T> T number() {
    T value{};
    if (take(sizeof value)) {
      std::memcpy(&value, taken_.data(), sizeof value);
    }
    return value;
  }
  template <class T>
  requires std::is_arithmetic_v<T> std::vector<T> numbers() {
    std::vector<T> values;
    const auto count = number<std::uint64_t>();
    if (count > rest_.size() / sizeof(T)) ok_ = false;
    if (!ok_ || count == 0) return values;
    take(static_cast<std::size_t>(count) * sizeof(T));
    values.resize(static_cast<std::size_t>(count));
    std::memcpy(values.data(), taken_.data(), taken_.size());
    return values;
  }
  std::string text() {
    const auto bytes = number<std::uint32_t>();
    return take(bytes) ? std::string(taken_) : std::string{};
  }
  std::vector<std::string> texts() {
    std::vector<std::string> values;
    const auto count = number<std::uint64_t>();
    if (count > rest_.size() / sizeof(std::uint32_t)) ok_ = false;
    for (std::uint64_t i = 0; ok_ && i < count; ++i) values.push_back(text());
    return values;
  }

 private:
  bool take(std::size_t bytes) {
    if (!ok_ || bytes > rest_.size()) {
      ok_ = false;
      return false;
    }
    taken_ = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }
  std::string_view rest_;
  std::string_view taken_;
  bool ok_ = true;
};

}  // namespace attune::learn
