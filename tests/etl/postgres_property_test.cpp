// The same journal through the same ETL into both engines: every table has the same rows, however
// the journal is cut and whatever fails in between.
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "etl/consumer.h"
#include "etl/faulty_store.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "etl/replay.h"
#include "etl/table_dump.h"
#include "store/column_batch.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

class EtlOnPostgres : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string binaries = store::newest_postgres();
    if (!binaries.empty()) cluster_ = std::make_unique<store::Cluster>(binaries);
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
  }

  /// A migrated database of its own, with the sites that events and decisions name.
  std::unique_ptr<store::Store> fresh_store() {
    const std::string name = "test_" + std::to_string(++databases_);
    EXPECT_EQ(cluster_->feed("create database " + name + ";").output, "");
    auto store = store::open_postgres({.url = cluster_->url(name)});
    if (!store) {
      ADD_FAILURE() << store.error().message();
      return nullptr;
    }
    const auto migrated = (*store)->migrate();
    EXPECT_TRUE(migrated) << migrated.error().message();
    store::ColumnBatch websites;
    auto& website_id = websites.add_uuid("website_id");
    auto& site_id = websites.add_text("site_id");
    auto& domain = websites.add_text("domain");
    auto& site_name = websites.add_text("name");
    for (const event::Site& site : test_sites()) {
      website_id.push(site.id);
      site_id.push(site.id.text());
      domain.push("shop.example");
      site_name.push("shop");
    }
    const auto session = (*store)->session();
    EXPECT_TRUE((*session)->append("website", websites));
    return std::move(*store);
  }

  Result<void> run(MemoryJournal& journal, store::Store& store, journal::Position until,
                   const Settings& settings) {
    Consumer consumer(journal, store, sites_, clock_, settings);
    return consumer.run_until(until);
  }

  void expect_equal(store::Store& left, store::Store& right) {
    const auto one = left.session();
    const auto other = right.session();
    ASSERT_TRUE(one && other);
    const auto comparison = compare(**one, **other);
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_GE(comparison->equal.size() + comparison->different.size(), 11U);
    for (const TableDifference& found : comparison->different) {
      ADD_FAILURE() << found.table << " " << found.key << " " << found.column << ": " << found.left
                    << " / " << found.right;
    }
  }

  static inline std::unique_ptr<store::Cluster> cluster_;
  static inline int databases_ = 0;
  const FixedSites sites_{test_sites()};
  const RealClock clock_;
};

Settings random_settings(std::mt19937_64& random) {
  const auto one_of = [&](std::initializer_list<std::size_t> values) {
    return *(values.begin() + random() % values.size());
  };
  Settings settings;
  settings.batch_records_max = one_of({7, 17, 64, 1000});
  settings.sessions_max = one_of({4, 12, 1'000'000, 1'000'000});
  settings.session_names_max = one_of({5, 1'000'000});
  settings.event_ids_max = one_of({9, 1'000'000});
  settings.session_rows_max = one_of({0, 2, 1'000'000});
  return settings;
}

TEST_F(EtlOnPostgres, TablesEqualThoseOfDuckdbHoweverTheJournalIsCut) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed * 7919 + 13);
    const Settings settings = random_settings(random);
    MemoryJournal journal;
    append_random_stream({.seed = seed, .records = 400}, journal);
    const auto entries = journal.entries();
    const auto postgres = fresh_store();
    const auto duckdb = memory_store();
    std::size_t at = 0;
    while (at < entries.size()) {
      at += 1 + random() % (entries.size() / 3);
      const journal::Position until =
          at < entries.size() ? journal::Position{entries[at].position} : journal.durable_end();
      for (store::Store* store : {postgres.get(), duckdb.get()}) {
        const auto done = run(journal, *store, until, settings);
        ASSERT_TRUE(done) << done.error().message();
      }
      ASSERT_NO_FATAL_FAILURE(expect_equal(*postgres, *duckdb));
      if (HasFailure()) return;
    }
  }
}

TEST_F(EtlOnPostgres, EachRecordTakesEffectOnceWhateverFails) {
  MemoryJournal journal;
  append_random_stream({.seed = 99, .records = 300}, journal);
  Settings settings;
  settings.batch_records_max = 40;
  const auto duckdb = memory_store();
  ASSERT_TRUE(run(journal, *duckdb, journal.durable_end(), settings));
  const auto postgres = fresh_store();
  FaultyStore faulty(*postgres);
  std::mt19937_64 random(7);
  int failures = 0;
  for (int attempt = 0; attempt < 400; ++attempt) {
    faulty.commit_takes_effect = random() % 2 == 0;
    faulty.fail_call(static_cast<std::int64_t>(random() % (20 + attempt)));
    if (run(journal, faulty, journal.durable_end(), settings)) break;
    ++failures;
  }
  EXPECT_GT(failures, 10);
  expect_equal(*postgres, *duckdb);
}

TEST_F(EtlOnPostgres, ASecondEtlIsRefusedAndCannotWriteTwice) {
  MemoryJournal journal;
  append_random_stream({.seed = 5, .records = 50}, journal);
  const auto postgres = fresh_store();
  Consumer first(journal, *postgres, sites_, clock_, {});
  ASSERT_TRUE(first.start());
  const auto refused = run(journal, *postgres, journal.durable_end(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::failed_precondition);
  EXPECT_NE(refused.error().message().find("another Attune"), std::string::npos);
  EXPECT_TRUE(first.wait_for(journal.durable_end(), 20'000));
  first.stop();
  const auto after = run(journal, *postgres, journal.durable_end(), {});
  EXPECT_TRUE(after) << after.error().message();
}

/// What test_exposure has to hold of a person: computed from all of their exposures at once.
struct Person {
  std::int64_t first_ms = 0;
  std::string variation;
  std::set<std::string> variations;
  std::int64_t exposures = 0;
};
using People = std::map<std::pair<std::string, std::string>, Person>;

event::Exposure random_exposure(std::mt19937_64& random) {
  event::Exposure exposure;
  exposure.site = test_sites()[random() % 2].id;
  exposure.visitor_id = "v" + std::to_string(random() % 9) + (random() % 2 ? "\u00e9,'" : "");
  exposure.test_key = random() % 2 ? "colour" : "price, low";
  exposure.variation_id = random() % 8 == 0 ? "b" : "a";
  exposure.received_ms = 1'760'000'000'000 + static_cast<std::int64_t>(random() % 100'000);
  exposure.exposed_ms = exposure.received_ms - static_cast<std::int64_t>(random() % 100'000);
  exposure.source = "api";
  exposure.propensity = 0.5;
  if (random() % 3 == 0) exposure.attributes_json = R"({"device": "mobile"})";
  if (random() % 9 == 0) exposure.attributes_json = "{nonsense";
  return exposure;
}

void note(const event::Exposure& exposure, People& people) {
  Person& person = people[{exposure.site.text() + exposure.test_key, exposure.visitor_id}];
  if (person.exposures++ == 0 || exposure.exposed_ms < person.first_ms) {
    person.first_ms = exposure.exposed_ms;
    person.variation = exposure.variation_id;
  }
  person.variations.insert(exposure.variation_id);
}

void expect_people(store::Store& store, const People& people) {
  const auto session = store.session();
  ASSERT_TRUE(session);
  const std::array all{store::Value{std::int64_t{0}},
                       store::Value{std::numeric_limits<std::int64_t>::max()}};
  const auto rows = (*session)->query("etl/compare.test_exposure", all);
  ASSERT_TRUE(rows) << rows.error().message();
  EXPECT_EQ(rows->rows.size(), people.size());
  for (const auto& row : rows->rows) {
    const auto found = people.find({std::get<std::string>(row[1]) + std::get<std::string>(row[2]),
                                    std::get<std::string>(row[3])});
    ASSERT_NE(found, people.end());
    const Person& person = found->second;
    EXPECT_EQ(std::get<std::string>(row[4]), person.variation);
    EXPECT_EQ(std::get<store::Timestamp>(row[5]).us, person.first_ms * 1000);
    EXPECT_EQ(std::get<std::int64_t>(row[8]), person.exposures);
    EXPECT_EQ(std::get<bool>(row[9]), person.variations.size() > 1);
  }
}

TEST_F(EtlOnPostgres, AnExposureCountsOnceAndTheFirstOfAPersonCounts) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    MemoryJournal journal;
    People people;
    for (int count = 0; count < 300; ++count) {
      const event::Exposure exposure = random_exposure(random);
      journal.add(exposure);
      note(exposure, people);
    }
    for (const std::string& nobody : {std::string(), std::string("a\x1f"), std::string("\xff"),
                                      std::string(256, 'x')}) {
      event::Exposure exposure = random_exposure(random);
      exposure.visitor_id = nobody;
      journal.add(exposure);
    }
    const Settings settings = random_settings(random);
    const auto postgres = fresh_store();
    const auto duckdb = memory_store();
    const auto entries = journal.entries();
    for (std::size_t at = 0; at < entries.size();) {
      at = std::min(at + 1 + random() % 80, entries.size());
      const journal::Position until{at < entries.size() ? entries[at].position
                                                        : journal.durable_end().offset};
      for (store::Store* store : {postgres.get(), duckdb.get()}) {
        const auto ran = run(journal, *store, until, settings);
        ASSERT_TRUE(ran) << ran.error().message();
      }
    }
    expect_people(*postgres, people);
    expect_people(*duckdb, people);
    expect_equal(*postgres, *duckdb);
  }
}

}  // namespace
}  // namespace attune::etl
