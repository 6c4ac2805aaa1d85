// Flags of a site: stored whole or in part, in service when the answer goes out; and what one
// visitor would get, with the reason.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/time_zone.h"
#include "experiment/condition.h"
#include "serve/flag_store.h"
#include "serve/json_fields.h"
#include "serve/publisher.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using experiment::Flag;

constexpr std::size_t kDefinitionBytesMax = 256 * 1024;

/// A site's flags, held while one is changed.
struct Desk {
  Desk(std::unique_lock<std::mutex> held, SessionPool::Lease lease)
      : lock(std::move(held)), session(std::move(lease)) {}
  std::unique_lock<std::mutex> lock;
  SessionPool::Lease session;
  std::vector<StoredFlag> flags;
  json::object groups;   // saved ones: key and members

  std::vector<StoredFlag>::iterator find(std::string_view key) {
    return std::ranges::find_if(flags, [&](const StoredFlag& f) { return f.flag.key == key; });
  }
  std::vector<Flag> plain() const {
    std::vector<Flag> made;
    for (const StoredFlag& each : flags) made.push_back(each.flag);
    return made;
  }
};

Result<Desk> open_desk(ApiContext& api, const Call& call) {
  // Locked before the transaction begins, or it would not see what the one before stored.
  std::unique_lock lock(api.flag_mutex);
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  Desk desk(std::move(lock), std::move(session));
  ATTUNE_ASSIGN(desk.flags, load_flags(*desk.session, call.site->id.text()));
  ATTUNE_ASSIGN(const auto groups, load_groups(*desk.session, call.site->id.text()));
  desk.groups = members_by_key(groups);
  return desk;
}

/// Tests are an account's rows: not those of the site that the desk acts for.
Result<SiteTests> tests_of(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, api.sessions.borrow());
  return load_tests(*session, call.site->id.text());
}

tl::unexpected<Error> no_such_flag() {
  return fail(ErrorCode::not_found, "no such flag", "key");
}

Result<Response> list_flags(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto flags, load_flags(*session, call.site->id.text()));
  json::array list;
  for (const StoredFlag& flag : flags) list.push_back(flag_json(flag));
  const json::object answer{
      {"flags", std::move(list)},
      {"client_key", call.site->id.text()},
      {"published_at", utc_text(api.publisher.of(call.site->id)->updated_ms)}};
  return Response::json(json::serialize(answer));
}

Result<Response> get_flag(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, api.sessions.borrow_as(site_of(call)));
  ATTUNE_ASSIGN(const auto flags, load_flags(*session, call.site->id.text()));
  for (const StoredFlag& flag : flags) {
    if (flag.flag.key == call.path("key")) return Response::json(json::serialize(flag_json(flag)));
  }
  return no_such_flag();
}

/// What requires a flag that is about to be out of service.
Result<void> check_needed(const Desk& desk, const StoredFlag& flag) {
  const auto needed = experiment::flags_that_need(flag.flag.key, desk.plain());
  if (needed.empty()) return {};
  return fail(ErrorCode::failed_precondition,
              fmt::format("{} require it: change their rules first", fmt::join(needed, ", ")),
              "key");
}

Result<Response> keep(ApiContext& api, const Call& call, Desk& desk, StoredFlag& flag) {
  ATTUNE_ASSIGN(const auto tests, tests_of(api, call));
  const std::vector<Flag> others = desk.plain();
  ATTUNE_TRY(experiment::check_flag(
      flag.flag, {.flags = others, .tests = tests.known, .groups = desk.groups}));
  if (flag.archived) ATTUNE_TRY(check_needed(desk, flag));
  const bool is_new = flag.version == 0;
  ++flag.version;
  flag.updated_ms = api.clock().now_ms();
  if (is_new) flag.created_ms = flag.updated_ms;
  flag.updated_by = call.caller.name;
  ATTUNE_TRY(store_flag(*desk.session, call.site->id.text(), flag));
  ATTUNE_TRY(desk.session.commit());
  ATTUNE_TRY(publish_flags(api, call));
  return Response::json(json::serialize(flag_json(flag)), is_new ? 201 : 200);
}

Result<Response> put_flag(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  ATTUNE_ASSIGN(Desk desk, open_desk(api, call));
  StoredFlag flag;
  flag.version = 0;
  flag.flag.key = call.path("key");
  if (const auto stored = desk.find(flag.flag.key); stored != desk.flags.end()) {
    flag.version = stored->version;
    flag.created_ms = stored->created_ms;
  } else if (desk.flags.size() >= kFlagsMax) {
    return fail(ErrorCode::resource_exhausted,
                fmt::format("a site has at most {} flags", kFlagsMax), "body");
  }
  if (body.is_object() && !body.get_object().contains("default_value")) {
    return fail(ErrorCode::invalid_argument, "is required", "default_value");
  }
  ATTUNE_TRY(read_flag(body, flag));
  return keep(api, call, desk, flag);
}

Result<Response> patch_flag(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  ATTUNE_ASSIGN(Desk desk, open_desk(api, call));
  const auto stored = desk.find(call.path("key"));
  if (stored == desk.flags.end()) return no_such_flag();
  StoredFlag flag = *stored;
  ATTUNE_TRY(read_flag(body, flag));
  return keep(api, call, desk, flag);
}

Result<Response> delete_flag(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(Desk desk, open_desk(api, call));
  const auto stored = desk.find(call.path("key"));
  if (stored == desk.flags.end()) return no_such_flag();
  ATTUNE_TRY(check_needed(desk, *stored));
  const store::Value parameters[] = {call.site->id.text(), stored->flag.key};
  ATTUNE_TRY(desk.session->execute("serve/flag_delete", parameters));
  ATTUNE_TRY(desk.session.commit());
  if (auto served = api.publisher.publish(call.site->id); !served) {
    return pass(served, "it is deleted, and still in service");
  }
  return Response::empty(204);
}

/// Why somebody gets a value, for people to read.
std::string reason_text(const experiment::FeatureResult& result, const StoredFlag& flag) {
  if (flag.archived) return "the flag is archived: code gets its own default";
  if (!flag.flag.enabled) return "the kill switch is thrown: code gets its own default";
  const std::string rule =
      result.rule_id.empty() ? std::string("a rule") : fmt::format("the rule '{}'", result.rule_id);
  if (result.source == "force") return fmt::format("{} fits and gives this value", rule);
  if (result.source == "experiment" && result.assignment) {
    const experiment::Assignment& made = *result.assignment;
    return fmt::format(
        "chance put {} '{}' into variation '{}' of the test '{}', at {:.4f} of 0 to 1",
        made.hash_attribute, experiment::text_of(made.hash_value), made.key,
        result.test_key, made.bucket.value_or(0));
  }
  if (result.source == "prerequisite") return "a flag that it requires says no";
  if (result.source == "cyclicPrerequisite") return "its prerequisites go in a circle";
  if (flag.flag.rules.empty()) return "the flag has no rules: everybody gets the default value";
  return "no rule fits: the default value";
}

Result<experiment::Asker> read_asker(JsonFields& fields) {
  experiment::Asker asker;
  if (const json::object* given = fields.optional_object("attributes")) asker.attributes = *given;
  asker.url = fields.optional_text("url", 2000).value_or("");
  if (auto visitor = fields.optional_text("visitor", 255)) {
    asker.attributes["id"] = *visitor;
    asker.attributes["visitor_id"] = *visitor;
  }
  return asker;
}

/// What one visitor gets of a flag as stored, or of a draft; journals nothing.
Result<Response> evaluate_flag(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  ATTUNE_ASSIGN(const experiment::Asker asker, read_asker(fields));
  const json::value* draft = fields.optional_value("flag");
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const SiteTests tests, tests_of(api, call));
  ATTUNE_ASSIGN(Desk desk, open_desk(api, call));
  const std::string key(call.path("key"));
  auto at = desk.find(key);
  if (at == desk.flags.end() && draft == nullptr) return no_such_flag();
  if (at == desk.flags.end()) {
    desk.flags.emplace_back().flag.key = key;
    at = std::prev(desk.flags.end());
    at->version = 0;
  }
  if (draft != nullptr) {
    ATTUNE_TRY(read_flag(*draft, *at));
    const std::vector<Flag> others = desk.plain();
    ATTUNE_TRY(experiment::check_flag(
        at->flag, {.flags = others, .tests = tests.known, .groups = desk.groups}));
  }
  std::vector<Flag> served = desk.plain();
  for (std::size_t i = 0; i < served.size(); ++i) served[i].enabled = desk.flags[i].is_served();
  const experiment::SitePayload site =
      experiment::make_payload(served, tests.running, desk.groups);
  experiment::Evaluator evaluator(site.payload, asker);
  const experiment::FeatureResult result = evaluator.feature(key);
  json::object answer{{"key", key},
                      {"value", result.value},
                      {"source", at->is_served() ? json::value(result.source) : "disabled"},
                      {"reason", reason_text(result, *at)},
                      {"result", result.to_json()}};
  if (result.assignment) answer["variation"] = result.assignment->key;
  return Response::json(json::serialize(answer));
}

Route row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
          Result<Response> (*handler)(ApiContext&, const Call&), std::string_view summary,
          std::string_view request, std::string_view response) {
  const Access access = method == Method::get ? Access::site_read : Access::site_admin;
  Route route = row(method, pattern, name, access, summary, response);
  route.request_schema = request;
  if (!request.empty()) route.body_bytes_max = kDefinitionBytesMax;
  route.on_worker = worker([&api, handler](const Call& call) { return handler(api, call); });
  return route;
}

}  // namespace

std::vector<Route> flag_routes(ApiContext& api) {
  constexpr std::string_view kFlag = "/api/v1/sites/{site}/flags/{key}";
  std::vector<Route> routes{
      row(api, Method::get, "/api/v1/sites/{site}/flags", "list_flags", list_flags,
          "The site's flags, by key; archived ones too.", "", "Flags"),
      row(api, Method::get, kFlag, "get_flag", get_flag, "A flag.", "", "Flag"),
      row(api, Method::put, kFlag, "put_flag", put_flag,
          "Stores a flag whole; in service when this answers.", "NewFlag", "Flag"),
      row(api, Method::patch, kFlag, "patch_flag", patch_flag,
          "Changes what is given of a flag: {\"enabled\":false} is the kill switch.", "FlagChange",
          "Flag"),
      row(api, Method::delete_, kFlag, "delete_flag", delete_flag,
          "Deletes a flag; code that asks for it gets its own default.", "", ""),
  };
  Route dry = row(api, Method::post, "/api/v1/sites/{site}/flags/{key}/evaluate", "evaluate_flag",
                  evaluate_flag, "What one visitor gets of a flag, and why; records nothing.",
                  "FlagQuestion", "FlagAnswer");
  dry.access = Access::site_read;
  routes.push_back(std::move(dry));
  return routes;
}

}  // namespace attune::serve
