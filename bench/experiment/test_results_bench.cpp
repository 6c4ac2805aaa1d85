// How long a big test takes: its sums from nothing, a refresh after more people came, its verdict.
//
//   test_results_bench [people = 10000000] [metrics = 20] [memory in MiB = 1024]
//
// People of two variations over 30 days with attributes of ten and three values; one of ten buys
// within the hour. The database is a file in a folder of its own, which is removed at the end.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/refresh.h"
#include "experiment/results.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::int64_t kStartMs = 1'790'000'000'000;

// $1 first person, $2 one past the last, $3 site, $4 start in microseconds, $5 of all people.
constexpr std::string_view kPeople = R"(
insert into test_exposure
select $3, (hash(i)::hugeint - 9223372036854775808)::bigint, 'big', 'v' || i,
  case when i % 2 = 0 then 'a' else 'b' end,
  make_timestamptz($4::bigint + (i::hugeint * 2592000000000 // $5::bigint)::bigint),
  '{"device":"d' || (i % 3) || '","country":"c' || (i % 10) || '"}', 0.5, 1, false, i
from range($1::bigint, $2::bigint) as people (i);

insert into events_log (id, event_type, visitor_id, site_id, timestamp, raw_event_data)
select i, 'purchase', 'v' || i, $3,
  make_timestamptz($4::bigint + (i::hugeint * 2592000000000 // $5::bigint)::bigint + 600000000),
  '{"revenue":' || (5 + i % 50) || '}'
from range($1::bigint, $2::bigint) as people (i)
where hash(i) % 10 = 0;
)";

// $1 how far the journal is read.
constexpr std::string_view kCursor = "update etl_cursor set position = $1 where name = 'etl'";

template <class T>
T must(Result<T> result, std::string_view what) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}: {}\n", what, result.error().message());
  std::exit(1);
}
void must(Result<void> result, std::string_view what) {
  if (result) return;
  fmt::print(stderr, "{}: {}\n", what, result.error().message());
  std::exit(1);
}

class Stopwatch {
 public:
  ~Stopwatch() {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin_;
    fmt::print("{:<44} {:8.2f} s\n", name_, taken.count());
  }
  explicit Stopwatch(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               fmt::format("attune-test-results-{}", ::getpid());
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

Test big_test(int metrics) {
  Test test;
  test.id = *Uuid::parse("00000000-0000-4000-8000-00000000000a");
  test.site = "6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01";
  test.key = "big";
  test.name = "Big";
  test.engine = "sequential";
  test.hash_attribute = "visitor_id";
  test.primary_metric = "m0";
  test.status = "Active";
  test.started_ms = kStartMs;
  test.guardrails = json::array();
  json::array list;
  for (int n = 0; n < metrics; ++n) {
    json::object metric{{"name", fmt::format("m{}", n)},
                        {"kind", n % 2 == 0 ? "conversion" : "revenue"}};
    if (n % 2 == 0) metric["event"] = "purchase";
    list.push_back(std::move(metric));
  }
  test.design = {{"metrics", std::move(list)}};
  test.arms = {{"a", true, 50, {}}, {"b", false, 50, {}}};
  return test;
}

void run(std::int64_t people, int metrics, std::int64_t memory_mb) {
  const store::SqlCatalog own(store::Engine::duckdb);
  std::vector<std::string> names;
  names.reserve(own.files().size());
  std::vector<embedded::File> files{{"bench/people.sql", kPeople},
                                   {"bench/cursor.sql", kCursor}};
  for (const auto& entry : own.files()) {
    names.push_back(entry.first + ".sql");
    files.push_back({names.back(), entry.second.text});
  }
  const store::SqlCatalog catalog(store::Engine::duckdb, files);
  const Folder folder;
  store::DuckdbSettings settings;
  settings.file = folder.path / "attune.duckdb";
  settings.memory_bytes_max = memory_mb << 20;
  const auto store = must(store::open_duckdb(settings, catalog), "open");
  must(store->migrate(), "migrate");
  const auto session = must(store->session(), "session");
  must(session->execute("etl/cursor.begin"), "cursor");
  const Test test = big_test(metrics);
  const auto fill = [&](std::int64_t from, std::int64_t until) {
    const std::array parameters{Value{from}, Value{until}, Value{test.site},
                                Value{kStartMs * 1000}, Value{people}};
    must(session->execute("bench/people", parameters), "people");
    must(session->execute("bench/cursor", std::array{Value{until}}), "cursor");
  };
  fmt::print("{} people, {} metrics, {} MiB for the engine\n", people, metrics, memory_mb);
  fill(0, people);
  const std::int64_t now_ms = kStartMs + 31 * std::int64_t{86'400'000};
  {
    const Stopwatch watch("sums from nothing");
    must(refresh(*session, test, now_ms), "refresh");
  }
  fill(people, people + 10'000);
  {
    const Stopwatch watch("sums after 10,000 more people");
    must(refresh(*session, test, now_ms), "refresh");
  }
  for (int round = 0; round < 3; ++round) {
    const Stopwatch watch("verdict from the sums (wanted: under 2 s)");
    const json::object inputs = must(gather(*session, test, now_ms), "gather");
    const json::object verdict = verdict_of(inputs);
    if (verdict.at("units").to_number<double>() != static_cast<double>(people + 10'000)) {
      fmt::print(stderr, "wrong: {}\n", json::serialize(verdict.at("units")));
      std::exit(1);
    }
  }
}

}  // namespace
}  // namespace attune::experiment

int main(int count, char** arguments) {
  const std::int64_t people = count > 1 ? std::strtoll(arguments[1], nullptr, 10) : 10'000'000;
  const int metrics = count > 2 ? std::atoi(arguments[2]) : 20;
  const std::int64_t memory_mb = count > 3 ? std::strtoll(arguments[3], nullptr, 10) : 1'024;
  attune::experiment::run(people, metrics, memory_mb);
}
