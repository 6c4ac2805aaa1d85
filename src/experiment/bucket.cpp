#include "experiment/bucket.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

namespace attune::experiment {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// The next character of UTF-8; what is damaged counts as one replacement character a byte.
char32_t next_character(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  std::size_t length = 1;
  char32_t character = first;
  char32_t least = 0;
  if (first >= 0xF0 && first < 0xF8) {
    length = 4, character = first & 0x07U, least = 0x10000;
  } else if (first >= 0xE0 && first < 0xF0) {
    length = 3, character = first & 0x0FU, least = 0x800;
  } else if (first >= 0xC0 && first < 0xE0) {
    length = 2, character = first & 0x1FU, least = 0x80;
  } else if (first >= 0x80) {
    character = kReplacement;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || (byte(i) & 0xC0U) != 0x80) {
      text.remove_prefix(1);
      return kReplacement;
    }
    character = (character << 6U) | (byte(i) & 0x3FU);
  }
  const bool is_surrogate = character >= 0xD800 && character < 0xE000;
  if (length > 1 && (character < least || character > 0x10FFFF || is_surrogate)) {
    text.remove_prefix(1);
    return kReplacement;
  }
  text.remove_prefix(length);
  return character;
}

class Fnv32a {
 public:
  void add(std::string_view text) {
    while (!text.empty()) {
      const char32_t character = next_character(text);
      if (character < 0x10000) {
        add_unit(character);
      } else {
        add_unit(0xD800 + ((character - 0x10000) >> 10U));
        add_unit(0xDC00 + ((character - 0x10000) & 0x3FFU));
      }
    }
  }
  std::uint32_t value() const { return hash_; }

 private:
  // A whole unit at once, as the scripts in browsers do, not byte by byte.
  void add_unit(char32_t unit) { hash_ = (hash_ ^ static_cast<std::uint32_t>(unit)) * 0x01000193U; }

  std::uint32_t hash_ = 0x811C9DC5U;
};

std::uint32_t fnv32a(std::string_view first, std::string_view second = {}) {
  Fnv32a hash;
  hash.add(first);
  hash.add(second);
  return hash.value();
}

}  // namespace

std::optional<double> bucket_of(std::string_view seed, std::string_view value, int version) {
  if (version == 1) return fnv32a(value, seed) % 1000 / 1000.0;
  if (version == 2) return fnv32a(std::to_string(fnv32a(seed, value))) % 10'000 / 10'000.0;
  return std::nullopt;
}

bool in_namespace(std::string_view value, std::string_view name, const Range& part) {
  return part.holds(*bucket_of("__" + std::string(name), value, 1));
}

std::vector<double> equal_weights(int count) {
  if (count <= 0) return {};
  return std::vector<double>(static_cast<std::size_t>(count), 1.0 / count);
}

std::vector<Range> bucket_ranges(int count, double coverage, std::span<const double> weights) {
  const double covered = std::clamp(coverage, 0.0, 1.0);
  std::vector<double> shares(weights.begin(), weights.end());
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (std::cmp_not_equal(shares.size(), count) || !(sum >= 0.99 && sum <= 1.01)) {
    shares = equal_weights(count);
  }
  std::vector<Range> ranges;
  double at = 0;
  for (const double share : shares) {
    ranges.push_back({at, at + covered * share});
    at += share;
  }
  return ranges;
}

int choose_variation(double bucket, std::span<const Range> ranges) {
  const auto found =
      std::ranges::find_if(ranges, [&](const Range& range) { return range.holds(bucket); });
  return found == ranges.end() ? -1 : static_cast<int>(found - ranges.begin());
}

std::optional<int> variation_in_query(std::string_view key, std::string_view url, int count) {
  std::string_view query = url.substr(0, url.find('#'));
  const std::size_t mark = query.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  query.remove_prefix(mark + 1);
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != key) continue;
    const std::string_view digits = part.substr(equals + 1);
    int variation = -1;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), variation);
    const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
    if (is_whole && variation >= 0 && variation < count) return variation;
  }
  return std::nullopt;
}

}  // namespace attune::experiment
