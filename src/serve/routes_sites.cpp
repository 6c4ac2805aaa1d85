// Sites and their keys.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/time_zone.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 64 * 1024;
constexpr std::size_t kTextMax = 1024;

std::string public_url_of(const ApiContext& api, const Call& call) {
  if (!api.options.public_url.empty()) return api.options.public_url;
  const Request& request = call.request();
  const std::string_view host = request.header("host");
  if (request.peer == PeerKind::tcp && !host.empty()) {
    return fmt::format("{}://{}", call.https ? "https" : "http", host);
  }
  return api.options.listen_url.empty() ? "http://127.0.0.1:8080" : api.options.listen_url;
}

void append_site(std::string& out, const SiteInfo& info, std::string_view snippet) {
  const event::Site& site = info.site;
  const auto field = [&out](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "\"{}\":", name);
    append_json_string(out, value);
    out += ",";
  };
  out += "{";
  field("id", site.id.text());
  field("domain", site.domain);
  field("name", site.name);
  field("timezone", site.timezone);
  field("currency", site.currency);
  out += "\"allowed_origins\":[";
  for (std::size_t i = 0; i < site.allowed_origins.size(); ++i) {
    if (i > 0) out += ",";
    append_json_string(out, site.allowed_origins[i]);
  }
  out += "],";
  out += site.store_ip ? "\"store_ip\":true," : "\"store_ip\":false,";
  field("created_at", utc_text(info.created_ms));
  out += "\"snippet\":";
  append_json_string(out, snippet);
  out += "}";
}

Response site_answer(const ApiContext& api, const Call& call, const SiteInfo& info, int status) {
  std::string out;
  append_site(out, info, snippet_of(info.site, public_url_of(api, call)));
  return Response::json(std::move(out), status);
}

Result<SiteChange> read_change(const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  SiteChange change;
  change.domain = fields.optional_text("domain", kTextMax);
  change.name = fields.optional_text("name", kTextMax);
  change.timezone = fields.optional_text("timezone", kTextMax);
  change.currency = fields.optional_text("currency", kTextMax);
  change.allowed_origins = fields.optional_texts("allowed_origins", kTextMax);
  change.store_ip = fields.optional_flag("store_ip");
  ATTUNE_TRY(fields.finish());
  return change;
}

Response list_sites(const ApiContext& api, const Call& call) {
  std::string out = R"({"sites":[)";
  bool first = true;
  for (const SiteInfo& info : api.control().list_sites()) {
    const bool visible =
        call.caller.may(Scope::read, info.site.id) || call.caller.may(Scope::write, info.site.id);
    if (!visible) continue;
    if (!first) out += ",";
    first = false;
    append_site(out, info, snippet_of(info.site, public_url_of(api, call)));
  }
  out += "]}";
  return Response::json(std::move(out));
}

Result<Response> create_site(const ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SiteChange change, read_change(call));
  ATTUNE_ASSIGN(const SiteInfo info, api.control().create_site(change));
  if (api.parts.operations.site_changed) api.parts.operations.site_changed(info.site);
  return site_answer(api, call, info, 201);
}

Result<Response> update_site(const ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const SiteChange change, read_change(call));
  ATTUNE_ASSIGN(const SiteInfo info, api.control().update_site(call.site->id, change));
  if (api.parts.operations.site_changed) api.parts.operations.site_changed(info.site);
  return site_answer(api, call, info, 200);
}

Result<Response> delete_site(const ApiContext& api, const Call& call) {
  ATTUNE_TRY(api.control().delete_site(call.site->id));
  if (api.parts.operations.site_changed) api.parts.operations.site_changed(*call.site);
  return Response::empty(204);
}

void append_key(std::string& out, const KeyInfo& key, std::string_view secret) {
  fmt::format_to(std::back_inserter(out), "{{\"id\":{},\"name\":", key.id);
  append_json_string(out, key.name);
  fmt::format_to(std::back_inserter(out), ",\"scope\":\"{}\",\"hint\":", to_string(key.scope));
  append_json_string(out, key.hint);
  fmt::format_to(std::back_inserter(out), ",\"created_at\":\"{}\"", utc_text(key.created_ms));
  if (!secret.empty()) {
    out += ",\"key\":";
    append_json_string(out, secret);
  }
  out += "}";
}

std::optional<Uuid> named_site(const Call& call) {
  if (call.site == nullptr) return std::nullopt;
  return call.site->id;
}

Response list_keys(const ApiContext& api, const Call& call) {
  std::string out = R"({"keys":[)";
  bool first = true;
  for (const KeyInfo& key : api.control().list_keys(named_site(call))) {
    if (!first) out += ",";
    first = false;
    append_key(out, key, {});
  }
  out += "]}";
  return Response::json(std::move(out));
}

Result<Response> create_key(const ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string name = fields.text("name", kTextMax);
  const std::string scope_text = fields.text("scope", 16);
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const Scope scope, parse_scope(scope_text));
  ATTUNE_ASSIGN(const NewKey made, api.control().create_key(named_site(call), name, scope));
  std::string out;
  append_key(out, made.info, made.secret);
  Response response = Response::json(std::move(out), 201);
  response.with("Cache-Control", "no-store");
  return response;
}

Result<Response> delete_key(const ApiContext& api, const Call& call) {
  const std::string_view text = call.path("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::not_found, "no such key", "id");
  }
  ATTUNE_TRY(api.control().delete_key(named_site(call), id));
  return Response::empty(204);
}

constexpr std::int64_t kClickWindowMax = 24 * 60;   // minutes
constexpr std::int64_t kWindowHoursMax = 90 * 24;
constexpr std::array<std::string_view, 3> kWindows{"click_window_min", "cart_window_h",
                                                   "purchase_window_h"};

Result<Response> show_windows(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(SessionPool::Lease session,
                api.sessions.borrow_as({.site = call.site->id, .account = {}}));
  const store::Value site = call.site->id.text();
  ATTUNE_ASSIGN(const store::Rows rows, session->query("serve/windows_get", {&site, 1}));
  std::string out = "{";
  for (std::size_t i = 0; i < kWindows.size(); ++i) {
    const auto* set = rows.rows.empty() ? nullptr : std::get_if<std::int64_t>(&rows.rows[0][i]);
    out += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", kWindows[i],
                       set == nullptr ? "null" : std::to_string(*set));
  }
  return Response::json(out + "}");
}

Result<Response> set_windows(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  std::vector<store::Value> parameters{call.site->id.text()};
  for (const std::string_view name : kWindows) {
    const auto most = name == kWindows[0] ? kClickWindowMax : kWindowHoursMax;
    const auto given = fields.optional_whole(name, 1, most);
    parameters.push_back(given ? store::Value(*given) : store::Value(store::Null{}));
  }
  ATTUNE_TRY(fields.finish());
  parameters.emplace_back(store::Timestamp::from_ms(api.clock().now_ms()));
  {
    ATTUNE_ASSIGN(SessionPool::Lease session,
                  api.sessions.borrow_as({.site = call.site->id, .account = {}}));
    ATTUNE_TRY(session->execute("serve/windows_put", parameters));
    ATTUNE_TRY(session.commit());
  }
  return show_windows(api, call);
}

void add_keys(std::vector<Route>& routes, ApiContext& api, Access access, bool of_site) {
  const auto pick = [of_site](std::string_view site, std::string_view server) {
    return of_site ? site : server;
  };
  Route list = row(Method::get, pick("/api/v1/sites/{site}/keys", "/api/v1/keys"),
                   pick("list_site_keys", "list_server_keys"), access,
                   pick("Secret keys of a site, without the secrets.",
                        "Secret keys for the whole server, without the secrets."));
  list.response_schema = "Keys";
  list.on_worker = [&api](const Call& call) { return list_keys(api, call); };
  routes.push_back(list);

  Route create =
      row(Method::post, list.pattern, pick("create_site_key", "create_server_key"), access,
          pick("Makes a secret key for a site; shows the secret once.",
               "Makes an admin key for the whole server; shows the secret once."));
  create.body_bytes_max = kBodyBytesMax;
  create.request_schema = "NewKey";
  create.response_schema = "Key";
  create.on_worker = worker([&api](const Call& call) { return create_key(api, call); });
  routes.push_back(create);

  Route remove =
      row(Method::delete_, pick("/api/v1/sites/{site}/keys/{id}", "/api/v1/keys/{id}"),
          pick("delete_site_key", "delete_server_key"), access, "A secret key stops working.");
  remove.on_worker = worker([&api](const Call& call) { return delete_key(api, call); });
  routes.push_back(remove);
}

void add_windows(std::vector<Route>& routes, ApiContext& api) {
  Route show = row(Method::get, "/api/v1/sites/{site}/windows", "show_windows", Access::site_read,
                   "How long after a recommendation its outcomes are credited to it.");
  show.response_schema = "Windows";
  show.on_worker = worker([&api](const Call& call) { return show_windows(api, call); });
  routes.push_back(show);

  Route set = row(Method::put, show.pattern, "set_windows", Access::site_admin,
                  "Sets how long outcomes are credited, from now on; what is left out is the "
                  "server's.");
  set.body_bytes_max = kBodyBytesMax;
  set.request_schema = "Windows";
  set.response_schema = "Windows";
  set.on_worker = worker([&api](const Call& call) { return set_windows(api, call); });
  routes.push_back(set);
}

}  // namespace

std::vector<Route> site_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route list = row(Method::get, "/api/v1/sites", "list_sites", Access::any_caller,
                   "The sites that the caller may see.");
  list.response_schema = "Sites";
  list.on_worker = [&api](const Call& call) { return list_sites(api, call); };
  routes.push_back(list);

  Route create =
      row(Method::post, "/api/v1/sites", "create_site", Access::server_admin, "Adds a site.");
  create.body_bytes_max = kBodyBytesMax;
  create.request_schema = "SiteChange";
  create.response_schema = "Site";
  create.on_worker = worker([&api](const Call& call) { return create_site(api, call); });
  routes.push_back(create);

  Route show =
      row(Method::get, "/api/v1/sites/{site}", "show_site", Access::site_read, "One site.");
  show.response_schema = "Site";
  show.on_worker = worker([&api](const Call& call) -> Result<Response> {
    const auto info = api.control().find_site(call.site->id.text());
    if (!info) return fail(ErrorCode::not_found, "no such site", "site");
    return site_answer(api, call, *info, 200);
  });
  routes.push_back(show);

  Route update = row(Method::patch, "/api/v1/sites/{site}", "update_site", Access::site_admin,
                     "Changes what is given of a site.");
  update.body_bytes_max = kBodyBytesMax;
  update.request_schema = "SiteChange";
  update.response_schema = "Site";
  update.on_worker = worker([&api](const Call& call) { return update_site(api, call); });
  routes.push_back(update);

  Route remove = row(Method::delete_, "/api/v1/sites/{site}", "delete_site", Access::site_admin,
                     "Takes a site and its keys out of service; its events stay.");
  remove.on_worker = worker([&api](const Call& call) { return delete_site(api, call); });
  routes.push_back(remove);

  add_windows(routes, api);
  add_keys(routes, api, Access::site_admin, true);
  add_keys(routes, api, Access::server_admin, false);
  return routes;
}

}  // namespace attune::serve
