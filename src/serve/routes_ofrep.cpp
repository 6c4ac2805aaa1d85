// OpenFeature's remote evaluation protocol (OFREP 0.3): one flag, or all of a person. Whoever has a
// key of the site may ask, and whoever has its public id, so that a browser's provider works with
// `headers: [["X-API-Key", SITE]]`. Each assignment by chance is an exposure.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/hash.h"
#include "collect/request.h"
#include "experiment/condition.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kContextBytesMax = 64 * 1024;

Response ofrep_error(int status, std::string_view key, std::string_view code,
                     std::string_view details) {
  json::object body;
  if (!key.empty()) body["key"] = key;
  if (!code.empty()) body["errorCode"] = code;
  body["errorDetails"] = details;
  return Response::json(json::serialize(body), status);
}

/// Who asks, in which site.
struct Asking {
  std::shared_ptr<const event::SiteSnapshot> sites;   // keeps `site` alive
  const event::Site* site = nullptr;
  bool is_public = false;   // by the id that pages carry, not by a secret key
};

std::string_view credential(const Request& request) {
  const std::string_view key = request.header("x-api-key");
  if (!key.empty()) return key;
  const std::string_view authorization = request.header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  const bool is_bearer =
      authorization.starts_with(kScheme) || authorization.starts_with("bearer ");
  return is_bearer ? authorization.substr(kScheme.size()) : std::string_view();
}

/// Either who asks, or the refusal.
std::optional<Response> identify(const ApiContext& api, const Call& call, Asking& asking) {
  const std::string_view key = credential(call.request());
  if (key.empty()) {
    return ofrep_error(401, {}, {},
                       "send Authorization: Bearer KEY or X-API-Key: KEY, with a key of the site "
                       "or its public id");
  }
  asking.sites = api.control().sites();
  asking.site = site_of_client_key(*asking.sites, key);
  if (asking.site != nullptr) {
    asking.is_public = true;
    if (collect::origin_allowed(*asking.site, call.request().header("origin"))) return std::nullopt;
    return ofrep_error(403, {}, {}, "the site does not answer pages of this origin");
  }
  const auto caller = api.control().caller_of_key(key);
  if (!caller) return ofrep_error(401, {}, {}, caller.error().message());
  if (!caller->site) {
    return ofrep_error(403, {}, {}, "this key is for the whole server: use a key of one site");
  }
  const auto found = asking.sites->by_id.find(*caller->site);
  if (found == asking.sites->by_id.end()) return ofrep_error(401, {}, {}, "the site is gone");
  asking.site = &found->second;
  return std::nullopt;
}

/// The context as attributes; the targeting key is what SDKs of GrowthBook call id.
Result<experiment::Asker> read_context(const Call& call) {
  auto value = parse_json(call.request().body);
  if (!value) return fail(ErrorCode::invalid_argument, value.error().message(), "PARSE_ERROR");
  const json::object* body = value->if_object();
  const json::value* context = body == nullptr ? nullptr : body->if_contains("context");
  if (context == nullptr || !context->is_object()) {
    return fail(ErrorCode::invalid_argument, R"(the body is {"context": {"targetingKey": ...}})",
                "INVALID_CONTEXT");
  }
  experiment::Asker asker;
  asker.attributes = context->get_object();
  if (const json::value* key = asker.attributes.if_contains("targetingKey")) {
    if (!key->is_string()) {
      return fail(ErrorCode::invalid_argument, "targetingKey must be text", "INVALID_CONTEXT");
    }
    const json::value target = *key;
    for (const std::string_view name : {"id", "visitor_id"}) {
      if (!asker.attributes.contains(name)) asker.attributes[name] = target;
    }
  }
  const json::value* url = asker.attributes.if_contains("url");
  if (url != nullptr && url->is_string()) asker.url = url->get_string().c_str();
  return asker;
}

/// Whether a rule splits people by something that this one lacks.
bool lacks_key(const json::object& feature, const json::object& attributes) {
  const json::value* rules = feature.if_contains("rules");
  if (rules == nullptr || !rules->is_array()) return false;
  return std::ranges::any_of(rules->get_array(), [&](const json::value& each) {
    const json::object& rule = each.get_object();
    const bool splits = rule.contains("variations") || rule.contains("coverage") ||
                        rule.contains("range");
    if (!splits) return false;
    const json::value* by = rule.if_contains("hashAttribute");
    const json::value* own = attributes.if_contains(
        by != nullptr && by->is_string() ? by->get_string() : json::string("id"));
    return own == nullptr || !experiment::is_truthy(*own);
  });
}

std::string_view reason_of(const experiment::FeatureResult& result, const json::object& feature) {
  if (result.source == "experiment") return "SPLIT";
  if (result.source == "force") return "TARGETING_MATCH";
  if (result.source == "defaultValue" && !feature.contains("rules")) return "STATIC";
  return "UNKNOWN";
}

/// One flag's success or failure, and its status.
std::pair<json::object, int> evaluate_one(const Publication& published,
                                          experiment::Evaluator& evaluator,
                                          const experiment::Asker& asker, std::string_view key) {
  json::object made{{"key", key}};
  if (published.disabled.contains(std::string(key))) {
    made["reason"] = "DISABLED";   // no value: the code's default counts
    return {std::move(made), 200};
  }
  const json::value* feature = published.site.payload.features.if_contains(key);
  if (feature == nullptr) {
    made["errorCode"] = "FLAG_NOT_FOUND";
    made["errorDetails"] = "the site has no such flag";
    return {std::move(made), 404};
  }
  if (lacks_key(feature->get_object(), asker.attributes)) {
    made["errorCode"] = "TARGETING_KEY_MISSING";
    made["errorDetails"] = "a rule of the flag splits people: send context.targetingKey, or the "
                           "attribute that the rule names";
    return {std::move(made), 400};
  }
  const experiment::FeatureResult result = evaluator.feature(key);
  if (!result.value.is_null()) made["value"] = result.value;
  made["reason"] = reason_of(result, feature->get_object());
  json::object metadata{{"source", result.source}};
  if (!result.rule_id.empty()) metadata["rule"] = result.rule_id;
  if (result.assignment) {
    made["variant"] = result.assignment->key;
    metadata["test"] = result.test_key;
  }
  made["metadata"] = std::move(metadata);
  return {std::move(made), 200};
}

/// Journals whom chance assigned. Public callers are counted against flooding.
std::optional<Response> keep_exposures(ApiContext& api, const Call& call, const Asking& asking,
                                       const Publication& published,
                                       const experiment::Evaluator& evaluator,
                                       const experiment::Asker& asker) {
  const auto& made = evaluator.exposures();
  if (made.empty()) return std::nullopt;
  const std::string_view address =
      asking.is_public ? std::string_view(call.client_address) : std::string_view();
  if (auto refused = api.parts.admission->admit_events(address, asking.site->id, made.size(),
                                                       api.clock().steady_us())) {
    Response response = ofrep_error(429, {}, {}, refused->error.message());
    response.with("Retry-After", std::to_string(std::max(refused->retry_after_s, 1)));
    return response;
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    auto exposure = exposure_of(made[i], evaluator.exposed_tests()[i], asker.attributes);
    if (!exposure) continue;
    exposure->site = asking.site->id;
    exposure->exposed_ms = exposure->received_ms = call.request().received_ms;
    exposure->source = "ofrep";
    // Who cannot be recorded still gets an answer, and is not in the test.
    if (!api.exposures.record(std::move(*exposure), published)) break;
  }
  return std::nullopt;
}

Response refuse_context(const Error& error, std::string_view key) {
  return ofrep_error(400, key, error.field(), error.message());
}

Response evaluate_flag(ApiContext& api, const Call& call) {
  Asking asking;
  if (auto refused = identify(api, call, asking)) return std::move(*refused);
  const std::string_view key = call.path("key");
  const auto asker = read_context(call);
  if (!asker) return refuse_context(asker.error(), key);
  const auto published = api.publisher.of(asking.site->id);
  experiment::Evaluator evaluator(published->site.payload, *asker);
  auto [body, status] = evaluate_one(*published, evaluator, *asker, key);
  if (auto refused = keep_exposures(api, call, asking, *published, evaluator, *asker)) {
    return std::move(*refused);
  }
  return Response::json(json::serialize(body), status);
}

Response evaluate_all(ApiContext& api, const Call& call) {
  Asking asking;
  if (auto refused = identify(api, call, asking)) return std::move(*refused);
  const auto asker = read_context(call);
  if (!asker) return refuse_context(asker.error(), {});
  const auto published = api.publisher.of(asking.site->id);
  experiment::Evaluator evaluator(published->site.payload, *asker);
  std::vector<std::string> keys(published->disabled.begin(), published->disabled.end());
  for (const auto& [key, feature] : published->site.payload.features) {
    // Asked for by flags, not by code.
    if (!experiment::is_holdout_feature(key)) keys.emplace_back(key);
  }
  std::ranges::sort(keys);
  json::array flags;
  for (const std::string& key : keys) {
    flags.push_back(evaluate_one(*published, evaluator, *asker, key).first);
  }
  if (auto refused = keep_exposures(api, call, asking, *published, evaluator, *asker)) {
    return std::move(*refused);
  }
  const json::object body{
      {"flags", std::move(flags)},
      {"eventStreams",
       json::array{json::object{
           {"type", "sse"},
           {"endpoint", {{"requestUri", "/ofrep/v1/stream/" + asking.site->id.text()}}},
           {"inactivityDelaySec", 120}}}}};
  Response response = Response::json(json::serialize(body));
  const std::string etag = fmt::format("\"{:016x}\"", hash64(response.body));
  response.with("ETag", etag);
  response.with("Access-Control-Expose-Headers", "ETag, Retry-After");
  if (has_etag(call.request(), etag)) {
    response.status = 304;
    response.content_type = {};
    response.body.clear();
  }
  return response;
}

Response get_stream(ApiContext& api, const Call& call) {
  const auto sites = api.control().sites();
  const event::Site* site = site_of_client_key(*sites, call.path("key"));
  if (site == nullptr) return ofrep_error(404, {}, {}, "no site has this public id");
  auto stream = api.publisher.open_stream(
      site->id, {.kind = StreamKind::ofrep,
                 .client_key = {},
                 .last_id = std::string(call.request().header("last-event-id"))});
  if (!stream) {
    Response busy = ofrep_error(503, {}, {}, stream.error().message());
    return std::move(busy.with("Retry-After", "30"));
  }
  Response response;
  response.content_type = "text/event-stream";
  response.with("Cache-Control", "no-cache");
  response.with("X-Accel-Buffering", "no");
  response.stream = std::move(*stream);
  return response;
}

Route ofrep_row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
                Response (*handler)(ApiContext&, const Call&), std::string_view summary) {
  Route route = row(method, pattern, name, Access::clients, summary);
  route.in_document = false;   // OpenFeature's protocol; docs/flags.md
  if (method == Method::post) route.body_bytes_max = kContextBytesMax;
  route.runs = Runs::on_io;
  route.on_io = [&api, handler](std::shared_ptr<Call> call, Responder answer) {
    answer(handler(api, *call));
  };
  return route;
}

}  // namespace

std::vector<Route> ofrep_routes(ApiContext& api) {
  Route all = ofrep_row(api, Method::post, "/ofrep/v1/evaluate/flags", "ofrep_evaluate_all",
                        evaluate_all, "All flags of one person (OFREP).");
  all.runs = Runs::on_worker;   // a thousand flags take milliseconds
  all.on_io = {};
  all.on_worker = [&api](const Call& call) { return evaluate_all(api, call); };
  return {
      ofrep_row(api, Method::post, "/ofrep/v1/evaluate/flags/{key}", "ofrep_evaluate",
                evaluate_flag, "One flag of one person (OFREP)."),
      std::move(all),
      ofrep_row(api, Method::get, "/ofrep/v1/stream/{key}", "ofrep_stream", get_stream,
                "Server-sent events: when to evaluate again (OFREP)."),
  };
}

}  // namespace attune::serve
