// The nearest of many vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace attune::learn {

/// Vectors of one length, each of length 1 or 0, one after the other.
struct UnitVectors {
  std::size_t dimension = 0;
  std::vector<float> values;

  std::size_t count() const { return dimension == 0 ? 0 : values.size() / dimension; }
};

/// For each vector the `count` others with the largest inner product above 0, best first, ties by
/// number: exact up to `exact_max` vectors, by a navigable small world (hnswlib) above.
/// Deterministic.
std::vector<std::vector<std::pair<std::uint32_t, float>>> nearest_of_all(
    const UnitVectors& vectors, std::size_t count, std::size_t exact_max);

}  // namespace attune::learn
