#include "experiment/srm.h"

#include <cmath>
#include <cstddef>
#include <numeric>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

struct Cells {
  std::vector<double> observed;
  std::vector<double> expected;
};

/// Adds what one period brings to each arm; an arm of weight 0 is skipped in it.
Result<void> add_period(Cells& cells, std::span<const SrmArm> arms) {
  if (arms.size() != cells.observed.size()) {
    return fail(ErrorCode::invalid_argument, "periods must list the same arms", "periods");
  }
  double units = 0;
  double weights = 0;
  for (const SrmArm& arm : arms) {
    if (!is_amount(arm.units) || !is_amount(arm.weight)) {
      return fail(ErrorCode::invalid_argument, "units and weights must be finite and not negative",
                  "arms");
    }
    if (arm.weight > 0) units += arm.units;
    weights += arm.weight;
  }
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].weight == 0) continue;
    cells.observed[i] += arms[i].units;
    cells.expected[i] += units * arms[i].weight / weights;
  }
  return {};
}

ChiSquaredTest tested(const Cells& cells) {
  double statistic = 0;
  int used = 0;
  for (std::size_t i = 0; i < cells.expected.size(); ++i) {
    if (cells.expected[i] == 0) continue;
    ++used;
    const double distance = cells.observed[i] - cells.expected[i];
    statistic += distance * distance / cells.expected[i];
  }
  if (used < 2) return {0, 0, 1};
  const double degrees = used - 1;
  return {statistic, degrees, chi_squared_tail(statistic, degrees)};
}

Result<void> check_cells(std::span<const double> observed, std::span<const double> expected) {
  if (observed.size() != expected.size() || observed.size() < 2) {
    return fail(ErrorCode::invalid_argument, "two lists alike in length, 2 or more", "observed");
  }
  for (std::size_t i = 0; i < observed.size(); ++i) {
    if (!is_amount(observed[i]) || !is_amount(expected[i]) || expected[i] == 0) {
      return fail(ErrorCode::invalid_argument, "expected counts must be above 0", "expected");
    }
  }
  return {};
}

}  // namespace

Result<ChiSquaredTest> srm_test(std::span<const SrmArm> arms) {
  Cells cells{std::vector<double>(arms.size()), std::vector<double>(arms.size())};
  ATTUNE_TRY(add_period(cells, arms));
  return tested(cells);
}

Result<ChiSquaredTest> srm_test_over_periods(std::span<const std::vector<SrmArm>> periods) {
  const std::size_t arms = periods.empty() ? 0 : periods.front().size();
  Cells cells{std::vector<double>(arms), std::vector<double>(arms)};
  for (const std::vector<SrmArm>& period : periods) ATTUNE_TRY(add_period(cells, period));
  return tested(cells);
}

Result<ChiSquaredTest> goodness_of_fit(std::span<const double> observed,
                                       std::span<const double> expected) {
  ATTUNE_TRY(check_cells(observed, expected));
  return tested({{observed.begin(), observed.end()}, {expected.begin(), expected.end()}});
}

Result<double> cohen_w(std::span<const double> expected, std::span<const double> observed) {
  ATTUNE_TRY(check_cells(observed, expected));
  const double all_expected = std::accumulate(expected.begin(), expected.end(), 0.0);
  const double all_observed = std::accumulate(observed.begin(), observed.end(), 0.0);
  if (!(all_observed > 0)) return fail(ErrorCode::invalid_argument, "nothing observed", "observed");
  double squares = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double p0 = expected[i] / all_expected;
    const double distance = observed[i] / all_observed - p0;
    squares += distance * distance / p0;
  }
  return std::sqrt(squares);
}

}  // namespace attune::experiment
