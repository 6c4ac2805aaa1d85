// Addresses: reading them, cutting them to what may be kept, and the country they belong to, by the
// table of the Tor project's geoip files (Debian package tor-geoipdb) when it is installed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace attune::collect {

/// An IPv4 or IPv6 address, 16 bytes in network order; IPv4 as ::ffff:a.b.c.d.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = false;

  /// Reads "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "::ffff:192.0.2.1"; a port or zone is
  /// ignored.
  static std::optional<Address> parse(std::string_view text);

  std::string text() const;

  /// /24 of an IPv4 address, /48 of an IPv6 address: what may be kept.
  Address truncated() const;

  std::uint32_t v4() const;
};

/// Countries by address; empty when the files are not there.
class Countries {
 public:
  Countries() = default;

  /// Loads "first,last,CC" lines; a path that is empty or does not exist is left out.
  /// Errors   invalid_argument: a file that is there is not of this form, with the line.
  [[nodiscard]] static Result<Countries> load(const std::string& path_v4,
                                              const std::string& path_v6);

  /// ISO 3166-1 alpha-2, or empty. Threads  any.
  std::string_view find(const Address& address) const;

  std::size_t range_count() const { return v4_.size() + v6_.size(); }

  /// Reads the lines of one file into this table; for tests.
  [[nodiscard]] Result<void> add_v4(std::string_view lines);
  [[nodiscard]] Result<void> add_v6(std::string_view lines);

 private:
  struct RangeV4 {
    std::uint32_t first;
    std::uint32_t last;
    std::array<char, 2> country;
  };
  struct RangeV6 {
    std::array<std::uint8_t, 16> first;  // network order, so they compare as they stand
    std::array<std::uint8_t, 16> last;
    std::array<char, 2> country;
  };

  std::vector<RangeV4> v4_;
  std::vector<RangeV6> v6_;
};

}  // namespace attune::collect
