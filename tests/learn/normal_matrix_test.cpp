#include "learn/normal_matrix.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::learn {
namespace {

using Matrix = Eigen::MatrixXf;

Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, Random& random) {
  Matrix made(rows, columns);
  for (float& each : made.reshaped()) each = static_cast<float>(random.uniform() - 0.5);
  return made;
}

/// Every width around the tiles of the loops.
class NormalMatrixTest : public testing::TestWithParam<Eigen::Index> {};

TEST_P(NormalMatrixTest, OuterProductsAreThoseOfEigen) {
  Random random(7);
  const Eigen::Index width = GetParam();
  for (const Eigen::Index count : {0, 1, 3, 8, 50}) {
    const Matrix vectors = random_matrix(width + 5, count, random);  // a stride above the width
    Matrix normal = random_matrix(width, width, random);
    Matrix expected = normal;
    expected += vectors.topRows(width) * vectors.topRows(width).transpose();
    add_outer_products(vectors.data(), static_cast<std::size_t>(width + 5),
                       static_cast<std::size_t>(count), static_cast<std::size_t>(width),
                       normal.data());
    const Matrix lower = (normal - expected).triangularView<Eigen::Lower>();
    EXPECT_LT(lower.cwiseAbs().maxCoeff(), 1e-4F) << width << " " << count;
  }
}

TEST_P(NormalMatrixTest, SolutionsSolve) {
  Random random(8);
  const Eigen::Index width = GetParam();
  const Matrix vectors = random_matrix(width, width + 3, random);
  Matrix normal = vectors * vectors.transpose() + Matrix::Identity(width, width);
  const Eigen::VectorXf right = random_matrix(width, 1, random);
  const Eigen::VectorXd exact = normal.cast<double>().llt().solve(right.cast<double>());
  Eigen::VectorXf solution = right;
  solve_normal(normal.data(), static_cast<std::size_t>(width), solution.data());
  EXPECT_LT((solution.cast<double>() - exact).cwiseAbs().maxCoeff(), 1e-3) << width;
}

TEST(SolveNormalTest, AMatrixThatIsNotPositiveGivesFiniteNumbers) {
  std::vector<float> normal(16, 0.0F);
  std::vector<float> right(4, 0.0F);
  solve_normal(normal.data(), 4, right.data());
  for (const float each : right) EXPECT_TRUE(std::isfinite(each));
}

INSTANTIATE_TEST_SUITE_P(Widths, NormalMatrixTest,
                         testing::Values(1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 64, 100, 128));

}  // namespace
}  // namespace attune::learn
