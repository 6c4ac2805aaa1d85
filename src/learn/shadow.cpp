#include "learn/shadow.h"

#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json.hpp>

namespace attune::learn {
namespace {

namespace json = boost::json;

std::string text_of(const store::Value& value) {
  if (const auto* made = std::get_if<store::Json>(&value)) return made->text;
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string{} : *text;
}

double number_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

Result<store::Rows> shadow_rows(store::Session& session, const Uuid& site) {
  auto rows = session.query("learn/models_shadow", std::array{store::Value(site)});
  if (!rows) return pass(rows, "looking for models in the shadow");
  return rows;
}

/// Adds means and counts of one more batch of requests.
void add(json::object& shadow, const ShadowCounts& counted) {
  const double before = number_of(shadow, "requests");
  const auto more = static_cast<double>(counted.requests);
  const auto mean = [&](std::string_view key, double sum) {
    shadow[key] = (number_of(shadow, key) * before + sum) / (before + more);
  };
  mean("overlap_10", counted.overlap);
  mean("answer_us", counted.answer_us);
  mean("present_answer_us", counted.present_us);
  shadow["requests"] = static_cast<std::int64_t>(before + more);
}

}  // namespace

std::string with_shadow(const std::string& metrics_json, std::int64_t now_ms) {
  boost::system::error_code problem;
  json::value metrics = json::parse(metrics_json, problem);
  if (problem || !metrics.is_object()) metrics = json::object{};
  metrics.as_object()["shadow"] = json::object{{"since_ms", now_ms}, {"requests", 0}};
  return json::serialize(metrics);
}

Result<std::vector<ActiveModel>> shadow_models(store::Session& session, const Uuid& site) {
  ATTUNE_ASSIGN(const store::Rows rows, shadow_rows(session, site));
  std::vector<ActiveModel> models;
  for (const auto& row : rows.rows) {
    if (!models.empty() && models.back().strategy == text_of(row[0])) continue;
    models.push_back({.strategy = text_of(row[0]),
                      .version = text_of(row[1]),
                      .artefact_path = text_of(row[2]),
                      .algorithm = text_of(row[4]),
                      .status = text_of(row[6])});
  }
  return models;
}

Result<void> tend_shadows(store::Store& store, const Clock& clock, const Uuid& site,
                          std::span<const ShadowCounts> counted, const ShadowRule& rule) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(const store::Rows rows, shadow_rows(*session, site));
  for (const auto& row : rows.rows) {
    const std::string strategy = text_of(row[0]);
    const std::string version = text_of(row[1]);
    boost::system::error_code problem;
    json::value metrics = json::parse(text_of(row[7]), problem);
    json::value* found = metrics.is_object() ? metrics.as_object().if_contains("shadow") : nullptr;
    if (problem || found == nullptr || !found->is_object()) continue;
    json::object& shadow = found->as_object();
    for (const ShadowCounts& each : counted) {
      if (each.strategy != strategy || each.version != version || each.requests == 0) continue;
      add(shadow, each);
      ATTUNE_TRY(session->execute(
          "learn/model_metrics",
          std::array{store::Value(site), store::Value(strategy), store::Value(version),
                     store::Value(store::Json{json::serialize(metrics)})}));
    }
    const double since_ms = number_of(shadow, "since_ms");
    if (number_of(shadow, "requests") >= static_cast<double>(rule.requests) ||
        static_cast<double>(clock.now_ms()) - since_ms >= static_cast<double>(rule.ms)) {
      ATTUNE_TRY(promote_model(store, clock, site, strategy, version));
    }
  }
  return {};
}

}  // namespace attune::learn
