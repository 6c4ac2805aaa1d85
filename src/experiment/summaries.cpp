#include "experiment/summaries.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <span>
#include <string_view>
#include <variant>

#include "base/time_zone.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Null;
using store::Value;

constexpr store::QueryOptions kAll{.rows_max = 100'000, .timeout_ms = 30'000};
constexpr double kUnitsMin = 100;   // of each variation, before a number is said

json::value json_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return json::value(*text);
  if (const auto* at = std::get_if<store::Timestamp>(&value)) {
    return json::value(utc_text(at->us / 1000));
  }
  return nullptr;
}

std::string_view text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

/// Whether each of [{"units": ..}] has people enough.
bool is_enough(std::string_view variations) {
  boost::system::error_code broken;
  const json::value list =
      json::parse(json::string_view(variations.data(), variations.size()), broken);
  const json::array* arms = broken ? nullptr : list.if_array();
  return arms != nullptr && !arms->empty() &&
         std::ranges::all_of(*arms, [](const json::value& arm) {
           const json::object* object = arm.if_object();
           const json::value* units = object == nullptr ? nullptr : object->if_contains("units");
           return units != nullptr && units->is_number() &&
                  units->to_number<double>() >= kUnitsMin;
         });
}

/// cells  "calculated_at" and what follows it.
json::value snapshot_of(std::span<const Value> cells) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "calculated_at", "units",   "conversions",    "duration_days",      "winner",
      "significance",  "p_value", "projected_lift", "projected_lift_low", "projected_lift_high",
      "outcome"};
  if (std::holds_alternative<Null>(cells[0])) return nullptr;
  json::object snapshot;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    snapshot[json::string_view(kNames[i].data(), kNames[i].size())] = json_of(cells[i]);
  }
  snapshot["is_broken"] = text_of(cells[kNames.size()]) == "true";
  snapshot["is_enough"] = is_enough(text_of(cells[kNames.size() + 1]));
  return snapshot;
}

}  // namespace

Result<json::object> summaries(store::Session& session, const SummaryScope& scope) {
  const auto or_null = [](const std::optional<std::string>& text) {
    return text ? Value{*text} : Value{Null{}};
  };
  const std::array parameters{Value{scope.account}, or_null(scope.site), or_null(scope.status)};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("experiment/summaries", parameters, kAll));
  json::object all;
  for (const auto& row : rows.rows) {
    all[std::get<Uuid>(row[0]).text()] =
        json::object{{"people", json_of(row[1])},
                     {"mixed", json_of(row[2])},
                     {"refreshed_at", json_of(row[3])},
                     {"snapshot", snapshot_of(std::span(row).subspan(4))}};
  }
  return all;
}

}  // namespace attune::experiment
