// People who work for an account, and the log of what was changed by whom. For administrators.
#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "base/time_zone.h"
#include "serve/json_fields.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::size_t kBodyBytesMax = 8 * 1024;
constexpr std::size_t kTextMax = 4096;
constexpr std::string_view kMember = "/api/v1/members/{id}";

json::object member_json(const AccountInfo& info) {
  return {{"id", info.id},
          {"name", info.name},
          {"role", info.role},
          {"is_owner", info.id == info.owner_id}};
}

Result<std::int64_t> id_of(const Call& call) {
  const std::string_view text = call.path("id");
  std::int64_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || id < 1) {
    return fail(ErrorCode::invalid_argument, "must be a whole number above 0", "id");
  }
  return id;
}

Result<std::int64_t> owner_of(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const campaign::AccountId account, account_of(api, call));
  return static_cast<std::int64_t>(account);
}

Result<Response> list_members(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t owner, owner_of(api, call));
  json::array members;
  for (const AccountInfo& info : api.control().list_people(owner)) {
    members.push_back(member_json(info));
  }
  return Response::json(json::serialize(json::object{{"members", std::move(members)}}));
}

Result<Response> add_member(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t owner, owner_of(api, call));
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  const std::string name = fields.text("name", kTextMax);
  const std::string role = fields.text("role", kTextMax);
  const auto password = fields.optional_text("password", kTextMax);
  ATTUNE_TRY(fields.finish());
  if (password && password->empty()) {
    return fail(ErrorCode::invalid_argument, "leave it out to have one made", "password");
  }
  ATTUNE_ASSIGN(const NewPerson made,
                api.control().add_person(owner, name, role, password.value_or("")));
  json::object answer = member_json(made.info);
  if (!made.password.empty()) answer["password"] = made.password;
  Response response = Response::json(json::serialize(answer), 201);
  response.with("Cache-Control", "no-store");
  return response;
}

Result<Response> change_member(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t owner, owner_of(api, call));
  ATTUNE_ASSIGN(const std::int64_t id, id_of(call));
  ATTUNE_ASSIGN(const json::value body, parse_json(call.request().body));
  JsonFields fields(body);
  PersonChange change;
  change.role = fields.optional_text("role", kTextMax);
  change.password = fields.optional_text("password", kTextMax);
  ATTUNE_TRY(fields.finish());
  ATTUNE_ASSIGN(const AccountInfo info, api.control().change_person(owner, id, change));
  return Response::json(json::serialize(member_json(info)));
}

Result<Response> remove_member(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t owner, owner_of(api, call));
  ATTUNE_ASSIGN(const std::int64_t id, id_of(call));
  ATTUNE_TRY(api.control().remove_person(owner, id));
  return Response::empty(204);
}

std::string_view kind_text(CallerKind kind) {
  if (kind == CallerKind::login) return "login";
  return kind == CallerKind::key ? "key" : "owner";
}

json::object entry_json(const AuditEntry& entry) {
  return {{"id", entry.id},
          {"time", utc_text(entry.made_ms)},
          {"actor", entry.actor},
          {"actor_kind", json::string(kind_text(entry.actor_kind))},
          {"role", entry.role},
          {"action", entry.action},
          {"site_id", entry.site ? json::value(json::string(entry.site->text())) : json::value()},
          {"target", entry.target},
          {"details", json::parse(entry.details_json)},
          {"status", entry.status},
          {"client_address", entry.client_address},
          {"hash", entry.hash}};
}

Result<Response> show_log(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const std::int64_t limit, call.query.number("limit", 100, 1, AuditLog::kPageMax));
  ATTUNE_ASSIGN(const std::int64_t before,
                call.query.number("before", 0, 0, std::int64_t{1} << 53));
  ATTUNE_ASSIGN(const AuditPage page,
                api.audit.page(before == 0 ? std::nullopt : std::optional(before), limit));
  json::array entries;
  for (const AuditEntry& entry : page.entries) entries.push_back(entry_json(entry));
  return Response::json(
      json::serialize(json::object{{"entries", std::move(entries)}, {"more", page.more}}));
}

Result<Response> check_log(ApiContext& api, const Call&) {
  ATTUNE_ASSIGN(const AuditCheck check, api.audit.check());
  return Response::json(json::serialize(json::object{
      {"entries", check.entries},
      {"intact", !check.first_wrong},
      {"first_wrong", check.first_wrong ? json::value(*check.first_wrong) : json::value()}}));
}

Route admin_row(ApiContext& api, Method method, std::string_view pattern, std::string_view name,
                Result<Response> (*handler)(ApiContext&, const Call&), std::string_view summary,
                std::string_view response) {
  Route route = row(method, pattern, name, Access::server_admin, summary, response);
  route.on_worker = worker([&api, handler](const Call& call) { return handler(api, call); });
  return route;
}

}  // namespace

std::vector<Route> member_routes(ApiContext& api) {
  const QueryParameter account{"account", "Whose people; without it, your own account's."};
  std::vector<Route> routes;
  routes.push_back(admin_row(api, Method::get, "/api/v1/members", "list_members", list_members,
                             "Who works for the account, the account itself first.", "Members"));
  Route add = admin_row(api, Method::post, "/api/v1/members", "add_member", add_member,
                        "Lets somebody log in with a role; a password that is made is shown once.",
                        "NewMemberAnswer");
  add.request_schema = "NewMember";
  add.body_bytes_max = kBodyBytesMax;
  routes.push_back(std::move(add));
  Route change = admin_row(api, Method::patch, kMember, "change_member", change_member,
                           "Changes somebody's role or password; a new password ends their logins.",
                           "Member");
  change.request_schema = "MemberChange";
  change.body_bytes_max = kBodyBytesMax;
  routes.push_back(std::move(change));
  routes.push_back(admin_row(api, Method::delete_, kMember, "remove_member", remove_member,
                             "Somebody no longer works for the account; their logins end.", ""));
  for (Route& route : routes) route.query = {account};

  Route log = admin_row(api, Method::get, "/api/v1/audit_log", "show_audit_log", show_log,
                        "Who changed what, newest first.", "AuditLog");
  log.query = {{"limit", "At most so many rows.",
                R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"},
               {"before", "Only rows older than the one with this id; 0: from the newest.",
                R"({"type":"integer","minimum":0,"default":0})"}};
  routes.push_back(std::move(log));
  routes.push_back(admin_row(api, Method::get, "/api/v1/audit_log/check", "check_audit_log",
                             check_log, "Whether any row of the log was changed or taken out.",
                             "AuditCheck"));
  return routes;
}

}  // namespace attune::serve
