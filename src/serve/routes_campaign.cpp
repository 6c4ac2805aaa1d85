// The rows of an account: campaigns, tests, templates and what was learned. Five calls a table, all
// made from the tables' description. A person sees the rows of their own account; an administrator
// may name another one.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "campaign/insights.h"
#include "campaign/learned_profile.h"
#include "campaign/rules.h"
#include "experiment/summaries.h"
#include "serve/account_json.h"
#include "serve/advice_routes.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

using campaign::AccountId;
using campaign::Table;

constexpr std::size_t kBodyBytesMax = 1 << 20;

/// What the rows of the router only view.
struct Names {
  const Table* table = nullptr;
  std::string path, item_path;
  std::string list, create, show, update, remove;
  std::string new_schema, change_schema, list_schema;
  std::string list_summary, create_summary, show_summary, update_summary, remove_summary;
};

const std::vector<Names>& all_names() {
  static const std::vector<Names> kNames = [] {
    std::vector<Names> names;
    for (const Table& table : campaign::tables()) {
      Names each;
      each.table = &table;
      each.path = fmt::format("/api/v1/{}", table.name);
      each.item_path = each.path + "/{id}";
      each.list = fmt::format("list_{}", table.name);
      each.create = fmt::format("create_{}", table.one);
      each.show = fmt::format("show_{}", table.one);
      each.update = fmt::format("update_{}", table.one);
      each.remove = fmt::format("delete_{}", table.one);
      each.new_schema = fmt::format("New{}", table.schema);
      each.change_schema = fmt::format("{}Change", table.schema);
      each.list_schema = fmt::format("{}List", table.schema);
      each.list_summary = fmt::format("The account's rows of {}, newest first.", table.name);
      each.create_summary = fmt::format("Adds a row to {}.", table.name);
      each.show_summary = fmt::format("One row of {}.", table.name);
      each.update_summary = fmt::format("Changes the given fields of a row of {}.", table.name);
      each.remove_summary =
          fmt::format("Deletes a row of {} and the rows that are part of it.", table.name);
      names.push_back(std::move(each));
    }
    return names;
  }();
  return kNames;
}

}  // namespace

Result<AccountId> account_of(const ApiContext& api, const Call& call) {
  const auto named = call.query.get("account");
  if (!named && call.caller.kind == CallerKind::login) return AccountId{call.caller.account_id};
  if (!call.caller.may_administer_server()) {
    return fail(ErrorCode::permission_denied, "only administrators may name another account",
                "account");
  }
  const std::vector<AccountInfo> accounts = api.control().list_accounts();
  if (!named) {
    if (accounts.size() == 1) return AccountId{accounts.front().id};
    return fail(ErrorCode::invalid_argument, "say whose rows: ?account=NAME", "account");
  }
  const auto found = std::ranges::find(accounts, *named, &AccountInfo::name);
  if (found == accounts.end()) return fail(ErrorCode::not_found, "no such account", "account");
  return AccountId{found->id};
}

namespace {

Result<Uuid> id_of(const Call& call) {
  const auto id = Uuid::parse(call.path("id"));
  if (!id) return fail(ErrorCode::invalid_argument, "must be a UUID", "id");
  return *id;
}

/// Slots show templates from memory.
void note_change(ApiContext& api, const Table& table) {
  if (table.name == "content_templates") api.slots.changed();
}

Response answer_row(const Table& table, const campaign::Row& row, int status = 200) {
  std::string out;
  append_row(out, table, row);
  return Response::json(std::move(out), status);
}

std::string list_json(const Table& table, const campaign::Page& page) {
  std::string out = fmt::format("{{\"{}\":[", table.name);
  for (const campaign::Row& row : page.rows) {
    if (&row != &page.rows.front()) out += ",";
    append_row(out, table, row);
  }
  return out + (page.more ? "],\"more\":true" : "],\"more\":false");
}

/// The site and the status that a list is narrowed to.
Result<void> read_site_and_status(const ApiContext& api, const Table& table, const Call& call,
                                  campaign::ListOptions& options) {
  if (const auto named = call.query.get("site")) {
    const auto sites = api.control().sites();
    const event::Site* site = find_site(*sites, *named);
    if (site == nullptr) return fail(ErrorCode::not_found, "no such site", "site");
    options.site = site->id.text();
  }
  if (const auto status = call.query.get("status")) {
    const campaign::Column& column = table.columns[*table.find("status")];
    ATTUNE_TRY(campaign::check_value(column, store::Value{std::string(*status)}));
    options.status = std::string(*status);
  }
  return {};
}

Result<campaign::ListOptions> read_options(const ApiContext& api, const Table& table,
                                           const Call& call) {
  campaign::ListOptions options;
  ATTUNE_ASSIGN(options.limit, call.query.number("limit", 100, 1, campaign::kListMax));
  ATTUNE_ASSIGN(options.offset, call.query.number("offset", 0, 0, campaign::kOffsetMax));
  if (const auto parent = table.filter.empty() ? std::nullopt : call.query.get(table.filter)) {
    const auto id = Uuid::parse(*parent);
    if (!id) return fail(ErrorCode::invalid_argument, "must be a UUID", std::string(table.filter));
    options.parent = *id;
  }
  if (table.lists_by_site) ATTUNE_TRY(read_site_and_status(api, table, call, options));
  return options;
}

/// Tests come with what a list shows of each, when that is asked for.
Result<Response> list(ApiContext& api, const Table& table, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const campaign::ListOptions options, read_options(api, table, call));
  std::int64_t summaries = 0;
  if (table.name == "ab_tests") {
    ATTUNE_ASSIGN(summaries, call.query.number("summaries", 0, 0, 1));
  }
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Page page, api.accounts.list(*session, table, account, options));
  std::string out = list_json(table, page);
  if (summaries == 1) {
    ATTUNE_ASSIGN(const boost::json::object all,
                  experiment::summaries(*session, {.account = static_cast<std::int64_t>(account),
                                                   .site = options.site,
                                                   .status = options.status}));
    out += ",\"summaries\":" + boost::json::serialize(all);
  }
  return Response::json(out + "}");
}

Result<Response> create(ApiContext& api, const Table& table, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const campaign::Fields fields, read_fields(table, call.request().body));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row, api.accounts.create(*session, table, account, fields));
  return answer_row(table, row, 201);
}

Result<Response> show(ApiContext& api, const Table& table, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const Uuid id, id_of(call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row, api.accounts.find(*session, table, account, id));
  return answer_row(table, row);
}

Result<Response> update(ApiContext& api, const Table& table, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const Uuid id, id_of(call));
  ATTUNE_ASSIGN(const campaign::Fields fields, read_fields(table, call.request().body));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_ASSIGN(const campaign::Row row, api.accounts.update(*session, table, account, id, fields));
  note_change(api, table);
  return answer_row(table, row);
}

Result<Response> remove(ApiContext& api, const Table& table, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  ATTUNE_ASSIGN(const Uuid id, id_of(call));
  ATTUNE_ASSIGN(SessionPool::Lease session, api.sessions.borrow());
  ATTUNE_TRY(api.accounts.remove(*session, table, account, id));
  note_change(api, table);
  return Response::empty(204);
}

Result<Response> populate(ApiContext& api) {
  return start_job(api, "populate", {}, [&api](JobProgress& progress) -> Result<std::string> {
    progress.set(0, 0, "making profiles");
    ATTUNE_ASSIGN(const auto session, api.parts.store->session());
    ATTUNE_ASSIGN(const std::int64_t made, api.accounts.populate(*session));
    return fmt::format(R"({{"accounts":{},"profiles_made":{}}})",
                       api.control().list_accounts().size(), made);
  });
}

Result<Response> look_for_insights(ApiContext& api, const Call& call) {
  ATTUNE_ASSIGN(const AccountId account, account_of(api, call));
  return start_job(api, "insights", {.account = static_cast<std::int64_t>(account)},
                   [&api, account](JobProgress& progress) {
                     return insights_now(api, account, progress);
                   });
}

using Handler = Result<Response> (*)(ApiContext&, const Table&, const Call&);

Route row(ApiContext& api, const Table& table, Method method, std::string_view pattern,
          Handler handler) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.access = method == Method::get ? Access::account_read : Access::account_write;
  const bool of_tests = table.name.find("test") != std::string_view::npos;
  route.area = of_tests ? Area::testing : Area::marketing;
  route.query = {{"account", "For administrators: whose rows; without it, your own."}};
  route.on_worker =
      worker([&api, &table, handler](const Call& call) { return handler(api, table, call); });
  return route;
}

void add_table(ApiContext& api, const Names& names, std::vector<Route>& routes) {
  const Table& table = *names.table;
  Route all = row(api, table, Method::get, names.path, list);
  all.name = names.list;
  all.summary = names.list_summary;
  all.response_schema = names.list_schema;
  all.query.push_back({"limit", "At most so many rows.",
                       R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"});
  all.query.push_back({"offset", "Rows to leave out.",
                       R"({"type":"integer","minimum":0,"maximum":1000000,"default":0})"});
  if (!table.filter.empty()) {
    all.query.push_back({table.filter, "Only its rows.", R"({"type":"string","format":"uuid"})"});
  }
  if (table.lists_by_site) {
    all.query.push_back({"site", "Only rows of this site: its UUID or its domain."});
    all.query.push_back({"status", "Only rows in this state."});
  }
  if (table.name == "ab_tests") {
    all.query.push_back({"summaries",
                         "1: also `summaries`, by id, of those that were started: their people as "
                         "counted so far and their last daily snapshot.",
                         R"({"type":"integer","minimum":0,"maximum":1,"default":0})"});
  }
  routes.push_back(std::move(all));

  Route add = row(api, table, Method::post, names.path, create);
  add.name = names.create;
  add.summary = names.create_summary;
  add.request_schema = names.new_schema;
  add.response_schema = table.schema;
  add.body_bytes_max = kBodyBytesMax;
  routes.push_back(std::move(add));

  Route one = row(api, table, Method::get, names.item_path, show);
  one.name = names.show;
  one.summary = names.show_summary;
  one.response_schema = table.schema;
  routes.push_back(std::move(one));

  Route change = row(api, table, Method::patch, names.item_path, update);
  change.name = names.update;
  change.summary = names.update_summary;
  change.request_schema = names.change_schema;
  change.response_schema = table.schema;
  change.body_bytes_max = kBodyBytesMax;
  routes.push_back(std::move(change));

  Route gone = row(api, table, Method::delete_, names.item_path, remove);
  gone.name = names.remove;
  gone.summary = names.remove_summary;
  routes.push_back(std::move(gone));
}

}  // namespace

Result<std::string> insights_now(ApiContext& api, AccountId account, JobProgress& progress) {
  progress.set(0, 0, "looking for patterns");
  ATTUNE_ASSIGN(const auto session, api.parts.store->session());
  ATTUNE_TRY(api.accounts.populate(*session));   // an insight belongs to a profile
  ATTUNE_ASSIGN(const campaign::InsightReport report,
                campaign::find_insights(*session, api.accounts, account));
  ATTUNE_TRY(campaign::learn_profile({api.accounts, *session, account, api.clock().now_ms()}));
  return to_json(report);
}

std::vector<Route> campaign_routes(ApiContext& api) {
  std::vector<Route> routes;
  for (const Names& names : all_names()) add_table(api, names, routes);

  Route profiles;
  profiles.method = Method::post;
  profiles.pattern = "/api/v1/accounts/populate";
  profiles.name = "populate_accounts";
  profiles.access = Access::server_admin;
  profiles.body_bytes_max = 8 * 1024;
  profiles.summary = "Gives a profile with neutral defaults to every account without one.";
  profiles.response_schema = "Job";
  profiles.on_worker = worker([&api](const Call&) { return populate(api); });
  routes.push_back(std::move(profiles));

  Route insights;
  insights.method = Method::post;
  insights.pattern = "/api/v1/learning_insights/find";
  insights.name = "find_insights";
  insights.access = Access::account_write;
  insights.area = Area::marketing;
  insights.body_bytes_max = 8 * 1024;
  insights.query = {{"account", "For administrators: whose; without it, your own."}};
  insights.summary =
      "Looks for patterns in the account's campaigns and for tests that ended, and writes insights "
      "of both. The server does it every day by itself.";
  insights.response_schema = "Job";
  insights.on_worker = worker([&api](const Call& call) { return look_for_insights(api, call); });
  routes.push_back(std::move(insights));
  for (Route& route : advice_routes(api)) routes.push_back(std::move(route));
  for (Route& route : budget_routes(api)) routes.push_back(std::move(route));
  for (Route& route : send_time_routes(api)) routes.push_back(std::move(route));
  return routes;
}

}  // namespace attune::serve
