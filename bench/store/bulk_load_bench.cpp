// How much the typed batch costs over its yardstick: the same rows of events_log put into a
// database by a bare loop that fills DuckDB data chunks by hand, and by ColumnBatch with
// Session::append.
//
//   bulk_load_bench [rows = 1000000] [rows a commit = 20000] [rounds = 3]
//
// Prints rows a second of wall time and of CPU time (both threads of DuckDB included), best round
// of each, the two alternating so that a busy machine hurts both.
#include <duckdb.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::store {
namespace {

constexpr std::int64_t kStartUs = 1'795'255'200'000'000;
constexpr std::size_t kDistinct = 4096;   // rows made beforehand; the loops take them in turn

struct Row {
  Uuid event_id;
  std::string type, session, visitor, site, url, path, agent, ip, raw;
};

std::vector<Row> make_rows() {
  std::vector<Row> rows(kDistinct);
  for (std::size_t i = 0; i < kDistinct; ++i) {
    Row& row = rows[i];
    row.event_id = Uuid::random();
    row.type = i % 3 == 0 ? "pageview" : "click";
    row.session = fmt::format("s-{:016x}", i / 8 * 2'654'435'761U);
    row.visitor = fmt::format("v-{:016x}", i / 16 * 40'503U);
    row.site = "0b5ad1b8-6f06-4b3c-9f4b-3d1f6f2f1f10";
    row.path = fmt::format("/products/{}", i % 700);
    row.url = "https://shop.example" + row.path;
    row.agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    row.ip = fmt::format("198.51.{}.0", i % 100);
    row.raw = fmt::format(
        R"({{"type":"{}","url":"{}","title":"Product {}","screen":"1920x1080",)"
        R"("viewport":"1200x800","language":"de-DE","timezone":"Europe/Berlin",)"
        R"("element":{{"tag":"a","id":"buy-{}","classes":"button primary"}},)"
        R"("data":{{"position":{},"campaign":"autumn","experiment":"none","note":"{}"}}}})",
        row.type, row.url, i % 700, i % 50, i % 11,
        std::string(60, static_cast<char>('a' + i % 26)));
  }
  return rows;
}

constexpr const char* kTable =
    "create table events_log (id bigint, event_id uuid, event_type varchar, session_id varchar, "
    "visitor_id varchar, site_id varchar, timestamp timestamptz, url varchar, path varchar, "
    "user_agent varchar, ip_address varchar, raw_event_data json, created_at timestamptz, "
    "processed_at timestamptz)";

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Measure {
  double wall_s = 1e9;
  double cpu_s = 1e9;
};

template <class Work>
Measure measure(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return {wall.count(), cpu_seconds() - cpu};
}

void check(bool good, const char* what) {
  if (good) return;
  fmt::print(stderr, "bulk_load_bench: {}\n", what);
  std::exit(1);
}

struct Plan {
  std::size_t rows;
  std::size_t commit_rows;
  const std::vector<Row>& data;
};

std::filesystem::path fresh_file(const char* name) {
  const auto folder = std::filesystem::temp_directory_path() / "attune-bulk-load-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder / name;
}

void put(duckdb_vector vector, idx_t at, const std::string& text) {
  duckdb_vector_assign_string_element_len(vector, at, text.data(), text.size());
}

void fill_by_hand(duckdb_data_chunk chunk, const Plan& plan, std::size_t begin, std::size_t count) {
  duckdb_vector column[14];
  for (idx_t i = 0; i < 14; ++i) column[i] = duckdb_data_chunk_get_vector(chunk, i);
  for (std::size_t i = 0; i < count; ++i) {
    const Row& row = plan.data[(begin + i) % kDistinct];
    const auto time = kStartUs + static_cast<std::int64_t>(begin + i) * 1000;
    static_cast<std::int64_t*>(duckdb_vector_get_data(column[0]))[i] =
        static_cast<std::int64_t>(begin + i);
    duckdb_hugeint id;
    std::memcpy(&id, row.event_id.bytes.data(), sizeof id);
    static_cast<duckdb_hugeint*>(duckdb_vector_get_data(column[1]))[i] = id;
    put(column[2], i, row.type);
    put(column[3], i, row.session);
    put(column[4], i, row.visitor);
    put(column[5], i, row.site);
    static_cast<std::int64_t*>(duckdb_vector_get_data(column[6]))[i] = time;
    put(column[7], i, row.url);
    put(column[8], i, row.path);
    put(column[9], i, row.agent);
    put(column[10], i, row.ip);
    put(column[11], i, row.raw);
    static_cast<std::int64_t*>(duckdb_vector_get_data(column[12]))[i] = time;
    static_cast<std::int64_t*>(duckdb_vector_get_data(column[13]))[i] = time;
  }
}

Measure bare(const Plan& plan) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  duckdb_set_config(config, "threads", "2");
  duckdb_set_config(config, "storage_compatibility_version", "v1.2.0");
  duckdb_set_config(config, "memory_limit", "512MB");
  duckdb_set_config(config, "checkpoint_threshold", "64MB");
  duckdb_database database = nullptr;
  check(duckdb_open_ext(fresh_file("bare.duckdb").c_str(), &database, config, nullptr) ==
            DuckDBSuccess, "cannot open");
  duckdb_destroy_config(&config);
  duckdb_connection connection = nullptr;
  duckdb_connect(database, &connection);
  check(duckdb_query(connection, kTable, nullptr) == DuckDBSuccess, "cannot create");
  const Measure result = measure([&] {
    duckdb_appender appender = nullptr;
    duckdb_appender_create(connection, nullptr, "events_log", &appender);
    std::vector<duckdb_logical_type> types;
    for (idx_t i = 0; i < 14; ++i) types.push_back(duckdb_appender_column_type(appender, i));
    duckdb_data_chunk chunk = duckdb_create_data_chunk(types.data(), types.size());
    for (std::size_t begin = 0; begin < plan.rows; begin += plan.commit_rows) {
      const std::size_t end = std::min(begin + plan.commit_rows, plan.rows);
      for (std::size_t at = begin; at < end; at += duckdb_vector_size()) {
        const std::size_t count = std::min<std::size_t>(duckdb_vector_size(), end - at);
        duckdb_data_chunk_reset(chunk);
        fill_by_hand(chunk, plan, at, count);
        duckdb_data_chunk_set_size(chunk, count);
        check(duckdb_append_data_chunk(appender, chunk) == DuckDBSuccess, "append refused");
      }
      check(duckdb_appender_flush(appender) == DuckDBSuccess, "flush refused");   // commits
    }
    duckdb_destroy_data_chunk(&chunk);
    for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
    duckdb_appender_destroy(&appender);
  });
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return result;
}

Measure batched(const Plan& plan) {
  // The program's own catalogue has no such table alone, so the bench brings its statement along.
  const SqlCatalog own(Engine::duckdb);
  std::vector<std::string> names;
  names.reserve(own.files().size());
  std::vector<embedded::File> files;
  for (const auto& entry : own.files()) {
    if (!entry.first.starts_with("store/")) continue;
    names.push_back(entry.first + ".sql");
    files.push_back({names.back(), entry.second.text});
  }
  files.push_back({"bench/table.sql", kTable});
  auto store =
      open_duckdb({.file = fresh_file("batched.duckdb")}, SqlCatalog(Engine::duckdb, files));
  check(store.has_value(), "cannot open");
  auto session = (*store)->session();
  check(session.has_value() && (*session)->execute("bench/table").has_value(), "cannot create");
  return measure([&] {
    ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& event_id = batch.add_uuid("event_id");
    auto& type = batch.add_text("event_type");
    auto& session_id = batch.add_text("session_id");
    auto& visitor = batch.add_text("visitor_id");
    auto& site = batch.add_text("site_id");
    auto& timestamp = batch.add_timestamp("timestamp");
    auto& url = batch.add_text("url");
    auto& path = batch.add_text("path");
    auto& agent = batch.add_text("user_agent");
    auto& ip = batch.add_text("ip_address");
    auto& raw = batch.add_json("raw_event_data");
    auto& created = batch.add_timestamp("created_at");
    auto& processed = batch.add_timestamp("processed_at");
    for (std::size_t begin = 0; begin < plan.rows; begin += plan.commit_rows) {
      const std::size_t end = std::min(begin + plan.commit_rows, plan.rows);
      batch.clear();
      for (std::size_t i = begin; i < end; ++i) {
        const Row& row = plan.data[i % kDistinct];
        const Timestamp time{kStartUs + static_cast<std::int64_t>(i) * 1000};
        id.push(static_cast<std::int64_t>(i));
        event_id.push(row.event_id);
        type.push(row.type);
        session_id.push(row.session);
        visitor.push(row.visitor);
        site.push(row.site);
        timestamp.push(time);
        url.push(row.url);
        path.push(row.path);
        agent.push(row.agent);
        ip.push(row.ip);
        raw.push(row.raw);
        created.push(time);
        processed.push(time);
      }
      check((*session)->begin().has_value(), "begin refused");
      check((*session)->append("events_log", batch).has_value(), "append refused");
      check((*session)->commit().has_value(), "commit refused");
    }
  });
}

void keep_best(Measure& best, const Measure& now) {
  best.wall_s = std::min(best.wall_s, now.wall_s);
  best.cpu_s = std::min(best.cpu_s, now.cpu_s);
}

}  // namespace
}  // namespace attune::store

int main(int count, char** arguments) {
  using namespace attune::store;
  const auto number = [&](int at, std::size_t otherwise) {
    return count > at ? std::strtoull(arguments[at], nullptr, 10) : otherwise;
  };
  const std::vector<Row> data = make_rows();
  const Plan plan{.rows = number(1, 1'000'000), .commit_rows = number(2, 20'000), .data = data};
  Measure bare_best;
  Measure batch_best;
  for (std::size_t round = 0; round < number(3, 3); ++round) {
    keep_best(bare_best, bare(plan));
    keep_best(batch_best, batched(plan));
  }
  const auto print = [&](const char* name, const Measure& measure) {
    const auto rows = static_cast<double>(plan.rows);
    fmt::print("{:<24} {:>9.0f} rows/s {:>9.0f} rows/CPU s\n", name, rows / measure.wall_s,
               rows / measure.cpu_s);
  };
  fmt::print("{} rows of events_log, {} a commit\n", plan.rows, plan.commit_rows);
  print("bare data chunks", bare_best);
  print("ColumnBatch, append", batch_best);
  fmt::print("share of the yardstick: {:.1f} % (wall) {:.1f} % (CPU)\n",
             100 * bare_best.wall_s / batch_best.wall_s, 100 * bare_best.cpu_s / batch_best.cpu_s);
  return 0;
}
