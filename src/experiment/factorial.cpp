#include "experiment/factorial.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <optional>

#include "experiment/bandit_weights.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::size_t kFactorsMax = 6;
constexpr std::size_t kLevelsMax = 16;
constexpr std::size_t kWordBytesMax = 100;
constexpr std::size_t kMissingShown = 5;

using Levels = std::vector<std::string>;

tl::unexpected<Error> refuse(std::string field, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(field));
}

tl::unexpected<Error> untold(std::string reason) {
  return fail(ErrorCode::failed_precondition, std::move(reason));
}

/// A text of 1 to 100 bytes, or empty: it is something else.
std::string_view word_of(const json::value* value) {
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr || text->size() > kWordBytesMax) return {};
  return {text->data(), text->size()};
}

Result<Factor> read_factor(const json::value& value, const std::string& field) {
  const json::object* object = value.if_object();
  const json::value* levels = object == nullptr ? nullptr : object->if_contains("levels");
  Factor factor;
  if (object != nullptr) factor.name = word_of(object->if_contains("name"));
  if (levels != nullptr && levels->is_array()) {
    for (const json::value& each : levels->get_array()) factor.levels.emplace_back(word_of(&each));
  }
  std::vector<std::string> sorted = factor.levels;
  std::ranges::sort(sorted);
  const bool distinct = std::ranges::adjacent_find(sorted) == sorted.end();
  const bool named = !factor.name.empty() && (sorted.empty() || !sorted.front().empty());
  if (object != nullptr && object->size() == 2 && named && distinct && sorted.size() >= 2 &&
      sorted.size() <= kLevelsMax) {
    return factor;
  }
  return refuse(
      field,
      fmt::format(R"(must be {{"name": text, "levels": [2 to {} different texts]}})", kLevelsMax));
}

/// Cells with weights that sum to 0, and those whose mean the effect is relative to.
struct Contrast {
  explicit Contrast(std::size_t cells) : weights(cells), base(cells) {}

  std::vector<double> weights;
  std::vector<double> base;   // sums to 1
  double combinations = 0;    // of the levels of everything else

  void add(std::size_t cell, double weight) { weights[cell] += weight; }
  void finish() {
    for (double& each : weights) each /= combinations;
    for (double& each : base) each /= combinations;
  }
};

/// One row on its way into the document.
struct Row {
  json::object said;
  Result<Comparison> comparison = fail(ErrorCode::internal, "not compared");
};

/// Estimate and variance of a contrast, relative to the mean of its base. With y what people did
/// after and x before, e = sum w (y - theta x) / |sum d y| has the slopes (w - e d sign) / |base|
/// in y and -theta w / |base| in x; cells are independent.
Result<Effect> effect_of_cells(const Contrast& contrast, double theta,
                               std::span<const Result<PairedMoments>> cells,
                               std::span<const FactorialCell> names) {
  double difference = 0;
  double base = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (contrast.weights[i] == 0) continue;
    if (!cells[i]) {
      return untold(fmt::format("variation {}: {}", names[i].variation,
                                cells[i].error().message()));
    }
    difference += contrast.weights[i] * (cells[i]->after_mean - theta * cells[i]->before_mean);
    base += contrast.base[i] * cells[i]->after_mean;
  }
  if (base == 0) return untold("the mean without the change is 0");
  Effect effect;
  effect.estimate = difference / std::abs(base);
  double absolute = 0;
  double squares = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double weight = contrast.weights[i];
    if (weight == 0) continue;
    const PairedMoments& cell = *cells[i];
    const double after = weight - effect.estimate * contrast.base[i] * (base < 0 ? -1 : 1);
    const double before = -theta * weight;
    effect.variance += (after * after * cell.after_variance +
                        before * before * cell.before_variance +
                        2 * after * before * cell.covariance) / cell.count / (base * base);
    const double part = weight * weight * cell.adjusted(theta).variance / cell.count;
    absolute += part;
    squares += part * part / (cell.count - 1);
    effect.count += cell.count;
  }
  if (!(effect.variance > 0) || !(squares > 0)) return untold("zero or negative variance");
  effect.degrees_of_freedom = absolute * absolute / squares;
  effect.control_mean = base;
  // Two halves of the people with these variances have an effect of this variance.
  effect.control_unit_variance = effect.variance * effect.count / 4;
  effect.treatment_unit_variance = effect.control_unit_variance;
  return effect;
}

class Factorial {
 public:
  explicit Factorial(const FactorialQuestion& question)
      : question_(question), factors_(question.factors), cells_(question.cells) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      at_[cells_[i].levels] = i;
      numbers_.push_back(cells_[i].numbers);
    }
  }

  json::object run() {
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      for (const std::string& level : factors_[i].levels) {
        if (level != base_of(i)) add_main(i, level);
      }
    }
    const std::size_t mains = rows_.size();
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      for (std::size_t j = i + 1; j < factors_.size(); ++j) add_interactions(i, j);
    }
    finish_rows();
    json::array main;
    json::array interactions;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      (i < mains ? main : interactions).push_back(std::move(rows_[i].said));
    }
    json::object out{{"main", std::move(main)},
                     {"interactions", std::move(interactions)},
                     {"cuped", question_.theta != 0}};
    if (untold_ > 0) out["untold_interactions"] = untold_;
    add_missing(out);
    return out;
  }

 private:
  const std::string& base_of(std::size_t factor) const { return cells_.front().levels[factor]; }

  std::optional<std::size_t> cell_at(const Levels& levels) const {
    const auto found = at_.find(levels);
    return found == at_.end() ? std::nullopt : std::optional(found->second);
  }

  void add_main(std::size_t factor, const std::string& level) {
    Contrast contrast(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i].levels[factor] != level) continue;
      Levels other = cells_[i].levels;
      other[factor] = base_of(factor);
      const auto without = cell_at(other);
      if (!without) continue;
      contrast.add(i, 1);
      contrast.add(*without, -1);
      contrast.base[*without] += 1;
      ++contrast.combinations;
    }
    Row row;
    row.said = {{"factor", factors_[factor].name}, {"level", level}, {"base", base_of(factor)}};
    if (contrast.combinations == 0) {
      row.comparison = untold("no two variations differ in this alone");
    } else {
      judge_row(contrast, row);
    }
    rows_.push_back(std::move(row));
  }

  void add_interactions(std::size_t one, std::size_t other) {
    for (const std::string& level : factors_[one].levels) {
      if (level == base_of(one)) continue;
      for (const std::string& beside : factors_[other].levels) {
        if (beside != base_of(other)) add_interaction({one, level}, {other, beside});
      }
    }
  }

  struct Changed {
    std::size_t factor;
    const std::string& level;
  };

  void add_interaction(const Changed& one, const Changed& other) {
    Contrast contrast(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      Levels levels = cells_[i].levels;
      if (levels[one.factor] != one.level || levels[other.factor] != other.level) continue;
      levels[one.factor] = base_of(one.factor);
      const auto only_other = cell_at(levels);
      levels[other.factor] = base_of(other.factor);
      const auto neither = cell_at(levels);
      levels[one.factor] = one.level;
      const auto only_one = cell_at(levels);
      if (!only_other || !neither || !only_one) continue;
      contrast.add(i, 1);
      contrast.add(*only_one, -1);
      contrast.add(*only_other, -1);
      contrast.add(*neither, 1);
      contrast.base[*neither] += 1;
      ++contrast.combinations;
    }
    if (contrast.combinations == 0) {
      ++untold_;
      return;
    }
    Row row;
    row.said = {{"factors", {factors_[one.factor].name, factors_[other.factor].name}},
                {"levels", {one.level, other.level}},
                {"bases", {base_of(one.factor), base_of(other.factor)}}};
    judge_row(contrast, row);
    rows_.push_back(std::move(row));
  }

  void judge_row(Contrast& contrast, Row& row) const {
    row.said["combinations"] = static_cast<std::int64_t>(contrast.combinations);
    contrast.finish();
    const auto effect = question_.days.empty()
                            ? effect_of_cells(contrast, question_.theta, numbers_, cells_)
                            : over_days(contrast);
    if (effect) row.comparison = judge(*effect, question_.reading);
    else row.comparison = tl::unexpected<Error>(effect.error());
  }

  /// As a bandit's variations are compared: each day by itself, because shares move.
  Result<Effect> over_days(const Contrast& contrast) const {
    std::vector<PeriodEffect> periods;
    double base = 0;
    for (const auto& day : question_.days) {
      const auto effect = effect_of_cells(contrast, 0, day, cells_);
      if (!effect) continue;
      periods.push_back({effect->count, effect->estimate, effect->variance});
      base += effect->control_mean * effect->count;
    }
    if (periods.empty()) return untold("no day has enough people in each of its variations");
    ATTUNE_ASSIGN(const PeriodEffect pooled, over_periods(periods));
    return Effect{.estimate = pooled.estimate,
                  .variance = pooled.variance,
                  .degrees_of_freedom = std::max(pooled.units - 2, 1.0),
                  .count = pooled.units,
                  .control_mean = base / pooled.units,
                  .scale = Scale::relative};
  }

  /// Corrects the rows that say something over all of them, and writes them.
  void finish_rows() {
    std::vector<double> p_values;
    for (const Row& row : rows_) {
      if (row.comparison) p_values.push_back(row.comparison->test.p_value);
    }
    const auto fixed = corrected(p_values, question_.correction);
    const double alpha = familywise_alpha(
        {.alpha = question_.reading.alpha,
         .comparisons = static_cast<int>(std::max<std::size_t>(p_values.size(), 1))});
    std::size_t at = 0;
    for (Row& row : rows_) {
      if (!row.comparison) {
        row.said["error"] = row.comparison.error().message();
        continue;
      }
      const TestResult& test = row.comparison->test;
      row.said["lift"] = test.estimate;
      row.said["lift_low"] = end_of(test.interval.low);
      row.said["lift_high"] = end_of(test.interval.high);
      row.said["standard_error"] = test.standard_error;
      row.said["p_value"] = test.p_value;
      row.said["p_value_corrected"] = fixed ? (*fixed)[at] : test.p_value;
      row.said["chance_to_beat"] = row.comparison->chance_to_beat;
      if (const auto wide = interval_at(row.comparison->effect, question_.reading, alpha)) {
        row.said["lift_low_corrected"] = end_of(wide->low);
        row.said["lift_high_corrected"] = end_of(wide->high);
      }
      ++at;
    }
  }

  static json::value end_of(double bound) {
    return std::isfinite(bound) ? json::value(bound) : json::value();
  }

  void add_missing(json::object& out) const {
    double all = 1;
    for (const Factor& factor : factors_) all *= static_cast<double>(factor.levels.size());
    const double missing = all - static_cast<double>(at_.size());
    if (!(missing > 0)) return;
    json::array shown;
    std::vector<std::size_t> places(factors_.size());
    while (shown.size() < kMissingShown) {
      Levels levels;
      for (std::size_t i = 0; i < places.size(); ++i) {
        levels.push_back(factors_[i].levels[places[i]]);
      }
      if (!at_.contains(levels)) shown.push_back(json::value_from(levels));
      std::size_t i = places.size();   // the last factor changes fastest
      while (i > 0 && ++places[i - 1] == factors_[i - 1].levels.size()) places[--i] = 0;
      if (i == 0) break;
    }
    out["missing"] = std::move(shown);
    out["missing_count"] = static_cast<std::int64_t>(missing);
  }

  const FactorialQuestion& question_;
  const std::vector<Factor>& factors_;
  const std::vector<FactorialCell>& cells_;
  std::map<Levels, std::size_t> at_;
  std::vector<Result<PairedMoments>> numbers_;
  std::vector<Row> rows_;
  std::int64_t untold_ = 0;
};

}  // namespace

Result<std::vector<Factor>> read_factors(const json::object& design) {
  std::vector<Factor> factors;
  const json::value* value = design.if_contains("factors");
  if (value == nullptr || value->is_null()) return factors;
  const json::array* list = value->if_array();
  if (list == nullptr || list->size() > kFactorsMax) {
    return refuse("design.factors", fmt::format("must be a list of at most {}", kFactorsMax));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string field = fmt::format("design.factors[{}]", i);
    ATTUNE_ASSIGN(Factor factor, read_factor((*list)[i], field));
    if (std::ranges::find(factors, factor.name, &Factor::name) != factors.end()) {
      return refuse(field, "has the name of another factor");
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

json::object factorial_json(const FactorialQuestion& question) {
  return Factorial(question).run();
}

}  // namespace attune::experiment
