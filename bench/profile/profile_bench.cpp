// Do profiles follow the stream? A journal of events through the ETL, first alone, then with the
// follower computing profiles beside it, each into a database of its own: events a second until the
// journal is in the tables, and until every profile is of its last event.
//
//   profile_bench --events 2000000
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "etl/consumer.h"
#include "event/codec.h"
#include "journal/appender.h"
#include "journal/file_journal.h"
#include "measure.h"
#include "profile/follower.h"
#include "store/duckdb/duckdb_store.h"
#include "traffic.h"

namespace attune::bench {
namespace {

struct Options {
  std::string folder;
  std::uint64_t events = 2'000'000;
  double rate = 5000;
  double share = profile::FollowerSettings{}.share_max;
  bool quick = false;
};

class OneSite final : public event::SiteDirectory {
 public:
  explicit OneSite(const Uuid& id) {
    auto snapshot = std::make_shared<event::SiteSnapshot>();
    event::Site site;
    site.id = id;
    snapshot->by_id.emplace(id, site);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const event::SiteSnapshot> sites() const override { return snapshot_; }

 private:
  std::shared_ptr<const event::SiteSnapshot> snapshot_;
};

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options),
        site_(*Uuid::parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")),
        sites_(site_) {}

  Result<void> run() {
    fmt::print("{}\n", machine());
    ATTUNE_TRY(fill_journal());
    ATTUNE_TRY(measure("the ETL alone", false));
    return measure("with profiles that follow", true);
  }

 private:
  Result<void> fill_journal() {
    journal::FileJournalOptions files;
    files.folder = options_.folder + "/journal";
    ATTUNE_ASSIGN(journal_,
                  journal::FileJournal::open(real_file_system(), clock_, std::move(files)));
    TrafficOptions traffic;
    traffic.site = site_;
    traffic.events_per_second = options_.rate;
    traffic.start_ms = clock_.now_ms() - static_cast<std::int64_t>(
        static_cast<double>(options_.events) / options_.rate * 1000);
    Traffic source(traffic);
    journal::Appender appender(*journal_);
    journal::RecordBatch batch;
    for (std::uint64_t count = 0; count < options_.events; ++count) {
      event::encode(source.next(), batch.bytes);
      batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
      if (batch.count() < 2000 && count + 1 < options_.events) continue;
      ATTUNE_TRY(appender.append(std::move(batch)));
      batch = {};
    }
    return {};
  }

  Result<void> measure(const char* what, bool follow) {
    store::DuckdbSettings settings;
    settings.file = options_.folder + (follow ? "/follow.duckdb" : "/alone.duckdb");
    settings.memory_bytes_max = std::int64_t{320} << 20;
    settings.threads = 2;
    settings.checkpoint_bytes = std::int64_t{64} << 20;
    ATTUNE_ASSIGN(const auto store, store::open_duckdb(settings));
    ATTUNE_TRY(store->migrate());
    etl::Settings etl;
    etl.note_people = follow;
    etl::Consumer consumer(*journal_, *store, sites_, clock_, etl);
    profile::FollowerSettings pace;
    pace.share_max = options_.share;
    profile::Follower follower(*store, sites_, clock_, pace);
    const double began = wall_seconds();
    const double cpu_before = cpu_seconds();
    ATTUNE_TRY(consumer.start());
    if (follow) follower.start();
    while (!consumer.wait_for(journal_->durable_end(), 1000)) {
      if (!consumer.status().running) return fail(ErrorCode::internal, consumer.status().error);
    }
    const double wall = wall_seconds() - began;
    const double cpu = cpu_seconds() - cpu_before;
    const auto events = static_cast<double>(options_.events);
    fmt::print("{:<28} {:>8.0f} events/s ({:.1f} s), {:>8.0f} a CPU second\n", what, events / wall,
               wall, events / cpu);
    if (follow) ATTUNE_TRY(await_profiles(*store, follower, began));
    follower.stop();
    consumer.stop();
    return {};
  }

  Result<void> await_profiles(store::Store& store, const profile::Follower& follower,
                              double began) {
    ATTUNE_ASSIGN(const auto session, store.session());
    const double tables = wall_seconds();
    while (true) {
      ATTUNE_ASSIGN(const store::Rows left, session->query("profile/dirty.sites", {}));
      if (left.rows.empty()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    const double end = wall_seconds();
    const profile::FollowerStatus done = follower.status();
    fmt::print("{:<28} {:>8.0f} events/s: {:.1f} s after the tables (wanted: 50,000 events/s)\n",
               "  every profile up to date", static_cast<double>(options_.events) / (end - began),
               end - tables);
    fmt::print("  {} profiles computed in {} rounds, the last one {:.2f} s; errors {}{}\n",
               done.people, done.passes, static_cast<double>(done.pass_us_last) / 1e6, done.errors,
               done.error.empty() ? "" : ": " + done.error);
    fmt::print("  memory at most {:.0f} MiB\n", resident_mib_max());
    return {};
  }

  const Options options_;
  const Uuid site_;
  const OneSite sites_;
  const RealClock clock_;
  std::unique_ptr<journal::FileJournal> journal_;
};

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  attune::bench::Options options;
  CLI::App app("Events a second that profiles can follow.");
  app.add_option("--folder", options.folder, "where to work; default: a new one below /tmp");
  app.add_option("--events", options.events, "in the journal");
  app.add_option("--rate", options.rate, "events a second of event time");
  app.add_option("--share", options.share, "of a thread's time for profiles");
  app.add_flag("--quick", options.quick, "no pauses between rounds: a test that it runs");
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.share = 1;
  if (options.folder.empty()) options.folder = fmt::format("/tmp/profile_bench.{}", ::getpid());
  std::filesystem::create_directories(options.folder);
  attune::Result<void> done;
  {
    attune::bench::Bench bench(options);
    done = bench.run();
  }
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  std::filesystem::remove_all(options.folder);
  return done ? 0 : 1;
}
