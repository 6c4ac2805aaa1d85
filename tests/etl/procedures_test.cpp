// The second ETL held against the first: random streams go through the C++ ETL into DuckDB, and
// their raw rows, unprocessed, through the procedures of PostgreSQL. Every row and column is equal.
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "etl/consumer.h"
#include "etl/json_equal.h"
#include "etl/memory_journal.h"
#include "etl/random_stream.h"
#include "etl/table_dump.h"
#include "event/codec.h"
#include "store/column_batch.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

/// The columns of events_log that a row has before anybody works it off.
struct RawRows {
  store::ColumnBatch batch;
  store::Int64Column& id = batch.add_int64("id");
  store::UuidColumn& event_id = batch.add_uuid("event_id");
  store::TextColumn& event_type = batch.add_text("event_type");
  store::TextColumn& session_id = batch.add_text("session_id");
  store::TextColumn& visitor_id = batch.add_text("visitor_id");
  store::TextColumn& site_id = batch.add_text("site_id");
  store::TimestampColumn& timestamp = batch.add_timestamp("timestamp");
  store::TextColumn& url = batch.add_text("url");
  store::TextColumn& path = batch.add_text("path");
  store::TextColumn& user_agent = batch.add_text("user_agent");
  store::TextColumn& ip_address = batch.add_text("ip_address");
  store::TextColumn& raw_event_data = batch.add_json("raw_event_data");
  store::TimestampColumn& created_at = batch.add_timestamp("created_at");
  store::TextColumn& user_id = batch.add_text("user_id");
  store::Int32Column& stream = batch.add_int32("stream");
  store::BoolColumn& is_bot = batch.add_bool("is_bot");
  store::BoolColumn& client_event_id = batch.add_bool("client_event_id");

  void add(std::uint64_t position, const event::Event& event, const std::string& session) {
    id.push(static_cast<std::int64_t>(position));
    event_id.push(event.event_id);
    event_type.push(event.event_type);
    session_id.push_or_null(session);
    visitor_id.push(event.visitor_id);
    site_id.push(event.site.text());
    timestamp.push(store::Timestamp::from_ms(event.timestamp_ms));
    url.push_or_null(event.url);
    path.push_or_null(event.path);
    user_agent.push_or_null(event.user_agent);
    ip_address.push_or_null(event.ip);
    raw_event_data.push(event.raw_json);
    created_at.push(store::Timestamp::from_ms(event.received_ms));
    user_id.push_or_null(event.user_id);
    stream.push(static_cast<std::int32_t>(event.stream));
    is_bot.push(event.is_bot ? 1 : 0);
    client_event_id.push(event.has_client_event_id ? 1 : 0);
  }
};

class EtlProcedures : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string binaries = store::newest_postgres();
    if (!binaries.empty()) cluster_ = std::make_unique<store::Cluster>(binaries);
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    database_ = "test_" + std::to_string(++databases_);
    ASSERT_EQ(cluster_->feed("create database " + database_ + ";").output, "");
    auto opened = store::open_postgres({.url = cluster_->url(database_)});
    ASSERT_TRUE(opened) << opened.error().message();
    postgres_ = std::move(*opened);
    const auto migrated = postgres_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    session_ = std::move(*postgres_->session());
    store::ColumnBatch websites;
    auto& website_id = websites.add_uuid("website_id");
    auto& site_id = websites.add_text("site_id");
    auto& domain = websites.add_text("domain");
    auto& name = websites.add_text("name");
    auto& timezone = websites.add_text("timezone");
    for (const event::Site& site : test_sites()) {
      website_id.push(site.id);
      site_id.push(site.id.text());
      domain.push("shop.example");
      name.push("shop");
      timezone.push(site.timezone);
    }
    ASSERT_TRUE(session_->append("website", websites));
  }
  void TearDown() override {
    session_.reset();
    postgres_.reset();
  }

  std::string psql(const std::string& script) {
    return cluster_->feed("\\c " + database_ + "\n" + script).output;
  }

  static inline std::unique_ptr<store::Cluster> cluster_;
  static inline int databases_ = 0;
  std::string database_;
  std::unique_ptr<store::Store> postgres_;
  std::unique_ptr<store::Session> session_;
  const FixedSites sites_{test_sites()};
  const RealClock clock_;
};

/// The raw rows of the records in [from, until), in journal order. What the first ETL dropped as
/// sent twice is there too.
void add_raw_rows(const MemoryJournal& journal, std::uint64_t from, std::uint64_t until,
                  const TextTables& first, RawRows& rows) {
  const auto& logged = first.at("events_log");
  for (const auto& entry : journal.entries()) {
    event::Event event;
    if (entry.position < from || entry.position >= until ||
        entry.body[0] != static_cast<char>(event::RecordType::event) ||
        !event::decode(entry.body, event)) {
      continue;
    }
    const auto known = logged.find(std::to_string(entry.position));
    std::string session = event.session_id;
    if (known != logged.end()) session = known->second.at("session_id");
    rows.add(entry.position, event, session == "null" ? "" : session);
  }
}

/// Takes out what is not to be equal: recommendations are the first ETL's alone, and when a row was
/// worked off is no question of what it says. Rows sent twice stay in the second ETL's events_log.
std::size_t prepare(TextTables& first, TextTables& second) {
  std::size_t duplicates = 0;
  for (TextTables* tables : {&first, &second}) {
    tables->erase("recommendations");
    for (auto& [id, row] : (*tables)["events_log"]) row.erase("processed_at");
  }
  std::erase_if(second["events_log"], [&](const auto& row) {
    const bool twice = !first["events_log"].contains(row.first);
    duplicates += twice ? 1 : 0;
    return twice;
  });
  for (auto& [table, rows] : second) {
    for (auto& [key, row] : rows) {
      for (const char* column : {"raw_event_data", "event_data", "form_data", "context"}) {
        const auto found = first[table].find(key);
        if (found == first[table].end() || !row.contains(column)) continue;
        std::string& other = found->second[column];
        if (same_json(row[column], other)) row[column] = other;
      }
    }
  }
  return duplicates;
}

TEST_F(EtlProcedures, HashesAsTheOtherEtlDoes) {
  std::string script;
  for (std::size_t size = 0; size <= 1024; size = size < 270 ? size + 1 : size + 61) {
    std::string text;
    for (std::size_t at = 0; at < size; ++at) {
      text += static_cast<char>('a' + (at * 7 + size) % 26);
    }
    const std::string scope = size % 5 == 0 ? "" : "scope" + std::to_string(size);
    script += fmt::format(
        "select {0}, etl_stable_id('{1}', etl_hash64('{2}', 0)) where "
        "etl_stable_id('{1}', etl_hash64('{2}', 0)) <> {3};\n",
        size, text, scope, stable_id(scope, text));
  }
  script += fmt::format("select 'utf8' where etl_stable_id('ä ö€', etl_hash64('é', 0)) <> {};\n",
                        stable_id("é", "ä ö€"));
  EXPECT_EQ(psql(script), "");
}

TEST_F(EtlProcedures, TablesEqualThoseOfTheOtherEtl) {
  // ATTUNE_ETL_SEEDS=from,count runs others.
  std::uint64_t from_seed = 1;
  std::uint64_t count = 3;
  if (const char* seeds = std::getenv("ATTUNE_ETL_SEEDS")) {
    const std::string text(seeds);
    from_seed = std::stoull(text);
    count = std::stoull(text.substr(text.find(',') + 1));
  }
  for (std::uint64_t seed = from_seed; seed < from_seed + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    if (seed != from_seed) SetUp();
    std::mt19937_64 random(seed * 7919 + 13);
    MemoryJournal journal;
    append_random_stream(
        {.seed = seed, .records = 500, .whole_documents = true, .clocks = false}, journal);
    const auto entries = journal.entries();
    const auto duckdb = memory_store();
    std::uint64_t from = 0;
    for (std::size_t at = 0; at < entries.size();) {
      at += 1 + random() % (entries.size() / 2);
      const journal::Position until =
          at < entries.size() ? journal::Position{entries[at].position} : journal.durable_end();
      Consumer consumer(journal, *duckdb, sites_, clock_, {});
      ASSERT_TRUE(consumer.run_until(until));
      auto first = dump_tables(**duckdb->session());
      RawRows rows;
      add_raw_rows(journal, from, until.offset, first, rows);
      from = until.offset;
      const std::size_t row_count = rows.batch.count();
      ASSERT_TRUE(session_->append("events_log", rows.batch));
      std::string calls;
      for (std::size_t done = 0; done < row_count;) {
        const std::size_t size = std::array<std::size_t, 6>{1, 9, 40, 100, 300, 1000}[random() % 6];
        calls += fmt::format("call process_events_batch(batch_size := {});\n", size);
        done += size;
      }
      calls += "call update_active_sessions();\n"
               "call calculate_daily_metrics('2026-02-01', end_date := '2027-02-01');\n"
               "select 'left', id from events_log where processed_at is null;\n";
      ASSERT_EQ(psql(calls), "");
      auto second = dump_tables(*session_);
      EXPECT_EQ(prepare(first, second), consumer.status().counts.duplicates);
      ASSERT_EQ(first_difference(first, second), "") << "before position " << until.offset;
    }
  }
}

}  // namespace
}  // namespace attune::etl
