// 128-bit ids as RFC 9562 writes them: random (version 4), time-ordered (7), and name-based (5).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }

  /// 36 characters, lower case: 8-4-4-4-12.
  std::string text() const;

  /// Reads the 36-character form, any case.
  /// Errors  invalid_argument: anything else.
  [[nodiscard]] static Result<Uuid> parse(std::string_view text);

  /// Name-based, version 5 (SHA-1) in `space`: the same input gives the same id everywhere.
  static Uuid from_name(const Uuid& space, std::string_view name);

  /// Random, version 4, from the operating system's generator.
  static Uuid random();
};

}  // namespace attune

template <>
struct std::hash<attune::Uuid> {
  std::size_t operator()(const attune::Uuid& id) const noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, id.bytes.data(), 8);
    std::memcpy(&high, id.bytes.data() + 8, 8);
    return low ^ (high * 0x9e3779b97f4a7c15ULL);
  }
};
