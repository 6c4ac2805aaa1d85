#include "learn/blas.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/random.h"
#include "learn/normal_matrix.h"
#include "learn/parallel.h"
#include "learn/preference_models.h"

namespace attune::learn {
namespace {

using Index = Eigen::Index;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
using Vector = Eigen::VectorXf;

constexpr std::size_t kRowsAtOnce = 32;
constexpr std::uint32_t kFactorsMax = 2048;
constexpr int kFoldInPasses = 4;   // over the blocks, from zero

/// Solves for the factors of one side while the other's are fixed.
class Side {
 public:
  using Fixed = Eigen::Ref<const Matrix>;

  /// fixed  one column an element of the other side.
  Side(const Fixed& fixed, const IalsParams& params)
      : fixed_(fixed), params_(params), gram_(fixed.rows(), fixed.rows()) {
    gram_.setZero();
    if (fixed.cols() == 0) return;   // nobody on the other side
    gram_.selfadjointView<Eigen::Lower>().rankUpdate(fixed);
    gram_.triangularView<Eigen::StrictlyUpper>() = gram_.transpose();
    gram_ *= static_cast<float>(params.unobserved);
  }

  /// One pass over the blocks of `factors`, which belong to who is observed with `observed`.
  template <class Factors>
  void improve(std::span<const ItemIndex> observed, Factors&& factors) const {
    const auto count = static_cast<Index>(observed.size());
    Matrix theirs(fixed_.rows(), count);
    for (Index k = 0; k < count; ++k) theirs.col(k) = fixed_.col(observed[static_cast<size_t>(k)]);
    const double size = static_cast<double>(count) +
                        params_.unobserved * static_cast<double>(fixed_.cols());
    const auto ridge = static_cast<float>(params_.lambda * std::pow(size, params_.nu));
    Vector excess = theirs.transpose() * factors;   // prediction minus 1
    excess.array() -= 1;
    const auto block = static_cast<Index>(params_.block);
    for (Index begin = 0; begin < fixed_.rows(); begin += block) {
      const Index width = std::min(block, fixed_.rows() - begin);
      const auto part = theirs.middleRows(begin, width);
      Matrix normal = gram_.block(begin, begin, width, width);
      normal.diagonal().array() += ridge;
      Vector step = gram_.middleRows(begin, width) * factors;
      if (count > 0) {
        add_outer_products(part.data(), static_cast<std::size_t>(theirs.outerStride()),
                           observed.size(), static_cast<std::size_t>(width), normal.data());
        step.noalias() += part * excess;
      }
      step += ridge * factors.segment(begin, width);
      solve_normal(normal.data(), static_cast<std::size_t>(width), step.data());
      factors.segment(begin, width) -= step;
      if (count > 0 && begin + width < fixed_.rows()) excess.noalias() -= part.transpose() * step;
    }
  }

 private:
  const Fixed fixed_;
  const IalsParams& params_;
  Matrix gram_;   // alpha_0 H'H
};

class Ials final : public PreferenceModel {
 public:
  Ials(std::shared_ptr<const ItemFactors> items, const IalsParams& params)
      : params_(params),
        kept_(std::move(items)),
        items_(kept_->values.data(), kept_->factors, static_cast<Index>(kept_->item_count())),
        side_(items_, params_) {}
  Ials(const Ials&) = delete;
  Ials& operator=(const Ials&) = delete;

  std::uint32_t item_count() const override { return static_cast<std::uint32_t>(items_.cols()); }
  void score(std::span<const ItemIndex> history, std::span<float> scores) const override {
    Vector person = Vector::Zero(items_.rows());
    const int passes = params_.factors <= params_.block ? 1 : kFoldInPasses;
    for (int pass = 0; pass < passes; ++pass) side_.improve(history, person);
    Eigen::Map<Vector>(scores.data(), static_cast<Index>(scores.size())).noalias() =
        items_.transpose() * person;
  }

 private:
  IalsParams params_;
  std::shared_ptr<const ItemFactors> kept_;
  Eigen::Map<const Matrix> items_;   // one column an item
  Side side_;
};

/// The same pairs by item.
PreferenceMatrix transposed(const PreferenceMatrix& taken) {
  PreferenceMatrix by_item;
  by_item.item_count = static_cast<std::uint32_t>(taken.user_count());
  by_item.begins.assign(taken.item_count + 1, 0);
  for (const ItemIndex item : taken.items) ++by_item.begins[item + 1];
  std::partial_sum(by_item.begins.begin(), by_item.begins.end(), by_item.begins.begin());
  by_item.items.resize(taken.items.size());
  std::vector<std::uint32_t> next(by_item.begins.begin(), by_item.begins.end() - 1);
  for (std::size_t user = 0; user < taken.user_count(); ++user) {
    for (const ItemIndex item : taken.row(user)) {
      by_item.items[next[item]++] = static_cast<ItemIndex>(user);
    }
  }
  return by_item;
}

/// Normally distributed (Box and Muller), one column an element.
Matrix first_factors(const IalsParams& params, std::size_t count, Random& random) {
  Matrix factors(params.factors, static_cast<Index>(count));
  const double scale = params.deviation / std::sqrt(params.factors);
  for (float& each : factors.reshaped()) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    each = static_cast<float>(scale * radius * std::cos(2 * std::numbers::pi * random.uniform()));
  }
  return factors;
}

void improve_all(const PreferenceMatrix& pairs, const Matrix& fixed, Matrix& factors,
                 const IalsParams& params) {
  const Side side(fixed, params);
  in_pieces(pairs.user_count(), kRowsAtOnce, params.threads,
            [&](std::size_t begin, std::size_t end) {
              for (std::size_t row = begin; row < end; ++row) {
                side.improve(pairs.row(row), factors.col(static_cast<Index>(row)));
              }
            });
}

}  // namespace

Result<ItemFactors> train_item_factors(const PreferenceMatrix& taken, const IalsParams& params) {
  const bool sound = params.factors > 0 && params.factors <= kFactorsMax && params.epochs > 0 &&
                     params.unobserved > 0 && params.lambda > 0 && params.nu >= 0 &&
                     params.deviation > 0 && params.block > 0 && params.threads > 0;
  if (!sound) {
    return fail(ErrorCode::invalid_argument,
                "factors (at most 2048), epochs, unobserved, lambda, deviation, block and threads "
                "must be above 0");
  }
  use_one_blas_thread();
  Random random(params.seed);
  Matrix people = first_factors(params, taken.user_count(), random);
  Matrix items = first_factors(params, taken.item_count, random);
  const PreferenceMatrix by_item = transposed(taken);
  for (std::uint32_t epoch = 0; epoch < params.epochs; ++epoch) {
    improve_all(taken, items, people, params);
    improve_all(by_item, people, items, params);
  }
  return ItemFactors{params.factors, {items.data(), items.data() + items.size()}};
}

std::unique_ptr<PreferenceModel> make_ials(std::shared_ptr<const ItemFactors> items,
                                           const IalsParams& params) {
  return std::make_unique<Ials>(std::move(items), params);
}

Result<std::unique_ptr<PreferenceModel>> train_ials(const PreferenceMatrix& taken,
                                                    const IalsParams& params) {
  ATTUNE_ASSIGN(ItemFactors items, train_item_factors(taken, params));
  return make_ials(std::make_shared<const ItemFactors>(std::move(items)), params);
}

}  // namespace attune::learn
