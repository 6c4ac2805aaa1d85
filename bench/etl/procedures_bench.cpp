// What the shipped process_events_batch gains over one that works row by row, as the analytics
// source sketches it (naive.sql): the same raw rows, each in a database of its own in one
// throw-away cluster (fsync off for all), in batches of the size the document's maintenance calls.
//
//   procedures_bench [--events 20000] [--batch 5000] [--share-named 1] [--seconds 60]
//
// Two stages. `backlog`: from empty tables, as they are. `running`: as many rows again, after
// `analyze`, on a new connection: what the engine knows of the tables then favours single lookups.
// Three procedures: the shipped one; `recount`, which aggregates a session's metrics anew after
// each event as the source's sketch reads; `count on`, which a careful author writes. Prints rows
// a second by the wall and by the CPU time of the connection's server process; ratios are of the
// latter, for machines that are shared. A procedure that
// needs more than --seconds for a stage is stopped after the batch in hand.
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "etl/consumer.h"
#include "etl/memory_journal.h"
#include "etl/whole_document.h"
#include "store/column_batch.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"
#include "traffic.h"

namespace attune::bench {
namespace {

struct Options {
  std::int64_t events = 20'000;
  std::int64_t batch = 5000;
  double share_named = 1;
  double seconds = 60;
};

struct Candidate {
  const char* name;
  const char* call;   // {} is the size of a batch
};

constexpr Candidate kCandidates[] = {
    {"recount", "call naive_process_events_batch({}, recount := true)"},
    {"count on", "call naive_process_events_batch({}, recount := false)"},
    {"shipped", "call process_events_batch({})"},
};

struct Rate {
  double wall = 0;   // rows a second
  double cpu = 0;
};

[[noreturn]] void stop(const std::string& what) {
  fmt::print(stderr, "procedures_bench: {}\n", what);
  std::exit(1);
}

template <class T>
T taken(Result<T> result) {
  if (!result) stop(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// One server process, and how much of a processor it used.
class Connection {
 public:
  explicit Connection(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) stop(PQerrorMessage(connection_.get()));
  }

  /// The first value of the answer; "" when there is none.
  std::string run(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection_.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      stop(PQerrorMessage(connection_.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  double cpu_seconds() {
    std::ifstream file(fmt::format("/proc/{}/stat", PQbackendPID(connection_.get())));
    std::string text(std::istreambuf_iterator<char>(file), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// Raw rows as a stranger inserts them: no id, no stream, nothing processed.
void load(store::Session& session, Traffic& traffic, std::int64_t events) {
  store::ColumnBatch batch;
  auto& event_type = batch.add_text("event_type");
  auto& session_id = batch.add_text("session_id");
  auto& visitor_id = batch.add_text("visitor_id");
  auto& site_id = batch.add_text("site_id");
  auto& timestamp = batch.add_timestamp("timestamp");
  auto& url = batch.add_text("url");
  auto& path = batch.add_text("path");
  auto& user_agent = batch.add_text("user_agent");
  auto& raw_event_data = batch.add_json("raw_event_data");
  auto& created_at = batch.add_timestamp("created_at");
  for (std::int64_t count = 0; count < events; ++count) {
    const event::Event& event = traffic.next();
    event_type.push(event.event_type);
    session_id.push_or_null(event.session_id);
    visitor_id.push(event.visitor_id);
    site_id.push(event.site.text());
    timestamp.push(store::Timestamp::from_ms(event.timestamp_ms));
    url.push(event.url);
    path.push(event.path);
    user_agent.push(event.user_agent);
    raw_event_data.push(etl::whole_document(event));
    created_at.push(store::Timestamp::from_ms(event.received_ms));
    if (batch.count() < 10'000 && count + 1 < events) continue;
    taken(session.append("events_log", batch));
    batch.clear();
  }
}

Rate measure(Connection& connection, const Candidate& candidate, const Options& options) {
  const std::string call = fmt::format(fmt::runtime(candidate.call), options.batch);
  const double cpu = connection.cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::duration<double> wall{};
  std::int64_t done = 0;
  while (done < options.events && wall.count() < options.seconds) {
    connection.run(call);
    done += options.batch;
    wall = std::chrono::steady_clock::now() - begin;
  }
  const auto rows = static_cast<double>(std::min(done, options.events));
  return {rows / wall.count(), rows / (connection.cpu_seconds() - cpu)};
}

TrafficOptions traffic_of(const Options& options) {
  TrafficOptions traffic;
  traffic.site = *Uuid::parse("6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01");
  traffic.events_per_second = 50;
  traffic.session_id_share = options.share_named;
  return traffic;
}

/// Both stages of one procedure, in a database of its own.
std::vector<Rate> stages(store::Cluster& cluster, const std::string& database,
                         const Candidate& candidate, const Options& options) {
  const auto made = cluster.feed("create database " + database + ";");
  if (!made.output.empty()) stop(made.output);
  const auto store = taken(store::open_postgres({.url = cluster.url(database)}));
  taken(store->migrate());
  Traffic traffic(traffic_of(options));
  std::ifstream file(std::string(ATTUNE_BENCH_FOLDER) + "/naive.sql");
  Connection(cluster.url(database)).run(std::string(std::istreambuf_iterator<char>(file), {}));
  std::vector<Rate> rates;
  for (const char* prepare : {"vacuum analyze events_log", "vacuum analyze"}) {
    load(*taken(store->session()), traffic, options.events);
    Connection connection(cluster.url(database));
    connection.run(prepare);
    rates.push_back(measure(connection, candidate, options));
    // What a slow one left would be the next stage's.
    connection.run("update events_log set processed_at = now() where processed_at is null");
  }
  return rates;
}

/// The ETL of the server: the same traffic, from a journal to all tables, with events_log and its
/// indexes, which the procedures find filled.
double etl_rows_a_second(store::Cluster& cluster, const Options& options) {
  const std::string database = "bench_etl";
  const auto made = cluster.feed("create database " + database + ";");
  if (!made.output.empty()) stop(made.output);
  const auto store = taken(store::open_postgres({.url = cluster.url(database)}));
  taken(store->migrate());
  Traffic traffic(traffic_of(options));
  etl::MemoryJournal journal;
  for (std::int64_t count = 0; count < 2 * options.events; ++count) journal.add(traffic.next());
  const etl::FixedSites sites({});
  const RealClock clock;
  etl::Consumer consumer(journal, *store, sites, clock);
  const auto begin = std::chrono::steady_clock::now();
  taken(consumer.run_until(journal.durable_end()));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(2 * options.events) / wall.count();
}

int main(int argument_count, char** arguments) {
  Options options;
  CLI::App app("process_events_batch against row-by-row procedures, on PostgreSQL");
  app.add_option("--events", options.events, "raw rows of a stage")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--batch", options.batch, "rows of a call")->check(CLI::Range(1, 100'000));
  app.add_option("--share-named", options.share_named, "visits whose events name their session")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--seconds", options.seconds, "longest stage")->check(CLI::Range(1.0, 3600.0));
  CLI11_PARSE(app, argument_count, arguments);
  const std::string binaries = store::newest_postgres();
  if (binaries.empty()) stop("no PostgreSQL under /usr/lib/postgresql");
  store::Cluster cluster(binaries);
  std::vector<std::vector<Rate>> rates;
  for (const Candidate& candidate : kCandidates) {
    rates.push_back(stages(cluster, fmt::format("bench_{}", rates.size()), candidate, options));
  }
  for (std::size_t stage = 0; stage < 2; ++stage) {
    fmt::print("{}: {} rows, batches of {}\n", stage == 0 ? "backlog" : "running", options.events,
               options.batch);
    const Rate shipped = rates.back()[stage];
    for (std::size_t index = 0; index < rates.size(); ++index) {
      const Rate& rate = rates[index][stage];
      fmt::print("  {:<9} {:>8.0f} rows/s wall {:>8.0f} rows/s CPU", kCandidates[index].name,
                 rate.wall, rate.cpu);
      if (index + 1 < rates.size()) {
        fmt::print("   shipped is {:.1f} times it{}", shipped.cpu / rate.cpu,
                   index == 0 ? " (wanted: 5)" : "");
      }
      fmt::print("\n");
    }
  }
  const double etl = etl_rows_a_second(cluster, options);
  fmt::print("the ETL of the server: {:.0f} rows/s wall into all tables, {:.1f} times {} "
             "(wanted: 30)\n",
             etl, etl / rates.front()[1].wall, kCandidates[0].name);
  return 0;
}

}  // namespace
}  // namespace attune::bench

int main(int argument_count, char** arguments) {
  return attune::bench::main(argument_count, arguments);
}
