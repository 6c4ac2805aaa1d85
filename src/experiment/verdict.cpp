// The verdict of a test as a pure function of what gather() read.
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "experiment/bandit_weights.h"
#include "experiment/comparison.h"
#include "experiment/corrections.h"
#include "experiment/factorial.h"
#include "experiment/history.h"
#include "experiment/neutral.h"
#include "experiment/noisy_ratio.h"
#include "experiment/power.h"
#include "experiment/quantile_metric.h"
#include "experiment/results.h"
#include "experiment/shrinkage.h"
#include "experiment/srm.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr double kUnitsMin = 100;     // an arm with fewer says nothing final
constexpr double kPowerLift = 0.05;   // the lift that the power in a verdict is of
constexpr double kPowerGoal = 0.8;
constexpr double kRevenueDaysMin = 1;   // less says nothing about a month

struct ArmInput {
  std::string id;
  bool is_control = false;
  double weight = 0;
};

struct MetricInput {
  std::string name;
  std::string kind;
  bool lower_is_better = false;
  std::optional<double> margin;   // of a guardrail
};

std::string text_at(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}
double number_at(const json::object& object, std::string_view name) {
  return object.at(name).to_number<double>();
}

std::string_view significance_of(double p) {
  if (p >= 0.10) return "Not Significant";
  if (p >= 0.05) return "Approaching";
  return p >= 0.01 ? "Significant" : "Highly Significant";
}

json::value end_of(double bound) {
  return std::isfinite(bound) ? json::value(bound) : json::value();
}

ArmSums read_sums(const json::value* arms, const std::string& id) {
  ArmSums sums;
  const json::value* of = arms == nullptr ? nullptr : arms->as_object().if_contains(id);
  if (of == nullptr) return sums;
  const json::array& numbers = of->as_array();
  for (std::size_t i = 0; i < sums.sums.size(); ++i) sums.sums[i] = numbers[i].to_number<double>();
  return sums;
}

Correction correction_of(const std::string& name) {
  if (name == "bh") return Correction::benjamini_hochberg;
  return name == "holm" ? Correction::holm : Correction::none;
}

/// One comparison on its way into the document.
struct Found {
  std::size_t metric = 0;
  std::size_t arm = 0;
  Result<Comparison> comparison = fail(ErrorCode::internal, "not compared");
  double p = 1;
  double corrected_p = 1;
};

class Verdict {
 public:
  explicit Verdict(const json::object& inputs) : inputs_(inputs) {
    for (const json::value& arm : inputs.at("variations").as_array()) {
      arms_.push_back({text_at(arm.as_object(), "id"), arm.at("is_control").as_bool(),
                       number_at(arm.as_object(), "weight")});
    }
    for (const json::value& metric : inputs.at("metrics").as_array()) {
      metrics_.push_back({text_at(metric.as_object(), "name"), text_at(metric.as_object(), "kind"),
                          !metric.at("higher_is_better").as_bool(), {}});
    }
    for (const json::value& guardrail : inputs.at("guardrails").as_array()) {
      metrics_[index_of(text_at(guardrail.as_object(), "metric"))].margin =
          number_at(guardrail.as_object(), "margin");
    }
    const auto control = std::ranges::find(arms_, true, &ArmInput::is_control);
    control_ = static_cast<std::size_t>(control - arms_.begin());
    primary_ = index_of(text_at(inputs, "primary"));
    alpha_ = number_at(inputs, "alpha");
  }

  json::object run() {
    add_units();
    add_srm();
    compare_all();
    add_metrics();
    add_guardrails();
    add_dimensions();
    add_days();
    add_factors();
    add_summary();
    return std::move(out_);
  }

 private:
  std::size_t index_of(const std::string& metric) const {
    const auto found = std::ranges::find(metrics_, metric, &MetricInput::name);
    return found == metrics_.end() ? 0 : static_cast<std::size_t>(found - metrics_.begin());
  }

  /// Units from the rows of units; the others from the metric's, where people without any are none.
  ArmSums sums_of(const std::string& metric, std::string_view dimension, std::string_view value,
                  const std::string& arm) const {
    ArmSums sums = read_sums(arms_at(metric, dimension, value), arm);
    sums.sums[0] = read_sums(arms_at("", dimension, value), arm).units();
    return sums;
  }
  const json::value* arms_at(std::string_view metric, std::string_view dimension,
                             std::string_view value) const {
    const json::value* at = inputs_.at("sums").as_object().if_contains(metric);
    if (at != nullptr) at = at->as_object().if_contains(dimension);
    return at == nullptr ? nullptr : at->as_object().if_contains(value);
  }

  const json::object& metric_json(std::size_t metric) const {
    return inputs_.at("metrics").as_array()[metric].as_object();
  }

  Reading reading_of(const MetricInput& metric) const {
    const json::value* method = inputs_.if_contains("sequential_method");
    return {.engine = text_at(inputs_, "engine"),
            .kind = metric.kind,
            .method = method == nullptr ? "confidence_sequence" : std::string(method->as_string()),
            .alpha = alpha_,
            .tuned_count = number_at(inputs_, "n_star"),
            .with_before = number_at(inputs_, "cuped_days") > 0,
            .lower_is_better = metric.lower_is_better};
  }
  bool is_bandit() const { return inputs_.at("engine").as_string() == "bandit"; }
  bool is_sequential() const {
    return is_bandit() || inputs_.at("engine").as_string() == "sequential";
  }

  void add_units() {
    double all = 0;
    least_units_ = arms_.empty() ? 0 : 1e300;
    for (const ArmInput& arm : arms_) {
      const double units = sums_of("", "", "", arm.id).units();
      units_.push_back(units);
      all += units;
      least_units_ = std::min(least_units_, units);
    }
    out_["units"] = all;
    out_["mixed"] = inputs_.at("mixed");
    out_["refreshed_at"] = inputs_.at("refreshed_at");
    out_["engine"] = inputs_.at("engine");
    out_["method"] = method_name(reading_of(metrics_[primary_]));
    out_["duration_days"] = inputs_.at("duration_days");
    out_["sample_size"] = inputs_.at("sample_size");
  }

  /// Shares of a day: those of the last change of a bandit's weights before it.
  double weight_on(const std::string& day, const ArmInput& arm) const {
    double weight = arm.weight;
    for (const json::value& change : inputs_.at("weights").as_array()) {
      if (std::string_view(change.at("day").as_string()) > day) break;
      const json::value* share = change.at("weights").as_object().if_contains(arm.id);
      if (share != nullptr) weight = share->to_number<double>();
    }
    return weight;
  }

  Result<ChiSquaredTest> srm() const {
    std::vector<std::vector<SrmArm>> periods;
    for (const json::value& day : inputs_.at("days").as_array()) {
      std::vector<SrmArm>& period = periods.emplace_back();
      const std::string name = text_at(day.as_object(), "day");
      for (const ArmInput& arm : arms_) {
        period.push_back({read_sums(&day.at("units"), arm.id).units(), weight_on(name, arm)});
      }
    }
    if (is_bandit() && !periods.empty()) return srm_test_over_periods(periods);
    std::vector<SrmArm> arms;
    for (std::size_t i = 0; i < arms_.size(); ++i) arms.push_back({units_[i], arms_[i].weight});
    return srm_test(arms);
  }

  void add_srm() {
    json::object found;
    const auto test = srm();
    const bool enough = out_.at("units").to_number<double>() >= kSrmUnitsMin;
    if (test) {
      found["p_value"] = test->p_value;
      found["statistic"] = test->statistic;
    } else {
      found["error"] = test.error().message();
    }
    mismatch_ = enough && test && test->p_value < kSrmAlarm;
    found["alarm"] = mismatch_;
    found["enough_units"] = enough;
    found["threshold"] = kSrmAlarm;
    out_["srm"] = std::move(found);
  }

  /// Of a bandit's primary metric: the mean of the days' lifts, because a mean over days of
  /// changing weights mixes them with the world's changes.
  std::optional<Effect> over_days(const MetricInput& metric, const ArmInput& arm) const {
    std::vector<PeriodEffect> periods;
    double control_mean = 0;
    double people = 0;
    for (const json::value& day : inputs_.at("days").as_array()) {
      const auto of = [&](const std::string& id) {
        ArmSums sums = read_sums(&day.at("sums"), id);
        sums.sums[0] = read_sums(&day.at("units"), id).units();
        return sums;
      };
      const auto a = arm_moments(of(arms_[control_].id), metric.kind);
      const auto b = arm_moments(of(arm.id), metric.kind);
      if (!a || !b) continue;
      const auto effect = effect_of(*a, *b, Scale::relative);
      if (!effect) continue;
      periods.push_back({effect->count, effect->estimate, effect->variance});
      control_mean += a->mean * a->count;
      people += a->count;
    }
    const auto pooled = over_periods(periods);
    if (!pooled) return std::nullopt;
    return Effect{.estimate = pooled->estimate,
                  .variance = pooled->variance,
                  .degrees_of_freedom = std::max(pooled->units - 2, 1.0),
                  .count = pooled->units,
                  .control_mean = control_mean / people,
                  .scale = Scale::relative};
  }

  Result<Comparison> compare(std::size_t metric, std::size_t arm) const {
    const MetricInput& of = metrics_[metric];
    const Reading reading = reading_of(of);
    if (of.kind == "quantile") {
      ATTUNE_ASSIGN(const Moments control,
                    quantile_moments(inputs_, of.name, arms_[control_].id));
      ATTUNE_ASSIGN(const Moments treatment, quantile_moments(inputs_, of.name, arms_[arm].id));
      return compare_moments(control, treatment, reading);
    }
    const auto winsor = winsor_json(inputs_, metric_json(metric));
    if (!winsor && winsor.error().code() != ErrorCode::not_found) {
      return tl::unexpected<Error>(winsor.error());
    }
    auto pooled = compare_arms(sums_of(of.name, "", "", arms_[control_].id),
                               sums_of(of.name, "", "", arms_[arm].id), reading);
    if (!pooled || !is_bandit() || metric != primary_) return pooled;
    const auto effect = over_days(of, arms_[arm]);
    if (!effect) return pooled;
    ATTUNE_ASSIGN(Comparison judged, judge(*effect, reading));
    judged.effect_size = pooled->effect_size;
    return judged;
  }

  void compare_all() {
    std::vector<double> p_values;
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
      for (std::size_t arm = 0; arm < arms_.size(); ++arm) {
        if (arm == control_) continue;
        Found found{.metric = metric, .arm = arm, .comparison = compare(metric, arm)};
        if (found.comparison) {
          found.p = found.comparison->test.p_value;
          const std::string key = metrics_[metric].name + "/" + arms_[arm].id;
          const json::value* before = inputs_.at("least_p").as_object().if_contains(key);
          if (is_sequential() && before != nullptr) {
            found.p = std::min(found.p, before->to_number<double>());
          }
          least_p_[key] = found.p;
        }
        if (found.comparison && !metrics_[metric].margin) p_values.push_back(found.p);
        found_.push_back(std::move(found));
      }
    }
    comparisons_ = static_cast<int>(std::max<std::size_t>(p_values.size(), 1));
    const auto fixed = corrected(p_values, correction_of(text_at(inputs_, "correction")));
    std::size_t at = 0;
    for (Found& found : found_) {
      if (!found.comparison) continue;
      found.corrected_p = found.p;
      if (!metrics_[found.metric].margin && fixed) found.corrected_p = (*fixed)[at++];
    }
  }

  json::object comparison_json(const Found& found) const {
    const MetricInput& metric = metrics_[found.metric];
    json::object json{{"variation", arms_[found.arm].id}};
    if (!found.comparison) {
      json["error"] = found.comparison.error().message();
      return json;
    }
    const Comparison& of = *found.comparison;
    const bool sound = !mismatch_ && least_units_ >= kUnitsMin;
    json["lift"] = of.test.estimate;
    json["lift_low"] = end_of(of.test.interval.low);
    json["lift_high"] = end_of(of.test.interval.high);
    json["standard_error"] = of.effect.standard_error();
    json["p_value"] = found.p;
    json["p_value_corrected"] = found.corrected_p;
    json["significance"] = sound ? significance_of(found.corrected_p) : "Not Significant";
    json["chance_to_beat"] = of.chance_to_beat;
    json["expected_loss"] = of.loss_of_shipping;
    if (metric.kind != "quantile") json["effect_size"] = of.effect_size;
    json["cuped"] = of.is_adjusted;
    if (metric.kind == "ratio") {
      const RatioArms ratio{sums_of(metric.name, "", "", arms_[control_].id),
                            sums_of(metric.name, "", "", arms_[found.arm].id)};
      for (auto& said : noisy_ratio_json(ratio, of.test)) json[said.key()] = said.value();
    }
    const double alpha = familywise_alpha({.alpha = alpha_, .comparisons = comparisons_});
    if (const auto wide = interval_at(of.effect, reading_of(metric), alpha)) {
      json["lift_low_corrected"] = end_of(wide->low);
      json["lift_high_corrected"] = end_of(wide->high);
    }
    return json;
  }

  /// What each variation's people did, by a metric.
  json::array arms_json(const MetricInput& of) const {
    json::array arms;
    for (const ArmInput& arm : arms_) {
      const ArmSums sums = sums_of(of.name, "", "", arm.id);
      json::object each{{"id", arm.id}, {"units", sums.units()}};
      if (of.kind == "quantile") {
        for (auto& said : quantile_json(inputs_, of.name, arm.id)) each[said.key()] = said.value();
      } else {
        each["sum"] = sums.y();
        const auto moments = arm_moments(sums, of.kind);
        if (moments) each["mean"] = moments->mean;
        else each["error"] = moments.error().message();
      }
      arms.push_back(std::move(each));
    }
    return arms;
  }

  void add_metrics() {
    json::array list;
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
      const MetricInput& of = metrics_[metric];
      json::array comparisons;
      for (const Found& found : found_) {
        if (found.metric == metric) comparisons.push_back(comparison_json(found));
      }
      json::object each{{"name", of.name},
                        {"kind", of.kind},
                        {"role", metric == primary_ ? "primary" : of.margin ? "guardrail" : "goal"},
                        {"higher_is_better", !of.lower_is_better},
                        {"variations", arms_json(of)},
                        {"comparisons", std::move(comparisons)}};
      for (const char* field : {"quantile", "per", "ignore_zeros"}) {
        const json::value* value = metric_json(metric).if_contains(field);
        if (value != nullptr) each[field] = *value;
      }
      if (auto winsor = winsor_json(inputs_, metric_json(metric))) each["winsor"] = *winsor;
      list.push_back(std::move(each));
    }
    out_["comparisons"] = list[primary_].at("comparisons");
    out_["metrics"] = std::move(list);
    json::object least;
    for (const auto& [key, p] : least_p_) least[key] = p;
    out_["least_p"] = std::move(least);
  }

  void add_guardrails() {
    json::array list;
    for (const Found& found : found_) {
      const MetricInput& metric = metrics_[found.metric];
      if (!metric.margin) continue;
      json::object each{{"metric", metric.name},
                        {"variation", arms_[found.arm].id},
                        {"margin", *metric.margin}};
      const auto state = found.comparison
                             ? guardrail(found.comparison->effect,
                                         {.alpha = alpha_, .margin = *metric.margin,
                                          .lower_is_better = metric.lower_is_better})
                             : Result<GuardrailResult>(
                                   tl::unexpected<Error>(found.comparison.error()));
      if (!state) {
        each["state"] = "undecided";
        each["error"] = state.error().message();
      } else {
        const bool harmed = state->state == GuardrailState::harmed;
        each["state"] = harmed                                   ? "harmed"
                        : state->state == GuardrailState::safe ? "safe"
                                                               : "undecided";
        each["p_value"] = state->p_value;
        each["bound"] = end_of(state->bound);
        if (harmed) harmed_.insert(found.arm);
      }
      list.push_back(std::move(each));
    }
    out_["guardrails"] = std::move(list);
  }

  /// In an order that does not depend on who stored the object.
  static std::vector<std::string> keys_of(const json::object& object) {
    std::vector<std::string> keys;
    for (const auto& member : object) keys.emplace_back(member.key());
    std::ranges::sort(keys);
    return keys;
  }

  /// The primary metric by the values of a dimension: one test of the whole, then rows with
  /// corrected p values.
  json::object dimension_json(const std::string& dimension, const json::object& values,
                              std::size_t arm) const {
    const MetricInput& metric = metrics_[primary_];
    std::vector<Effect> effects;
    std::vector<double> p_values;
    json::array rows;
    for (const std::string& value : keys_of(values)) {
      const auto of = [&](std::size_t which) {
        return sums_of(metric.name, dimension, value, arms_[which].id);
      };
      json::object row{{"value", value},
                       {"units_control", of(control_).units()},
                       {"units", of(arm).units()}};
      const auto compared = compare_arms(of(control_), of(arm), reading_of(metric));
      if (compared) {
        row["lift"] = compared->test.estimate;
        row["lift_low"] = end_of(compared->test.interval.low);
        row["lift_high"] = end_of(compared->test.interval.high);
        effects.push_back(compared->effect);
        p_values.push_back(compared->test.p_value);
        row["p_value"] = compared->test.p_value;
      } else {
        row["error"] = compared.error().message();
      }
      rows.push_back(std::move(row));
    }
    if (const auto fixed = corrected(p_values, Correction::holm)) {
      std::size_t at = 0;
      for (json::value& row : rows) {
        json::object& of = row.as_object();
        if (of.contains("p_value")) of["p_value_corrected"] = (*fixed)[at++];
      }
    }
    json::object json{{"dimension", dimension}, {"variation", arms_[arm].id}};
    if (const auto differ = heterogeneity(effects)) json["p_value_of_difference"] = differ->p_value;
    json["values"] = std::move(rows);
    return json;
  }

  /// Whether the primary metric has sums by day and dimension: a quantile has none.
  bool has_sums() const {
    if (metrics_[primary_].kind == "quantile") return false;
    const auto winsor = winsor_json(inputs_, metric_json(primary_));
    return winsor || winsor.error().code() == ErrorCode::not_found;
  }

  void add_dimensions() {
    json::array list;
    const json::value* units = inputs_.at("sums").as_object().if_contains("");
    if (units != nullptr && has_sums()) {
      for (const std::string& dimension : keys_of(units->as_object())) {
        if (dimension.empty()) continue;
        const json::object& values = units->at(dimension).as_object();
        for (std::size_t arm = 0; arm < arms_.size(); ++arm) {
          if (arm == control_) continue;
          list.push_back(dimension_json(dimension, values, arm));
        }
      }
    }
    out_["dimensions"] = std::move(list);
  }

  /// Lift and interval of the primary metric as they were at the end of each day.
  void add_days() {
    const MetricInput& metric = metrics_[primary_];
    std::vector<ArmSums> so_far(arms_.size());
    json::array list;
    for (const json::value& day : has_sums() ? inputs_.at("days").as_array() : json::array()) {
      for (std::size_t i = 0; i < arms_.size(); ++i) {
        ArmSums more = read_sums(&day.at("sums"), arms_[i].id);
        more.sums[0] = read_sums(&day.at("units"), arms_[i].id).units();
        so_far[i] += more;
      }
      for (std::size_t arm = 0; arm < arms_.size(); ++arm) {
        if (arm == control_) continue;
        json::object point{{"day", day.at("day")}, {"variation", arms_[arm].id},
                           {"units", so_far[arm].units() + so_far[control_].units()}};
        const auto compared = compare_arms(so_far[control_], so_far[arm], reading_of(metric));
        if (compared) {
          point["lift"] = compared->test.estimate;
          point["lift_low"] = end_of(compared->test.interval.low);
          point["lift_high"] = end_of(compared->test.interval.high);
        }
        list.push_back(std::move(point));
      }
    }
    out_["days"] = std::move(list);
  }

  /// Of a test that changes several things at once: each by itself, and each two together.
  void add_factors() {
    if (!inputs_.contains("factors")) return;
    auto question = factorial_question();
    out_["factors"] = question ? factorial_json(*question)
                               : json::object{{"error", question.error().message()}};
  }

  Result<FactorialQuestion> factorial_question() const {
    const MetricInput& metric = metrics_[primary_];
    FactorialQuestion question;
    ATTUNE_ASSIGN(question.factors, read_factors(inputs_));
    auto winsor = winsor_json(inputs_, metric_json(primary_));
    if (!winsor && winsor.error().code() != ErrorCode::not_found) return pass(winsor);
    question.reading = reading_of(metric);
    question.correction = correction_of(text_at(inputs_, "correction"));
    std::vector<std::size_t> order{control_};
    for (std::size_t arm = 0; arm < arms_.size(); ++arm) {
      if (arm != control_) order.push_back(arm);
    }
    std::vector<ArmSums> sums;
    double seen = 0;
    for (const std::size_t arm : order) {
      sums.push_back(sums_of(metric.name, "", "", arms_[arm].id));
      seen += std::abs(sums.back().y());
      ATTUNE_ASSIGN(std::vector<std::string> levels, levels_of(arm, question.factors));
      question.cells.push_back({.variation = arms_[arm].id,
                                .levels = std::move(levels),
                                .numbers = cell_of(metric, arms_[arm].id, sums.back())});
    }
    if (seen == 0 && metric.kind != "quantile") {
      return fail(ErrorCode::failed_precondition,
                  "no event of the metric was seen of anybody in the test so far");
    }
    if (is_bandit()) question.days = days_of_cells(order);
    else add_cuped(sums, question);
    return question;
  }

  Result<std::vector<std::string>> levels_of(std::size_t arm,
                                             const std::vector<Factor>& factors) const {
    const json::value& shown = inputs_.at("variations").as_array()[arm].at("factors");
    std::vector<std::string> levels;
    for (const Factor& factor : factors) {
      const json::value* level =
          shown.is_object() ? shown.as_object().if_contains(factor.name) : nullptr;
      if (level == nullptr || !level->is_string()) {
        return fail(ErrorCode::failed_precondition,
                    "variation " + arms_[arm].id + " shows no level of " + factor.name);
      }
      levels.emplace_back(level->as_string());
    }
    return levels;
  }

  Result<PairedMoments> cell_of(const MetricInput& metric, const std::string& arm,
                                const ArmSums& sums) const {
    if (metric.kind == "ratio" && is_noisy_ratio(sums)) {
      return fail(ErrorCode::failed_precondition,
                  "its mean denominator is under 5 standard errors: read it beside the control");
    }
    ATTUNE_ASSIGN(const Moments of, metric.kind == "quantile"
                                        ? quantile_moments(inputs_, metric.name, arm)
                                        : arm_moments(sums, metric.kind));
    return PairedMoments{.count = of.count, .after_mean = of.mean, .after_variance = of.variance};
  }

  /// As two variations are compared: with what was before, where there is something of everybody.
  void add_cuped(std::span<const ArmSums> sums, FactorialQuestion& question) const {
    const std::string& kind = question.reading.kind;
    if (!question.reading.with_before || kind == "retention" || kind == "quantile") return;
    const auto paired = paired_arms(sums, kind);
    if (!paired) return;
    question.theta = paired->theta;
    for (std::size_t i = 0; i < question.cells.size(); ++i) {
      if (question.cells[i].numbers) question.cells[i].numbers = paired->arms[i];
    }
  }

  std::vector<std::vector<Result<PairedMoments>>> days_of_cells(
      std::span<const std::size_t> order) const {
    std::vector<std::vector<Result<PairedMoments>>> days;
    for (const json::value& day : inputs_.at("days").as_array()) {
      auto& cells = days.emplace_back();
      for (const std::size_t arm : order) {
        ArmSums sums = read_sums(&day.at("sums"), arms_[arm].id);
        sums.sums[0] = read_sums(&day.at("units"), arms_[arm].id).units();
        cells.push_back(cell_of(metrics_[primary_], arms_[arm].id, sums));
      }
    }
    return days;
  }

  double gain_of(const Found& found) const {
    const double lift = found.comparison->test.estimate;
    return metrics_[found.metric].lower_is_better ? -lift : lift;
  }

  /// The best variation of the primary metric; null: nothing can be said of any.
  const Found* best() const {
    const Found* best = nullptr;
    for (const Found& found : found_) {
      if (found.metric != primary_ || !found.comparison) continue;
      if (best == nullptr || gain_of(found) > gain_of(*best)) best = &found;
    }
    return best;
  }

  void add_counters() {
    const auto revenue = std::ranges::find(metrics_, "revenue", &MetricInput::kind);
    const auto rate = metrics_[primary_].kind == "conversion"
                          ? metrics_.begin() + static_cast<std::ptrdiff_t>(primary_)
                          : std::ranges::find(metrics_, "conversion", &MetricInput::kind);
    double conversions = 0;
    json::array arms;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const double mine =
          rate == metrics_.end() ? 0 : sums_of(rate->name, "", "", arms_[i].id).y();
      conversions += mine;
      json::object arm{{"id", arms_[i].id},
                       {"is_control", arms_[i].is_control},
                       {"units", units_[i]},
                       {"conversions", mine},
                       {"revenue", revenue == metrics_.end()
                                       ? 0.0
                                       : sums_of(revenue->name, "", "", arms_[i].id).y()}};
      for (const Found& found : found_) {
        if (found.arm != i || found.metric != primary_ || !found.comparison) continue;
        arm["lift_low"] = end_of(found.comparison->test.interval.low);
        arm["lift_high"] = end_of(found.comparison->test.interval.high);
      }
      arms.push_back(std::move(arm));
    }
    out_["conversions"] = conversions;
    out_["variations"] = std::move(arms);
  }

  /// Money a day from the lift of the revenue metric, over the horizon.
  void add_revenue(std::size_t arm) {
    const auto revenue = std::ranges::find(metrics_, "revenue", &MetricInput::kind);
    const double days = number_at(inputs_, "duration_days");
    if (revenue == metrics_.end() || days < kRevenueDaysMin) return;
    const auto at = static_cast<std::size_t>(revenue - metrics_.begin());
    const auto found = std::ranges::find_if(found_, [&](const Found& each) {
      return each.metric == at && each.arm == arm && each.comparison;
    });
    if (found == found_.end()) return;
    const ArmSums control = sums_of(revenue->name, "", "", arms_[control_].id);
    const double people_a_day = out_.at("units").to_number<double>() / days;
    const double a_day = control.y() / control.units() * people_a_day;
    const double horizon = number_at(inputs_, "horizon_days");
    const TestResult& lift = found->comparison->test;
    out_["revenue_impact"] = lift.estimate * a_day * horizon;
    out_["revenue_impact_low"] = end_of(lift.interval.low * a_day * horizon);
    out_["revenue_impact_high"] = end_of(lift.interval.high * a_day * horizon);
    out_["revenue_horizon_days"] = horizon;
  }

  void add_best(const Found& found) {
    const Comparison& of = *found.comparison;
    out_["p_value"] = found.corrected_p;
    out_["confidence_level"] = 1 - found.corrected_p;
    if (metrics_[found.metric].kind != "quantile") out_["effect_size"] = of.effect_size;
    out_["projected_lift"] = of.test.estimate;
    out_["projected_lift_low"] = end_of(of.test.interval.low);
    out_["projected_lift_high"] = end_of(of.test.interval.high);
    // What was reported because it was large is too large: the lift that makes it the median one.
    const auto corrected_lift = corrected_for_selection(of.effect, alpha_);
    out_["projected_lift_selected"] =
        corrected_lift ? json::value(corrected_lift->estimate) : json::value();
    if (const json::value* history = inputs_.if_contains("history")) {
      out_["projected_lift_shrunk"] = shrunk_json(history->as_array(), of.effect, alpha_);
    }
    Progress progress{.effect = of.effect, .target_lift = kPowerLift, .target_power = kPowerGoal,
                      .alpha = alpha_, .tuned_count = {}, .prior = {}};
    if (is_sequential()) progress.tuned_count = number_at(inputs_, "n_star");
    out_["power"] = power_with_more(progress, 0);
    out_["power_of_lift"] = kPowerLift;
    add_revenue(found.arm);
  }

  void add_summary() {
    add_counters();
    const Found* leader = best();
    const bool sound = !mismatch_ && least_units_ >= kUnitsMin;
    std::string_view outcome = "inconclusive";
    std::string_view significance = "Not Significant";
    if (leader != nullptr) {
      add_best(*leader);
      if (sound) significance = significance_of(leader->corrected_p);
      const bool certain = sound && leader->corrected_p < std::min(alpha_, 0.05);
      if (certain && gain_of(*leader) < 0) {
        outcome = "lost";
        out_["winner"] = arms_[control_].id;
      } else if (certain && harmed_.contains(leader->arm)) {
        outcome = "harmed";
      } else if (certain) {
        outcome = "won";
        out_["winner"] = arms_[leader->arm].id;
      } else if (sound && rules_out_what_is_worth_having()) {
        outcome = "neutral";
      }
    }
    out_["significance"] = significance;
    out_["outcome"] = outcome;
    out_["advice"] = advice(outcome);
  }

  /// Whether no variation can be better or worse by as much as is worth having; a fixed test says
  /// so at its planned size alone.
  bool rules_out_what_is_worth_having() {
    const json::value* lift = inputs_.if_contains("smallest_lift");
    const double smallest = lift == nullptr ? 0 : lift->to_number<double>();
    if (!(smallest > 0) || is_before_its_size()) return false;
    const double alpha = familywise_alpha({.alpha = alpha_, .comparisons = comparisons_});
    NullBasis weakest = NullBasis::interval;
    for (const Found& found : found_) {
      if (found.metric != primary_) continue;
      if (!found.comparison || found.corrected_p < std::min(alpha_, 0.05)) return false;
      const auto wide =
          interval_at(found.comparison->effect, reading_of(metrics_[primary_]), alpha);
      if (!wide) return false;
      const NullBasis basis =
          null_basis(*found.comparison, {.smallest_lift = smallest, .wide = *wide});
      if (basis == NullBasis::none) return false;
      if (basis == NullBasis::power) weakest = basis;
    }
    out_["neutral_basis"] = to_string(weakest);
    out_["smallest_lift"] = smallest;
    return true;
  }

  bool is_before_its_size() const {
    return !is_sequential() &&
           out_.at("units").to_number<double>() < number_at(inputs_, "sample_size");
  }

  std::string advice(std::string_view outcome) const {
    if (mismatch_) {
      return "The variations did not get the people they should have got: something in assignment, "
             "redirects or bot filters is broken. Trust no number of this test.";
    }
    if (out_.at("units").to_number<double>() == 0) return "Nobody was exposed so far.";
    if (least_units_ < kUnitsMin) return "A variation has fewer than 100 people: wait.";
    if (outcome == "won") return "The variation is better. Ship it.";
    if (outcome == "lost") return "No variation beats the control. Keep the control.";
    if (outcome == "harmed") return "The variation is better, and a guardrail is harmed. Weigh it.";
    if (outcome == "neutral" && out_.at("neutral_basis").as_string() == "interval") {
      return "No difference worth having: the interval lies inside it. Decide by cost.";
    }
    if (outcome == "neutral") {
      return "A difference worth having would have been found with 80 % chance, and none was. "
             "Decide by cost.";
    }
    if (is_before_its_size()) {
      return "Not at its planned size: a fixed test is read once, at that size.";
    }
    return "Nothing is shown either way so far.";
  }

  const json::object& inputs_;
  std::vector<ArmInput> arms_;
  std::vector<MetricInput> metrics_;
  std::size_t control_ = 0;
  std::size_t primary_ = 0;
  double alpha_ = 0.05;
  std::vector<double> units_;
  double least_units_ = 0;
  bool mismatch_ = false;
  int comparisons_ = 1;
  std::vector<Found> found_;
  std::map<std::string, double> least_p_;
  std::set<std::size_t> harmed_;
  json::object out_;
};

}  // namespace

json::object verdict_of(const json::object& inputs) { return Verdict(inputs).run(); }

}  // namespace attune::experiment
