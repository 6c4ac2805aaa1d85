// What a campaign's spend brings: a concave curve of a day's outcome on the day's spend, fitted to
// the days there are, with what is not known of it; or the reason why no curve can be told from
// them. docs/campaigns.md, "Budgets", is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "campaign/forecast/rates.h"

namespace attune::campaign::budget {

/// All three rise from 0, concave; each goes from flat to a straight line through 0.
enum class Shape : std::uint8_t { exponential, hyperbolic, power };
constexpr std::size_t kShapes = 3;

/// Outcome of an average day by its spend.
class Curve {
 public:
  struct Parts {
    Shape shape = Shape::power;
    double elasticity = 0.5;   // 0 .. 1, both open: of the outcome at the unit, by the spend
    double unit = 1;           // the usual spend, above 0
    double height = 0;         // outcome at the unit, at least 0
  };
  explicit Curve(const Parts& parts);

  double value(double spend) const;
  /// Of one more unit of money; spend above 0.
  double slope(double spend) const;
  /// Where the slope is `slope` (above 0); 0 where it is nowhere so steep.
  double spend_at(double slope) const;
  double height() const { return parts_.height; }
  double elasticity() const { return parts_.elasticity; }

 private:
  double form(double x) const;
  Parts parts_;
  double bend_ = 1;   // of the shape: rate, half-way point, or exponent; x = spend / unit
  double norm_ = 1;   // value of the shape at x = 1
};

struct Day {
  std::int32_t day = 0;   // since 1970-01-01; at most once
  double spend = 0;       // money, at least 0
  double value = 0;       // conversions or revenue, at least 0
};

/// Why a curve is not to be used.
enum class Refusal : std::uint8_t {
  none, not_running, few_days, few_outcomes, same_spend, without_spend, flat, linear, unclear
};
std::string_view to_string(Refusal refusal);

constexpr std::size_t kDaysMin = 42;          // with spend: six of each weekday
constexpr std::size_t kOutcomeDaysMin = 20;   // that brought anything
constexpr double kSpendRatioMin = 1.25;       // 90 % quantile of the spend by the 10 % quantile
constexpr double kOrganicShareMax = 0.2;      // outcome of a day without spend by one with
constexpr double kElasticityLow = 0.1;        // below: as good as flat
constexpr double kElasticityHigh = 0.9;       // above: as good as a straight line
constexpr double kReach = 1.5;                // times the largest spend seen: no curve beyond
constexpr std::size_t kCurveDraws = 1000;

struct Range {
  double low = 0;    // 5 % quantile
  double high = 0;   // 95 %
};

struct Response {
  Refusal refusal = Refusal::none;
  std::vector<Curve> draws;   // of the posterior; empty when it was refused before any fit
  Range elasticity;           // of the outcome by the spend, at the usual spend
  double usual_spend = 0;     // mean of days with spend
  double spend_max = 0;       // the largest of a day
  double present_spend = 0;   // mean of its last kPresentDays days, those without spend too
  std::size_t days = 0;       // with spend

  bool is_known() const { return refusal == Refusal::none; }
  /// Mean outcome of a day with this spend and its 80 % interval; `draws` must not be empty.
  forecast::Spread value_at(double spend) const;
};
constexpr std::int32_t kPresentDays = 7;

struct FitOptions {
  std::int32_t last_day = 0;   // of the account: a campaign without spend in the last days rests
  std::uint64_t seed = 20'260'302;
};

/// days    in order of day. Days without spend count only for what they bring without it.
/// Returns the same for the same input. Noise has a variance of phi times the mean (quasi-Poisson),
///         each weekday a level of its own, each shape a third of the prior weight, the elasticity
///         at the usual spend an even prior.
/// Source  McCullagh, Nelder, "Generalized linear models", 1989, chapter 9 (quasi-likelihood).
Response fit_response(std::span<const Day> days, const FitOptions& options);

}  // namespace attune::campaign::budget
