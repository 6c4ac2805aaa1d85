// Which client session ids were used lately, so that an id that comes back long after its session
// is told from a new one without asking the tables. First in, first out; bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include <boost/unordered/unordered_flat_map.hpp>

namespace attune::etl {

class SessionNames {
 public:
  explicit SessionNames(std::size_t names_max) : names_max_(names_max) {}

  bool contains(std::uint64_t name_hash) const { return counts_.contains(name_hash); }

  void add(std::uint64_t name_hash, std::uint64_t session_key) {
    queue_.push_back({name_hash, session_key});
    ++counts_[name_hash];
    if (queue_.size() <= names_max_) return;
    const auto oldest = counts_.find(queue_.front().name_hash);
    if (--oldest->second == 0) counts_.erase(oldest);
    queue_.pop_front();
  }

  /// Key of the session that has been remembered longest; 0 when there is none.
  std::uint64_t oldest_key() const { return queue_.empty() ? 0 : queue_.front().session_key; }

 private:
  struct Name {
    std::uint64_t name_hash;
    std::uint64_t session_key;
  };
  const std::size_t names_max_;
  std::deque<Name> queue_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts_;
};

}  // namespace attune::etl
