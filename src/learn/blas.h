// Include it before Eigen in a .cpp of a trainer: Eigen then hands large products and
// factorizations to OpenBLAS, which picks its kernels for the processor at run time.
#pragma once

#define EIGEN_USE_BLAS

extern "C" void openblas_set_num_threads(int threads);

namespace attune::learn {

/// Trainers divide their work among threads themselves.
inline void use_one_blas_thread() {
  openblas_set_num_threads(1);
}

}  // namespace attune::learn
