// Tenants apart on a real PostgreSQL: every table of the catalogue either binds its rows to a
// tenant or is closed to who acts for one; and on both engines the statements name the tenant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "postgres_cluster.h"
#include "store/column_batch.h"
#include "store/migrate.h"
#include "store/postgres/postgres_store.h"
#include "test_store.h"

namespace attune::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSite[] = {"00000000-0000-4000-8000-000000000001",
                             "00000000-0000-4000-8000-000000000002"};

/// One cluster; the database "postgres" is migrated by its superuser.
class RowLevelSecurityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string binaries = newest_postgres();
    if (binaries.empty()) return;
    cluster_ = std::make_unique<Cluster>(binaries);
    store_ = must(open_postgres({.url = cluster_->url()}));
    must(store_->migrate());
  }
  static void TearDownTestSuite() {
    store_.reset();
    cluster_.reset();
  }
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    session_ = must(store_->session());
  }

  std::vector<std::vector<std::string>> ask(const std::string& sql) {
    std::vector<std::vector<std::string>> out;
    for (const auto& row : must(session_->query_text(sql)).rows) {
      out.emplace_back();
      for (const Value& value : row) out.back().push_back(std::get<std::string>(value));
    }
    return out;
  }

  static inline std::unique_ptr<Cluster> cluster_;
  static inline std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

TEST_F(RowLevelSecurityTest, EveryTableIsBoundToATenantOrClosed) {
  EXPECT_THAT(ask("select relname::text from pg_class where relnamespace = 'public'::regnamespace "
                  "and relkind in ('r', 'p') and not relispartition "
                  "and not (relrowsecurity and relforcerowsecurity) "
                  "and relname not like 'schema\\_migrations%'"),
              IsEmpty())
      << "bind a new table in its migration: select attune_protect('TABLE', 'site_id')";
  EXPECT_THAT(ask("select distinct table_name::text from information_schema.columns "
                  "inner join pg_class on pg_class.oid = to_regclass(table_name::text) "
                  "where table_schema = 'public' and relkind in ('r', 'p') and not relispartition "
                  "and column_name in ('site_id', 'website_id', 'account_id', 'user_id') "
                  "and table_name not like 'etl\\_%' "
                  "and not exists (select from pg_policy where polrelid = pg_class.oid)"),
              IsEmpty())
      << "bind it in its migration: select attune_protect('TABLE', 'site_id')";
  EXPECT_THAT(ask("select relname::text from pg_class where relnamespace = 'public'::regnamespace "
                  "and relkind = 'v' "
                  "and not coalesce('security_invoker=true' = any (reloptions), false)"),
              IsEmpty())
      << "a view asks with its owner's rights: alter view VIEW set (security_invoker = true)";
}

/// A value of a type; `n` keeps rows apart.
std::string literal(const std::string& type, const std::string& length, int n) {
  if (type == "uuid") return "'" + kSite[n - 1] + "'";
  if (type == "bigint" || type == "integer" || type == "numeric") return std::to_string(n);
  if (type == "double precision") return "0.5";
  if (type == "boolean") return "false";
  if (type == "date") return "date '2026-01-0" + std::to_string(n) + "'";
  if (type.starts_with("timestamp")) return "now()";
  if (type == "jsonb" || type == "json") return "'{}'";
  const std::string text = "text" + std::to_string(n);
  return "'" + (length.empty() ? text : text.substr(0, std::stoul(length))) + "'";
}

/// Columns with checks that a plain value would break.
const std::map<std::string, std::string>& special() {
  static const std::map<std::string, std::string> kSpecial = {
      {"api_key.scope", "'admin'"},
      {"audit_log.actor_kind", "'owner'"},
      {"user_product_interactions.interaction_type", "'VIEW'"},
      {"rl_model_metadata.algorithm_type", "'LINUCB'"},
      {"erased_person.kind", "'site'"},
      {"site_retention.table_name", "'events_log'"},
      {"retention_mark.action", "'removed'"},
      {"feature_flag.value_type", "'json'"},
      {"graph_edges.edge_type", "'VIEWED'"},
      {"graph_edges.from_type", "'User'"},
      {"graph_edges.to_type", "'Product'"},
  };
  return kSpecial;
}

std::string insert_of(const std::string& table, const std::string& tenant,
                      const std::vector<std::vector<std::string>>& columns, int n) {
  std::string names;
  std::string values;
  for (const auto& column : columns) {
    const std::string& name = column[0];
    std::string value = literal(column[1], column[2], n);
    const auto known = special().find(table + "." + name);
    if (known != special().end()) value = known->second;
    if (name == tenant && name == "site_id") value = "'" + kSite[n - 1] + "'";
    names += (names.empty() ? "" : ", ") + name;
    values += (values.empty() ? "" : ", ") + value;
  }
  return "insert into " + table + " (" + names + ") values (" + values + ");\n";
}

TEST_F(RowLevelSecurityTest, NobodySeesOrWritesRowsOfAnotherTenant) {
  const auto policies = ask("select tablename::text, "
                            "substring(qual from '[a-z_]*[a-z]') from pg_policies order by 1");
  EXPECT_GE(policies.size(), 30U);
  for (const auto& policy : policies) {
    const std::string& table = policy[0];
    const std::string& tenant = policy[1];
    SCOPED_TRACE(table + " by " + tenant);
    const auto columns =
        ask("select column_name::text, data_type::text, "
            "coalesce(character_maximum_length::text, '') from information_schema.columns "
            "where table_schema = 'public' and table_name = '" + table + "' and (column_name = '" +
            tenant + "' or is_nullable = 'NO' and column_default is null)");
    const bool of_site = tenant == "site_id" || tenant == "website_id";
    const std::string ours = of_site ? kSite[0] : "1";
    const std::string theirs = of_site ? kSite[1] : "2";
    const std::string mine = tenant + "::text = '" + ours + "'";
    const std::string other = tenant + "::text = '" + theirs + "'";
    const std::string setting = of_site ? "attune.site_id" : "attune.account_id";
    // In one transaction, which is rolled back: two rows, then what who acts for the first tenant
    // can do, with all rights on the table.
    const Outcome told = cluster_->feed(
        "begin;\nset local session_replication_role = replica;\n" +
        insert_of(table, tenant, columns, 1) + insert_of(table, tenant, columns, 2) +
        "set local session_replication_role = origin;\n"
        "grant select, insert, update, delete on " + table + " to attune_app;\n"
        "set local role attune_app;\n"
        "select 'unset', count(*) from " + table + ";\n"
        "set local " + setting + " = '" + ours + "';\n"
        "select 'seen', count(*) filter (where " + mine + "), count(*) filter (where not " + mine +
        ") from " + table + ";\n"
        "with u as (update " + table + " set " + tenant + " = " + tenant + " where " + other +
        " returning 1) select 'updated', count(*) from u;\n"
        "with d as (delete from " + table + " where " + other +
        " returning 1) select 'deleted', count(*) from d;\n"
        "savepoint s;\n" + insert_of(table, tenant, columns, 2) + "rollback to s;\n"
        "update " + table + " set " + tenant + " = '" + theirs + "';\nrollback to s;\n"
        "set local " + setting + " = '';\nselect 'empty', count(*) from " + table + ";\n"
        "rollback;\n");
    const std::string refused = "new row violates row-level security policy for table \"" + table;
    std::vector<std::string> lines;
    std::istringstream stream(told.output);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line.find(refused) == std::string::npos ? line : "refused");
    }
    EXPECT_THAT(lines, testing::ElementsAre("unset|0", "seen|1|0", "updated|0", "deleted|0",
                                            "refused", "refused", "empty|0"));
  }
}

TEST_F(RowLevelSecurityTest, SecretsAndTheEtlsStateAreClosed) {
  for (const char* table : {"account", "login", "api_key", "audit_log", "etl_cursor", "etl_worlds",
                            "recommendation_clicks", "schema_migrations"}) {
    const Outcome told = cluster_->feed("set role attune_app; select * from " + std::string(table));
    EXPECT_THAT(told.output, HasSubstr("permission denied")) << table;
  }
}

TEST_F(RowLevelSecurityTest, ASessionActsForATenantUntilItsTransactionEnds) {
  TestFiles files(Engine::postgres);
  files.add("t/count", "select count(*) from campaigns");
  files.add("t/clear", "delete from account where name in ('one', 'two')");
  const auto store = must(open_postgres({.url = cluster_->url()}, files.catalog()));
  const auto session = must(store->session());
  for (int n = 1; n <= 2; ++n) {
    ColumnBatch account;
    account.add_int64("id").push(n);
    account.add_text("name").push(n == 1 ? "one" : "two");
    account.add_text("password_hash").push("none");
    must(session->append("account", account));
    ColumnBatch campaign;
    campaign.add_int64("user_id").push(n);
    campaign.add_text("name").push("spring");
    must(session->append("campaigns", campaign));
  }
  const auto count = [&] {
    return std::get<std::int64_t>(must(session->query("t/count", {})).rows.at(0).at(0));
  };
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(session->act_as({.site = {}, .account = 1}).error().code(),
            ErrorCode::failed_precondition);
  must(session->begin());
  must(session->act_as({.site = {}, .account = 1}));
  EXPECT_EQ(count(), 1);
  must(session->act_as({}));
  EXPECT_EQ(count(), 0);
  must(session->commit());
  EXPECT_EQ(count(), 2);
  // A bulk load is refused to who is bound, and so is another tenant's row.
  must(session->begin());
  must(session->act_as({.site = {}, .account = 1}));
  ColumnBatch foreign;
  foreign.add_int64("user_id").push(2);
  foreign.add_text("name").push("autumn");
  EXPECT_FALSE(session->append("campaigns", foreign));
  must(session->rollback());
  EXPECT_EQ(count(), 2);
  must(session->execute("t/clear"));
}

TEST_F(RowLevelSecurityTest, ALoginHasATenantByDefaultAndViewsFollowIt) {
  const Outcome made = cluster_->feed(
      "create role shop_reader login in role attune_app;\n"
      "alter role shop_reader set attune.site_id = '" + kSite[0] + "';\n"
      "insert into user_sessions (session_id, visitor_id, site_id, session_start, session_key, "
      "last_event_at) values ('a', 'v', '" + kSite[0] + "', now(), 1, now()), "
      "('b', 'v', '" + kSite[1] + "', now(), 2, now());\n");
  ASSERT_EQ(made.output, "");
  const auto store = must(open_postgres({.url = cluster_->url("postgres", "shop_reader")}));
  const auto session = must(store->session());
  for (const char* from : {"user_sessions", "active_sessions"}) {
    const Rows rows = must(session->query_text("select session_id from " + std::string(from)));
    ASSERT_EQ(rows.rows.size(), 1U) << from;
    EXPECT_EQ(rows.rows[0][0], Value{std::string("a")}) << from;
  }
  EXPECT_EQ(session->query_text("select * from account").error().code(),
            ErrorCode::permission_denied);
  cluster_->feed("delete from user_sessions;");
}

TEST_F(RowLevelSecurityTest, AnOwnerWithoutRightsIsToldWhatASuperuserHasToRun) {
  // Another cluster: roles are shared by all databases of one.
  Cluster cluster(newest_postgres());
  cluster.feed("create role owner login;\ncreate database owned owner owner;");
  const auto store = must(open_postgres({.url = cluster.url("owned", "owner")}));
  const auto refused = store->migrate();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::permission_denied);
  std::smatch found;
  const std::string message = refused.error().message();
  ASSERT_TRUE(std::regex_search(message, found, std::regex("has to run first: (.*;)"))) << message;
  EXPECT_EQ(cluster.feed("\\connect owned\n" + found[1].str()).output, "");
  must(store->migrate());
  // The same store writes and reads for all, though its login is bound.
  const auto session = must(store->session());
  ColumnBatch account;
  account.add_text("name").push("one");
  account.add_text("password_hash").push("none");
  must(session->append("account", account));
  EXPECT_EQ(must(session->query_text("select name from account")).rows.size(), 1U);
  must(session->begin());
  must(session->act_as({}));
  EXPECT_FALSE(session->query_text("select 1 from account") &&
               session->query("serve/accounts", {}));
  must(session->rollback());
  const SqlCatalog catalog(Engine::postgres);
  EXPECT_GT(must(migrate_down(*store, catalog, 0, {.lose_data = true})), 0);
  EXPECT_GT(must(migrate_up(*store, catalog)), 0);
}

// What keeps tenants apart on DuckDB, and comes first on PostgreSQL.
TEST(TenantStatementsTest, EveryQuestionAboutTenantsRowsNamesTheTenant) {
  const std::regex reads(R"(\b(from|join|into|update)\s+([a-z_]+))");
  const std::regex names(
      R"(\b(site_id|website_id|user_id)\s*(=|in)\s*\(?\s*(cast\s*\(\s*)?\$\d)");
  for (const Engine engine : {Engine::duckdb, Engine::postgres}) {
    const SqlCatalog catalog(engine);
    int checked = 0;
    for (const auto& [path, file] : catalog.files()) {
      if (!path.starts_with("report/") && !path.starts_with("campaign/")) continue;
      // About accounts themselves, asked for all of them or by id.
      if (path.starts_with("campaign/account.")) continue;
      for (const SqlStatement& statement : file.statements) {
        const std::string text(statement.text);
        if (!std::regex_search(text, reads)) continue;
        ++checked;
        const bool adds = text.find("insert into") != std::string::npos &&
                          text.find("user_id") != std::string::npos;
        EXPECT_TRUE(adds || std::regex_search(text, names)) << file.file_name;
      }
    }
    EXPECT_GT(checked, 80);
  }
}

}  // namespace
}  // namespace attune::store
