#include "learn/nearest.h"

// Its hand-written SSE branch prefetches by an index read one past the end of a list of edges.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <Eigen/Core>
#include <algorithm>

namespace attune::learn {
namespace {

using Found = std::vector<std::pair<std::uint32_t, float>>;

// Edges of a vector, and width of the search while building and asking: recall above 0.95 on 128
// dimensions.
constexpr std::size_t kEdges = 16;
constexpr std::size_t kBuildWidth = 100;
constexpr std::size_t kAskWidthMin = 100;

float product(const float* left, const float* right, std::size_t size) {
  const auto length = static_cast<Eigen::Index>(size);
  return Eigen::Map<const Eigen::VectorXf>(left, length)
      .dot(Eigen::Map<const Eigen::VectorXf>(right, length));
}

/// One minus the inner product.
class Distance final : public hnswlib::SpaceInterface<float> {
 public:
  explicit Distance(std::size_t dimension) : dimension_(dimension) {}
  std::size_t get_data_size() override { return dimension_ * sizeof(float); }
  void* get_dist_func_param() override { return &dimension_; }
  hnswlib::DISTFUNC<float> get_dist_func() override {
    return [](const void* left, const void* right, const void* dimension) {
      return 1 - product(static_cast<const float*>(left), static_cast<const float*>(right),
                         *static_cast<const std::size_t*>(dimension));
    };
  }

 private:
  std::size_t dimension_;
};

void order(Found& found, std::size_t count) {
  std::ranges::sort(found, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (found.size() > count) found.resize(count);
}

Found exact(const UnitVectors& vectors, std::uint32_t of, std::size_t count) {
  const float* own = vectors.values.data() + of * vectors.dimension;
  Found found;
  for (std::uint32_t other = 0; other < vectors.count(); ++other) {
    const float* theirs = vectors.values.data() + other * vectors.dimension;
    const float alike = product(own, theirs, vectors.dimension);
    if (other != of && alike > 0) found.emplace_back(other, alike);
  }
  order(found, count);
  return found;
}

}  // namespace

std::vector<Found> nearest_of_all(const UnitVectors& vectors, std::size_t count,
                                  std::size_t exact_max) {
  const std::size_t size = vectors.count();
  std::vector<Found> result(size);
  if (size <= exact_max) {
    for (std::uint32_t i = 0; i < size; ++i) result[i] = exact(vectors, i, count);
    return result;
  }
  Distance space(vectors.dimension);
  hnswlib::HierarchicalNSW<float> index(&space, size, kEdges, kBuildWidth, /*seed*/ 1);
  for (std::size_t i = 0; i < size; ++i) {
    index.addPoint(vectors.values.data() + i * vectors.dimension, i);
  }
  index.setEf(std::max(kAskWidthMin, count + 1));
  for (std::size_t i = 0; i < size; ++i) {
    auto best = index.searchKnn(vectors.values.data() + i * vectors.dimension, count + 1);
    for (; !best.empty(); best.pop()) {
      const auto& [distance, label] = best.top();   // 1 minus the inner product
      if (label != i && distance < 1) {
        result[i].emplace_back(static_cast<std::uint32_t>(label), 1 - distance);
      }
    }
    order(result[i], count);
  }
  return result;
}

}  // namespace attune::learn
