// Migrations on a PostgreSQL that others use: two who migrate, readers in the way, steps that need
// to run without a transaction, databases that are not ours to change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines.h"
#include "store/migrate.h"
#include "store/migration_lock.h"

namespace attune::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PostgresMigrateTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    files_.add("migrate/0001_a.up", "create table a (x bigint); insert into a values (1)");
    files_.add("migrate/0001_a.down", "drop table a");
    files_.add("t/objects", "select count(*) from pg_class where relname in ('a', 'a_x', 'b')");
    url_ = Engines::fresh_url();
  }

  std::unique_ptr<Store> open(const std::string& url) {
    return must(open_postgres({.url = url}, files_.catalog()));
  }
  static std::int64_t number(Session& session, std::string_view file) {
    return std::get<std::int64_t>(must(session.query(file, {})).rows.at(0).at(0));
  }

  TestFiles files_{Engine::postgres};
  std::string url_;
};

TEST_F(PostgresMigrateTest, OneMigratesAtATime) {
  const SqlCatalog catalog = files_.catalog();
  const auto store = open(url_);
  {
    const MigrationLock lock = must(MigrationLock::take(*store, 0));
    const auto other = open(url_);
    const auto refused = migrate_up(*other, catalog, {.wait_ms = 300});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("process"), HasSubstr("is migrating")));
    EXPECT_EQ(number(*must(store->session()), "t/objects"), 0);
  }
  EXPECT_EQ(must(migrate_up(*store, catalog, {.wait_ms = 0})), 1) << "the lock was given back";
}

TEST_F(PostgresMigrateTest, StepsWithoutTransactionRunAndAreRunAgain) {
  files_.add("migrate/0002_index.up",
             "-- An index, while others write.\n-- Transaction: none\n"
             "drop index concurrently if exists a_x;\n"
             "create unique index concurrently a_x on a (x);");
  files_.add("migrate/0002_index.down",
             "-- Transaction: none\ndrop index concurrently if exists a_x;");
  files_.add("t/twice", "insert into a values (1)");
  files_.add("t/once", "delete from a where ctid <> (select min(ctid) from a)");
  const SqlCatalog catalog = files_.catalog();
  const auto store = open(url_);
  const auto session = must(store->session());
  TestFiles first(Engine::postgres);
  first.add("migrate/0001_a.up", "create table a (x bigint); insert into a values (1)");
  first.add("migrate/0001_a.down", "drop table a");
  must(migrate_up(*open(url_), first.catalog()));
  must(session->execute("t/twice"));

  const auto failed = migrate_up(*store, catalog);   // two rows of one x: not unique
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), AllOf(HasSubstr("half done"), HasSubstr("migrate up")));
  EXPECT_EQ(must(migration_status(*session, catalog)).at(1).state, MigrationState::begun);
  must(session->execute("t/once"));
  EXPECT_EQ(must(migrate_up(*store, catalog)), 1);
  EXPECT_EQ(must(migration_status(*session, catalog)).at(1).state, MigrationState::applied);
  EXPECT_EQ(number(*session, "t/objects"), 2);
  EXPECT_EQ(must(migrate_down(*store, catalog, 1)), 1);
  EXPECT_EQ(number(*session, "t/objects"), 1);
}

TEST_F(PostgresMigrateTest, GivesWayToReaders) {
  files_.add("migrate/0002_b.up", "alter table a add column y bigint");
  files_.add("migrate/0002_b.down", "alter table a drop column y");
  files_.add("t/read", "select count(*) from a");
  // One try, or the test takes as long as all of them.
  files_.add("store/migrate_limits", "set local lock_timeout = '50ms';");
  TestFiles first(Engine::postgres);
  first.add("migrate/0001_a.up", "create table a (x bigint); insert into a values (1)");
  first.add("migrate/0001_a.down", "drop table a");
  must(migrate_up(*open(url_), first.catalog()));
  const auto store = open(url_);
  const auto reader = must(store->session());
  must(reader->begin());
  EXPECT_EQ(number(*reader, "t/read"), 1);
  const auto refused = migrate_up(*store, files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(refused.error().message(), HasSubstr("tables are in use"));
  must(reader->commit());
  EXPECT_EQ(must(migrate_up(*store, files_.catalog())), 1);
}

TEST_F(PostgresMigrateTest, TablesAndRecordsOfOthersAreRefused) {
  files_.add("t/other", "create table a (y text)");
  const auto store = open(url_);
  must(must(store->session())->execute("t/other"));
  const auto refused = migrate_up(*store, files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("not Attune's: a"));

  files_.add("t/rails", "create table schema_migrations (version varchar)");
  const auto rails = open(Engines::fresh_url());
  must(must(rails->session())->execute("t/rails"));
  EXPECT_THAT(migrate_up(*rails, files_.catalog()).error().message(),
              HasSubstr("made by another program"));
}

TEST_F(PostgresMigrateTest, RoleWithoutRightsIsToldWhatToGrant) {
  Engines::cluster().feed("create role visitor login;");
  std::string url = url_;
  url.replace(url.find("user=postgres"), 13, "user=visitor");
  const auto refused = migrate_up(*open(url), files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::permission_denied);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("grant create on schema public to visitor"));
}

TEST_F(PostgresMigrateTest, RowsThatAPolicyHidesAreStillRows) {
  files_.add("t/hide",
             "alter table a enable row level security; alter table a force row level security");
  files_.add("t/kept", "select count(*) from kept.a");
  Engines::cluster().feed("create role owner login;");
  const std::string name = "fresh_owned";
  Engines::cluster().feed("create database " + name + " owner owner;");
  const auto store = open(Engines::cluster().url(name, "owner"));
  EXPECT_EQ(must(migrate_up(*store, files_.catalog())), 1);
  must(must(store->session())->execute("t/hide"));
  const auto refused = migrate_down(*store, files_.catalog(), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("row-level security"));

  // The owner's copy of what goes has them.
  const auto session = must(store->session());
  const Value kept[] = {std::string("kept"), std::string("a,absent")};
  must(session->begin());
  must(session->execute("store/keep_tables", kept));
  must(session->commit());
  EXPECT_EQ(must(session->query("t/kept", {})).rows.at(0).at(0), Value{std::int64_t{1}});
  EXPECT_EQ(must(migrate_down(*store, files_.catalog(), 0, {.lose_data = true})), 1);
}

}  // namespace
}  // namespace attune::store
