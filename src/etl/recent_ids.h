// Ids seen lately, in bounded memory: spares a look into the tables for users and products that
// have just been seen. Forgetting one costs only that look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

namespace attune::etl {

class RecentIds {
 public:
  /// Holds between half of `ids_max` and all of it.
  explicit RecentIds(std::size_t ids_max) : half_(ids_max / 2) {}

  bool contains(std::int64_t id) const { return young_.contains(id) || old_.contains(id); }
  void add(std::int64_t id) {
    if (young_.size() >= half_) old_ = std::exchange(young_, {});
    young_.insert(id);
  }

 private:
  const std::size_t half_;
  boost::unordered_flat_set<std::int64_t> young_;
  boost::unordered_flat_set<std::int64_t> old_;
};

}  // namespace attune::etl
