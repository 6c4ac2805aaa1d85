// Bad input against every route, from the table of routes itself: a route without a row here fails,
// and so does one whose good answer does not fit its schema.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "api_fixture.h"
#include "matrix_bandits.h"
#include "matrix_content.h"
#include "matrix_flags.h"
#include "matrix_members.h"
#include "matrix_placements.h"
#include "matrix_tests.h"
#include "campaign/tables.h"
#include "matrix_rows.h"
#include "schema_check.h"
#include "serve/account_json.h"
#include "store/column_batch.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

class MatrixTest : public ApiFixture {
 protected:
  void SetUp() override {
    open_parts();
    if (HasFatalFailure()) return;
    Operations operations;
    add_bandit_operations(operations);
    operations.train = [](const event::Site&, const TrainOptions&,
                          JobProgress&) -> Result<std::string> { return std::string("{}"); };
    operations.evaluate = [](const event::Site&, const EvaluateOptions&,
                             JobProgress&) -> Result<std::string> { return std::string("{}"); };
    operations.tune = [](const event::Site&, const TuneOptions&,
                         JobProgress&) -> Result<std::string> { return std::string("{}"); };
    operations.serve_model = [](const event::Site&, std::string_view strategy,
                                std::string_view version) -> Result<std::string> {
      if (strategy == "unheard") return fail(ErrorCode::not_found, "no such model", "strategy");
      return fmt::format(R"({{"strategy":"{}","version":"{}","status":"production"}})", strategy,
                         version.empty() ? "before" : version);
    };
    operations.erase = [](const event::Site&, const EraseRequest&,
                          JobProgress&) -> Result<std::string> { return std::string("{}"); };
    operations.maintain = [](MaintainPeriod, JobProgress&) -> Result<std::string> { return "{}"; };
    operations.replay = operations.archive = operations.check =
        [](JobProgress&) -> Result<std::string> { return std::string("{}"); };
    operations.etl = [](const EtlRequest&, JobProgress&) -> Result<std::string> { return "{}"; };
    operations.refresh_graph =
        [](const std::optional<Uuid>&, JobProgress&) -> Result<std::string> { return "{}"; };
    operations.database_status = []() -> Result<std::string> {
      return R"({"backlog":[],"processed":{},"errors":{},"tables":[],"statements":[]})";
    };
    operations.status = []() -> Result<std::string> {
      return std::string(
          R"({"version":"test","started_at":"2026-11-21T00:00:00Z","uptime_seconds":1,
        "data_dir":"x","journal":{},"etl":{},"store":{},"memory_bytes":1})");
    };
    operations.readiness = [] { return std::vector<Readiness>{{"journal", true, "writes"}}; };
    for (const char* name : {"maker", "leaver"}) add_account(name, "viewer");
    start(std::move(operations));
    ASSERT_FALSE(HasFatalFailure());
    make_rows();
    std::ifstream file(std::string(std::getenv("ATTUNE_SOURCE_DIR")) + "/src/serve/schemas.json");
    std::stringstream text;
    text << file.rdbuf();
    schemas_ = json::parse(text.str()).as_object();
    for (const auto& [name, schema] : account_schemas()) schemas_[name] = schema;
  }
  void change(ServerOptions& server) override {
    server.header_timeout_ms = 700;
    server.body_timeout_ms = 700;
  }

  std::string site(std::string_view rest = {}) const {
    return "/api/v1/sites/" + site_.id.text() + std::string(rest);
  }
  void make_rows();
  void make_event_rows();
  void make_account_rows();
  void make_site_rows();
  void make_shop_rows();
  void make_import_rows();
  void make_operation_rows();
  void make_etl_rows();
  void make_campaign_rows();
  void add_campaign_rows(const campaign::Table& table);
  std::string make_account_row(std::string_view table, const std::string& body,
                               const std::string& account);
  json::object account_body(const campaign::Table& table, int n);
  void make_learning_rows();
  void make_test_rows();
  std::string good_event() const;
  const Row& row_of(const Route& route) {
    const auto found = rows_.find(std::string(route.name));
    EXPECT_NE(found, rows_.end()) << "no row for route " << route.name;
    return found == rows_.end() ? rows_[""] : found->second;  // the test has failed
  }
  bool is_named(const Route& route) const {
    return route.access != Access::open && route.access != Access::visitors;
  }
  /// A person's calls need a login, all others the server's key.
  std::string credentials(const Route& route) {
    if (route.access != Access::login) return is_named(route) ? bearer(server_key_) : "";
    if (login_.empty()) {
      const auto made = control_->log_in({"admin", kPassword, ""});
      EXPECT_TRUE(made);
      login_ =
          "Cookie: attune_login=" + made->token + "\r\nX-CSRF-Token: " + made->csrf_token + "\r\n";
    }
    return login_;
  }
  RawAnswer send_row(const Route& route, std::string_view target, std::string_view body,
                     const std::string& headers) {
    return send(to_string(route.method), target, body, headers);
  }
  void expect_error(const RawAnswer& answer, int status, const std::string& what) {
    EXPECT_EQ(answer.status, status) << what << "\n" << answer.head << answer.body;
    json::error_code error;
    const json::value value = json::parse(answer.body, error);
    ASSERT_FALSE(error) << what << ": " << answer.body;
    // Umami's clients get Umami's shape, which has the same place for the error.
    const json::object* shape =
        value.is_object() ? value.get_object().if_contains("error")->if_object() : nullptr;
    ASSERT_NE(shape, nullptr) << what << ": " << answer.body;
    EXPECT_TRUE(shape->contains("code") && shape->contains("message"))
        << what << ": " << answer.body;
  }
  std::vector<const Route*> api_routes() const {
    std::vector<const Route*> list;
    for (const Route* route : api_->router().routes()) {
      if (route->in_document) list.push_back(route);
    }
    return list;
  }

  std::map<std::string, Row> rows_;
  std::map<std::string, std::string> account_ids_;   // of a row in each of an account's tables
  json::object schemas_;
  std::string login_;
};

const char* const kJunk[] = {"{", "[1,", "\"", "nul", "{\"a\":1}}", "{\"a\":\"\xff\"}", "\x01"};

void MatrixTest::make_rows() {
  make_event_rows();
  make_account_rows();
  make_site_rows();
  add_stats_rows(rows_, site());
  make_shop_rows();
  make_import_rows();
  make_operation_rows();
  make_campaign_rows();
}

std::string MatrixTest::good_event() const {
  return R"({"site":")" + site_.id.text() + R"(","type":"pageview","url":"https://shop.example/"})";
}

void MatrixTest::make_event_rows() {
  const std::string event = good_event();
  rows_["post_events"] = {
      "/api/v1/events",
      event,
      "",
      {{"no events", "", "[]", 400, ""},
       {"a number", "", "7", 400, ""},
       {"no type", "", R"([{"site":")" + site_.id.text() + R"("}])", 400, ""},
       {"a site nobody has", "", R"({"site":"00000000-0000-4000-8000-000000000001","type":"x"})",
        400, ""},
       {"a site that is no id", "", R"({"site":"shop","type":"pageview"})", 400, ""},
       {"the year 1", "",
        R"({"site":")" + site_.id.text() + R"(","type":"x","timestamp":"0001-01-01T00:00:00Z"})",
        400, ""},
       {"the year 9999", "",
        R"({"site":")" + site_.id.text() + R"(","type":"x","timestamp":"9999-13-01T00:00:00Z"})",
        400, ""},
       {"seconds for milliseconds", "",
        R"({"site":")" + site_.id.text() + R"(","type":"x","timestamp":1795000000})", 400, ""},
       {"a type of the wrong type", "", R"({"site":")" + site_.id.text() + R"(","type":7})", 400,
        ""}}};
  rows_["umami_send"] = {
      "/api/send",
      R"({"type":"event","payload":{"website":")" + site_.id.text() +
          R"(","url":"/","hostname":"shop.example"}})",
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0\r\n",
      {{"no payload", "", R"({"type":"event"})", 400, ""}, {"a number", "", "7", 400, ""}}};
  rows_["umami_batch"] = {"/api/batch",
                          "[" + rows_["umami_send"].body + "]",
                          rows_["umami_send"].headers,
                          {{"no array", "", "{}", 400, ""}}};
  rows_["umami_heartbeat"] = {"/api/heartbeat", "", "", {}};
}

void MatrixTest::make_account_rows() {
  rows_["log_in"] = {
      "/api/v1/login",
      R"({"user":"admin","password":"correct horse"})",
      "",
      {{"wrong password", "", R"({"user":"admin","password":"wrong horse"})", 401, ""},
       {"no password", "", R"({"user":"admin"})", 400, "password"},
       {"a number", "", R"({"user":7,"password":"x"})", 400, "user"}}};
  rows_["show_login"] = {"/api/v1/login", "", "", {}};
  rows_["log_out"] = {"/api/v1/login", "", "", {}};
  rows_["change_password"] = {
      "/api/v1/account/password",
      R"({"current":"correct horse","new":"battery staple"})",
      "",
      {{"too short", "", R"({"current":"correct horse","new":"x"})", 400, "new"},
       {"wrong", "", R"({"current":"wrong horse","new":"battery staple"})", 403, "current"}}};
}

void MatrixTest::make_site_rows() {
  const auto key = control_->create_key(site_.id, "to delete", Scope::read);
  const auto server_key = control_->create_key(std::nullopt, "to delete", Scope::admin);
  SiteChange other;
  other.domain = "to-delete.example";
  ASSERT_TRUE(key && server_key && control_->create_site(other));
  rows_["list_sites"] = {"/api/v1/sites", "", "", {}};
  rows_["create_site"] = {
      "/api/v1/sites",
      R"({"domain":"new.example"})",
      "",
      {{"no domain", "", "{}", 400, "domain"},
       {"a bad domain", "", R"({"domain":"a b"})", 400, "domain"},
       {"a domain twice", "", R"({"domain":"shop.example"})", 409, "domain"},
       {"a zone", "", R"({"domain":"x.example","timezone":"Mars"})", 400, "timezone"},
       {"an origin", "", R"({"domain":"x.example","allowed_origins":["*"]})", 400,
        "allowed_origins"},
       {"a flag", "", R"({"domain":"x.example","store_ip":"no"})", 400, "store_ip"}}};
  rows_["show_site"] = {site(), "", "", {}};
  rows_["update_site"] = {site(),
                          R"({"name":"Shop"})",
                          "",
                          {{"a name", "", R"({"name":7})", 400, "name"},
                           {"a currency", "", R"({"currency":"euro"})", 400, "currency"}}};
  rows_["delete_site"] = {"/api/v1/sites/to-delete.example", "", "", {}};
  rows_["show_windows"] = {site("/windows"), "", "", {}};
  rows_["set_windows"] = {
      site("/windows"),
      R"({"click_window_min":60,"cart_window_h":24,"purchase_window_h":48})",
      "",
      {{"no time", "", R"({"click_window_min":0})", 400, "click_window_min"},
       {"too long", "", R"({"click_window_min":1441})", 400, "click_window_min"},
       {"a long cart", "", R"({"cart_window_h":2161})", 400, "cart_window_h"},
       {"a long wait", "", R"({"purchase_window_h":2161})", 400, "purchase_window_h"}}};
  rows_["list_site_keys"] = {site("/keys"), "", "", {}};
  rows_["create_site_key"] = {
      site("/keys"),
      R"({"name":"backend","scope":"write"})",
      "",
      {{"no name", "", R"({"scope":"read"})", 400, "name"},
       {"no scope", "", R"({"name":"x"})", 400, "scope"},
       {"another scope", "", R"({"name":"x","scope":"root"})", 400, "scope"}}};
  rows_["delete_site_key"] = {site("/keys/" + std::to_string(key->info.id)),
                              "",
                              "",
                              {{"no such key", site("/keys/999999"), "", 404, "id"},
                               {"no number", site("/keys/x"), "", 404, "id"}}};
  rows_["list_server_keys"] = {"/api/v1/keys", "", "", {}};
  rows_["create_server_key"] = {"/api/v1/keys",
                                R"({"name":"cli","scope":"admin"})",
                                "",
                                {{"a reader", "", R"({"name":"x","scope":"read"})", 400, "scope"}}};
  rows_["delete_server_key"] = {"/api/v1/keys/" + std::to_string(server_key->info.id),
                                "",
                                "",
                                {{"no such key", "/api/v1/keys/999999", "", 404, "id"}}};
}

void MatrixTest::make_shop_rows() {
  rows_["recommend"] = {
      site("/recommendations?visitor=v1&n=5"),
      "",
      "",
      {{"none", site("/recommendations?n=0"), "", 400, "n"},
       {"too many", site("/recommendations?n=101"), "", 400, "n"},
       {"a word", site("/recommendations?n=x"), "", 400, "n"},
       {"another type", site("/recommendations?type=book"), "", 400, "type"},
       {"a preview by a stranger", site("/recommendations?preview=1"), "", 401, "preview"},
       {"a long visitor", site("/recommendations?visitor=" + std::string(300, 'v')), "", 400,
        "visitor"}}};
  rows_["put_products"] = {
      site("/products"),
      R"([{"id":"p1","name":"Tea","price":3.5,"stock":2}])",
      "",
      {{"nothing", "", "[]", 400, "body"},
       {"no id", "", R"([{"id":"a"},{"name":"x"}])", 400, "products[1].id"},
       {"a price", "", R"([{"id":"a","price":-1}])", 400, "products[0].price"},
       {"a stock", "", R"([{"id":"a","stock":1.5}])", 400, "products[0].stock"},
       {"a type", "", R"([{"id":"a","type":"book"}])", 400, "products[0].type"},
       {"no object", "", "[7]", 400, "products[0]"}}};
  rows_["import_products"] = {
      site("/products?complete=1&confirm=1&skip_errors=1"),
      R"({"id":"p1","name":"Tea"})",
      "",
      {{"a list", "", "[]", 400, "body"},
       {"nothing wrong left out", site("/products"), R"({"id":"p1","price":-1})", 400, "body"},
       {"half complete", site("/products?complete=2"), R"({"id":"p1"})", 400, "complete"}}};
}

void MatrixTest::make_import_rows() {
  const std::string event = good_event();
  const auto import = control_->begin_import(site_.id, "test", "");
  const auto finished = control_->begin_import(site_.id, "test", "");
  ASSERT_TRUE(import && finished && control_->finish_import(finished->stream));
  rows_["list_imports"] = {site("/imports"), "", "", {}};
  rows_["begin_import"] = {site("/imports"),
                           R"({"kind":"access-log","name":"a.log"})",
                           "",
                           {{"no kind", "", R"({"name":"x"})", 400, "kind"}}};
  const std::string stream = std::to_string(import->stream);
  const std::string ended = std::to_string(finished->stream);
  rows_["import_events"] = {
      site("/imports/" + stream + "/events?batch=1"),
      "[" + event + "]",
      "",
      {{"no number", site("/imports/" + stream + "/events"), "[" + event + "]", 400, "batch"},
       {"a gap", site("/imports/" + stream + "/events?batch=3"), "[" + event + "]", 409, "batch"},
       {"another's", site("/imports/99/events?batch=1"), "[" + event + "]", 404, "stream"},
       {"an ended one", site("/imports/" + ended + "/events?batch=1"), "[" + event + "]", 409, ""},
       {"too large a number", site("/imports/999999999/events?batch=1"), "[" + event + "]", 404,
        ""}}};
  const auto numbered = control_->begin_import(site_.id, "interactions", "");
  ASSERT_TRUE(numbered);
  const std::string by_number = site("/imports/" + std::to_string(numbered->stream) +
                                     "/interactions");
  const char* interactions = R"([{"user_id":1,"product_id":1,"interaction_type":"VIEW"}])";
  rows_["import_interactions"] = {by_number + "?batch=1", interactions, "",
                                  {{"no number", by_number, interactions, 400, "batch"},
                                   {"a gap", by_number + "?batch=3", interactions, 409, "batch"}}};
  rows_["finish_import"] = {site("/imports/" + stream + "/finish"),
                            "",
                            "",
                            {{"another's", site("/imports/99/finish"), "", 404, "stream"}}};
}

/// Its id.
std::string MatrixTest::make_account_row(std::string_view table, const std::string& body,
                                         const std::string& account) {
  const Response made = as_owner(
      Method::post, "/api/v1/" + std::string(table) + "?account=" + account, body);
  EXPECT_EQ(made.status, 201) << table << made.body;
  return json::parse(made.body).at("id").as_string().c_str();
}

/// A body with what must be given; `n` keeps names apart.
json::object MatrixTest::account_body(const campaign::Table& table, int n) {
  json::object body;
  for (const campaign::Column& column : table.columns) {
    if (!column.required) continue;
    json::value& value = body[column.name];
    if (column.kind == campaign::Kind::reference) {
      value = account_ids_.at(std::string(column.target));
      // One for each campaign.
      if (table.name == "campaign_personalization_settings") {
        const std::string name = Uuid::random().text();
        value = make_account_row("campaigns", R"({"name":")" + name + "\"}", "admin");
      }
    } else if (column.kind == campaign::Kind::day) {
      value = fmt::format("2026-01-{:02}", n);
    } else if (column.kind == campaign::Kind::word) {
      value = std::string(column.words[0]);
    } else {
      value = fmt::format("{} {}", column.name, n);
    }
  }
  if (table.name == "meta_user_profiles") body["industry"] = "tea";
  return body;
}

void MatrixTest::make_campaign_rows() {
  make_account_row("meta_user_profiles", "{}", "admin");
  for (const campaign::Table& table : campaign::tables()) add_campaign_rows(table);
  add_template_rows(rows_, account_ids_.at("content_templates"), "?account=admin");
  add_advice_rows(rows_, "?account=admin");
  add_send_time_rows(rows_, site_.id.text(), "?account=admin");
  const std::string block = make_account_row(
      "content_templates",
      R"({"name":"block","template_type":"web_block","base_prompt":"<p>Hi</p>"})", "admin");
  add_slot_rows(rows_, site(), block, [&](auto... x) { return as_owner(Method::put, x...); });
  rows_["populate_accounts"] = {"/api/v1/accounts/populate", "", "", {}};
  make_test_rows();
}

/// A test that can be started, and exposures, of which wrong ones do not lose the others.
void MatrixTest::make_test_rows() {
  const std::string test = make_account_row("ab_tests", startable_test(site_.id.text()), "admin");
  for (const std::string name : {"a", "b"}) {
    make_account_row("test_variations", variation_of(test, name), "admin");
  }
  add_test_rows(rows_, test, site("/exposures"));
}

void MatrixTest::add_campaign_rows(const campaign::Table& table) {
  const bool profile = table.name == "meta_user_profiles";
  const std::string one(table.one);
  const std::string path = "/api/v1/" + std::string(table.name);
  const std::string account = profile ? "leaver" : "admin";
  const std::string whose = "?account=" + account;
  const std::string id =
      make_account_row(table.name, json::serialize(account_body(table, 1)), account);
  account_ids_[std::string(table.name)] = id;
  const std::string item = path + "/" + id + whose;
  const auto nobodys = [&](const std::string& body) {
    return std::vector<Bad>{
        {"no UUID", path + "/7" + whose, body, 400, "id"},
        {"none such", path + "/00000000-0000-4000-8000-000000000001" + whose, body, 404, "id"},
        {"another account's", path + "/" + id + "?account=maker", body, 404, "id"},
        {"no such account", item.substr(0, item.find('=')) + "=nobody", body, 404, "account"},
        {"nobody's", path + "/" + id, body, 400, "account"}};
  };
  rows_["list_" + std::string(table.name)] = {
      path + whose + "&limit=2&offset=0",
      "",
      "",
      {{"no rows", path + whose + "&limit=0", "", 400, "limit"},
       {"too many rows", path + whose + "&limit=1001", "", 400, "limit"},
       {"too far", path + whose + "&offset=1000001", "", 400, "offset"},
       {"nobody's", path, "", 400, "account"}}};
  if (table.name == "ab_tests") narrow_tests(rows_["list_ab_tests"], site_.id.text());
  rows_["show_" + one] = {item, "", "", nobodys("")};
  // A row that no other needs.
  const std::string spare =
      profile ? id : make_account_row(table.name, json::serialize(account_body(table, 4)), account);
  rows_["delete_" + one] = {path + "/" + spare + whose, "", "", nobodys("")};
  const std::vector<Bad> wrong = {{"an id", "", R"({"id":"x"})", 400, "id"},
                                  {"an account", "", R"({"user_id":1})", 400, "user_id"},
                                  {"a list", "", "[]", 400, "body"}};
  const json::object good = account_body(table, 2);
  Row create = {path + (profile ? "?account=maker" : whose), json::serialize(good), "", wrong};
  Row update = {item, json::serialize(account_body(table, 3)), "", nobodys("{}")};
  update.bad.insert(update.bad.end(), wrong.begin(), wrong.end());
  for (const campaign::Column& column : table.columns) {
    if (!column.required) continue;
    const std::string name(column.name);
    json::object lacking = good;
    lacking.erase(name);
    create.bad.push_back({"no " + name, "", json::serialize(lacking), 400, name});
    update.bad.push_back({"null " + name, "", "{\"" + name + "\":null}", 400, name});
  }
  rows_["create_" + one] = std::move(create);
  rows_["update_" + one] = std::move(update);
}

void MatrixTest::make_operation_rows() {
  const auto job =
      api_->jobs().start("test", {}, [](JobProgress&) { return Result<std::string>("1"); });
  ASSERT_TRUE(job);
  rows_["query"] = {
      "/api/v1/query",
      R"({"sql":"select 1 as one, 'x' as word, null as nothing"})",
      "",
      {{"no sql", "", "{}", 400, "sql"},
       {"bad sql", "", R"({"sql":"selec 1"})", 400, ""},
       {"a write", "", R"({"sql":"delete from website"})", 400, ""},
       {"a file", "", R"sql({"sql":"select * from read_text('/etc/passwd')"})sql", 403, ""},
       {"two statements", "", R"({"sql":"select 1; select 2"})", 400, ""},
       {"too many rows", "", R"({"sql":"select 1","rows_max":1000000})", 400, "rows_max"}}};
  rows_["list_jobs"] = {"/api/v1/jobs", "", "", {}};
  rows_["show_job"] = {
      "/api/v1/jobs/" + *job, "", "", {{"none", "/api/v1/jobs/job-99", "", 404, "id"}}};
  rows_["train"] = {site("/train"),
                    R"({"algorithm":""})",
                    "",
                    {{"a number", "", R"({"algorithm":7})", 400, "algorithm"}}};
  rows_["erase"] = {site("/erase"),
                    R"({"visitor":"v1"})",
                    "",
                    {{"nobody", "", "{}", 400, "visitor"},
                     {"two", "", R"({"visitor":"v1","user":"u1"})", 400, "visitor"},
                     {"a number", "", R"({"user":7})", 400, "user"}}};
  make_learning_rows();
  rows_["refresh_graph"] = {site("/graph/refresh"), "", "", {}};
  rows_["refresh_graphs"] = {"/api/v1/graph/refresh", "", "", {}};
  rows_["maintain"] = {"/api/v1/maintain",
                       R"({"period":"daily"})",
                       "",
                       {{"another", "", R"({"period":"yearly"})", 400, "period"}}};
  rows_["archive"] = {"/api/v1/archive", "", "", {}};
  rows_["retention"] = {site("/retention"), "", "", {}};
  rows_["set_retention"] = {
      site("/retention"),
      R"({"table":"events_log","delete_after_days":30})",
      "",
      {{"another table", "", R"({"table":"website"})", 400, "table"},
       {"too short", "", R"({"table":"events_log","delete_after_days":1})", 400,
        "delete_after_days"},
       {"no archive", "", R"({"table":"events_log","archive_after_days":30})", 400,
        "archive_after_days"}}};
  rows_["replay"] = {"/api/v1/replay", "", "", {}};
  rows_["check"] = {"/api/v1/check", "", "", {}};
  make_etl_rows();
  rows_["status"] = {"/api/v1/status", "", "", {}};
  rows_["database_status"] = {"/api/v1/status/database", "", "", {}};
  rows_["healthz"] = {"/healthz", "", "", {}};
  rows_["readyz"] = {"/readyz", "", "", {}};
  rows_["metrics"] = {"/metrics", "", "", {}};
  rows_["openapi"] = {"/api/v1/openapi.json", "", "", {}};
}

void MatrixTest::make_etl_rows() {
  const std::string step = "/api/v1/etl/";
  rows_["etl_process"] = {step + "process",
                          R"({"batch_size":500})",
                          "",
                          {{"no row", "", R"({"batch_size":0})", 400, "batch_size"},
                           {"unknown", "", R"({"days":1})", 400, "days"}}};
  rows_["etl_sessions"] = {step + "sessions", "{}", "", {{"no object", "", "[]", 400, ""}}};
  rows_["etl_daily"] = {
      step + "daily",
      R"({"start_date":"2026-01-01","end_date":"2026-01-31"})",
      "",
      {{"no day", "", R"({"start_date":"2026-02-30","end_date":"2026-03-01"})", 400, "start_date"},
       {"backwards", "", R"({"start_date":"2026-01-02","end_date":"2026-01-01"})", 400, "end_date"},
       {"too long", "", R"({"start_date":"2000-01-01","end_date":"2026-01-01"})", 400, "end_date"},
       {"one day only", "", R"({"start_date":"2026-01-02"})", 400, "end_date"}}};
  rows_["etl_cleanup"] = {step + "cleanup", R"({"retention_days":90})", "",
                          {{"none", "", R"({"retention_days":0})", 400, "retention_days"}}};
}
void MatrixTest::make_learning_rows() {
  add_member_rows(rows_, [&](auto... x) { return as_owner(Method::post, x...); });
  add_flag_rows(rows_, site(), [&](auto... x) { return as_owner(Method::put, x...); });
  add_connection_rows(rows_, site(), site_.id.text(),
                      [&](auto... x) { return as_owner(Method::post, x...); });
  add_placement_rows(rows_, site(), [&](auto... x) { return as_owner(Method::put, x...); });
  add_bandit_rows(rows_, site());
  const auto session = store_->session();
  ASSERT_TRUE(session);
  add_model_rows(rows_, **session, site_.id);
  rows_["refresh_profiles"] = {site("/profiles/refresh"), "", "", {}};
  rows_["list_rl_models"] = {site("/rl-models"), "", "", {}};
  const std::string model =
      R"({"model_name":"m","algorithm_type":"LINUCB","version":"1","training_date":"2026-01-31"})";
  rows_["put_rl_model"] = {
      site("/rl-models"),
      model,
      "",
      {{"no name", "", R"({"algorithm_type":"DQN","version":"1"})", 400, "model_name"},
       {"an algorithm", "", R"({"model_name":"m","algorithm_type":"EASE","version":"1"})", 400,
        "algorithm_type"},
       {"a day", "",
        R"({"model_name":"m","algorithm_type":"DQN","version":"1","training_date":"soon"})", 400,
        "training_date"},
       {"metrics", "",
        R"({"model_name":"m","algorithm_type":"DQN","version":"1","performance_metrics":[1]})", 400,
        "performance_metrics"}}};
  const std::string measured = model.substr(0, model.size() - 1) + R"(,"performance_metrics":)";
  EXPECT_EQ(as_owner(Method::put, site("/rl-models"), measured + R"({"ctr":0.045}})").status, 200);
  rows_["get_gorse_rules"] = {site("/gorse"), "", "", {}};
  rows_["put_gorse_rules"] = {site("/gorse"), R"({"unknown_ids":"reject"})", "",
                              {{"a word", "", R"({"unknown_ids":"ask"})", 400, "unknown_ids"}}};
  rows_["delete_rl_model"] = {site("/rl-models/1"), "", "",
                              {{"none", site("/rl-models/99"), "", 404, "id"},
                               {"words", site("/rl-models/first"), "", 404, "id"}}};
  for (const char* table : {"users", "product"}) {
    store::ColumnBatch batch;
    batch.add_int64("id").push(1);
    batch.add_text("site_id").push(site_.id.text());
    batch.add_text("external_id").push("one");
    ASSERT_TRUE((*session)->append(table, batch));
  }
  rows_["add_interaction"] = {
      site("/interactions"),
      R"({"user_id":1,"product_id":1,"interaction_type":"VIEW","session_id":"s"})",
      "",
      {{"no user", "", R"({"product_id":1,"interaction_type":"VIEW"})", 400, "user_id"},
       {"an unknown user", "", R"({"user_id":999999,"product_id":1,"interaction_type":"VIEW"})",
        409, "user_id"},
       {"an unknown product", "", R"({"user_id":1,"product_id":7,"interaction_type":"VIEW"})", 409,
        "product_id"},
       {"a type", "", R"({"user_id":1,"product_id":1,"interaction_type":"GLANCE"})", 400,
        "interaction_type"}}};
}

// Destructive calls come last, so that the others find what they need.
TEST_F(MatrixTest, GoodRequestsAnswerWhatTheirSchemaSays) {
  std::vector<const Route*> routes = api_routes();
  std::stable_sort(routes.begin(), routes.end(), [](const Route* a, const Route* b) {
    const auto rank = [](const Route* route) {
      if (route->name == "log_out") return 2;
      return route->method == Method::delete_ || route->name == "change_password" ||
                     route->name == "finish_import" ? 1 : 0;
    };
    return rank(a) < rank(b);
  });
  for (const Route* route : routes) {
    const Row& row = row_of(*route);
    if (row.target.empty()) continue;
    SCOPED_TRACE(route->name);
    RawAnswer answer;
    do {   // a further job is refused while its like, or as many as may run, are running
      answer = send_row(*route, row.target, row.body, credentials(*route) + row.headers);
    } while (answer.status == 429 || answer.body.find(" is running\"") != std::string::npos);
    EXPECT_GE(answer.status, 200) << answer.body;
    EXPECT_LT(answer.status, 300) << answer.body;
    if (route->response_schema.empty()) {
      EXPECT_TRUE(answer.status == 204 || route->name == "metrics");
      continue;
    }
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    const json::value schema = schemas_.at(route->response_schema);
    EXPECT_EQ(check_schema(json::parse(answer.body), schema, schemas_), "") << answer.body;
  }
}

TEST_F(MatrixTest, EveryRouteRefusesOtherMethods) {
  std::map<std::string, std::set<std::string>> methods;
  for (const Route* route : api_routes()) {
    methods[std::string(route->pattern)].insert(std::string(to_string(route->method)));
  }
  for (const Route* route : api_routes()) {
    const std::string target = row_of(*route).target;
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}) {
      if (methods[std::string(route->pattern)].count(method) != 0) continue;
      const RawAnswer answer = send(method, target, "", credentials(*route));
      expect_error(answer, 405, std::string(method) + " " + target);
      for (const std::string& allowed : methods[std::string(route->pattern)]) {
        EXPECT_NE(answer.header("Allow").find(allowed), std::string::npos) << target;
      }
    }
  }
}

TEST_F(MatrixTest, EveryRouteChecksWhoAsks) {
  const std::uint64_t records = this->records();
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    const std::string what(route->name);
    if (route->access == Access::open) continue;
    expect_error(send_row(*route, row.target, row.body, bearer("sk_wrong") + row.headers), 401,
                 what + ", bad key");
    if (!is_named(*route)) continue;
    expect_error(send_row(*route, row.target, row.body, row.headers), 401, what + ", nobody");
    expect_error(send_row(*route, row.target, row.body, "Cookie: attune_login=x\r\n" + row.headers),
                 401, what + ", bad login");
    // A key of another site, or one that may only write, is known but not allowed.
    const std::string foreign = "/api/v1/sites/to-delete.example";
    if (row.target.starts_with(site()) && route->access != Access::login) {
      const std::string key = key_of_scope(Scope::admin);
      const std::string target = foreign + row.target.substr(site().size());
      expect_error(send_row(*route, target, row.body, bearer(key) + row.headers), 403,
                   what + ", other site");
    } else if (route->access == Access::server_admin) {
      expect_error(
          send_row(*route, row.target, row.body, bearer(key_of_scope(Scope::admin)) + row.headers),
          403, what + ", key of a site");
    }
  }
  EXPECT_EQ(this->records(), records);
}

TEST_F(MatrixTest, EveryRouteOfASiteSaysWhenThereIsNone) {
  for (const Route* route : api_routes()) {
    if (route->pattern.find("{site}") == std::string_view::npos) continue;
    const Row& row = row_of(*route);
    for (const char* unknown :
         {"00000000-0000-4000-8000-000000000001", "none.example", "%00", "%ff"}) {
      const std::size_t begin = std::string("/api/v1/sites/").size();
      const std::size_t end = std::min(row.target.find_first_of("/?", begin), row.target.size());
      std::string target = row.target;
      target.replace(begin, end - begin, unknown);
      expect_error(send_row(*route, target, row.body, credentials(*route) + row.headers),
                   unknown[0] == '%' ? 400 : 404, std::string(route->name) + " of " + unknown);
    }
  }
}

TEST_F(MatrixTest, EveryRouteRefusesBadTargets) {
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    const std::string join = row.target.find('?') == std::string::npos ? "?" : "&";
    for (const std::string& bad :
         {join + "x=%ff", join + "x=%00", join + "x=%zz", join + std::string(9000, 'q')}) {
      expect_error(send_row(*route, row.target + bad, row.body, credentials(*route) + row.headers),
                   400, std::string(route->name) + bad.substr(0, 10));
    }
    if (route->access == Access::visitors) continue;
    expect_error(send_row(*route, row.target + join + "nonsense=1", row.body,
                          credentials(*route) + row.headers),
                 400, std::string(route->name) + " with nonsense=1");
  }
}

TEST_F(MatrixTest, EveryRouteRefusesBadBodies) {
  const std::uint64_t records = this->records();
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    const std::string headers = credentials(*route) + row.headers;
    const std::string what(route->name);
    if (route->body_bytes_max == 0) {
      expect_error(send_row(*route, row.target, "{}", headers), 413, what + " takes no body");
      continue;
    }
    if (route->request_schema.empty()) continue;  // reads none
    for (const char* junk : kJunk) {
      expect_error(send_row(*route, row.target, junk, headers), 400, what + " " + junk);
    }
    // Not a list, whose elements would be judged one by one.
    const std::string deep = "{\"deep\":" + std::string(400, '[') + std::string(400, ']') + "}";
    expect_error(send_row(*route, row.target, deep, headers), 400, what + ", deep");
    if (route->body_type != BodyType::any) {
      expect_error(send_row(*route, row.target, row.body,
                            headers + "Content-Type: application/x-www-form-urlencoded\r\n"),
                   415, what + ", a form");
    }
    expect_error(send_row(*route, row.target, row.body,
                          headers + "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"),
                 415, what + ", packed");
  }
  EXPECT_EQ(this->records(), records);
}

TEST_F(MatrixTest, EveryRouteHasItsOwnRules) {
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    for (const Bad& bad : row.bad) {
      const std::string target = bad.target.empty() ? row.target : bad.target;
      const RawAnswer answer =
          send_row(*route, target, bad.body, credentials(*route) + row.headers);
      const std::string what = std::string(route->name) + ": " + bad.what;
      expect_error(answer, bad.status, what);
      if (bad.field.empty()) continue;
      EXPECT_NE(answer.body.find("\"field\":\"" + bad.field + "\""), std::string::npos)
          << what << answer.body;
    }
  }
}

TEST_F(MatrixTest, EveryRouteRefusesHugeCutAndSlowBodies) {
  std::vector<std::pair<std::string, std::unique_ptr<RawClient>>> slow;
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    const std::string head = std::string(to_string(route->method)) + " " + row.target +
                             " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" +
                             credentials(*route) + row.headers;
    const std::string what(route->name);
    {
      RawClient huge(server_->port());
      expect_error(huge.exchange(head + "Content-Length: " +
                                 std::to_string(route->body_bytes_max + 1) + "\r\n\r\n"),
                   413, what + ", huge");
    }
    if (route->body_bytes_max > 0) {
      RawClient cut(server_->port());
      cut.send(head + "Content-Length: 100\r\n\r\n{\"half\":");
      cut.end_sending();
      expect_error(cut.read(), 400, what + ", cut");
      slow.emplace_back(what + ", slow body", std::make_unique<RawClient>(server_->port()));
      slow.back().second->send(head + "Content-Length: 100\r\n\r\n{\"slow\":");
    }
    slow.emplace_back(what + ", slow head", std::make_unique<RawClient>(server_->port()));
    slow.back().second->send(head);
  }
  for (const auto& [what, client] : slow) expect_error(client->read(), 408, what);
}

// Wrong kinds of value in every place: none may crash, none may be taken.
TEST_F(MatrixTest, EveryBodyRefusesWrongTypes) {
  for (const Route* route : api_routes()) {
    const Row& row = row_of(*route);
    const bool events = route->access == Access::visitors || route->name == "import_events" ||
                        route->name == "import_interactions";
    if (route->request_schema.empty() || row.body.empty() || events) continue;
    for (const char* other : {"7", "\"text\"", "true", "null", "[[]]", "[null]"}) {
      expect_error(send_row(*route, row.target, other, credentials(*route) + row.headers), 400,
                   std::string(route->name) + " " + other);
    }
    const json::value good = json::parse(row.body);
    if (!good.is_object()) continue;
    for (const auto& field : good.get_object()) {
      for (const char* wrong : {"[]", "{}", "1e999", "-1"}) {
        json::error_code error;
        const json::value value = json::parse(wrong, error);  // an empty list is a list
        if (error || (value.kind() == field.value().kind() && !value.is_number())) continue;
        json::object changed = good.get_object();
        changed[field.key()] = value;
        expect_error(send_row(*route, row.target, json::serialize(changed),
                              credentials(*route) + row.headers),
                     400, std::string(route->name) + " " + json::serialize(changed));
      }
    }
    json::object more = good.get_object();
    more["unheard_of"] = 1;
    expect_error(
        send_row(*route, row.target, json::serialize(more), credentials(*route) + row.headers), 400,
        std::string(route->name) + " with a field unheard of");
  }
}

}  // namespace
}  // namespace attune::serve
