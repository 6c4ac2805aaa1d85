// Sites, keys, status and jobs from the command line.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "commands/answer_text.h"
#include "commands/commands.h"
#include "commands/progress.h"

namespace attune::commands {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& object, std::string_view key) {
  const json::value* found = object.as_object().if_contains(key);
  if (found == nullptr || found->is_null()) return "";
  return found->is_string() ? std::string(found->as_string()) : json::serialize(*found);
}

}  // namespace

Result<void> run_site_add(Channel& channel, const SiteCommand& command) {
  json::object body{{"domain", command.domain}};
  if (!command.name.empty()) body["name"] = command.name;
  if (!command.timezone.empty()) body["timezone"] = command.timezone;
  if (!command.currency.empty()) body["currency"] = command.currency;
  ATTUNE_ASSIGN(const json::value site, channel.call("POST", "/api/v1/sites", json::serialize(body)));
  fmt::print("{}\n{}\n", text_of(site, "id"), text_of(site, "snippet"));
  return {};
}

Result<void> run_site_list(Channel& channel) {
  ATTUNE_ASSIGN(const json::value answer, channel.call("GET", "/api/v1/sites"));
  const json::value* sites = answer.is_object() ? answer.as_object().if_contains("sites") : &answer;
  for (const json::value& site : sites->as_array()) {
    fmt::print("{}  {}  {}\n", text_of(site, "id"), text_of(site, "domain"),
               text_of(site, "timezone"));
  }
  return {};
}

Result<void> run_key_add(Channel& channel, const KeyCommand& command) {
  const json::object body{{"name", command.name.empty() ? command.scope + " key" : command.name},
                          {"scope", command.scope}};
  const std::string target = command.whole_server
                                 ? "/api/v1/keys"
                                 : "/api/v1/sites/" + encode_component(command.site) + "/keys";
  ATTUNE_ASSIGN(const json::value key, channel.call("POST", target, json::serialize(body)));
  fmt::print("{}\n", text_of(key, "key"));
  return {};
}

Result<void> run_status(Channel& channel, bool as_json) {
  ATTUNE_ASSIGN(json::value status, channel.call("GET", "/api/v1/status"));
  // Of a database that does not answer the rest is told all the same.
  auto database = channel.call("GET", "/api/v1/status/database");
  status.as_object()["database"] =
      database ? std::move(*database) : json::value{{"error", database.error().message()}};
  if (as_json) {
    fmt::print("{}\n", json::serialize(status));
  } else {
    fmt::print("{}", answer_text(status));
  }
  return {};
}

Result<void> run_train(Channel& channel, const std::string& target, const std::string& strategy,
                       const std::string& model, const Clock& clock) {
  json::object body;
  if (!model.empty()) body["algorithm"] = model;
  if (!strategy.empty()) body["strategy"] = strategy;
  return run_job(channel, target, json::serialize(body), "training", clock);
}

Result<json::value> result_of_job(Channel& channel, const std::string& target, std::string body,
                                  const std::string& title, const Clock& clock) {
  ATTUNE_ASSIGN(json::value job, channel.call("POST", target, std::move(body)));
  const std::string id = text_of(job, "id");
  Progress progress(title, "", clock);
  std::mutex mutex;
  std::condition_variable never;
  while (text_of(job, "state") == "running") {
    progress.update(job.at("done").to_number<double>(), 0, text_of(job, "message"));
    {
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(100));
    }
    ATTUNE_ASSIGN(job, channel.call("GET", "/api/v1/jobs/" + id));
  }
  progress.finish();
  if (text_of(job, "state") != "done") {
    return fail(ErrorCode::failed_precondition, text_of(job, "message"));
  }
  const json::value* result = job.as_object().if_contains("result");
  return result == nullptr ? json::value() : *result;
}

Result<void> run_job(Channel& channel, const std::string& target, std::string body,
                     const std::string& title, const Clock& clock) {
  ATTUNE_ASSIGN(const json::value result,
                result_of_job(channel, target, std::move(body), title, clock));
  if (result.is_object()) {
    fmt::print("{}", answer_text(result));
    const json::value* ok = result.as_object().if_contains("ok");
    if (ok != nullptr && ok->is_bool() && !ok->as_bool()) {
      return fail(ErrorCode::data_loss, "the check found differences");
    }
  }
  return {};
}

}  // namespace attune::commands
