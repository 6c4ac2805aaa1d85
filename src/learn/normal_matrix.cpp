#include "learn/normal_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__) && !defined(ATTUNE_SANITIZED)
#define ATTUNE_FOR_EACH_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ATTUNE_FOR_EACH_PROCESSOR
#endif

// What is written does not overlap what is read.
#if defined(__clang__)
#define ATTUNE_NO_ALIAS _Pragma("clang loop vectorize(assume_safety)")
#else
#define ATTUNE_NO_ALIAS _Pragma("GCC ivdep")
#endif

namespace attune::learn {
namespace {

using Lane = float __attribute__((vector_size(64)));  // one register, or several smaller ones
constexpr std::size_t kLane = sizeof(Lane) / sizeof(float);
constexpr std::size_t kColumns = 4;
constexpr float kPivotMin = 1e-20F;

}  // namespace

/// A tile of kColumns columns and kLane rows stays in registers while all vectors pass by. The tile
/// on the diagonal writes some of the upper triangle, which nobody reads.
ATTUNE_FOR_EACH_PROCESSOR void add_outer_products(const float* vectors, std::size_t stride,
                                                  std::size_t count, std::size_t width,
                                                  float* normal) {
  const std::size_t tiled = width - width % kLane;
  for (std::size_t column = 0; column < tiled; column += kColumns) {
    for (std::size_t row = column - column % kLane; row < tiled; row += kLane) {
      Lane sums[kColumns] = {};
      for (std::size_t k = 0; k < count; ++k) {
        const float* const v = vectors + k * stride;
        Lane rows;
        std::memcpy(&rows, v + row, sizeof rows);
        for (std::size_t c = 0; c < kColumns; ++c) sums[c] += rows * v[column + c];
      }
      for (std::size_t c = 0; c < kColumns; ++c) {
        float* const to = normal + (column + c) * width + row;
        Lane old;
        std::memcpy(&old, to, sizeof old);
        old += sums[c];
        std::memcpy(to, &old, sizeof old);
      }
    }
  }
  for (std::size_t row = tiled; row < width; ++row) {
    for (std::size_t k = 0; k < count; ++k) {
      const float* const v = vectors + k * stride;
      for (std::size_t column = 0; column <= row; ++column) {
        normal[column * width + row] += v[row] * v[column];
      }
    }
  }
}

ATTUNE_FOR_EACH_PROCESSOR void solve_normal(float* normal, std::size_t width, float* right) {
  // Four columns are finished at a time, then taken from all columns to the right of them.
  for (std::size_t begin = 0; begin < width; begin += 4) {
    const std::size_t end = std::min(begin + 4, width);
    for (std::size_t column = begin; column < end; ++column) {
      float* __restrict const a = normal + column * width;
      const float pivot = std::sqrt(std::max(a[column], kPivotMin));
      const float inverse = 1 / pivot;
      a[column] = pivot;
      ATTUNE_NO_ALIAS
      for (std::size_t i = column + 1; i < width; ++i) a[i] *= inverse;
      for (std::size_t later = column + 1; later < end; ++later) {
        float* __restrict const b = normal + later * width;
        const float factor = a[later];
        ATTUNE_NO_ALIAS
        for (std::size_t i = later; i < width; ++i) b[i] -= factor * a[i];
      }
    }
    if (end - begin < 4) break;
    const float* const a0 = normal + begin * width;
    const float* const a1 = a0 + width;
    const float* const a2 = a1 + width;
    const float* const a3 = a2 + width;
    for (std::size_t later = end; later < width; ++later) {
      float* __restrict const b = normal + later * width;
      const float f0 = a0[later], f1 = a1[later], f2 = a2[later], f3 = a3[later];
      ATTUNE_NO_ALIAS
      for (std::size_t i = later; i < width; ++i) {
        b[i] -= f0 * a0[i] + f1 * a1[i] + f2 * a2[i] + f3 * a3[i];
      }
    }
  }
  for (std::size_t column = 0; column < width; ++column) {
    const float* const a = normal + column * width;
    const float value = right[column] /= a[column];
    ATTUNE_NO_ALIAS
    for (std::size_t i = column + 1; i < width; ++i) right[i] -= value * a[i];
  }
  for (std::size_t column = width; column-- > 0;) {
    const float* const a = normal + column * width;
    float sum = right[column];
    ATTUNE_NO_ALIAS
    for (std::size_t i = column + 1; i < width; ++i) sum -= a[i] * right[i];
    right[column] = sum / a[column];
  }
}

}  // namespace attune::learn
