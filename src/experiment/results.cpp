#include "experiment/results.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <variant>

#include "base/time_zone.h"
#include "experiment/exact_json.h"
#include "experiment/factorial.h"
#include "experiment/history.h"
#include "store/transaction.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Null;
using store::Value;

constexpr std::size_t kSums = 15;
constexpr std::size_t kDimensionsMax = 8;
constexpr std::size_t kValuesMax = 20;     // of one dimension, those with most people
constexpr std::size_t kDaysMax = 400;
constexpr double kDayMs = 86'400'000.0;
constexpr store::QueryOptions kSumsRead{.rows_max = 1'000'000, .timeout_ms = 30'000};

json::array sums_of(const std::vector<Value>& row, std::size_t from) {
  json::array sums;
  for (std::size_t i = 0; i < kSums; ++i) sums.emplace_back(std::get<double>(row[from + i]));
  return sums;
}

json::object& child(json::object& parent, std::string_view name) {
  json::value& value = parent[name];
  if (!value.is_object()) value = json::object();
  return value.as_object();
}

/// sums[metric][dimension][value][variation]; metric "" holds units.
Result<json::object> read_totals(store::Session& session, const Test& test) {
  const std::array of_test{Value{test.site}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows rows,
                session.query("experiment/statistic.totals", of_test, kSumsRead));
  json::object sums;
  for (const auto& row : rows.rows) {
    json::object& metric = child(sums, std::get<std::string>(row[0]));
    const std::string& dimension = std::get<std::string>(row[2]);
    if (metric.size() > kDimensionsMax && !metric.contains(dimension)) continue;
    json::object& value = child(child(metric, dimension), std::get<std::string>(row[3]));
    value[std::get<std::string>(row[1])] = sums_of(row, 4);
  }
  return sums;
}

/// Leaves the values of a dimension that most people have; their number and not their effect
/// chooses, so that nothing is picked by its result.
void trim_dimensions(json::object& sums) {
  json::value* units = sums.if_contains("");
  if (units == nullptr) return;
  for (const auto& dimension : units->as_object()) {
    std::vector<std::pair<double, std::string>> sizes;
    for (const auto& value : dimension.value().as_object()) {
      double people = 0;
      for (const auto& arm : value.value().as_object()) {
        people += arm.value().as_array()[0].to_number<double>();
      }
      sizes.emplace_back(-people, std::string(value.key()));
    }
    std::ranges::sort(sizes);
    for (std::size_t i = kValuesMax; i < sizes.size(); ++i) {
      for (auto& metric : sums) {
        json::value* of = metric.value().as_object().if_contains(dimension.key());
        if (of != nullptr) of->as_object().erase(sizes[i].second);
      }
    }
  }
}

/// [{"day", "units": {variation: sums}, "sums": {variation: sums}}] of the primary metric.
Result<json::array> read_days(store::Session& session, const Test& test) {
  const std::array of_test{Value{test.site}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows rows,
                session.query("experiment/statistic.days", of_test, kSumsRead));
  json::array days;
  for (const auto& row : rows.rows) {
    const std::string& metric = std::get<std::string>(row[0]);
    if (!metric.empty() && metric != test.primary_metric) continue;
    const std::string day = day_text(std::get<store::Date>(row[2]).days);
    if (days.empty() || days.back().at("day").as_string() != day) {
      if (days.size() >= kDaysMax) break;
      days.push_back({{"day", day}, {"units", json::object()}, {"sums", json::object()}});
    }
    json::object& entry = days.back().as_object();
    child(entry, metric.empty() ? "units" : "sums")[std::get<std::string>(row[1])] =
        sums_of(row, 3);
  }
  return days;
}

/// {metric: {variation: {"people", "amounts", "value", "low", "high"}}}; "": of all people.
Result<json::object> read_quantiles(store::Session& session, const Test& test) {
  const std::array of_test{Value{test.site}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/quantiles", of_test, kSumsRead));
  json::object quantiles;
  const auto end_of = [](const Value& value) {
    const auto* number = std::get_if<double>(&value);
    return number == nullptr ? json::value() : json::value(*number);
  };
  for (const auto& row : rows.rows) {
    child(quantiles, std::get<std::string>(row[0]))[std::get<std::string>(row[1])] = {
        {"people", end_of(row[2])}, {"amounts", end_of(row[3])}, {"value", end_of(row[4])},
        {"low", end_of(row[5])},    {"high", end_of(row[6])}};
  }
  return quantiles;
}

/// The smallest p values of earlier snapshots: what a sequential test has found stays found.
Result<json::object> read_least_p(store::Session& session, const Test& test) {
  const std::array parameters{Value{test.account}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/snapshot.last", parameters));
  if (rows.rows.empty()) return json::object();
  const auto* text = std::get_if<store::Json>(&rows.rows[0][0]);
  auto details = parse_exact(text == nullptr ? "{}" : std::string_view(text->text));
  if (!details || !details->is_object()) return json::object();
  json::value* verdict = details->as_object().if_contains("verdict");
  json::value* least = verdict != nullptr && verdict->is_object()
                           ? verdict->as_object().if_contains("least_p")
                           : nullptr;
  return least != nullptr && least->is_object() ? std::move(least->as_object()) : json::object();
}

/// Variations, the control first; of a test with factors also the levels that each shows.
json::array arms_json(const Test& test) {
  const bool has_factors = test.design.contains("factors");
  json::array arms;
  for (const Arm& arm : test.arms) {
    json::object each{{"id", arm.id},
                      {"is_control", arm.is_control},
                      {"weight", arm.traffic_percentage / 100}};
    const json::value* shown = arm.configuration.if_contains("factors");
    if (has_factors) each["factors"] = shown == nullptr ? json::value() : *shown;
    arms.push_back(std::move(each));
  }
  return arms;
}

Value number(const json::object& verdict, std::string_view name) {
  const json::value* value = verdict.if_contains(name);
  if (value == nullptr || !value->is_number()) return Null{};
  return value->to_number<double>();
}

Value text(const json::object& verdict, std::string_view name) {
  const json::value* value = verdict.if_contains(name);
  if (value == nullptr || !value->is_string()) return Null{};
  return std::string(value->as_string());
}

std::int64_t whole(const json::object& verdict, std::string_view name) {
  return static_cast<std::int64_t>(verdict.at(name).to_number<double>());
}

Result<void> write_result(store::Session& session, const Test& test, const json::object& inputs,
                          const json::object& verdict, store::Timestamp now) {
  const json::object details{{"inputs", inputs}, {"verdict", verdict}};
  const std::array parameters{Value{Uuid::random()},
                              Value{test.account},
                              Value{test.id},
                              Value{whole(verdict, "units")},
                              Value{whole(verdict, "conversions")},
                              number(inputs, "duration_days"),
                              number(verdict, "p_value"),
                              number(verdict, "effect_size"),
                              number(verdict, "power"),
                              text(verdict, "winner"),
                              number(verdict, "confidence_level"),
                              text(verdict, "significance"),
                              number(verdict, "projected_lift"),
                              number(verdict, "projected_lift_low"),
                              number(verdict, "projected_lift_high"),
                              number(verdict, "revenue_impact"),
                              Value{store::Json{json::serialize(verdict.at("comparisons"))}},
                              Value{store::Json{json::serialize(details)}},
                              Value{now},
                              Value{now},
                              Value{now}};
  ATTUNE_TRY(session.execute("campaign/test_results.insert", parameters));
  return {};
}

/// Of a test that was completed, what its record says; else nothing is written.
Value decided(const Test& test, const json::object& verdict) {
  if (test.status != "Completed") return Null{};
  json::object decision = test.decision;
  decision["outcome"] = verdict.at("outcome");
  if (const json::value* basis = verdict.if_contains("neutral_basis")) {
    decision["neutral_basis"] = *basis;
  }
  return store::Json{json::serialize(decision)};
}

Result<void> write_verdict(store::Session& session, const Test& test, const json::object& verdict,
                           store::Timestamp now) {
  const std::array of_test{Value{test.account},
                           Value{test.id},
                           number(verdict, "p_value"),
                           number(verdict, "confidence_level"),
                           text(verdict, "significance"),
                           number(verdict, "projected_lift"),
                           number(verdict, "revenue_impact"),
                           Value{now},
                           decided(test, verdict)};
  ATTUNE_TRY(session.execute("experiment/verdict", of_test));
  for (const json::value& arm : verdict.at("variations").as_array()) {
    const json::object& counted = arm.as_object();
    const std::array of_arm{Value{test.account},
                            Value{test.id},
                            text(counted, "id"),
                            Value{whole(counted, "units")},
                            Value{whole(counted, "conversions")},
                            number(counted, "revenue"),
                            number(counted, "lift_low"),
                            number(counted, "lift_high"),
                            number(verdict, "power"),
                            Value{now}};
    ATTUNE_TRY(session.execute("experiment/arm_counters", of_arm));
  }
  return {};
}

}  // namespace

Result<json::object> gather(store::Session& session, const Test& test, std::int64_t now_ms) {
  ATTUNE_ASSIGN(const Design design, read_design(test));
  const std::array of_test{Value{test.site}, Value{test.id}};
  ATTUNE_ASSIGN(const store::Rows last, session.query("experiment/refresh.last", of_test));
  ATTUNE_ASSIGN(json::object sums, read_totals(session, test));
  trim_dimensions(sums);
  ATTUNE_ASSIGN(json::array days, read_days(session, test));
  ATTUNE_ASSIGN(json::object least_p, read_least_p(session, test));
  ATTUNE_ASSIGN(json::object quantiles, read_quantiles(session, test));
  json::array metrics;
  for (const Metric& metric : design.metrics) metrics.push_back(to_json(metric));
  json::array guardrails;
  for (const Guardrail& guardrail : design.guardrails) {
    guardrails.push_back({{"metric", guardrail.metric}, {"margin", guardrail.margin}});
  }
  const std::int64_t started_ms = test.started_ms.value_or(now_ms);
  const std::int64_t until_ms = test.ended_ms.value_or(now_ms);
  double horizon_days = 30;
  if (const json::value* wanted = test.design.if_contains("revenue_horizon_days")) {
    if (wanted->is_number()) horizon_days = wanted->to_number<double>();
  }
  json::object inputs{
      {"engine", test.engine},
      {"alpha", 1 - test.confidence},
      {"primary", test.primary_metric},
      {"correction", design.correction},
      {"cuped_days", design.cuped_days},
      {"n_star", design.n_star},
      {"sample_size", test.sample_size},
      {"horizon_days", horizon_days},
      {"started_at", utc_text(started_ms)},
      {"duration_days", static_cast<double>(std::max<std::int64_t>(until_ms - started_ms, 0)) /
                            kDayMs},
      {"mixed", last.rows.empty() ? 0 : std::get<std::int64_t>(last.rows[0][0])},
      {"refreshed_at",
       last.rows.empty()
           ? json::value()
           : json::value(utc_text(std::get<store::Timestamp>(last.rows[0][1]).us / 1000))},
      {"metrics", std::move(metrics)},
      {"guardrails", std::move(guardrails)},
      {"variations", arms_json(test)},
      {"weights", test.weights},
      {"least_p", std::move(least_p)},
      {"days", std::move(days)}};
  inputs["sums"] = std::move(sums);
  inputs["quantiles"] = std::move(quantiles);
  inputs["sequential_method"] = design.sequential_method;
  inputs["smallest_lift"] = design.smallest_lift;
  ATTUNE_ASSIGN(const std::vector<Factor> factors, read_factors(test.design));
  if (!factors.empty()) inputs["factors"] = test.design.at("factors");
  const auto primary = std::ranges::find(design.metrics, test.primary_metric, &Metric::name);
  if (primary != design.metrics.end()) {
    ATTUNE_ASSIGN(inputs["history"], read_history(session, test, *primary, until_ms));
  }
  return inputs;
}

Result<void> keep_snapshot(store::Session& session, const Test& test, const json::object& inputs,
                           const json::object& verdict, std::int64_t now_ms) {
  const auto now = store::Timestamp::from_ms(now_ms);
  return store::in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(write_result(session, test, inputs, verdict, now));
    return write_verdict(session, test, verdict, now);
  });
}

}  // namespace attune::experiment
