// A fixed list of texts in one allocation: what an open session remembers of its first and last
// page. A million open sessions with twenty std::strings each would be a gigabyte of small blocks.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace attune::etl {

class TextPack {
 public:
  /// Replaces the texts.
  void assign(std::initializer_list<std::string_view> texts) {
    bytes_.clear();
    std::size_t bytes = 0;
    for (const std::string_view text : texts) bytes += text.size() + 4;
    bytes_.reserve(bytes);
    for (const std::string_view text : texts) {
      const auto length = static_cast<std::uint32_t>(text.size());   // a record is at most 1 MiB
      char header[4];
      std::memcpy(header, &length, 4);
      bytes_.append(header, 4).append(text);
    }
  }

  /// Reads the texts in the order they were given; empty views when there are no more.
  class Reader {
   public:
    explicit Reader(const TextPack& pack) : rest_(pack.bytes_) {}
    std::string_view next() {
      if (rest_.size() < 4) return {};
      std::uint32_t length = 0;
      std::memcpy(&length, rest_.data(), 4);
      const std::string_view text = rest_.substr(4, length);
      rest_.remove_prefix(std::size_t{4} + length);
      return text;
    }

   private:
    std::string_view rest_;
  };

 private:
  std::string bytes_;
};

}  // namespace attune::etl
