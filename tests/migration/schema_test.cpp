// The program's migrations on both engines: up, down to nothing and up again with rows in the
// tables; and the catalogue beside the snapshots sql/schema.*.sql.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "engines.h"
#include "store/migrate.h"
#include "store/schema_snapshot.h"

namespace attune::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// The program's files and some of a test's own.
class Files {
 public:
  explicit Files(Engine engine) : own_(engine) {
    for (const auto& [path, file] : own_.files()) texts_[path + ".sql"] = std::string(file.text);
  }
  void add(const std::string& path, std::string text) { texts_[path + ".sql"] = std::move(text); }
  SqlCatalog catalog() const {
    std::vector<embedded::File> files;
    for (const auto& entry : texts_) files.push_back({entry.first, entry.second});
    return SqlCatalog(own_.engine(), files);
  }

 private:
  SqlCatalog own_;
  std::map<std::string, std::string> texts_;
};

constexpr const char* kRows = R"(
insert into website (website_id, site_id, domain, name)
values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001',
  'a.example', 'A');
insert into users (id, site_id, external_id)
values (1, '00000000-0000-4000-8000-000000000001', 'u1');
insert into product (id, site_id, external_id)
values (1, '00000000-0000-4000-8000-000000000001', 'p1');
insert into user_product_interactions (user_id, product_id, interaction_type, site_id)
values (1, 1, 'VIEW', '00000000-0000-4000-8000-000000000001');
insert into events_log (event_type, site_id, timestamp, raw_event_data)
values ('pageview', '00000000-0000-4000-8000-000000000001', now(), '{}');
)";

class SchemaTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
  }
};

std::string names(const std::vector<SchemaObject>& objects) {
  std::string all;
  for (const SchemaObject& object : objects) {
    all += object.kind + " " + object.name + "\n" + object.statement + "\n";
  }
  return all;
}

TEST_P(SchemaTest, GoesUpDownAndUpAgainWithRowsInPlace) {
  Files files(GetParam());
  files.add("t/rows", kRows);
  const SqlCatalog catalog = files.catalog();
  const auto store = Engines::fresh(catalog);
  const auto session = must(store->session());
  const int count = must(migrate_up(*store, catalog));
  const std::vector<SchemaObject> made = must(schema_objects(*session));
  EXPECT_GT(made.size(), 30U);
  must(session->execute("t/rows"));

  const auto refused = migrate_down(*store, catalog, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("user_product_interactions 1"));
  EXPECT_EQ(names(must(schema_objects(*session))), names(made)) << "refused, yet something went";

  EXPECT_EQ(must(migrate_down(*store, catalog, 0, {.lose_data = true})), count);
  for (const SchemaObject& left : must(schema_objects(*session))) {
    EXPECT_THAT(left.name, HasSubstr("schema_migrations")) << left.statement;
  }
  EXPECT_EQ(must(migrate_up(*store, catalog)), count);
  EXPECT_EQ(names(must(schema_objects(*session))), names(made));
}

TEST_P(SchemaTest, IsThatOfTheSnapshot) {
  const SqlCatalog catalog(GetParam());
  const auto store = Engines::fresh(catalog);
  must(migrate_up(*store, catalog));
  const auto session = must(store->session());
  const std::vector<SchemaObject> actual = must(schema_objects(*session));
  if (std::getenv("ATTUNE_WRITE_SNAPSHOT") != nullptr) {   // tools/schema_snapshot
    std::ofstream(std::string(std::getenv("ATTUNE_SOURCE_DIR")) + "/sql/schema." +
                  std::string(to_string(GetParam())) + ".sql")
        << snapshot_text(actual);
    return;
  }
  EXPECT_EQ(names(parse_snapshot(snapshot_text(actual))), names(actual));
  const SchemaDifferences differences = must(verify_schema(*session, catalog));
  EXPECT_THAT(names(differences.missing), IsEmpty()) << "run tools/schema_snapshot";
  EXPECT_THAT(names(differences.different), IsEmpty()) << "run tools/schema_snapshot";
  EXPECT_THAT(names(differences.extra), IsEmpty()) << "run tools/schema_snapshot";
}

TEST_P(SchemaTest, VerifySeesWhatWasChangedByHand) {
  Files files(GetParam());
  files.add("t/by_hand",
            "alter table import_stream add column mine integer; drop view traffic_sources; "
            "create table notes (x integer)");
  const SqlCatalog catalog = files.catalog();
  const auto store = Engines::fresh(catalog);
  must(migrate_up(*store, catalog));
  const auto session = must(store->session());
  const std::vector<SchemaObject> before = must(schema_objects(*session));
  must(session->execute("t/by_hand"));
  const SchemaDifferences differences = compare_schema(before, must(schema_objects(*session)));
  ASSERT_EQ(differences.missing.size(), 1U);
  EXPECT_EQ(differences.missing[0].name, "traffic_sources");
  ASSERT_EQ(differences.different.size(), 1U);
  EXPECT_EQ(differences.different[0].name, "import_stream");
  ASSERT_EQ(differences.extra.size(), 1U);
  EXPECT_EQ(differences.extra[0].name, "notes");
}

INSTANTIATE_TEST_SUITE_P(Engines, SchemaTest,
                         testing::Values(Engine::duckdb, Engine::postgres),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace attune::store
