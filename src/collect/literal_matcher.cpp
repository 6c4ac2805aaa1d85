#include "collect/literal_matcher.h"

namespace attune::collect {

LiteralMatcher::LiteralMatcher(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    for (const char c : word) {
      auto& byte_class = class_of_[static_cast<unsigned char>(c)];
      if (byte_class == 0) byte_class = static_cast<std::uint16_t>(class_count_++);
    }
  }
  next_.assign(class_count_, 0);
  word_.assign(1, -1);
  std::vector<std::uint32_t> order;  // nodes, parents first
  std::vector<std::uint32_t> depth(1, 0);
  for (std::size_t index = 0; index < words.size(); ++index) {
    std::uint32_t node = 0;
    for (const char c : words[index]) {
      const std::size_t slot = node * class_count_ + class_of_[static_cast<unsigned char>(c)];
      if (next_[slot] == 0) {
        const auto fresh = static_cast<std::uint32_t>(word_.size());
        next_.resize(next_.size() + class_count_, 0);
        next_[slot] = fresh;
        word_.push_back(-1);
        depth.push_back(depth[node] + 1);
      }
      node = next_[slot];
    }
    word_[node] = static_cast<std::int32_t>(index);
  }
  // Breadth first: a node's failure link is shorter than itself, so it is finished before.
  std::vector<std::uint32_t> failure(word_.size(), 0);
  shorter_.assign(word_.size(), 0);
  order.push_back(0);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::uint32_t node = order[at];
    for (std::size_t byte_class = 1; byte_class < class_count_; ++byte_class) {
      std::uint32_t& next = next_[node * class_count_ + byte_class];
      const std::uint32_t fallback =
          node == 0 ? 0 : next_[failure[node] * class_count_ + byte_class];
      if (next == 0 || depth[next] != depth[node] + 1) {
        next = fallback;
        continue;
      }
      failure[next] = fallback;
      shorter_[next] = word_[fallback] >= 0 ? fallback : shorter_[fallback];
      order.push_back(next);
    }
  }
}

void LiteralMatcher::find(std::string_view text, std::vector<int>& found) const {
  if (word_.empty()) return;
  std::uint32_t node = 0;
  for (const char c : text) {
    node = next_[node * class_count_ + class_of_[static_cast<unsigned char>(c)]];
    for (std::uint32_t at = word_[node] >= 0 ? node : shorter_[node]; at != 0; at = shorter_[at]) {
      found.push_back(word_[at]);
    }
  }
}

}  // namespace attune::collect
