#include "campaign/budget/bids.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attune::campaign::budget {
namespace {

constexpr double kErrorMax = 1;   // of a logarithm: 2.7 times off moves no more than that
constexpr double kPriorConversions = 2;   // at the target: few conversions say little of their cost
constexpr double kPriorDays = 1;   // of usual spend, at the target

/// Sums of days, older ones less.
class Smooth {
 public:
  Smooth(Aim aim, double keep) : aim_(aim), keep_(keep) {}

  void add(const BidDay& day) {
    spend_ = keep_ * spend_ + day.spend;
    conversions_ = keep_ * conversions_ + day.conversions;
    revenue_ = keep_ * revenue_ + day.revenue;
    weight_ = keep_ * weight_ + 1;
  }
  double measured(double target) const {
    const double usual = weight_ > 0 ? spend_ / weight_ : 0;
    switch (aim_) {
      case Aim::cost_per_conversion:
        return (spend_ + kPriorConversions * target) / (conversions_ + kPriorConversions);
      case Aim::roi: {
        const double prior = std::max(kPriorDays * usual, 1e-9);
        return (revenue_ + prior * (1 + target)) / (spend_ + prior) - 1;
      }
      case Aim::spend: return usual;
    }
    return 0;
  }

 private:
  Aim aim_;
  double keep_;
  double spend_ = 0;
  double conversions_ = 0;
  double revenue_ = 0;
  double weight_ = 0;
};

/// Above 0: bid higher.
double error_of(Aim aim, double measured, double target) {
  const double tiny = 1e-9;
  double error = 0;
  switch (aim) {
    case Aim::cost_per_conversion:
    case Aim::spend:
      error = std::log(std::max(target, tiny) / std::max(measured, tiny));
      break;
    case Aim::roi:
      error = std::log(std::max(1 + measured, tiny) / std::max(1 + target, tiny));
      break;
  }
  return std::clamp(error, -kErrorMax, kErrorMax);
}

std::string_view measure_of(Aim aim) {
  switch (aim) {
    case Aim::roi: return "return on spend";
    case Aim::cost_per_conversion: return "cost of a conversion";
    case Aim::spend: return "spend of a day";
  }
  return "";
}

}  // namespace

std::string_view to_string(Aim aim) {
  switch (aim) {
    case Aim::roi: return "roi";
    case Aim::cost_per_conversion: return "cost_per_conversion";
    case Aim::spend: return "spend";
  }
  return "";
}

std::vector<BidStep> control_bids(Aim aim, std::span<const BidDay> days,
                                  const BidOptions& options) {
  std::vector<BidStep> steps;
  Smooth smooth(aim, options.keep);
  const double low = std::log(options.low);
  const double high = std::log(options.high);
  const double step = std::log(1 + options.step_max);
  double sum = 0;    // the integral, as a logarithm of the multiplier
  double last = 0;   // logarithm of the multiplier
  for (const BidDay& day : days) {
    smooth.add(day);
    BidStep made{.day = day.day, .target = day.target};
    made.measured = smooth.measured(day.target);
    made.error = error_of(aim, made.measured, day.target);
    const double moved = std::abs(made.error) <= options.dead_band ? 0 : made.error;
    sum += options.integral * moved;
    const double wanted = sum + options.proportional * moved;
    const double taken = std::clamp(std::clamp(wanted, last - step, last + step), low, high);
    // Against wind-up: the integral is what the multiplier that is taken asks it to be.
    sum = taken - options.proportional * moved;
    last = taken;
    made.multiplier = std::exp(taken);
    steps.push_back(made);
  }
  return steps;
}

std::string words_of(Aim aim, std::span<const BidStep> steps, const BidOptions& options) {
  if (steps.empty()) return "There are no numbers to go by.";
  const BidStep& now = steps.back();
  const double before = steps.size() > 1 ? steps[steps.size() - 2].multiplier : 1;
  std::string text = fmt::format("The {} is {:.2f}, the target {:.2f}", measure_of(aim),
                                 now.measured, now.target);
  if (std::abs(now.error) <= options.dead_band) return text + ": close enough, nothing moves.";
  const double change = 100 * (now.multiplier / before - 1);
  if (std::abs(change) >= 0.05) {
    text += fmt::format(": bid {:.1f} % {}.", std::abs(change), change > 0 ? "more" : "less");
  } else {
    text += ": bids stay as they are.";
  }
  const double close = 1e-9;
  if (now.multiplier >= options.high - close || now.multiplier <= options.low + close) {
    text += fmt::format(" The multiplier is at its limit, {:.2f}: bids alone do not reach the "
                        "target.",
                        now.multiplier);
  }
  return text;
}

}  // namespace attune::campaign::budget
