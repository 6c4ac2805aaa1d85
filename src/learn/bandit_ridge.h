// Ridge regression one example at a time: the precision matrix A, its inverse by Sherman-Morrison,
// factored anew every so often so that rounding cannot pile up, and the weights A^-1 b.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::learn {

class ByteReader;
class ByteWriter;

class Ridge {
 public:
  /// size   numbers of an input. ridge   precision of the prior of each weight, > 0.
  Ridge(std::size_t size, double ridge);

  std::size_t size() const { return weights_.size(); }
  const std::vector<double>& weights() const { return weights_; }
  double predict(std::span<const double> x) const;
  /// x^T A^-1 x.
  double variance(std::span<const double> x) const;
  /// A^-1 x.
  void solve(std::span<const double> x, std::vector<double>& out) const;
  /// Z A^-1 Z^T, count x count, row by row.
  /// inputs   `count` inputs, one after the other.
  void covariance(std::span<const double> inputs, std::size_t count,
                  std::vector<double>& out) const;

  /// A += weight x x^T, b += weight reward x.
  void add(std::span<const double> x, double reward, double weight, std::uint32_t refactor_every);
  /// b += difference x: a reward that was learned wrongly.
  void correct(std::span<const double> x, double difference);
  /// A = ridge + factor (A - ridge), b = factor b.
  void decay(double factor);

  const std::vector<double>& precision() const { return precision_; }
  const std::vector<double>& sums() const { return sums_; }
  /// Takes A and b as they are.
  void assign(std::vector<double> precision, std::vector<double> sums);

  void write(ByteWriter& out) const;
  bool read(ByteReader& in);

 private:
  void refactor();

  double ridge_;
  std::uint64_t since_ = 0;  // examples since the last factorisation
  std::vector<double> precision_;
  std::vector<double> inverse_;
  std::vector<double> sums_;  // b
  std::vector<double> weights_;
};

/// `rows` draws of a normal vector with this mean and `spread`^2 times this covariance, one after
/// the other. The covariance may be singular.
void draw_normals(std::span<const double> mean, std::vector<double>& covariance, double spread,
                  std::size_t rows, std::uint64_t seed, std::vector<double>& out);

}  // namespace attune::learn
