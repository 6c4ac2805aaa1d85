#include "experiment/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, MetricKind>, 7> kKinds = {{
    {"conversion", MetricKind::conversion},
    {"count", MetricKind::count},
    {"sum", MetricKind::sum},
    {"ratio", MetricKind::ratio},
    {"retention", MetricKind::retention},
    {"revenue", MetricKind::revenue},
    {"quantile", MetricKind::quantile},
}};
constexpr std::size_t kTextBytesMax = 100;
constexpr std::int64_t kWindowDaysMax = 365;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kEverSeconds = 100 * 366 * kDaySeconds;

tl::unexpected<Error> refuse(const std::string& field, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), field);
}

std::string text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

bool is_clean(std::string_view text) {
  return !text.empty() && text.size() <= kTextBytesMax &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

/// Letters, digits, "_", "-" and dots between them: it becomes a path into JSON.
bool is_property(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '.';
  });
  return is_clean(text) && plain && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

Result<void> check_fields(const json::object& object, const std::string& field,
                          std::span<const std::string_view> known) {
  for (const auto& entry : object) {
    if (std::ranges::find(known, std::string_view(entry.key())) == known.end()) {
      return refuse(fmt::format("{}.{}", field, std::string_view(entry.key())), "unknown field");
    }
  }
  return {};
}

Result<void> read_where(const json::value& value, const std::string& field, Selection& selection) {
  const json::object* where = value.if_object();
  if (where == nullptr) return refuse(field, "must be an object such as {\"path\": \"/sale*\"}");
  for (const auto& entry : *where) {
    const std::string_view key = entry.key();
    const std::string text = text_of(entry.value());
    const std::string at = fmt::format("{}.{}", field, key);
    if (!is_clean(text)) return refuse(at, "must be text of 1 to 100 bytes");
    if (key == "path") {
      selection.path = text;
    } else if (!is_property(key)) {
      return refuse(at, "must be path or the name of a property");
    } else if (!selection.where_property.empty()) {
      return refuse(at, "there may be one property beside path");
    } else {
      selection.where_property = key;
      selection.where_value = text;
    }
  }
  return {};
}

Result<Selection> read_selection(const json::object& object, const std::string& field) {
  Selection selection;
  if (const json::value* event = object.if_contains("event")) selection.event = text_of(*event);
  if (!is_clean(selection.event)) {
    return refuse(field + ".event", "must be the name of an event, such as \"purchase\"");
  }
  if (const json::value* property = object.if_contains("property")) {
    selection.property = text_of(*property);
    if (!is_property(selection.property)) {
      return refuse(field + ".property", "must be a name of letters, digits, _ - and dots");
    }
  }
  if (const json::value* where = object.if_contains("where")) {
    ATTUNE_TRY(read_where(*where, field + ".where", selection));
  }
  return selection;
}

/// A share of values, such as 0.9; an error names the field.
Result<double> read_share(const json::value* value, const std::string& field) {
  const double share = value != nullptr && value->is_number() ? value->to_number<double>() : 0;
  if (share > 0 && share < 1) return share;
  return refuse(field, "must be a number above 0 and below 1, such as 0.9");
}

Result<bool> read_flag(const json::object& object, std::string_view name,
                       const std::string& field) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return refuse(fmt::format("{}.{}", field, name), "must be true or false");
  return value->as_bool();
}

/// {"cap": 500}, or {"quantile": 0.99, "ignore_zeros": true}.
Result<void> read_winsor(const json::value& value, const std::string& field, Metric& metric) {
  const json::object* winsor = value.if_object();
  const json::value* cap = winsor == nullptr ? nullptr : winsor->if_contains("cap");
  const json::value* quantile = winsor == nullptr ? nullptr : winsor->if_contains("quantile");
  if ((cap == nullptr) == (quantile == nullptr)) {
    return refuse(field, "must be {\"cap\": a number above 0} or {\"quantile\": 0.99}");
  }
  if (cap != nullptr) {
    const bool fits = winsor->size() == 1 && cap->is_number() && cap->to_number<double>() > 0 &&
                      cap->to_number<double>() <= 1e12;
    if (!fits) return refuse(field, "must be {\"cap\": a number above 0}");
    metric.cap = cap->to_number<double>();
    return {};
  }
  static constexpr std::array<std::string_view, 2> kParts = {"quantile", "ignore_zeros"};
  ATTUNE_TRY(check_fields(*winsor, field, kParts));
  ATTUNE_ASSIGN(metric.winsor_quantile, read_share(quantile, field + ".quantile"));
  ATTUNE_ASSIGN(metric.ignore_zeros, read_flag(*winsor, "ignore_zeros", field));
  return {};
}

/// What only a quantile has: which one, and of what.
Result<void> read_quantile(const json::object& object, const std::string& field, Metric& metric) {
  if (metric.kind != MetricKind::quantile) {
    for (const std::string_view name : {"quantile", "per", "ignore_zeros"}) {
      if (object.contains(name)) {
        return refuse(fmt::format("{}.{}", field, name), "is for the kind quantile");
      }
    }
    return {};
  }
  ATTUNE_ASSIGN(metric.quantile,
                read_share(object.if_contains("quantile"), field + ".quantile"));
  ATTUNE_ASSIGN(metric.ignore_zeros, read_flag(object, "ignore_zeros", field));
  if (const json::value* per = object.if_contains("per")) {
    const std::string text = text_of(*per);
    if (text != "person" && text != "event") {
      return refuse(field + ".per", "must be one of: person, event");
    }
    metric.per_event = text == "event";
  }
  if (metric.per_event && metric.counted.property.empty()) {
    return refuse(field + ".property", "a quantile of events needs the number it is of");
  }
  return {};
}

Result<void> read_numbers(const json::object& object, const std::string& field, Metric& metric) {
  if (const json::value* winsor = object.if_contains("winsor")) {
    if (metric.is_proportion() || metric.kind == MetricKind::ratio ||
        metric.kind == MetricKind::quantile) {
      return refuse(field + ".winsor", "is for counts, sums and revenue");
    }
    ATTUNE_TRY(read_winsor(*winsor, field + ".winsor", metric));
  }
  if (const json::value* days = object.if_contains("window_days")) {
    const bool fits = days->is_int64() && days->as_int64() >= 1 &&
                      days->as_int64() <= kWindowDaysMax;
    if (!fits) return refuse(field + ".window_days", "must be a whole number, 1 to 365");
    metric.window_days = days->as_int64();
  }
  if (const json::value* higher = object.if_contains("higher_is_better")) {
    if (!higher->is_bool()) return refuse(field + ".higher_is_better", "must be true or false");
    metric.higher_is_better = higher->as_bool();
  }
  return {};
}

Result<Metric> read_metric(const json::value& value, const std::string& field) {
  static constexpr std::array<std::string_view, 12> kFields = {
      "name", "kind", "event", "property", "where", "denominator", "winsor", "window_days",
      "higher_is_better", "quantile", "per", "ignore_zeros"};
  const json::object* object = value.if_object();
  if (object == nullptr) return refuse(field, "must be an object");
  ATTUNE_TRY(check_fields(*object, field, kFields));
  Metric metric;
  if (const json::value* name = object->if_contains("name")) metric.name = text_of(*name);
  if (!is_clean(metric.name)) return refuse(field + ".name", "must be text of 1 to 100 bytes");
  const json::value* kind = object->if_contains("kind");
  const auto known = std::ranges::find(kKinds, kind == nullptr ? "" : text_of(*kind),
                                       &std::pair<std::string_view, MetricKind>::first);
  if (known == kKinds.end()) {
    return refuse(field + ".kind",
                  "must be one of: conversion, count, sum, ratio, retention, revenue, quantile");
  }
  metric.kind = known->second;
  json::object selected = *object;
  if (metric.kind == MetricKind::revenue) {
    if (!selected.contains("event")) selected["event"] = "purchase";
    if (!selected.contains("property")) selected["property"] = "revenue";
  }
  if (metric.kind == MetricKind::retention && !selected.contains("event")) {
    selected["event"] = "pageview";
  }
  ATTUNE_ASSIGN(metric.counted, read_selection(selected, field));
  if (metric.kind == MetricKind::sum && metric.counted.property.empty()) {
    return refuse(field + ".property", "a sum needs the property that is added up");
  }
  ATTUNE_TRY(read_numbers(*object, field, metric));
  ATTUNE_TRY(read_quantile(*object, field, metric));
  if (metric.kind == MetricKind::retention && metric.window_days < 2) {
    return refuse(field + ".window_days", "retention looks from day 1 on: give 2 or more days");
  }
  const json::value* denominator = object->if_contains("denominator");
  if ((metric.kind == MetricKind::ratio) != (denominator != nullptr)) {
    return refuse(field + ".denominator", "a ratio has a denominator, and no other kind has one");
  }
  if (denominator != nullptr) {
    static constexpr std::array<std::string_view, 3> kParts = {"event", "property", "where"};
    const json::object* part = denominator->if_object();
    if (part == nullptr) return refuse(field + ".denominator", "must be an object with an event");
    ATTUNE_TRY(check_fields(*part, field + ".denominator", kParts));
    ATTUNE_ASSIGN(metric.denominator, read_selection(*part, field + ".denominator"));
  }
  return metric;
}

/// "/sale*" as a pattern of LIKE with "!" before what stands for itself.
std::string like_pattern(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (c == '*') {
      pattern += '%';
      continue;
    }
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern;
}

json::object rule_of(const Metric& metric, const Selection& selection, std::string_view role) {
  const bool retention = metric.kind == MetricKind::retention;
  return {{"metric", metric.name},
          {"role", role},
          {"event", selection.event},
          {"property", selection.property},
          {"pattern", like_pattern(selection.path)},
          {"where_property", selection.where_property},
          {"where_value", selection.where_value},
          {"from_seconds", retention ? kDaySeconds : 0},
          {"until_seconds",
           metric.window_days > 0 ? metric.window_days * kDaySeconds : kEverSeconds},
          {"is_proportion", metric.is_proportion()},
          {"has_before", !retention && !metric.per_event},
          {"cap", metric.cap},
          {"per_event", metric.per_event}};
}

}  // namespace

std::string_view to_string(MetricKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<std::string_view, MetricKind>::second)->first;
}

Result<std::vector<Metric>> read_metrics(const json::value& list, const std::string& field) {
  const json::array* array = list.if_array();
  if (array == nullptr) return refuse(field, "must be an array of metrics");
  if (array->size() > kMetricsMax) return refuse(field, "a test has at most 50 metrics");
  std::vector<Metric> metrics;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string at = fmt::format("{}[{}]", field, i);
    ATTUNE_ASSIGN(Metric metric, read_metric((*array)[i], at));
    if (std::ranges::find(metrics, metric.name, &Metric::name) != metrics.end()) {
      return refuse(at + ".name", "another metric of the test has this name");
    }
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

Result<std::vector<Guardrail>> read_guardrails(const json::value& list,
                                               const std::vector<Metric>& metrics) {
  const json::array* array = list.if_array();
  if (array == nullptr) return refuse("guardrail_metrics", "must be an array");
  std::vector<Guardrail> guardrails;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string at = fmt::format("guardrail_metrics[{}]", i);
    Guardrail guardrail;
    const json::value& entry = (*array)[i];
    if (const json::object* object = entry.if_object()) {
      static constexpr std::array<std::string_view, 2> kFields = {"metric", "margin"};
      ATTUNE_TRY(check_fields(*object, at, kFields));
      if (const json::value* name = object->if_contains("metric")) {
        guardrail.metric = text_of(*name);
      }
      if (const json::value* margin = object->if_contains("margin")) {
        const double share = margin->is_number() ? margin->to_number<double>() : 0;
        if (!(share > 0 && share <= 1)) {
          return refuse(at + ".margin", "must be a number above 0 and at most 1");
        }
        guardrail.margin = share;
      }
    } else {
      guardrail.metric = text_of(entry);
    }
    if (std::ranges::find(metrics, guardrail.metric, &Metric::name) == metrics.end()) {
      return refuse(at, "is not the name of one of design.metrics");
    }
    guardrails.push_back(std::move(guardrail));
  }
  return guardrails;
}

json::object to_json(const Metric& metric) {
  json::object json{{"name", metric.name},
                    {"kind", to_string(metric.kind)},
                    {"cap", metric.cap},
                    {"higher_is_better", metric.higher_is_better}};
  if (metric.adds_up()) return json;
  json["ignore_zeros"] = metric.ignore_zeros;
  if (metric.kind == MetricKind::quantile) {
    json["quantile"] = metric.quantile;
    json["per"] = metric.per_event ? "event" : "person";
  } else {
    json["winsor_quantile"] = metric.winsor_quantile;
  }
  return json;
}

json::array rules_of(const std::vector<Metric>& metrics) {
  json::array rules;
  for (const Metric& metric : metrics) {
    rules.push_back(rule_of(metric, metric.counted, "n"));
    if (metric.denominator) rules.push_back(rule_of(metric, *metric.denominator, "d"));
  }
  return rules;
}

}  // namespace attune::experiment
