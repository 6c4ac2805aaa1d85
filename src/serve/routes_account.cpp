// Logging in and out, and the password.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::size_t kPasswordTextMax = 4096;

std::string login_json(const Caller& caller, std::string_view csrf_token) {
  std::string out = R"({"user":{"name":)";
  append_json_string(out, caller.name);
  out += R"(,"role":)";
  append_json_string(out, caller.role);
  out += R"(},"csrf_token":)";
  append_json_string(out, csrf_token);
  out += "}";
  return out;
}

std::string cookie(std::string_view token, std::int64_t age_s, bool https) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", kLoginCookie, token,
                     age_s, https ? "; Secure" : "");
}

void note_login(ApiContext& api, const Call& call, const Caller& caller) {
  AuditEntry entry;
  entry.account = caller.account_id;
  entry.actor_kind = CallerKind::login;
  entry.actor = caller.name;
  entry.role = caller.role;
  entry.action = "log_in";
  entry.status = 200;
  entry.client_address = call.client_address;
  if (const auto noted = api.audit.note(std::move(entry)); !noted) {
    spdlog::error("audit log: a login of {} is not in it: {}", caller.name,
                  noted.error().message());
  }
}

std::string_view token_of(const Call& call) {
  return cookie_value(call.request().header("cookie"), kLoginCookie);
}

Result<Response> log_in(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string user = fields.text("user", 100);
  const std::string password = fields.text("password", kPasswordTextMax);
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const NewLogin login, api.control().log_in({user, password, call.client_address}));
  note_login(api, call, login.caller);
  const std::int64_t age_s = (login.expires_ms - api.clock().now_ms()) / 1000;
  Response response = Response::json(login_json(login.caller, login.csrf_token));
  response.with("Set-Cookie", cookie(login.token, age_s, call.https));
  response.with("Cache-Control", "no-store");
  return response;
}

Response show_login(const Call& call) {
  Response response = Response::json(login_json(
      call.caller, call.caller.is_owner() ? "" : ControlPlane::csrf_token_of(token_of(call))));
  response.with("Cache-Control", "no-store");
  return response;
}

Result<Response> log_out(ApiContext& api, const Call& call) {
  ATTUNE_TRY(api.control().log_out(token_of(call)));
  Response response = Response::empty(204);
  response.with("Set-Cookie", cookie("", 0, call.https));
  return response;
}

Result<Response> change_password(ApiContext& api, const Call& call) {
  if (call.caller.is_owner()) {
    return fail(ErrorCode::permission_denied, "log in to change your password");
  }
  ATTUNE_ASSIGN(const boost::json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string current = fields.text("current", kPasswordTextMax);
  const std::string next = fields.text("new", kPasswordTextMax);
  ATTUNE_TRY(fields.finish());
  ATTUNE_TRY(api.control().change_password(call.caller, current, next, token_of(call)));
  return Response::empty(204);
}

}  // namespace

std::vector<Route> account_routes(ApiContext& api) {
  std::vector<Route> routes;
  Route route;
  route.method = Method::post;
  route.pattern = "/api/v1/login";
  route.name = "log_in";
  route.access = Access::open;
  route.body_bytes_max = kBodyBytesMax;
  route.summary = "Logs in: sets the login cookie and gives the token for X-CSRF-Token.";
  route.request_schema = "Credentials";
  route.response_schema = "Login";
  route.on_worker = worker([&api](const Call& call) { return log_in(api, call); });
  routes.push_back(route);

  Route show;
  show.pattern = "/api/v1/login";
  show.name = "show_login";
  show.access = Access::login;
  show.summary = "Who is logged in.";
  show.response_schema = "Login";
  show.on_worker = [](const Call& call) { return show_login(call); };
  routes.push_back(show);

  Route out;
  out.method = Method::delete_;
  out.pattern = "/api/v1/login";
  out.name = "log_out";
  out.access = Access::login;
  out.summary = "Logs out.";
  out.on_worker = worker([&api](const Call& call) { return log_out(api, call); });
  routes.push_back(out);

  Route password;
  password.method = Method::post;
  password.pattern = "/api/v1/account/password";
  password.name = "change_password";
  password.access = Access::login;
  password.body_bytes_max = kBodyBytesMax;
  password.summary = "Changes the password and ends every other login of the account.";
  password.request_schema = "PasswordChange";
  password.on_worker = worker([&api](const Call& call) { return change_password(api, call); });
  routes.push_back(password);
  return routes;
}

}  // namespace attune::serve
