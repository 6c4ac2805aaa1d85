// The inner loops of alternating least squares: many small dense systems, in float. Compiled for
// several processors; the one at hand picks at load time. BLAS is made for larger matrices: at 64
// columns it spends more on packing than on arithmetic.
#pragma once

#include <cstddef>

namespace attune::learn {

/// normal += sum over k of v_k v_k', the lower triangle only.
///
/// vectors  v_k = vectors[k * stride .. + width), count of them.
/// normal   width * width, column after column.
void add_outer_products(const float* vectors, std::size_t stride, std::size_t count,
                        std::size_t width, float* normal);

/// Solves normal * x = right in place of `right` by Cholesky; the lower triangle of `normal` is
/// replaced by its factor. Not positive definite by rounding: the pivot counts as a tiny one.
void solve_normal(float* normal, std::size_t width, float* right);

}  // namespace attune::learn
