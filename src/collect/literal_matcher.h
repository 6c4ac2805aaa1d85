// Finds which of many fixed words occur in a text, in one pass (Aho and Corasick, "Efficient string
// matching: an aid to bibliographic search", 1975). It is the prefilter of the user agent rules: a
// few of 500 patterns are left to try.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attune::collect {

class LiteralMatcher {
 public:
  LiteralMatcher() = default;
  explicit LiteralMatcher(const std::vector<std::string>& words);

  /// Appends the index of every word that occurs in `text`, once for each place where it ends.
  void find(std::string_view text, std::vector<int>& found) const;

 private:
  std::array<std::uint16_t, 256> class_of_{};  // bytes that stand in no word share class 0
  std::size_t class_count_ = 1;
  std::vector<std::uint32_t> next_;     // [node * class_count_ + class]
  std::vector<std::int32_t> word_;      // word that ends at the node, or -1
  std::vector<std::uint32_t> shorter_;  // longest suffix node that ends a word, or 0
};

}  // namespace attune::collect
