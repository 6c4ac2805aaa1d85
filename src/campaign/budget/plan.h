// How to divide a day's budget among campaigns whose curves are known: where the last unit of money
// brings the same everywhere, for each draw of the curves; within limits, and step by step.
// docs/campaigns.md, "Budgets", is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "campaign/budget/response.h"

namespace attune::campaign::budget {

struct Bounds {
  double low = 0;
  double high = 0;
};

/// Divides `total` so that the sum of the curves' values is largest: equal slopes between bounds.
///
/// curves  one for each of the bounds, which are in order and at least 0.
/// Returns  a spend for each; they sum to the total, or to the nearest that bounds allow.
std::vector<double> divide(std::span<const Curve* const> curves, std::span<const Bounds> bounds,
                           double total);

/// A campaign or a platform.
struct Item {
  std::string name;
  std::vector<Day> days = {};   // in order
  std::optional<double> least = {}, most = {};   // a day; the owner's
};

struct PlanOptions {
  std::optional<double> total = {};   // a day; without: as much as now
  double change_max = 0.2;       // of the present spend, a day
  std::int32_t last_day = 0;
  std::uint64_t seed = 20'260'302;
};

/// What keeps a spend from going on the way it goes.
enum class Stop : std::uint8_t { none, change, owner, reach };

struct Line {
  std::string name;
  Response response;
  Bounds bounds;
  double proposed = 0;         // a day
  forecast::Spread optimum;    // of the draws: where each would put it
  forecast::Spread next;       // what one more unit of money brings at `proposed`
  Stop stop = Stop::none;
};

struct Plan {
  std::vector<Line> lines;   // as the items came
  double present = 0;        // of all
  double total = 0;          // asked for
  double held = 0;           // of those whose curve is not known
  double proposed = 0;       // of all; below the total where bounds allow no more
  forecast::Spread now, then, gain;   // outcome a day of those whose curves are known
  double chance_better = 0;           // share of draws in which the gain is above 0
};

/// Fits all and divides. A campaign whose curve is not known keeps its spend.
/// Errors   invalid_argument, field "total": less than bounds, and what keeps its spend, ask for.
[[nodiscard]] Result<Plan> plan_budget(std::span<const Item> items, const PlanOptions& options);

/// Why a curve is not used, and what would help.
std::string words_of(const Response& response);
/// Why this spend: from the numbers alone.
std::string words_of(const Line& line);

}  // namespace attune::campaign::budget
