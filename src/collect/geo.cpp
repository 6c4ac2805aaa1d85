#include "collect/geo.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

namespace attune::collect {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// Calls `add(first, last, country)` for each line "first,last,CC"; comments and unknown countries
/// ("??") are passed over.
template <class Add>
Result<void> each_range(std::string_view lines, const Add& add) {
  std::size_t number = 0;
  while (!lines.empty()) {
    ++number;
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto comma = line.find(',');
    const auto second = comma == std::string_view::npos ? comma : line.find(',', comma + 1);
    const bool good = second != std::string_view::npos && line.size() == second + 3 &&
                      add(line.substr(0, comma), line.substr(comma + 1, second - comma - 1),
                          std::array<char, 2>{line[second + 1], line[second + 2]});
    if (!good) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("line {}: not \"first,last,country\"", number));
    }
  }
  return {};
}

bool read_uint32(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_v6(std::string_view text, std::array<std::uint8_t, 16>& bytes) {
  char buffer[64];
  if (text.size() >= sizeof buffer) return false;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  return ::inet_pton(AF_INET6, buffer, bytes.data()) == 1;
}

/// The last range that begins at or before `key`, if it holds `key`.
template <class Range, class Key>
std::string_view find_range(const std::vector<Range>& ranges, const Key& key) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), key,
                       [](const Key& k, const Range& range) { return k < range.first; });
  if (after == ranges.begin()) return {};
  const Range& range = *std::prev(after);
  if (range.last < key) return {};
  return {range.country.data(), range.country.size()};
}

template <class Range>
void sort_by_first(std::vector<Range>& ranges) {
  const auto before = [](const Range& a, const Range& b) { return a.first < b.first; };
  if (!std::is_sorted(ranges.begin(), ranges.end(), before)) {
    std::sort(ranges.begin(), ranges.end(), before);
  }
  ranges.shrink_to_fit();
}

/// Nothing when there is no such file.
std::optional<std::string> read_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    text = text.substr(1, bracket - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  text = text.substr(0, text.find('%'));
  Address address;
  char buffer[64];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (::inet_pton(AF_INET, buffer, address.bytes.data() + 12) == 1) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
    address.is_v4 = true;
    return address;
  }
  if (::inet_pton(AF_INET6, buffer, address.bytes.data()) != 1) return std::nullopt;
  address.is_v4 = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  return address;
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN];
  const char* written = is_v4 ? ::inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer)
                              : ::inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  return written == nullptr ? std::string() : std::string(written);
}

Address Address::truncated() const {
  Address out = *this;
  const std::size_t keep_bytes = is_v4 ? 15 : 6;
  std::fill(out.bytes.begin() + static_cast<std::ptrdiff_t>(keep_bytes), out.bytes.end(),
            std::uint8_t{0});
  return out;
}

std::uint32_t Address::v4() const {
  return (std::uint32_t{bytes[12]} << 24) | (std::uint32_t{bytes[13]} << 16) |
         (std::uint32_t{bytes[14]} << 8) | bytes[15];
}

Result<void> Countries::add_v4(std::string_view lines) {
  ATTUNE_TRY(each_range(
      lines, [&](std::string_view first, std::string_view last, std::array<char, 2> country) {
        RangeV4 range{0, 0, country};
        if (!read_uint32(first, range.first) || !read_uint32(last, range.last)) return false;
        if (country[0] != '?') v4_.push_back(range);
        return range.first <= range.last;
      }));
  sort_by_first(v4_);
  return {};
}

Result<void> Countries::add_v6(std::string_view lines) {
  ATTUNE_TRY(each_range(
      lines, [&](std::string_view first, std::string_view last, std::array<char, 2> country) {
        RangeV6 range{{}, {}, country};
        if (!read_v6(first, range.first) || !read_v6(last, range.last)) return false;
        if (country[0] != '?') v6_.push_back(range);
        return range.first <= range.last;
      }));
  sort_by_first(v6_);
  return {};
}

Result<Countries> Countries::load(const std::string& path_v4, const std::string& path_v6) {
  Countries countries;
  if (const auto lines = read_file(path_v4)) {
    auto added = countries.add_v4(*lines);
    if (!added) return pass(added, path_v4);
  }
  if (const auto lines = read_file(path_v6)) {
    auto added = countries.add_v6(*lines);
    if (!added) return pass(added, path_v6);
  }
  return countries;
}

std::string_view Countries::find(const Address& address) const {
  return address.is_v4 ? find_range(v4_, address.v4()) : find_range(v6_, address.bytes);
}

}  // namespace attune::collect
