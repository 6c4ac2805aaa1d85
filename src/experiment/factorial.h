// Tests that change several things at once: what each thing does by itself, in the mean over the
// others, and whether two of them do together what they do apart.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/comparison.h"
#include "experiment/corrections.h"

namespace attune::experiment {

/// What is varied independently of the rest: "button" is "red" or "blue".
struct Factor {
  std::string name;
  std::vector<std::string> levels;   // 2 to 16, different ones
};

/// The factors of a design: [{"name": "button", "levels": ["red", "blue"]}]; none when it has none.
/// Errors  invalid_argument with the field: no such list, more than 6, two of one name.
[[nodiscard]] Result<std::vector<Factor>> read_factors(const boost::json::object& design);

/// A variation, the level it shows of each factor, and what a person of it does before and after.
struct FactorialCell {
  std::string variation;
  std::vector<std::string> levels;   // in the order of the factors
  Result<PairedMoments> numbers = fail(ErrorCode::failed_precondition, "no numbers");
};

/// No two cells show the same levels. They may have any number of people each, and a combination
/// of levels may have none.
struct FactorialQuestion {
  std::vector<Factor> factors;
  std::vector<FactorialCell> cells;   // the control first: its levels are the base
  double theta = 0;                   // of CUPED, over all cells; 0: without
  /// Of a bandit, whose shares move: the numbers of each day, in the order of the cells. Effects
  /// are then means of the days' effects by their people.
  std::vector<std::vector<Result<PairedMoments>>> days;
  Reading reading;
  Correction correction = Correction::holm;
};

/// {"main": [{"factor", "level", "base", ..}],
/// "interactions": [{"factors", "levels", "bases", ..}], "cuped", "missing"?, "missing_count"?,
/// "untold_interactions"?}. Each row has "lift" with its interval, p values, the chance that it is
/// for the better, and "combinations", of how many levels of everything else it is a mean, or
/// "error" in their place.
///
/// main          mean of (cell with the level - cell with the base and otherwise the same levels),
///               over all such pairs, each with the same weight; relative to the mean of the
///               latter. Cells weigh the same whatever their people, so that unequal shares mix
///               nothing in.
/// interaction   mean of m11 - m10 - m01 + m00 over all such fours, relative to the mean of m00.
/// missing       combinations that no variation shows, at most 5 of missing_count: pairs and fours
///               that lack one are left out.
/// untold_interactions   how many pairs of levels have no four at all.
/// Variance      delta method; degrees of freedom by Welch and Satterthwaite.
/// Source        Montgomery, Design and analysis of experiments, chapters 5 and 6; Yates, JASA 29
///               (1934); docs/statistics.md.
boost::json::object factorial_json(const FactorialQuestion& question);

}  // namespace attune::experiment
