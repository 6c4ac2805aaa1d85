#include "campaign/budget/response.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/ensure.h"
#include "base/time_zone.h"

namespace attune::campaign::budget {
namespace {

constexpr std::size_t kPoints = 40;   // of the elasticity, evenly in 0 .. 1
constexpr std::size_t kWeekdays = 7;
constexpr double kNoiseFloor = 1e-6;  // of the mean outcome: a day without any noise

/// The rate k of 1 - exp(-k x) whose elasticity k / (exp(k) - 1) at x = 1 is this.
double rate_of(double elasticity) {
  double low = 1e-9;
  double high = 50;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (middle / std::expm1(middle) > elasticity ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Curve::Curve(const Parts& parts) : parts_(parts) {
  ensure(parts.elasticity > 0 && parts.elasticity < 1 && parts.unit > 0, "a curve's parts");
  switch (parts.shape) {
    case Shape::exponential: bend_ = rate_of(parts.elasticity); break;
    case Shape::hyperbolic: bend_ = parts.elasticity / (1 - parts.elasticity); break;
    case Shape::power: bend_ = parts.elasticity; break;
  }
  norm_ = form(1);
}

double Curve::form(double x) const {
  switch (parts_.shape) {
    case Shape::exponential: return -std::expm1(-bend_ * x);
    case Shape::hyperbolic: return x / (bend_ + x);
    case Shape::power: return std::pow(x, bend_);
  }
  return 0;
}

double Curve::value(double spend) const {
  return spend <= 0 ? 0 : parts_.height * form(spend / parts_.unit) / norm_;
}

double Curve::slope(double spend) const {
  const double x = spend / parts_.unit;
  const double scale = parts_.height / (norm_ * parts_.unit);
  switch (parts_.shape) {
    case Shape::exponential: return scale * bend_ * std::exp(-bend_ * x);
    case Shape::hyperbolic: return scale * bend_ / ((bend_ + x) * (bend_ + x));
    case Shape::power: return scale * bend_ * std::pow(x, bend_ - 1);
  }
  return 0;
}

double Curve::spend_at(double slope) const {
  const double steep = slope * norm_ * parts_.unit / std::max(parts_.height, 1e-300);
  double x = 0;
  switch (parts_.shape) {
    case Shape::exponential: x = std::log(bend_ / steep) / bend_; break;
    case Shape::hyperbolic: x = std::sqrt(bend_ / steep) - bend_; break;
    case Shape::power: x = std::pow(bend_ / steep, 1 / (1 - bend_)); break;
  }
  return std::max(0.0, x * parts_.unit);
}

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::not_running: return "not_running";
    case Refusal::few_days: return "few_days";
    case Refusal::few_outcomes: return "few_outcomes";
    case Refusal::same_spend: return "same_spend";
    case Refusal::without_spend: return "without_spend";
    case Refusal::flat: return "flat";
    case Refusal::linear: return "linear";
    case Refusal::unclear: return "unclear";
  }
  return "";
}

forecast::Spread Response::value_at(double spend) const {
  std::vector<double> values;
  values.reserve(draws.size());
  for (const Curve& each : draws) values.push_back(each.value(spend));
  return forecast::spread_of(values);
}

namespace {

/// The grid posterior. For a form g and levels a of weekdays, y / phi is as a Poisson count of mean
/// a g / phi; with the prior a^(-1/2) the levels integrate out, and what is left of the likelihood
/// is exp(-misfit / phi - penalty).
class CurveFit {
 public:
  CurveFit(std::span<const Day> days, double unit) : days_(days), unit_(unit) {
    for (const Day& each : days) {
      const std::size_t weekday = weekday_index(each);
      sums_[weekday] += each.value;
      ++counts_[weekday];
      mean_ += each.value / static_cast<double>(days.size());
    }
    for (std::size_t i = 0; i < kShapes; ++i) {
      for (std::size_t j = 0; j < kPoints; ++j) {
        const double elasticity = (static_cast<double>(j) + 0.5) / kPoints;
        cells_.push_back(look(curve_of(static_cast<Shape>(i), elasticity, 1)));
      }
    }
    measure_noise();
  }

  std::vector<Curve> draw(std::size_t count, Random& random) const {
    std::vector<Curve> draws;
    draws.reserve(count);
    std::vector<double> weights(cells_.size());
    for (std::size_t n = 0; n < count; ++n) {
      // The noise is known from `freedom_` days only.
      const double chi = 2 * forecast::draw_gamma(freedom_ / 2, random);
      const double phi = noise_ * freedom_ / std::max(chi, 1e-9);
      const std::size_t cell = choose(phi, weights, random);
      const auto within = std::clamp(random.uniform(), 1e-6, 1 - 1e-6);
      const double elasticity = (static_cast<double>(cell % kPoints) + within) / kPoints;
      const auto shape = static_cast<Shape>(cell / kPoints);
      const Levels forms = forms_of(curve_of(shape, elasticity, 1));
      double height = 0;
      for (std::size_t k = 0; k < kWeekdays; ++k) {
        if (counts_[k] == 0) continue;
        const double level = phi * forecast::draw_gamma(sums_[k] / phi + 0.5, random) / forms[k];
        height += level / static_cast<double>(weekdays());
      }
      draws.push_back(curve_of(shape, elasticity, height));
    }
    return draws;
  }

 private:
  using Levels = std::array<double, kWeekdays>;
  struct Cell {
    double misfit = 0;
    double penalty = 0;
  };

  static std::size_t weekday_index(const Day& day) {
    return static_cast<std::size_t>(weekday_of(day.day));
  }
  std::size_t weekdays() const {
    return kWeekdays - static_cast<std::size_t>(std::ranges::count(counts_, std::size_t{0}));
  }
  Curve curve_of(Shape shape, double elasticity, double height) const {
    return Curve({.shape = shape, .elasticity = elasticity, .unit = unit_, .height = height});
  }
  Levels forms_of(const Curve& curve) const {
    Levels forms{};
    for (const Day& each : days_) forms[weekday_index(each)] += curve.value(each.spend);
    return forms;
  }

  Cell look(const Curve& curve) const {
    const Levels forms = forms_of(curve);
    Cell cell;
    for (const Day& each : days_) cell.misfit -= each.value * std::log(curve.value(each.spend));
    for (std::size_t k = 0; k < kWeekdays; ++k) {
      if (counts_[k] == 0) continue;
      cell.misfit += sums_[k] * std::log(forms[k]);
      cell.penalty += 0.5 * std::log(forms[k]);
    }
    return cell;
  }

  /// phi by Pearson's statistic at the best cell; days that go on as the day before count less.
  void measure_noise() {
    const auto best = std::ranges::min_element(cells_, {}, &Cell::misfit);
    const auto index = static_cast<std::size_t>(best - cells_.begin());
    const Curve curve = curve_of(static_cast<Shape>(index / kPoints),
                                 (static_cast<double>(index % kPoints) + 0.5) / kPoints, 1);
    const Levels forms = forms_of(curve);
    double squares = 0;
    double products = 0;
    double last = 0;
    for (std::size_t i = 0; i < days_.size(); ++i) {
      const std::size_t k = weekday_index(days_[i]);
      const double expected = sums_[k] / forms[k] * curve.value(days_[i].spend);
      const double residual =
          expected > 0 ? (days_[i].value - expected) / std::sqrt(expected) : 0;
      squares += residual * residual;
      if (i > 0 && days_[i].day == days_[i - 1].day + 1) products += residual * last;
      last = residual;
    }
    freedom_ = std::max(4.0, static_cast<double>(days_.size() - weekdays()) - 1);
    const double alike = squares > 0 ? std::clamp(products / squares, 0.0, 0.8) : 0;
    const double inflation = (1 + alike) / (1 - alike);
    noise_ = std::max(squares / freedom_, kNoiseFloor * mean_) * inflation;
    freedom_ = std::max(4.0, freedom_ / inflation);
  }

  std::size_t choose(double phi, std::vector<double>& weights, Random& random) const {
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      weights[i] = -cells_[i].misfit / phi - cells_[i].penalty;
      most = std::max(most, weights[i]);
    }
    double sum = 0;
    for (double& each : weights) sum += each = std::exp(each - most);
    double left = random.uniform() * sum;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      left -= weights[i];
      if (left < 0) return i;
    }
    return weights.size() - 1;
  }

  std::span<const Day> days_;
  double unit_;
  Levels sums_{};
  std::array<std::size_t, kWeekdays> counts_{};
  double mean_ = 0;
  double noise_ = 1;     // phi
  double freedom_ = 4;   // days that it was measured on, less what was fitted
  std::vector<Cell> cells_;   // by shape, then elasticity
};

struct Summary {
  std::vector<Day> spent;   // days with spend
  double value = 0;         // of those
  double organic = 0;       // of days without spend
  std::size_t organic_days = 0;
  std::size_t outcome_days = 0;
};

Summary summary_of(std::span<const Day> days) {
  Summary made;
  for (const Day& each : days) {
    if (each.spend > 0) {
      made.spent.push_back(each);
      made.value += each.value;
      made.outcome_days += each.value > 0 ? 1 : 0;
    } else {
      made.organic += each.value;
      ++made.organic_days;
    }
  }
  return made;
}

/// What stands against a fit before any is made.
Refusal refusal_before(const Response& response, const Summary& summary) {
  if (!(response.present_spend > 0)) return Refusal::not_running;
  if (summary.spent.size() < kDaysMin) return Refusal::few_days;
  if (summary.outcome_days < kOutcomeDaysMin) return Refusal::few_outcomes;
  std::vector<double> spends;
  for (const Day& each : summary.spent) spends.push_back(each.spend);
  std::ranges::sort(spends);
  const double low = forecast::quantile_of(spends, 0.1);
  if (forecast::quantile_of(spends, 0.9) < kSpendRatioMin * low) return Refusal::same_spend;
  if (summary.organic_days >= 3) {
    const double without = summary.organic / static_cast<double>(summary.organic_days);
    const double with = summary.value / static_cast<double>(summary.spent.size());
    if (without > kOrganicShareMax * with) return Refusal::without_spend;
  }
  return Refusal::none;
}

Refusal refusal_after(const Range& elasticity) {
  const bool may_be_flat = elasticity.low < kElasticityLow;
  const bool may_be_linear = elasticity.high > kElasticityHigh;
  if (may_be_flat && may_be_linear) return Refusal::unclear;
  if (may_be_flat) return Refusal::flat;
  return may_be_linear ? Refusal::linear : Refusal::none;
}

}  // namespace

Response fit_response(std::span<const Day> days, const FitOptions& options) {
  Response made;
  const Summary summary = summary_of(days);
  made.days = summary.spent.size();
  // Numbers of platforms come in at different times: the last days are those of its own.
  const std::int32_t newest = summary.spent.empty() ? 0 : summary.spent.back().day;
  const bool is_running = made.days > 0 && newest > options.last_day - kPresentDays;
  for (const Day& each : summary.spent) {
    made.usual_spend += each.spend / static_cast<double>(made.days);
    made.spend_max = std::max(made.spend_max, each.spend);
    if (is_running && each.day > newest - kPresentDays) {
      made.present_spend += each.spend / kPresentDays;
    }
  }
  made.refusal = refusal_before(made, summary);
  if (made.refusal != Refusal::none) return made;
  Random random(options.seed);
  made.draws = CurveFit(summary.spent, made.usual_spend).draw(kCurveDraws, random);
  std::vector<double> elasticities;
  for (const Curve& each : made.draws) elasticities.push_back(each.elasticity());
  std::ranges::sort(elasticities);
  made.elasticity = {forecast::quantile_of(elasticities, 0.05),
                     forecast::quantile_of(elasticities, 0.95)};
  made.refusal = refusal_after(made.elasticity);
  return made;
}

}  // namespace attune::campaign::budget
