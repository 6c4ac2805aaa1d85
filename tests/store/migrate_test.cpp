#include "store/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_store.h"

namespace attune::store {
namespace {

using testing::HasSubstr;

class MigrateTest : public testing::Test {
 protected:
  MigrateTest() {
    files_.add("t/tables",
               "select count(*) from information_schema.tables where table_name in ('a', 'b')");
    files_.add("migrate/0001_a.up", "create table a (x bigint); insert into a values (1)");
    files_.add("migrate/0001_a.down", "drop table a");
    files_.add("migrate/0002_b.up", "create table b (x bigint)");
    files_.add("migrate/0002_b.down", "drop table b");
    store_ = must(open_duckdb({}, files_.catalog()));
    session_ = must(store_->session());
  }

  std::int64_t tables() {
    return std::get<std::int64_t>(must(session_->query("t/tables", {})).rows[0][0]);
  }

  TestFiles files_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

TEST_F(MigrateTest, AppliesWhatIsMissingInOrderOnce) {
  EXPECT_EQ(must(migrate_up(*store_, files_.catalog())), 2);
  EXPECT_EQ(tables(), 2);
  EXPECT_EQ(must(migrate_up(*store_, files_.catalog())), 0);
  files_.add("migrate/0003_c.up", "insert into a values (2)");
  files_.add("migrate/0003_c.down", "delete from a where x = 2");
  const SqlCatalog more = files_.catalog();
  // The session knows the files it was opened with; a program has one set of them.
  EXPECT_EQ(migrate_up(*store_, more).error().code(), ErrorCode::not_found);
  store_.reset();
}

TEST_F(MigrateTest, GoesDownAndUpAgain) {
  const SqlCatalog catalog = files_.catalog();
  must(migrate_up(*store_, catalog));
  EXPECT_EQ(must(migrate_down(*store_, catalog, 1)), 1);
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(must(migrate_down(*store_, catalog, 0, {.lose_data = true})), 1);
  EXPECT_EQ(tables(), 0);
  EXPECT_EQ(must(migrate_up(*store_, catalog)), 2);
  EXPECT_EQ(tables(), 2);
}

TEST_F(MigrateTest, FileChangedAfterItWasAppliedIsRefused) {
  must(migrate_up(*store_, files_.catalog()));
  files_.add("migrate/0001_a.up", "create table a (x bigint, y bigint)");
  const auto refused = migrate_up(*store_, files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("0001_a.up"));
}

TEST_F(MigrateTest, DatabaseOfANewerProgramIsRefused) {
  must(migrate_up(*store_, files_.catalog()));
  TestFiles older;
  older.add("migrate/0001_a.up", "create table a (x bigint); insert into a values (1)");
  older.add("migrate/0001_a.down", "drop table a");
  const auto refused = migrate_up(*store_, older.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("newer"));
}

TEST_F(MigrateTest, FailingMigrationLeavesNothingBehind) {
  TestFiles files;
  files.add("t/tables",
            "select count(*) from information_schema.tables where table_name in ('a', 'b')");
  files.add("migrate/0001_a.up", "create table a (x bigint)");
  files.add("migrate/0001_a.down", "drop table a");
  files.add("migrate/0002_b.up", "create table b (x bigint); insert into nowhere values (1)");
  files.add("migrate/0002_b.down", "drop table b");
  const auto store = must(open_duckdb({}, files.catalog()));
  session_ = must(store->session());
  const auto failed = migrate_up(*store, files.catalog());
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("0002_b.up"));
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(must(migrate_down(*store, files.catalog(), 0)), 1);
}

TEST_F(MigrateTest, TakingBackTablesWithRowsNeedsToBeMeant) {
  const SqlCatalog catalog = files_.catalog();
  must(migrate_up(*store_, catalog));
  const auto refused = migrate_down(*store_, catalog, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("a 1"));
  EXPECT_EQ(tables(), 2) << "not even the newest, which is empty, was taken back";
  EXPECT_EQ(must(migrate_down(*store_, catalog, 1)), 1);
  EXPECT_EQ(must(migrate_down(*store_, catalog, 0, {.lose_data = true})), 1);
}

TEST_F(MigrateTest, TableMadeAnewLosesNothing) {
  files_.add("migrate/0003_wide.up", "alter table a add column y bigint");
  files_.add("migrate/0003_wide.down",
             "-- Without y.\ncreate table a_old as select x from a; drop table a; "
             "alter table a_old rename to a");
  const SqlCatalog catalog = files_.catalog();
  const auto store = must(open_duckdb({}, files_.catalog()));
  must(migrate_up(*store, catalog));
  EXPECT_EQ(must(migrate_down(*store, catalog, 2)), 1);
  EXPECT_FALSE(migrate_down(*store, catalog, 0)) << "the row is still there";
}

TEST_F(MigrateTest, TablesOfOthersAreNotTouched) {
  files_.add("t/other", "create table b (y text)");
  const auto store = must(open_duckdb({}, files_.catalog()));
  session_ = must(store->session());
  must(session_->execute("t/other"));
  const auto refused = migrate_up(*store, files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("not Attune's: b"));
  EXPECT_EQ(tables(), 1) << "a was not made either";
}

TEST_F(MigrateTest, RecordOfAnotherToolIsNotTakenForOurs) {
  files_.add("t/other", "create table schema_migrations (version varchar)");
  const auto store = must(open_duckdb({}, files_.catalog()));
  session_ = must(store->session());
  must(session_->execute("t/other"));
  const auto refused = migrate_up(*store, files_.catalog());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("made by another program"));
}

TEST_F(MigrateTest, HalfDoneOneWithoutTransactionIsSeenAndFinished) {
  TestFiles files;
  files.add("migrate/0001_a.up",
            "-- Adds b to what may be there.\n-- Transaction: none\n"
            "create table if not exists a (x bigint); insert into b select 1");
  files.add("migrate/0001_a.down", "drop table if exists a");
  files.add("t/repair", "create table b (x bigint)");
  files.add("t/tables",
            "select count(*) from information_schema.tables where table_name in ('a', 'b')");
  const SqlCatalog catalog = files.catalog();
  const auto store = must(open_duckdb({}, files.catalog()));
  session_ = must(store->session());
  const auto failed = migrate_up(*store, catalog);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("half done"));
  EXPECT_EQ(tables(), 1) << "what came before the error stays";
  EXPECT_EQ(must(migration_status(*session_, catalog)).at(0).state, MigrationState::begun);
  must(session_->execute("t/repair"));
  EXPECT_EQ(must(migrate_up(*store, catalog)), 1);
  EXPECT_EQ(must(migration_status(*session_, catalog)).at(0).state, MigrationState::applied);
  EXPECT_EQ(must(migrate_up(*store, catalog)), 0);
  EXPECT_EQ(must(migrate_down(*store, catalog, 0)), 1);
  EXPECT_EQ(must(migration_status(*session_, catalog)).at(0).state, MigrationState::pending);
}

TEST_F(MigrateTest, StatusSaysWhatIsThereWithoutMakingAnything) {
  const auto state_of = [&](std::size_t index) {
    return must(migration_status(*session_, files_.catalog())).at(index).state;
  };
  EXPECT_EQ(state_of(0), MigrationState::pending);
  EXPECT_EQ(must(session_->query("store/objects", {})).rows.size(), 0U);
  must(migrate_up(*store_, files_.catalog()));
  EXPECT_EQ(state_of(1), MigrationState::applied);
  files_.add("migrate/0002_b.up", "create table b (z bigint)");
  EXPECT_EQ(state_of(1), MigrationState::changed);
}

TEST_F(MigrateTest, BadlyNamedOrOneWayFilesAreABug) {
  for (const std::string name :
       {"migrate/1_a.up", "migrate/0003_c.sideways", "migrate/0003_only.up",
        "migrate/0002_other.up", "migrate/00x4_a.up"}) {
    TestFiles files = files_;
    files.add(name, "select 1");
    const auto refused = migrations(files.catalog());
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code(), ErrorCode::internal) << name;
  }
}

// The program's own migrations, all of them, up and down.
TEST(ProgramMigrationsTest, GoUpDownAndUp) {
  const auto store = must(open_duckdb({}));
  const auto session = must(store->session());
  const SqlCatalog catalog(Engine::duckdb);
  const int count = must(migrate_up(*store, catalog));
  EXPECT_GE(count, 1);
  EXPECT_EQ(must(migrate_down(*store, catalog, 0, {.lose_data = true})), count);
  const Rows left = must(session->query_text(
      "select table_name from information_schema.tables where table_name <> 'schema_migrations' "
      "union all select sequence_name from duckdb_sequences()"));
  EXPECT_EQ(left.rows.size(), 0U);
  must(store->migrate());
}

}  // namespace
}  // namespace attune::store
