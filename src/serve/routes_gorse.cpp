// Where Gorse's API hangs in the table of routes: one row a method, whose paths are looked up here,
// because their rules are Gorse's: an optional slash at the end, errors as plain text, a key in
// X-API-Key, whose site is the site.
#include <fmt/format.h>

#include <algorithm>

#include "serve/gorse_api.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"
#include "serve/target.h"

namespace attune::serve {
namespace gorse {
namespace {

constexpr std::string_view kKeyHeader = "x-api-key";
constexpr std::size_t kTypesMax = 200;
constexpr std::array<std::string_view, 8> kKinds{
    "product_view", "product_click",   "cart_add", "cart_remove",
    "wishlist_add", "wishlist_remove", "purchase", "custom"};

/// An error as Gorse's clients show it.
Response text_error(const Error& error) {
  int status = status_of(error.code());
  if (error.code() == ErrorCode::data_loss) status = 503;  // the journal takes no more
  const std::string text = error.field().empty()
                               ? error.message()
                               : fmt::format("{}: {}", error.field(), error.message());
  return Response::text(text, status);
}

/// "user/{}/feedback" against decoded segments; fills in the values of the placeholders.
bool fits(std::string_view pattern, const std::vector<std::string>& segments,
          std::vector<std::string>& values) {
  values.clear();
  for (const std::string& segment : segments) {
    const std::size_t slash = pattern.find('/');
    const std::string_view part = pattern.substr(0, slash);
    if (part.empty()) return false;
    if (part == "{}") {
      if (segment.empty()) return false;
      values.push_back(segment);
    } else if (part != segment) {
      return false;
    }
    pattern.remove_prefix(slash == std::string_view::npos ? pattern.size() : slash + 1);
  }
  return pattern.empty();
}

Response health(ApiContext& api, bool asks_ready) {
  std::string problem;
  if (api.parts.operations.readiness) {
    for (const Readiness& part : api.parts.operations.readiness()) {
      if (!part.ready && problem.empty()) problem = fmt::format("{}: {}", part.part, part.detail);
    }
  }
  if (asks_ready && !problem.empty()) return Response::text(problem, 503);
  std::string error = "null";
  if (!problem.empty()) {
    error.clear();
    append_json_string(error, problem);
  }
  const bool good = problem.empty();
  return Response::json(fmt::format(
      R"({{"Ready":{0},"DataStoreError":{1},"CacheStoreError":null,"DataStoreConnected":{0},)"
      R"("CacheStoreConnected":true}})",
      good, error));
}

}  // namespace

struct GorseApi::Endpoint {
  Method method;
  std::string_view pattern;  // below /gorse/api/, without the slash at the end
  Scope scope;
  Result<Response> (GorseApi::*handle)(const Ask&);
};

const std::vector<GorseApi::Endpoint>& GorseApi::endpoints() {
  using enum Scope;
  constexpr Method get = Method::get, post = Method::post, put = Method::put;
  constexpr Method patch = Method::patch, erase = Method::delete_;
  static const std::vector<Endpoint> all = {
      {post, "user", write, &GorseApi::post_user},
      {post, "users", write, &GorseApi::post_users},
      {get, "users", read, &GorseApi::get_users},
      {get, "user/{}", read, &GorseApi::get_user},
      {patch, "user/{}", write, &GorseApi::patch_user},
      {erase, "user/{}", write, &GorseApi::delete_user},
      {get, "user/{}/feedback", read, &GorseApi::get_user_feedback},
      {get, "user/{}/feedback/{}", read, &GorseApi::get_user_feedback},
      {get, "user/{}/neighbors", read, &GorseApi::user_neighbours},
      {post, "item", write, &GorseApi::post_item},
      {post, "items", write, &GorseApi::post_items},
      {get, "items", read, &GorseApi::get_items},
      {get, "item/{}", read, &GorseApi::get_item},
      {patch, "item/{}", write, &GorseApi::patch_item},
      {erase, "item/{}", write, &GorseApi::delete_item},
      {put, "item/{}/category/{}", write, &GorseApi::put_category},
      {erase, "item/{}/category/{}", write, &GorseApi::delete_category},
      {get, "item/{}/feedback", read, &GorseApi::get_item_feedback},
      {get, "item/{}/feedback/{}", read, &GorseApi::get_item_feedback},
      {get, "item/{}/neighbors", read, &GorseApi::item_neighbours},
      {get, "item/{}/neighbors/{}", read, &GorseApi::item_neighbours},
      {post, "feedback", write, &GorseApi::post_feedback},
      {put, "feedback", write, &GorseApi::put_feedback},
      {get, "feedback", read, &GorseApi::get_feedback},
      {get, "feedback/{}", read, &GorseApi::get_feedback},
      {get, "feedback/{}/{}", read, &GorseApi::get_pair},
      {erase, "feedback/{}/{}", write, &GorseApi::delete_pair},
      {get, "feedback/{}/{}/{}", read, &GorseApi::get_one_feedback},
      {erase, "feedback/{}/{}/{}", write, &GorseApi::delete_one_feedback},
      {get, "recommend/{}", read, &GorseApi::recommend},
      {get, "recommend/{}/{}", read, &GorseApi::recommend},
      {get, "collaborative-filtering/{}", read, &GorseApi::collaborative},
      {get, "collaborative-filtering/{}/{}", read, &GorseApi::collaborative},
      {get, "latest", read, &GorseApi::latest},
      {get, "latest/{}", read, &GorseApi::latest},
      {get, "popular", read, &GorseApi::popular},
      {get, "popular/{}", read, &GorseApi::popular},
      {get, "non-personalized/{}", read, &GorseApi::non_personalized},
      {get, "non-personalized/{}/{}", read, &GorseApi::non_personalized},
      {get, "item-to-item/{}/{}", read, &GorseApi::item_to_item},
      {get, "user-to-user/{}/{}", read, &GorseApi::user_to_user},
      {post, "session/recommend", read, &GorseApi::session_recommend},
      {post, "session/recommend/{}", read, &GorseApi::session_recommend},
      {get, "bulk/{}", read, &GorseApi::export_rows},
      {post, "bulk/{}", write, &GorseApi::import_rows},
  };
  return all;
}

Result<const event::Site*> GorseApi::site_of(const Request& request,
                                             const event::SiteSnapshot& sites,
                                             Scope needed) const {
  const std::string_view secret = request.header(kKeyHeader);
  const auto caller = secret.empty()
                          ? fail(ErrorCode::unauthenticated, "unauthorized")
                          : api_.control().caller_of_key(secret);
  if (!caller) return fail(ErrorCode::unauthenticated, "unauthorized");
  const event::Site* site = nullptr;
  if (caller->site) {
    const auto at = sites.by_id.find(*caller->site);
    if (at != sites.by_id.end()) site = &at->second;
  } else if (sites.by_id.size() == 1) {
    site = &sites.by_id.begin()->second;
  } else {
    return fail(ErrorCode::permission_denied,
                "this key is for the whole server: use the key of one site");
  }
  if (site == nullptr) return fail(ErrorCode::unauthenticated, "unauthorized");
  if (!caller->may(needed, site->id)) {
    return fail(ErrorCode::permission_denied,
                fmt::format("this key lacks scope {}: one of scope admin may read and write",
                            to_string(needed)));
  }
  return site;
}

std::optional<Response> GorseApi::refuse_large(const Request& request) const {
  const auto sites = api_.control().sites();
  const auto site = site_of(request, *sites, Scope::write);
  if (site) return std::nullopt;
  return text_error(site.error());
}

Result<Response> GorseApi::dispatch(const Call& call) {
  const Request& request = call.request();
  ATTUNE_ASSIGN(Target target, parse_target(request.target));
  std::vector<std::string>& segments = target.segments;
  while (!segments.empty() && segments.back().empty()) segments.pop_back();
  segments.erase(segments.begin(), segments.begin() + 2);  // "gorse", "api"
  if (segments.size() == 2 && segments[0] == "health" && request.method == Method::get) {
    const bool asks_ready = segments[1] == "ready";
    if (asks_ready || segments[1] == "live") return health(api_, asks_ready);
  }
  const auto sites = api_.control().sites();
  std::vector<std::string> values;
  bool is_known = false;
  for (const Endpoint& endpoint : endpoints()) {
    if (!fits(endpoint.pattern, segments, values)) continue;
    is_known = true;
    const bool is_head = request.method == Method::head && endpoint.method == Method::get;
    if (endpoint.method != request.method && !is_head) continue;
    ATTUNE_ASSIGN(const event::Site* site, site_of(request, *sites, endpoint.scope));
    return (this->*endpoint.handle)(Ask{call, *site, std::move(values)});
  }
  if (is_known) return Response::text("405: Method Not Allowed", 405);
  return Response::text("404: Page Not Found", 404);
}

Response GorseApi::answer(const Call& call) {
  Response response;
  if (call.request().method == Method::options) {
    response = Response::empty(204);
    response.with("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    response.with("Access-Control-Allow-Headers", "Content-Type, X-API-Key, X-API-Version");
    response.with("Access-Control-Max-Age", "86400");
  } else {
    Result<Response> made = dispatch(call);
    response = made ? std::move(*made) : text_error(made.error());
    if (!response.has_header("Cache-Control")) response.with("Cache-Control", "no-store");
  }
  response.with("Access-Control-Allow-Origin", "*");
  response.with("X-Request-ID", Uuid::random().text());
  return response;
}

Result<Response> GorseApi::get_rules(const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api_.sessions.borrow_as({.site = call.site->id, .account = {}}));
  ATTUNE_ASSIGN(const Rules rules,
                Records(*session, call.site->id, call.request().received_ms).rules());
  std::string out = R"({"unknown_ids":)";
  append_json_string(out, rules.rejects_unknown ? "reject" : "create");
  out += R"(,"feedback_kinds":{)";
  bool first = true;
  for (const auto& [type, kind] : rules.kinds) {
    if (!first) out.push_back(',');
    first = false;
    append_json_string(out, type);
    out.push_back(':');
    append_json_string(out, kind);
  }
  return Response::json(out + "}}");
}

Result<Response> GorseApi::put_rules(const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string unknown = fields.optional_text("unknown_ids", 20).value_or("create");
  const boost::json::object* kinds = fields.optional_object("feedback_kinds");
  ATTUNE_TRY(fields.finish());
  if (unknown != "create" && unknown != "reject") {
    return fail(ErrorCode::invalid_argument, "must be create or reject", "unknown_ids");
  }
  Rules rules = Rules::standard();
  rules.rejects_unknown = unknown == "reject";
  if (kinds != nullptr) {
    rules.kinds.clear();
    if (kinds->size() > kTypesMax) {
      return fail(ErrorCode::invalid_argument, fmt::format("has more than {} types", kTypesMax),
                  "feedback_kinds");
    }
    for (const auto& each : *kinds) {
      const std::string field = fmt::format("feedback_kinds.{}", std::string_view(each.key()));
      const auto* kind = each.value().if_string();
      if (kind == nullptr || std::find(kKinds.begin(), kKinds.end(), *kind) == kKinds.end()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("must be one of {}", fmt::join(kKinds, ", ")), field);
      }
      if (each.key().empty() || each.key().size() > kIdBytesMax) {
        return fail(ErrorCode::invalid_argument, "a type has 1 to 255 bytes", field);
      }
      rules.kinds[each.key()] = std::string_view(*kind);
    }
  }
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api_.sessions.borrow_as({.site = call.site->id, .account = {}}));
  ATTUNE_TRY(Records(*session, call.site->id, call.request().received_ms).set_rules(rules));
  ATTUNE_TRY(session.commit());
  return get_rules(call);
}

}  // namespace gorse

std::vector<Route> gorse_routes(ApiContext& api) {
  const auto gorse = std::make_shared<gorse::GorseApi>(api);
  std::vector<Route> routes;
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch,
                              Method::delete_, Method::options}) {
    Route route;
    route.method = method;
    route.pattern = "/gorse/api/{path...}";
    route.name = "gorse";
    route.body_bytes_max = api.options.import_body_bytes_max;
    route.body_type = BodyType::any;
    route.summary = "Gorse's REST API.";
    route.in_document = false;
    route.refuse_large = [gorse](const Request& request) { return gorse->refuse_large(request); };
    route.on_worker = [gorse](const Call& call) { return gorse->answer(call); };
    routes.push_back(route);
  }
  Route get;
  get.pattern = "/api/v1/sites/{site}/gorse";
  get.name = "get_gorse_rules";
  get.access = Access::site_read;
  get.summary = "How the site reads feedback that comes through Gorse's API.";
  get.response_schema = "GorseRules";
  get.on_worker = worker([gorse](const Call& call) { return gorse->get_rules(call); });
  routes.push_back(get);

  Route put = get;
  put.method = Method::put;
  put.name = "put_gorse_rules";
  put.access = Access::site_admin;
  put.body_bytes_max = 64 * 1024;
  put.summary = "Sets how the site reads feedback that comes through Gorse's API.";
  put.request_schema = "GorseRulesChange";
  put.on_worker = worker([gorse](const Call& call) { return gorse->put_rules(call); });
  routes.push_back(put);
  return routes;
}

}  // namespace attune::serve
