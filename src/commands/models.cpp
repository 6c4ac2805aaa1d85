// The models of a site from the command line.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "commands/commands.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, std::string_view key) {
  const json::value* found = object.as_object().if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "-";
}

/// The held-out quality that the registry keeps, when there is any.
std::string quality_of(const json::value& model) {
  const json::value* metrics = model.as_object().if_contains("metrics");
  if (metrics == nullptr || !metrics->is_object()) return "";
  const json::value* mrr = metrics->as_object().if_contains("mrr_20");
  const json::value* hit = metrics->as_object().if_contains("hr_20");
  if (mrr == nullptr || hit == nullptr || !mrr->is_number() || !hit->is_number()) return "";
  return fmt::format("HR@20 {:.4f}  MRR@20 {:.4f}", hit->to_number<double>(),
                     mrr->to_number<double>());
}

/// What a model in the shadow has shown so far.
std::string shadow_of(const json::value& model) {
  if (text_of(model, "status") != "validating") return "";
  const json::value* metrics = model.as_object().if_contains("metrics");
  const json::value* shadow = metrics == nullptr || !metrics->is_object()
                                  ? nullptr
                                  : metrics->as_object().if_contains("shadow");
  if (shadow == nullptr || !shadow->is_object()) return "";
  const auto number = [&](std::string_view key) {
    const json::value* found = shadow->as_object().if_contains(key);
    return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
  };
  return fmt::format(
      "  in the shadow: {:.0f} requests, {:.0f} % of ten items alike, {:.0f} us (now {:.0f})",
      number("requests"), 100 * number("overlap_10"), number("answer_us"),
      number("present_answer_us"));
}

std::string path_of(const std::string& site, std::string_view rest) {
  return fmt::format("/api/v1/sites/{}/models{}", encode_component(site), rest);
}

}  // namespace

Result<void> run_models_list(Channel& channel, const ModelsCommand& command) {
  ATTUNE_ASSIGN(const json::value answer, channel.call("GET", path_of(command.site, "")));
  const auto& models = answer.at("models").as_array();
  if (models.empty()) fmt::print("no model yet: attune train --site {}\n", command.site);
  for (const json::value& model : models) {
    fmt::print("{:<14} {:<24} {:<11} {}  {}{}\n", text_of(model, "strategy"),
               text_of(model, "version"), text_of(model, "status"), text_of(model, "trained_at"),
               quality_of(model), shadow_of(model));
  }
  return {};
}

Result<void> run_models_promote(Channel& channel, const ModelsCommand& command) {
  const json::object body{{"strategy", command.strategy}, {"version", command.version}};
  ATTUNE_ASSIGN(const json::value answer,
                channel.call("POST", path_of(command.site, "/promote"), json::serialize(body)));
  fmt::print("{} serves {}\n", text_of(answer, "version"), text_of(answer, "strategy"));
  return {};
}

Result<void> run_models_rollback(Channel& channel, const ModelsCommand& command) {
  const json::object body{{"strategy", command.strategy}};
  ATTUNE_ASSIGN(const json::value answer,
                channel.call("POST", path_of(command.site, "/rollback"), json::serialize(body)));
  fmt::print("{} serves {} again\n", text_of(answer, "version"), text_of(answer, "strategy"));
  return {};
}

}  // namespace attune::commands
