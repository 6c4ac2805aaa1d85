#include "learn/bandit_ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Eigen::Map<const Vector> as_vector(std::span<const double> numbers) {
  return {numbers.data(), static_cast<Eigen::Index>(numbers.size())};
}
Eigen::Map<Vector> as_vector(std::vector<double>& numbers) {
  return {numbers.data(), static_cast<Eigen::Index>(numbers.size())};
}
Eigen::Map<const Matrix> as_square(const std::vector<double>& numbers, std::size_t size) {
  const auto side = static_cast<Eigen::Index>(size);
  return {numbers.data(), side, side};
}
Eigen::Map<Matrix> as_square(std::vector<double>& numbers, std::size_t size) {
  const auto side = static_cast<Eigen::Index>(size);
  return {numbers.data(), side, side};
}

/// Lower triangle of the Cholesky factor in place, upper one cleared. A direction without variance
/// (the rest of its pivot is rounding) gets a column of zeros.
void factor_in_place(Eigen::Map<Matrix>& matrix) {
  const double tiny = 1e-12 * std::max(matrix.diagonal().maxCoeff(), 1e-300);
  for (Eigen::Index k = 0; k < matrix.rows(); ++k) {
    const Eigen::Index rest = matrix.rows() - k - 1;
    const double pivot = matrix(k, k) - matrix.row(k).head(k).squaredNorm();
    matrix.row(k).tail(rest).setZero();
    if (pivot <= tiny) {
      matrix.col(k).tail(rest + 1).setZero();
      continue;
    }
    matrix(k, k) = std::sqrt(pivot);
    if (rest == 0) continue;
    matrix.col(k).tail(rest) -=
        matrix.bottomLeftCorner(rest, k) * matrix.row(k).head(k).transpose();
    matrix.col(k).tail(rest) /= matrix(k, k);
  }
}

}  // namespace

Ridge::Ridge(std::size_t size, double ridge)
    : ridge_(ridge),
      precision_(size * size),
      inverse_(size * size),
      sums_(size),
      weights_(size) {
  for (std::size_t i = 0; i < size; ++i) {
    precision_[i * size + i] = ridge;
    inverse_[i * size + i] = 1 / ridge;
  }
}

double Ridge::predict(std::span<const double> x) const {
  return as_vector(x).dot(as_vector(std::span<const double>(weights_)));
}

double Ridge::variance(std::span<const double> x) const {
  const auto input = as_vector(x);
  return std::max(input.dot(as_square(inverse_, size()) * input), 0.0);
}

void Ridge::solve(std::span<const double> x, std::vector<double>& out) const {
  out.resize(size());
  as_vector(out).noalias() = as_square(inverse_, size()) * as_vector(x);
}

void Ridge::covariance(std::span<const double> inputs, std::size_t count,
                       std::vector<double>& out) const {
  out.resize(count * count);
  const Eigen::Map<const Matrix> rows(inputs.data(), static_cast<Eigen::Index>(count),
                                      static_cast<Eigen::Index>(size()));
  as_square(out, count).noalias() = (rows * as_square(inverse_, size())) * rows.transpose();
}

void Ridge::add(std::span<const double> x, double reward, double weight,
                std::uint32_t refactor_every) {
  const auto input = as_vector(x);
  as_square(precision_, size()).noalias() += weight * input * input.transpose();
  as_vector(sums_) += weight * reward * input;
  if (++since_ >= refactor_every) {
    refactor();
    return;
  }
  auto inverse = as_square(inverse_, size());
  const Vector moved = inverse * input;
  const double share = weight / (1 + weight * input.dot(moved));
  inverse.noalias() -= share * moved * moved.transpose();
  as_vector(weights_).noalias() = inverse * as_vector(sums_);
}

void Ridge::correct(std::span<const double> x, double difference) {
  as_vector(sums_) += difference * as_vector(x);
  as_vector(weights_).noalias() = as_square(inverse_, size()) * as_vector(sums_);
}

void Ridge::decay(double factor) {
  for (double& number : precision_) number *= factor;
  for (double& number : sums_) number *= factor;
  for (std::size_t i = 0; i < size(); ++i) precision_[i * size() + i] += (1 - factor) * ridge_;
  refactor();
}

void Ridge::assign(std::vector<double> precision, std::vector<double> sums) {
  precision_ = std::move(precision);
  sums_ = std::move(sums);
  refactor();
}

void Ridge::refactor() {
  since_ = 0;
  const auto side = static_cast<Eigen::Index>(size());
  const Eigen::LLT<Matrix> factor(as_square(precision_, size()));
  as_square(inverse_, size()) = factor.solve(Matrix::Identity(side, side));
  as_vector(weights_).noalias() = as_square(inverse_, size()) * as_vector(sums_);
}

void Ridge::write(ByteWriter& out) const {
  out.number(since_);
  out.numbers(precision_);
  out.numbers(inverse_);
  out.numbers(sums_);
}

bool Ridge::read(ByteReader& in) {
  since_ = in.number<std::uint64_t>();
  const std::size_t cells = precision_.size();
  const std::size_t count = sums_.size();
  precision_ = in.numbers<double>();
  inverse_ = in.numbers<double>();
  sums_ = in.numbers<double>();
  const auto finite = [](const std::vector<double>& numbers) {
    return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
  };
  if (!in.ok() || precision_.size() != cells || inverse_.size() != cells ||
      sums_.size() != count || !finite(precision_) || !finite(inverse_) || !finite(sums_)) {
    return false;
  }
  as_vector(weights_).noalias() = as_square(inverse_, size()) * as_vector(sums_);
  return true;
}

void draw_normals(std::span<const double> mean, std::vector<double>& covariance, double spread,
                  std::size_t rows, std::uint64_t seed, std::vector<double>& out) {
  const std::size_t count = mean.size();
  auto factor = as_square(covariance, count);
  factor_in_place(factor);
  Random random(seed);
  // Box and Muller: two independent normals from two uniforms.
  std::vector<double> normals(rows * count + 1);
  for (std::size_t i = 0; i + 1 < normals.size(); i += 2) {
    const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
    const double angle = 2 * std::numbers::pi * random.uniform();
    normals[i] = radius * std::cos(angle);
    normals[i + 1] = radius * std::sin(angle);
  }
  const auto across = static_cast<Eigen::Index>(count);
  const auto down = static_cast<Eigen::Index>(rows);
  out.resize(rows * count);
  const Eigen::Map<const Matrix> drawn(normals.data(), down, across);
  Eigen::Map<Matrix> result(out.data(), down, across);
  result.noalias() = spread * drawn * factor.transpose();
  result.rowwise() += as_vector(mean).transpose();
}

}  // namespace attune::learn
