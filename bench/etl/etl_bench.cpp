// Journal to the database, all tables, against its yardstick in the same run: a bare data-chunk
// append of the same events_log rows. Then, on the database that this made, a steady stream: how
// long after its acknowledgement is an event visible to a query?
//
//   etl_bench --events 5000000 --rate 500 --live-seconds 600 --live-rate 5000
//   etl_bench --database postgres://... --no-yardstick: into a new database of a server
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "etl/consumer.h"
#include "etl/tables.h"
#include "event/codec.h"
#include "journal/appender.h"
#include "journal/file_journal.h"
#include "measure.h"
#include "store/duckdb/duckdb_store.h"
#include "store/postgres/postgres_store.h"
#include "timed_store.h"
#include "traffic.h"

namespace attune::bench {
namespace {

struct Options {
  std::string folder;
  std::string database;
  std::uint64_t events = 1'000'000;
  double rate = 500;
  bool keep = false;
  bool no_yardstick = false;
  double live_seconds = 0;
  double live_rate = 5000;
  std::int64_t database_mib = 320;
  std::int64_t checkpoint_mib = 64;
  int threads = 2;
  std::size_t batch_records = etl::Settings{}.batch_records_max;
  std::size_t batch_mib = etl::Settings{}.batch_bytes_max >> 20;
  std::int64_t commit_ms = etl::Settings{}.commit_ms;
};

class OneSite final : public event::SiteDirectory {
 public:
  explicit OneSite(const Uuid& id) {
    auto snapshot = std::make_shared<event::SiteSnapshot>();
    event::Site site;
    site.id = id;
    site.timezone = "Europe/Berlin";
    snapshot->by_id.emplace(id, site);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const event::SiteSnapshot> sites() const override { return snapshot_; }

 private:
  std::shared_ptr<const event::SiteSnapshot> snapshot_;
};

struct Timing {
  double wall = 0;
  double cpu = 0;
};

class Stopwatch {
 public:
  Timing read() const { return {wall_seconds() - wall_, cpu_seconds() - cpu_}; }

 private:
  double wall_ = wall_seconds();
  double cpu_ = cpu_seconds();
};

void print_rate(const char* what, std::uint64_t rows, const Timing& timing) {
  const auto count = static_cast<double>(rows);
  fmt::print("{:<34} {:>9.0f}/s wall {:>9.0f}/s CPU  ({:.1f} s wall, {:.1f} s CPU)\n", what,
             count / timing.wall, count / timing.cpu, timing.wall, timing.cpu);
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options),
        site_(*Uuid::parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")),
        sites_(site_) {}

  Result<void> run() {
    fmt::print("{}\n", machine());
    ATTUNE_TRY(open_journal());
    ATTUNE_TRY(fill_journal());
    if (!options_.no_yardstick) {
      // Twice: as the engine comes, and with the layout of our files, which serves appends alone
      // better still.
      ATTUNE_ASSIGN(yardstick_, run_yardstick(true));
      ATTUNE_ASSIGN(yardstick_ours_, run_yardstick(false));
    }
    ATTUNE_TRY(run_etl());
    if (options_.live_seconds > 0) ATTUNE_TRY(run_live());
    return {};
  }

 private:
  std::string path(const char* name) const { return options_.folder + "/" + name; }

  TrafficOptions traffic_options() const {
    TrafficOptions traffic;
    traffic.site = site_;
    traffic.events_per_second = options_.rate;
    traffic.start_ms = clock_.now_ms() -
                       static_cast<std::int64_t>(static_cast<double>(options_.events) /
                                                 options_.rate * 1000);
    return traffic;
  }

  Result<void> open_journal() {
    journal::FileJournalOptions journal_options;
    journal_options.folder = path("journal");
    ATTUNE_ASSIGN(journal_, journal::FileJournal::open(real_file_system(), clock_,
                                                       std::move(journal_options)));
    return {};
  }

  Result<void> fill_journal() {
    traffic_ = std::make_unique<Traffic>(traffic_options());
    journal::Appender appender(*journal_);
    journal::RecordBatch batch;
    const Stopwatch watch;
    for (std::uint64_t count = 0; count < options_.events; ++count) {
      event::encode(traffic_->next(), batch.bytes);
      batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
      if (batch.count() < 2000 && count + 1 < options_.events) continue;
      ATTUNE_TRY(appender.append(std::move(batch)));
      batch = {};
    }
    const double bytes = static_cast<double>(journal_->durable_end().offset);
    fmt::print("journal: {} events, {:.0f} MiB, {:.0f} bytes an event; event time {:.1f} h, "
               "made in {:.1f} s\n",
               options_.events, bytes / 1048576, bytes / static_cast<double>(options_.events),
               static_cast<double>(options_.events) / options_.rate / 3600, watch.read().wall);
    return {};
  }

  Result<std::unique_ptr<store::Store>> open_store(const char* name, bool engine_defaults = false) {
    store::DuckdbSettings settings;
    settings.file = path(name);
    settings.memory_bytes_max = options_.database_mib << 20;
    settings.threads = options_.threads;
    settings.checkpoint_bytes = options_.checkpoint_mib << 20;
    settings.engine_defaults = engine_defaults;
    ATTUNE_ASSIGN(auto store, store::open_duckdb(settings));
    ATTUNE_TRY(store->migrate());
    return store;
  }

  /// The same rows of events_log, in commits of the same size, and nothing else.
  Result<Timing> run_yardstick(bool engine_defaults) {
    ATTUNE_ASSIGN(auto store, open_store("yardstick.duckdb", engine_defaults));
    ATTUNE_ASSIGN(auto session, store->session());
    ATTUNE_ASSIGN(auto reader, journal_->read({}));
    etl::EventsLogTable table;
    event::EventView event;
    const std::string site = site_.text();
    Timing appending;
    double before_wall = 0;
    double before_cpu = 0;
    std::uint64_t rows = 0;
    while (true) {
      ATTUNE_ASSIGN(const auto record, reader->next());
      if (record) {
        ATTUNE_TRY(event::decode(record->body, event));
        table.add({event, record->position.offset, site, event.session_id}, false);
        ++rows;
      }
      if (table.batch.count() >= options_.batch_records || !record) {
        before_wall = wall_seconds();
        before_cpu = cpu_seconds();
        ATTUNE_TRY(session->begin());
        ATTUNE_TRY(session->append("events_log", table.batch));
        ATTUNE_TRY(session->commit());
        appending.wall += wall_seconds() - before_wall;
        appending.cpu += cpu_seconds() - before_cpu;
        table.batch.clear();
      }
      if (!record) break;
    }
    before_wall = wall_seconds();
    before_cpu = cpu_seconds();
    ATTUNE_TRY(store->checkpoint());
    appending.wall += wall_seconds() - before_wall;
    appending.cpu += cpu_seconds() - before_cpu;
    print_rate(engine_defaults ? "yardstick: bare append, events_log" : "  with our files' layout",
               rows, appending);
    session.reset();
    store.reset();
    std::filesystem::remove(path("yardstick.duckdb"));
    return appending;
  }

  etl::Settings settings() const {
    etl::Settings settings;
    settings.batch_records_max = options_.batch_records;
    settings.batch_bytes_max = options_.batch_mib << 20;
    settings.commit_ms = options_.commit_ms;
    return settings;
  }

  Result<void> run_etl() {
    if (options_.database.empty()) {
      ATTUNE_ASSIGN(store_, open_store("attune.duckdb"));
    } else {
      ATTUNE_ASSIGN(store_, store::open_postgres({.url = options_.database}));
      ATTUNE_TRY(store_->migrate());
    }
    std::vector<double> commits;
    double last = wall_seconds();
    etl::Settings paced = settings();
    paced.committed = [&](journal::Position) {
      const double now = wall_seconds();
      commits.push_back(now - last);
      last = now;
    };
    const Stopwatch watch;
    etl::Counts counts;
    TimedStore timed(*store_);
    {
      etl::Consumer consumer(*journal_, timed, sites_, clock_, paced);
      ATTUNE_TRY(consumer.run_until(journal_->durable_end()));
      counts = consumer.status().counts;
    }
    const double before_wall = wall_seconds();
    ATTUNE_TRY(store_->checkpoint());
    const Timing timing = watch.read();
    print_rate("etl: all tables, checkpoints included", options_.events, timing);
    fmt::print("  last checkpoint {:.2f} s; batches: {} of {}, p50 {:.3f} s, max {:.3f} s\n",
               wall_seconds() - before_wall, commits.size(), options_.batch_records,
               percentile(commits, 0.5), percentile(commits, 1));
    fmt::print("  counted {}, duplicates {}, late {}, sessions {}, given up {} sessions, {} ids\n",
               counts.counted, counts.duplicates, counts.late, counts.sessions,
               counts.sessions_given_up, counts.event_ids_given_up);
    fmt::print("  memory: {:.0f} MiB now, {:.0f} MiB at most (wanted: under 1024 MiB)\n",
               resident_mib(),
               resident_mib_max());
    // What a bare append reached with DuckDB 1.4 on the machine this was planned on.
    constexpr double kPlannedRate = 115'000;
    fmt::print("  share of a bare append at 115,000 rows per CPU second: {:.2f} (wanted: 0.50)\n",
               static_cast<double>(options_.events) / timing.cpu / kPlannedRate);
    if (yardstick_.wall > 0) {
      fmt::print("  share of the bare append above: {:.2f} wall, {:.2f} CPU (wanted: 0.50)\n"
                 "  share of it with our files' layout: {:.2f} wall, {:.2f} CPU\n",
                 yardstick_.wall / timing.wall, yardstick_.cpu / timing.cpu,
                 yardstick_ours_.wall / timing.wall, yardstick_ours_.cpu / timing.cpu);
    }
    timed.print(options_.events);
    return store_->engine() == store::Engine::duckdb ? print_tables() : Result<void>();
  }

  Result<void> print_tables() {
    ATTUNE_ASSIGN(auto session, store_->session());
    fmt::print("  {:<28} {:>10} {:>12} {:>14}\n", "table", "rows", "bytes", "bytes an event");
    double total = 0;
    for (const char* table :
         {"events_log", "user_events", "pageviews_cold", "hot_sessions", "hot_leads", "hot_pages",
          "user_sessions_cold", "user_product_interactions", "form_submissions", "orders", "users",
          "product", "recommendations", "daily_site_metrics"}) {
      ATTUNE_ASSIGN(const auto rows,
                    session->query_text(fmt::format(
                        "select (select count(*) from {0}), count(distinct block_id) * 262144 "
                        "from pragma_storage_info('{0}') where block_id >= 0",
                        table)));
      const auto count = std::get<std::int64_t>(rows.rows[0][0]);
      const auto bytes = static_cast<double>(std::get<std::int64_t>(rows.rows[0][1]));
      total += bytes;
      fmt::print("  {:<28} {:>10} {:>12.0f} {:>14.1f}\n", table, count, bytes,
                 bytes / static_cast<double>(options_.events));
    }
    fmt::print("  {:<28} {:>10} {:>12.0f} {:>14.1f}   (file: {} bytes)\n", "all", "", total,
               total / static_cast<double>(options_.events),
               std::filesystem::file_size(path("attune.duckdb")));
    return {};
  }

  // ---- a steady stream on the database as it is

  struct Acknowledged {
    std::uint64_t end = 0;         // position behind the record
    double at = 0;
  };

  Result<void> run_live() {
    std::mutex mutex;
    std::deque<Acknowledged> waiting;
    std::vector<double> visible;
    etl::Settings paced = settings();
    paced.committed = [&](journal::Position position) {
      const double now = wall_seconds();
      const std::scoped_lock lock(mutex);
      while (!waiting.empty() && waiting.front().end <= position.offset) {
        visible.push_back(now - waiting.front().at);
        waiting.pop_front();
      }
    };
    traffic_->jump_to(clock_.now_ms());
    const double load_before = wall_seconds();
    TimedStore timed(*store_);
    etl::Consumer consumer(*journal_, timed, sites_, clock_, paced);
    ATTUNE_TRY(consumer.start());
    fmt::print("live: state read back in {:.2f} s\n", wall_seconds() - load_before);
    std::atomic<bool> done{false};
    std::vector<double> queries;
    std::thread dashboard([&] { run_dashboard(done, queries); });
    const Stopwatch watch;
    const std::uint64_t events =
        static_cast<std::uint64_t>(options_.live_seconds * options_.live_rate);
    journal::Appender appender(*journal_);
    std::uint64_t sent = 0;
    Result<void> sending;
    while (sent < events && sending) {
      // What is due by now, in one group as a collector would write it.
      const auto due = std::min(
          events, static_cast<std::uint64_t>(watch.read().wall * options_.live_rate) + 1);
      sending = send(appender, due - sent, mutex, waiting);
      sent = due;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const bool caught_up = consumer.wait_for(journal_->durable_end(), 60'000);
    done = true;
    dashboard.join();
    const auto status = consumer.status();
    consumer.stop();
    if (!sending) return sending;
    const Timing timing = watch.read();
    fmt::print("live: {} events at {:.0f}/s for {:.0f} s, {} commits; CPU {:.0f} % of one core\n",
               sent, options_.live_rate, timing.wall, status.commits,
               100 * timing.cpu / timing.wall);
    fmt::print("  visible after: p50 {:.3f} s, p99 {:.3f} s, p99.9 {:.3f} s, max {:.3f} s "
               "(wanted: p99 1 s){}\n",
               percentile(visible, 0.5), percentile(visible, 0.99), percentile(visible, 0.999),
               percentile(visible, 1), caught_up ? "" : "; NOT CAUGHT UP");
    fmt::print("  a count of the last minute's views meanwhile: p50 {:.3f} s, max {:.3f} s\n",
               percentile(queries, 0.5), percentile(queries, 1));
    fmt::print("  memory: {:.0f} MiB now, {:.0f} MiB at most (wanted: under 1024 MiB); "
               "sessions {}, ids {}\n",
               resident_mib(), resident_mib_max(), status.sessions_in_memory,
               status.event_ids_in_memory);
    timed.print(sent);
    if (!status.error.empty()) fmt::print("  error: {}\n", status.error);
    return {};
  }

  Result<void> send(journal::Appender& appender, std::uint64_t count, std::mutex& mutex,
                    std::deque<Acknowledged>& waiting) {
    if (count == 0) return {};
    journal::RecordBatch batch;
    for (std::uint64_t at = 0; at < count; ++at) {
      event::encode(traffic_->next(), batch.bytes);
      batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
    }
    ATTUNE_TRY(appender.append(std::move(batch)));
    const double now = wall_seconds();
    const std::scoped_lock lock(mutex);
    // All of a batch become durable together; each counts as visible when the last of them is.
    const std::uint64_t end = journal_->durable_end().offset;
    for (std::uint64_t at = 0; at < count; ++at) waiting.push_back({end, now});
    return {};
  }

  void run_dashboard(const std::atomic<bool>& done, std::vector<double>& queries) {
    auto session = store_->session();
    if (!session) return;
    while (!done) {
      const double before = wall_seconds();
      const auto rows = (*session)->query_text(
          "select count(*), count(distinct visitor_id) from pageviews "
          "where view_timestamp > now() - interval '1 minute'");
      if (rows) queries.push_back(wall_seconds() - before);
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  }

  const Options options_;
  const Uuid site_;
  const OneSite sites_;
  const RealClock clock_;
  std::unique_ptr<journal::FileJournal> journal_;
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<store::Store> store_;
  Timing yardstick_;        // as the engine comes
  Timing yardstick_ours_;   // with the layout of our files
};

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  attune::bench::Options options;
  CLI::App app("Journal to DuckDB, all tables, against a bare append.");
  app.add_option("--folder", options.folder, "where to work; default: a new one below /tmp");
  app.add_option("--database", options.database, "postgres://... of an empty database");
  app.add_option("--events", options.events, "in the journal");
  app.add_option("--rate", options.rate, "events a second of event time");
  app.add_option("--live-seconds", options.live_seconds, "of a steady stream afterwards");
  app.add_option("--live-rate", options.live_rate, "events a second of it");
  app.add_option("--database-mib", options.database_mib, "DuckDB's memory limit");
  app.add_option("--checkpoint-mib", options.checkpoint_mib, "DuckDB's checkpoint threshold");
  app.add_option("--threads", options.threads, "DuckDB's");
  app.add_option("--batch", options.batch_records, "records of a transaction at most");
  app.add_option("--batch-mib", options.batch_mib, "their bytes at most");
  app.add_option("--commit-ms", options.commit_ms, "between commits under load");
  app.add_flag("--no-yardstick", options.no_yardstick, "leave the bare append out");
  app.add_flag("--keep", options.keep, "keep the folder");
  CLI11_PARSE(app, argc, argv);
  if (options.folder.empty()) options.folder = fmt::format("/tmp/etl_bench.{}", ::getpid());
  std::filesystem::create_directories(options.folder);
  attune::Result<void> done;
  {
    attune::bench::Bench bench(options);
    done = bench.run();
  }
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  if (!options.keep) std::filesystem::remove_all(options.folder);
  return done ? 0 : 1;
}
