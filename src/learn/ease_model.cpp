#include "learn/blas.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <fmt/format.h>

#include <algorithm>

#include "learn/parallel.h"
#include "learn/preference_models.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

constexpr std::size_t kColumnsAtOnce = 64;

class Ease final : public PreferenceModel {
 public:
  explicit Ease(Matrix weights) : weights_(std::move(weights)) {}
  std::uint32_t item_count() const override {
    return static_cast<std::uint32_t>(weights_.rows());
  }
  void score(std::span<const ItemIndex> history, std::span<float> scores) const override {
    Eigen::Map<Eigen::VectorXf> sum(scores.data(), static_cast<Eigen::Index>(scores.size()));
    sum.setZero();
    // Kept transposed: what one item of the history gives to all others is one column.
    for (const ItemIndex item : history) sum += weights_.col(item);
  }

 private:
  Matrix weights_;
};

/// How many people took both, lower triangle.
Matrix together(const PreferenceMatrix& taken) {
  Matrix counts = Matrix::Zero(taken.item_count, taken.item_count);
  for (std::size_t user = 0; user < taken.user_count(); ++user) {
    const auto row = taken.row(user);
    for (std::size_t a = 0; a < row.size(); ++a) {
      float* const column = counts.col(row[a]).data();
      for (std::size_t b = a; b < row.size(); ++b) column[row[b]] += 1;
    }
  }
  return counts;
}

}  // namespace

Result<std::unique_ptr<PreferenceModel>> train_ease(const PreferenceMatrix& taken,
                                                    const EaseParams& params) {
  if (!(params.lambda > 0) || params.threads == 0) {
    return fail(ErrorCode::invalid_argument, "lambda and threads must be above 0");
  }
  if (taken.item_count > params.items_max) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("{} items, and EASE is made for {} at most: use iALS",
                            taken.item_count, params.items_max));
  }
  use_one_blas_thread();
  Matrix gram = together(taken);
  gram.diagonal().array() += static_cast<float>(params.lambda);
  const Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower> factor(gram);   // in place
  Matrix inverse = Matrix::Identity(gram.rows(), gram.cols());
  in_pieces(taken.item_count, kColumnsAtOnce, params.threads,
            [&](std::size_t begin, std::size_t end) {
              auto columns = inverse.middleCols(static_cast<Eigen::Index>(begin),
                                                static_cast<Eigen::Index>(end - begin));
              factor.solveInPlace(columns);
            });
  // B_ij = -P_ij / P_jj; P is symmetric, so row j of the transpose is divided by P_jj.
  const Eigen::VectorXf scale = -inverse.diagonal().cwiseInverse();
  inverse.array().colwise() *= scale.array();
  inverse.diagonal().setZero();
  return std::make_unique<Ease>(std::move(inverse));
}

}  // namespace attune::learn
