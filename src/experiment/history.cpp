#include "experiment/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "experiment/exact_json.h"
#include "experiment/shrinkage.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Value;

constexpr store::QueryOptions kAllTests{.rows_max = 100'000, .timeout_ms = 30'000};

bool counts_same(const Selection& one, const Selection& other) {
  return one.event == other.event && one.property == other.property;
}

bool is_same(const Metric& one, const Metric& other) {
  const bool below = one.denominator.has_value() == other.denominator.has_value() &&
                     (!one.denominator || counts_same(*one.denominator, *other.denominator));
  return one.kind == other.kind && counts_same(one.counted, other.counted) && below &&
         one.quantile == other.quantile && one.per_event == other.per_event &&
         one.higher_is_better == other.higher_is_better;
}

json::value json_at(const Value& value) {
  const auto* held = std::get_if<store::Json>(&value);
  auto parsed = parse_exact(held == nullptr ? "null" : std::string_view(held->text));
  return parsed ? std::move(*parsed) : json::value();
}

/// Whether a design of another test decides by the same metric.
bool decides_by(const Value& name, const Value& design, const Metric& primary) {
  const auto* wanted = std::get_if<std::string>(&name);
  const json::value parsed = json_at(design);
  const json::object* object = parsed.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("metrics");
  if (wanted == nullptr || list == nullptr) return false;
  const auto metrics = read_metrics(*list, "design.metrics");
  if (!metrics) return false;
  const auto found = std::ranges::find(*metrics, *wanted, &Metric::name);
  return found != metrics->end() && is_same(*found, primary);
}

}  // namespace

Result<json::array> read_history(store::Session& session, const Test& test, const Metric& primary,
                                 std::int64_t before_ms) {
  const std::array parameters{Value{test.account}, Value{test.id},
                              Value{store::Timestamp::from_ms(before_ms)}};
  ATTUNE_ASSIGN(const store::Rows rows,
                session.query("experiment/history", parameters, kAllTests));
  json::array history;
  for (const auto& row : rows.rows) {
    if (!decides_by(row[0], row[1], primary)) continue;
    const json::value comparisons = json_at(row[2]);
    const json::array* list = comparisons.if_array();
    const json::object* first =
        list == nullptr || list->empty() ? nullptr : list->front().if_object();
    const json::value* lift = first == nullptr ? nullptr : first->if_contains("lift");
    const json::value* error = first == nullptr ? nullptr : first->if_contains("standard_error");
    const bool fits = lift != nullptr && lift->is_number() && error != nullptr &&
                      error->is_number() && error->to_number<double>() > 0;
    if (!fits) continue;
    const double deviation = error->to_number<double>();
    history.push_back({{"lift", lift->to_number<double>()}, {"variance", deviation * deviation}});
  }
  return history;
}

json::object shrunk_json(const json::array& history, const Effect& effect, double alpha) {
  json::object said{{"tests", history.size()}, {"needed", kHistoryMin}};
  if (history.size() < kHistoryMin) {
    said["error"] = fmt::format("{} finished tests of this metric; {} are needed", history.size(),
                                kHistoryMin);
    return said;
  }
  std::vector<Effect> effects;
  for (const json::value& each : history) {
    Effect& past = effects.emplace_back();
    past.estimate = each.at("lift").to_number<double>();
    past.variance = each.at("variance").to_number<double>();
  }
  const auto prior = fitted_prior(effects);
  if (!prior) {
    said["error"] = prior.error().message();
    return said;
  }
  said["mean"] = prior->mean;
  said["deviation"] = std::sqrt(prior->variance);
  if (prior->variance == 0) {
    said["error"] = "the lifts of finished tests differ no more than chance explains";
    return said;
  }
  const auto left = shrunk(effect, *prior, alpha);
  if (!left) {
    said["error"] = left.error().message();
    return said;
  }
  said["lift"] = left->estimate;
  said["lift_low"] = left->interval.low;
  said["lift_high"] = left->interval.high;
  said["kept"] = left->kept;
  return said;
}

}  // namespace attune::experiment
