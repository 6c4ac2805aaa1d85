// Whether recommending earns more than not recommending: visitors of placements with a control
// group, by group, with intervals; and what each strategy and model of a placement brought.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/report.h"

namespace attune::report {

/// One group of a placement's visitors.
struct GroupRow {
  std::int64_t visitors = 0;
  std::int64_t clickers = 0;  // clicked a recommended item
  std::int64_t buyers = 0;    // ordered after their first answer
  double revenue = 0;         // of these orders
  double revenue_squares = 0;  // sum of squares over visitors
};

/// A difference between two means, treatment minus control, at 95 %.
struct Difference {
  double treatment = 0;  // mean of a visitor
  double control = 0;
  double difference = 0;
  double low = 0;
  double high = 0;
  /// treatment / control - 1, by the delta method; nothing when the control's mean is 0.
  std::optional<double> relative;
  std::optional<double> relative_low;
  std::optional<double> relative_high;
  /// Groups too small for the normal approximation: look at the numbers, conclude nothing.
  bool is_enough = false;
};

struct PlacementStrategyRow {
  std::string strategy;
  std::string model;
  std::int64_t items = 0;
  std::int64_t shown = 0;
  std::int64_t waiting = 0;
  std::int64_t clicked = 0;
  std::int64_t added = 0;
  std::int64_t converted = 0;
  double revenue = 0;
  std::optional<double> ctr;
  std::optional<double> ctr_low;
  std::optional<double> ctr_high;
};

struct PlacementRow {
  std::string placement;
  std::vector<PlacementStrategyRow> strategies;
  std::optional<GroupRow> treatment;  // these four when it has a control group
  std::optional<GroupRow> control;
  std::optional<Difference> clicks;   // share of visitors who clicked
  std::optional<Difference> buyers;   // share of visitors who bought
  std::optional<Difference> revenue;  // of a visitor
};

/// sum, sum_of_squares over n visitors of each group.
struct Sample {
  double n = 0;
  double sum = 0;
  double sum_of_squares = 0;
};

/// Difference of means with a normal 95 % interval of unequal variances.
///
/// Both samples n >= 1. Enough: at least 100 visitors, and 10 of them not 0, in each group.
/// hits   visitors whose value is not 0, of the smaller such number.
Difference difference_of_means(const Sample& treatment, const Sample& control, std::int64_t hits);

/// Counts decisions made in the range.
///
/// now_ms   rows that mature later, and were not clicked, are counted as waiting.
[[nodiscard]] Result<std::vector<PlacementRow>> placement_results(store::Session& session,
                                                                  const Site& site,
                                                                  const Range& range,
                                                                  std::int64_t now_ms);

}  // namespace attune::report
