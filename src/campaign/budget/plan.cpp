#include "campaign/budget/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/ensure.h"

namespace attune::campaign::budget {
namespace {

constexpr int kHalvings = 60;   // of the slope's range, in its logarithm

double spend_within(const Curve& curve, const Bounds& bounds, double slope) {
  return std::clamp(curve.spend_at(slope), bounds.low, bounds.high);
}

double sum_of(std::span<const double> values) {
  double sum = 0;
  for (const double each : values) sum += each;
  return sum;
}

}  // namespace

std::vector<double> divide(std::span<const Curve* const> curves, std::span<const Bounds> bounds,
                           double total) {
  ensure(curves.size() == bounds.size(), "bounds for each curve");
  std::vector<double> most;
  std::vector<double> least;
  // In the logarithm of the slope: all at their highest, all at their lowest.
  double flat = std::numeric_limits<double>::max();
  double steep = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    ensure(bounds[i].low >= 0 && bounds[i].low <= bounds[i].high, "bounds in order");
    most.push_back(bounds[i].high);
    least.push_back(bounds[i].low);
    const double tiny = 1e-9 * std::max(bounds[i].high, 1e-9);
    flat = std::min(flat, curves[i]->slope(std::max(bounds[i].high, tiny)));
    steep = std::max(steep, curves[i]->slope(std::max(bounds[i].low, tiny)));
  }
  if (sum_of(most) <= total) return most;
  if (sum_of(least) >= total) return least;
  double low = std::log(std::max(flat, 1e-300)) - 1;
  double high = std::log(std::max(steep, 1e-300)) + 1;
  const auto at = [&](double log_slope) {
    std::vector<double> spends;
    for (std::size_t i = 0; i < curves.size(); ++i) {
      spends.push_back(spend_within(*curves[i], bounds[i], std::exp(log_slope)));
    }
    return spends;
  };
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (sum_of(at(middle)) > total ? low : high) = middle;
  }
  // Curves that are nearly straight jump from one bound to the other: between the two sides.
  std::vector<double> over = at(low);
  const std::vector<double> under = at(high);
  const double gap = sum_of(over) - sum_of(under);
  const double share = gap > 0 ? (total - sum_of(under)) / gap : 0;
  for (std::size_t i = 0; i < over.size(); ++i) {
    over[i] = under[i] + std::clamp(share, 0.0, 1.0) * (over[i] - under[i]);
  }
  return over;
}

namespace {

/// The owner's limits within what a day may change, and never past the reach of the numbers.
Bounds bounds_of(const Item& item, const Response& response, double change_max) {
  const double present = response.present_spend;
  const double down = present * (1 - change_max);
  const double up = present * (1 + change_max);
  const double reach = std::max(kReach * response.spend_max, down);
  Bounds made;
  made.low = std::min(std::clamp(item.least.value_or(0), down, up), reach);
  made.high = std::min(
      std::clamp(item.most.value_or(std::numeric_limits<double>::max()), down, up), reach);
  made.high = std::max(made.low, made.high);
  return made;
}

Stop stop_of(const Line& line, const Item& item, double change_max) {
  const double present = line.response.present_spend;
  const double close = 1e-6 * std::max(present, 1e-9);
  const bool is_high = line.proposed >= line.bounds.high - close;
  const bool is_low = line.proposed <= line.bounds.low + close;
  if (!is_high && !is_low) return Stop::none;
  if (is_high && line.bounds.high < present * (1 + change_max) - close) {
    return item.most && *item.most <= line.bounds.high + close ? Stop::owner : Stop::reach;
  }
  if (!is_high && line.bounds.low > present * (1 - change_max) + close) return Stop::owner;
  return Stop::change;
}

struct Sides {
  std::vector<const Line*> known;
  std::vector<double> now, then, gain;
};

/// Outcomes before and after, in each draw of all curves.
void compare(Plan& plan) {
  Sides sides;
  for (const Line& each : plan.lines) {
    if (each.response.is_known()) sides.known.push_back(&each);
  }
  if (sides.known.empty()) return;
  for (std::size_t draw = 0; draw < kCurveDraws; ++draw) {
    double now = 0;
    double then = 0;
    for (const Line* each : sides.known) {
      now += each->response.draws[draw].value(each->response.present_spend);
      then += each->response.draws[draw].value(each->proposed);
    }
    sides.now.push_back(now);
    sides.then.push_back(then);
    sides.gain.push_back(then - now);
  }
  const auto better = std::ranges::count_if(sides.gain, [](double gain) { return gain > 0; });
  plan.chance_better = static_cast<double>(better) / kCurveDraws;
  plan.now = forecast::spread_of(sides.now);
  plan.then = forecast::spread_of(sides.then);
  plan.gain = forecast::spread_of(sides.gain);
}

/// Thompson draws: the best division for each draw of all curves. What is proposed is their mean,
/// which keeps the bounds and the total as each of them does.
void divide_draws(Plan& plan, double budget) {
  std::vector<Line*> known;
  std::vector<Bounds> bounds;
  for (Line& each : plan.lines) {
    if (!each.response.is_known()) continue;
    known.push_back(&each);
    bounds.push_back(each.bounds);
  }
  std::vector<std::vector<double>> spends(known.size());
  std::vector<const Curve*> curves(known.size());
  for (std::size_t draw = 0; draw < kCurveDraws; ++draw) {
    for (std::size_t i = 0; i < known.size(); ++i) curves[i] = &known[i]->response.draws[draw];
    const std::vector<double> best = divide(curves, bounds, budget);
    for (std::size_t i = 0; i < known.size(); ++i) spends[i].push_back(best[i]);
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    known[i]->optimum = forecast::spread_of(spends[i]);
    known[i]->proposed = known[i]->optimum.mean;
    std::vector<double> slopes;
    for (const Curve& each : known[i]->response.draws) {
      slopes.push_back(each.slope(std::max(known[i]->proposed, 1e-9)));
    }
    known[i]->next = forecast::spread_of(slopes);
  }
}

}  // namespace

Result<Plan> plan_budget(std::span<const Item> items, const PlanOptions& options) {
  Plan plan;
  double known_low = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Line line;
    line.name = items[i].name;
    line.response = fit_response(
        items[i].days, {.last_day = options.last_day, .seed = options.seed + 1000 * (i + 1)});
    plan.present += line.response.present_spend;
    if (line.response.refusal != Refusal::not_running) {
      line.bounds = bounds_of(items[i], line.response, options.change_max);
    }
    if (line.response.is_known()) {
      known_low += line.bounds.low;
    } else {
      line.proposed =
          std::clamp(line.response.present_spend, line.bounds.low, line.bounds.high);
      plan.held += line.proposed;
    }
    plan.lines.push_back(std::move(line));
  }
  plan.total = options.total.value_or(plan.present);
  const double budget = plan.total - plan.held;
  if (budget < known_low * (1 - 1e-9)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be at least {:.2f} today: limits and the change allowed in a day "
                            "ask for it",
                            plan.held + known_low),
                "total");
  }
  divide_draws(plan, std::max(budget, 0.0));
  for (std::size_t i = 0; i < items.size(); ++i) {
    Line& line = plan.lines[i];
    if (line.response.is_known()) line.stop = stop_of(line, items[i], options.change_max);
    plan.proposed += line.proposed;
  }
  compare(plan);
  return plan;
}

std::string words_of(const Response& response) {
  const Range& range = response.elasticity;
  const std::string between =
      fmt::format("1 % more spend goes with {:.2f} % to {:.2f} % more outcome", range.low,
                  range.high);
  switch (response.refusal) {
    case Refusal::none: return "";
    case Refusal::not_running:
      return fmt::format("It spent nothing in the last {} days.", kPresentDays);
    case Refusal::few_days:
      return fmt::format("It has {} days with spend; {} are needed.", response.days, kDaysMin);
    case Refusal::few_outcomes:
      return fmt::format("Fewer than {} of its {} days brought anything.", kOutcomeDaysMin,
                         response.days);
    case Refusal::same_spend:
      return fmt::format("Its spend has hardly changed (the 90 % quantile of its days is below "
                         "{:.2f} times the 10 % quantile), so nothing says what another spend "
                         "would bring. Change it by a third for some weeks, days drawn by lot.",
                         kSpendRatioMin);
    case Refusal::without_spend:
      return fmt::format("Days without spend bring more than {:.0f} % of what days with spend do: "
                         "the outcome is not the spend's alone.",
                         100 * kOrganicShareMax);
    case Refusal::flat:
      return "Days with more spend did not surely bring more (" + between +
             "). It may be spent out, or its spend follows something else. Spend less on days "
             "drawn by lot, and see.";
    case Refusal::linear:
      return "No sign of returns that diminish (" + between +
             "): a straight line fits as well, and no curve says where to stop. Spend more on days "
             "drawn by lot, and see.";
    case Refusal::unclear:
      return "The numbers fit anything from no effect to a proportional one (" + between +
             "). More days, or a spend that changes more, would tell.";
  }
  return "";
}

std::string words_of(const Line& line) {
  if (!line.response.is_known()) {
    const std::string why = words_of(line.response);
    if (line.response.refusal == Refusal::not_running) return why;
    return "Keeps its spend. " + why;
  }
  const double present = line.response.present_spend;
  std::string text = fmt::format("{:+.1f} %: at {:.2f} a day one more unit of money brings {:.4g} "
                                 "[{:.4g}, {:.4g}].",
                                 100 * (line.proposed / present - 1), line.proposed, line.next.mean,
                                 line.next.low, line.next.high);
  switch (line.stop) {
    case Stop::none: break;
    case Stop::change: text += " No further in one day."; break;
    case Stop::owner: text += " Your limit."; break;
    case Stop::reach:
      text += fmt::format(" No further: {:.1f} times the largest spend there was.", kReach);
      break;
  }
  return text;
}

}  // namespace attune::campaign::budget
