// What TimescaleDB and Citus ask of keys, held against the catalogue of a plain PostgreSQL: the
// extensions themselves are not needed (docs/extensions.md, 2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "postgres_cluster.h"
#include "store/postgres/postgres_store.h"
#include "test_store.h"

namespace attune::store {
namespace {

using testing::IsEmpty;

class ExtensionRulesTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string binaries = newest_postgres();
    if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL: nothing checked";
    cluster_ = std::make_unique<Cluster>(binaries);
    store_ = must(open_postgres({.url = cluster_->url()}));
    must(store_->migrate());
    const SqlCatalog catalog(Engine::postgres);
    const std::string list(must(catalog.find("extend/tables"))->text);
    feed("create table shaped as " + list.substr(list.find("select")));
  }

  std::string feed(const std::string& sql) { return cluster_->feed(sql).output; }

  /// Names of what breaks a rule, one a line.
  std::string breaking_keys(const std::string& column) {
    return feed(
        "select distinct indexrelid::regclass from pg_index "
        "inner join shaped on indrelid = shaped.name::regclass "
        "where indisunique and shaped." + column + " is not null and not exists ("
        "  select from pg_attribute where attrelid = indrelid and attname = shaped." + column +
        "  and attnum = any (indkey));");
  }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Store> store_;
};

TEST_F(ExtensionRulesTest, UniqueKeysHoldTheTenantAndTheTime) {
  EXPECT_EQ(breaking_keys("tenant_column"), "");
  EXPECT_EQ(breaking_keys("time_column"), "");
  EXPECT_EQ(feed("select name from shaped inner join pg_class on pg_class.oid = name::regclass "
                 "where time_column is not null and relkind <> 'r';"),
            "");
  // One that breaks it shows.
  feed("create unique index only_id on events_log (id);");
  EXPECT_EQ(breaking_keys("tenant_column"), "only_id\n");
  EXPECT_EQ(breaking_keys("time_column"), "only_id\n");
}

TEST_F(ExtensionRulesTest, ForeignKeysStayWithinATenant) {
  // Allowed: to a reference table; between tables of one tenant column, which is in the key on
  // both sides, at the same place. Nothing refers to a distributed table from elsewhere, and no
  // column of the tenant is set to null.
  const std::string breaking =
      "select conname from pg_constraint "
      "left join shaped as child on conrelid = child.name::regclass "
      "left join shaped as parent on confrelid = parent.name::regclass "
      "where contype = 'f' and conparentid = 0 and ("
      "  parent.tenant_column is not null and child.tenant_column is distinct from "
      "    parent.tenant_column"
      "  or child.tenant_column is not null and parent.name is null"
      "  or child.tenant_column is not null and parent.tenant_column is not null and not exists ("
      "    select from unnest(conkey, confkey) as pair (mine, theirs)"
      "    inner join pg_attribute as a on a.attrelid = conrelid and a.attnum = mine"
      "    inner join pg_attribute as b on b.attrelid = confrelid and b.attnum = theirs"
      "    where a.attname = child.tenant_column and b.attname = parent.tenant_column)"
      "  or child.tenant_column is not null and (confdeltype in ('n', 'd') or "
      "    confupdtype in ('n', 'd', 'c')));";
  EXPECT_EQ(feed(breaking), "");
  feed("create table elsewhere (site_id varchar(100), user_id bigint, constraint from_elsewhere "
       "foreign key (site_id, user_id) references users (site_id, id));");
  EXPECT_EQ(feed(breaking), "from_elsewhere\n");
}

TEST_F(ExtensionRulesTest, TenantsHaveOneTypeAndTablesNoTriggers) {
  EXPECT_EQ(feed("select tenant_column, count(distinct atttypid) from shaped "
                 "inner join pg_attribute on attrelid = name::regclass and attname = tenant_column "
                 "group by 1 having count(distinct (atttypid, atttypmod)) > 1;"),
            "");
  EXPECT_EQ(feed("select tgname from pg_trigger inner join shaped on tgrelid = name::regclass "
                 "where not tgisinternal;"),
            "");
}

TEST_F(ExtensionRulesTest, EachTableOfASiteIsListedOrSmall) {
  EXPECT_EQ(feed("select distinct pg_class.relname from pg_attribute "
                 "inner join pg_class on pg_class.oid = attrelid "
                 "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
                 "and not relispartition and attname in ('site_id', 'website_id') "
                 "and relname not in (select name from shaped) "
                 "and relname not like 'etl\\_%' and relname not in ("
                 // A row for each rule, key, model, file or erased person.
                 "'api_key', 'import_stream', 'ml_models', 'site_retention', 'erased_person', "
                 "'retention_mark', 'archive_file', 'recommendation_feedback', 'placement', "
                 "'placement_rule', 'feature_flag', 'saved_group', 'sdk_connection', "
                 "'content_slot', 'audit_log', "
                 // A row for each site or percent of a category, and none outside a transaction.
                 "'profile_parameters', 'profile_prices', 'profile_scope', 'gorse_site', "
                 "'site_windows', "
                 // A row for each test; its sums; units of the running transaction.
                 "'ab_tests', 'test_statistic', 'test_quantile', "
                 "'test_refresh', 'test_scope') "
                 "order by 1;"),
            "")
      << "list it in sql/extend/tables.postgres.sql, or here as small";
}

TEST(ExtensionRules, UpsertsOnlySetWhatIsImmutable) {
  const std::regex upsert(R"(do\s+update\s+set[^;]*)", std::regex::icase);
  const std::regex changing(
      R"(\b(now|clock_timestamp|random|nextval|gen_random_uuid)\s*\(|current_timestamp)",
      std::regex::icase);
  std::vector<std::string> found;
  int upserts = 0;
  const SqlCatalog catalog(Engine::postgres);
  for (const auto& [path, file] : catalog.files()) {
    const std::string text(file.text);
    for (std::sregex_iterator each(text.begin(), text.end(), upsert), end; each != end; ++each) {
      ++upserts;
      if (std::regex_search(each->str(), changing)) found.push_back(path);
    }
  }
  EXPECT_GT(upserts, 5);
  EXPECT_THAT(found, IsEmpty()) << "Citus refuses it: say excluded.column";
}

}  // namespace
}  // namespace attune::store
