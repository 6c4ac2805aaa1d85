#include "learn/off_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json_writer.h"
#include "base/random.h"

namespace attune::learn {
namespace {

constexpr std::array<std::string_view, 6> kNames{"IPS", "SNIPS", "DM", "DR", "SNDR", "Switch-DR"};

/// Every estimator is a function of sums over choices, so a resample only adds.
struct Sums {
  double count = 0;
  double reward = 0;
  double weight = 0;
  double weighted = 0;         // w r
  double model = 0;            // q of the policy
  double residual = 0;         // w (r - q)
  double switched = 0;         // the same, of weights that are not too large

  std::array<double, kNames.size()> values() const {
    const double direct = model / count;
    return {weighted / count,
            weight > 0 ? weighted / weight : 0,
            direct,
            direct + residual / count,
            direct + (weight > 0 ? residual / weight : 0),
            direct + switched / count};
  }
};

Sums sums_of(const LoggedChoice& choice, double switch_above) {
  const double weight = choice.target / choice.propensity;
  const double residual = weight * (choice.reward - choice.model_logged);
  return {.count = 1,
          .reward = choice.reward,
          .weight = weight,
          .weighted = weight * choice.reward,
          .model = choice.model_target,
          .residual = residual,
          .switched = weight <= switch_above ? residual : 0};
}

void add(Sums& to, const Sums& one) {
  to.count += one.count;
  to.reward += one.reward;
  to.weight += one.weight;
  to.weighted += one.weighted;
  to.model += one.model;
  to.residual += one.residual;
  to.switched += one.switched;
}

Interval percentiles(std::vector<double> values, double level) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], position - static_cast<double>(below));
  };
  return {.low = at((1 - level) / 2), .high = at((1 + level) / 2)};
}

Result<void> check(const std::vector<LoggedChoice>& log) {
  if (log.empty()) return fail(ErrorCode::invalid_argument, "the log holds no choices");
  for (std::size_t i = 0; i < log.size(); ++i) {
    const LoggedChoice& each = log[i];
    const bool sound = each.propensity > 0 && each.propensity <= 1 && each.target >= 0 &&
                       each.target <= 1 && std::isfinite(each.reward) &&
                       std::isfinite(each.model_logged) && std::isfinite(each.model_target);
    if (sound) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("choice {}: a propensity is above 0 and at most 1, a probability is 0 "
                            "to 1, and rewards are finite",
                            i + 1));
  }
  return {};
}

WeightSummary weights_of(const std::vector<Sums>& choices, const Sums& whole) {
  WeightSummary support;
  double squares = 0;
  for (const Sums& each : choices) {
    squares += each.weight * each.weight;
    support.largest_weight = std::max(support.largest_weight, each.weight);
  }
  support.mean_weight = whole.weight / whole.count;
  if (squares > 0) {
    support.effective_size = whole.weight * whole.weight / squares;
    support.largest_share = support.largest_weight / whole.weight;
  }
  return support;
}

std::vector<std::string> doubts_about(const WeightSummary& support, const Interval& mean_weight,
                                      const OffPolicyOptions& options) {
  std::vector<std::string> doubts;
  if (support.effective_size < options.effective_size_min) {
    doubts.push_back(fmt::format("the log is worth {:.1f} choices of this policy, and {:.0f} are "
                                 "the least that is concluded from",
                                 support.effective_size, options.effective_size_min));
  }
  if (support.largest_share > options.largest_share_max) {
    doubts.push_back(fmt::format("one choice holds {:.0f} % of all weight",
                                 100 * support.largest_share));
  }
  // The mean weight is 1 when the log could have held everything the policy does.
  if (mean_weight.high < 0.95) {
    doubts.push_back(fmt::format("about {:.0f} % of what this policy does never comes in the log",
                                 100 * (1 - support.mean_weight)));
  }
  return doubts;
}

}  // namespace

Result<OffPolicyReport> evaluate_off_policy(const std::vector<LoggedChoice>& log,
                                            const OffPolicyOptions& options) {
  ATTUNE_TRY(check(log));
  std::vector<Sums> choices;
  choices.reserve(log.size());
  Sums whole;
  for (const LoggedChoice& each : log) {
    choices.push_back(sums_of(each, options.switch_above));
    add(whole, choices.back());
  }
  std::array<std::vector<double>, kNames.size()> resampled;
  std::vector<double> logged;
  std::vector<double> mean_weights;
  Random random(options.bootstrap.seed);
  for (std::uint32_t r = 0; r < options.bootstrap.resamples; ++r) {
    Sums drawn;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      add(drawn, choices[random.below(choices.size())]);
    }
    const auto values = drawn.values();
    for (std::size_t k = 0; k < values.size(); ++k) resampled[k].push_back(values[k]);
    logged.push_back(drawn.reward / drawn.count);
    mean_weights.push_back(drawn.weight / drawn.count);
  }
  OffPolicyReport report;
  report.choices = log.size();
  report.logged_value = whole.reward / whole.count;
  report.logged_interval = percentiles(std::move(logged), options.level);
  report.support = weights_of(choices, whole);
  const auto values = whole.values();
  for (std::size_t k = 0; k < kNames.size(); ++k) {
    report.estimates.push_back({.name = std::string(kNames[k]),
                                .value = values[k],
                                .interval = percentiles(std::move(resampled[k]), options.level)});
  }
  Interval mean_weight{report.support.mean_weight, report.support.mean_weight};
  if (!mean_weights.empty()) mean_weight = percentiles(std::move(mean_weights), 0.99);
  report.doubts = doubts_about(report.support, mean_weight, options);
  return report;
}

std::string to_text(const OffPolicyReport& report) {
  std::string out = fmt::format(
      "{} choices; the policy that logged them earned {:.7f} a choice [{:.7f}, {:.7f}]\n"
      "effective sample size {:.1f}, mean weight {:.4f}, largest weight {:.1f} ({:.1f} % of all)\n",
      report.choices, report.logged_value, report.logged_interval.low, report.logged_interval.high,
      report.support.effective_size, report.support.mean_weight, report.support.largest_weight,
      100 * report.support.largest_share);
  for (const Estimate& each : report.estimates) {
    out += fmt::format("  {:<10} {:.7f}   [{:.7f}, {:.7f}]\n", each.name, each.value,
                       each.interval.low, each.interval.high);
  }
  if (report.conclusive()) return out + "intervals: 95 %, bootstrap over choices";
  out += "NOTHING CAN BE CONCLUDED about this policy from this log:";
  for (const std::string& doubt : report.doubts) out += "\n  - " + doubt;
  return out;
}

std::string to_json(const OffPolicyReport& report) {
  std::string out;
  JsonWriter json(out);
  const auto member = [&](std::string_view name, double value) {
    json.key(name);
    json.number(value);
  };
  const auto interval = [&](std::string_view name, const Interval& of) {
    json.key(name);
    json.begin_array();
    json.number(of.low);
    json.number(of.high);
    json.end_array();
  };
  json.begin_object();
  json.key("choices");
  json.unsigned_integer(report.choices);
  member("logged_value", report.logged_value);
  interval("logged_interval", report.logged_interval);
  member("effective_sample_size", report.support.effective_size);
  member("mean_weight", report.support.mean_weight);
  member("largest_weight", report.support.largest_weight);
  member("largest_share", report.support.largest_share);
  json.key("conclusive");
  json.boolean(report.conclusive());
  json.key("doubts");
  json.begin_array();
  for (const std::string& doubt : report.doubts) json.text(doubt);
  json.end_array();
  json.key("estimates");
  json.begin_array();
  for (const Estimate& each : report.estimates) {
    json.begin_object();
    json.key("name");
    json.text(each.name);
    member("value", each.value);
    interval("interval", each.interval);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace attune::learn
