// The functions behind the API whose engines meet only here: training, replay, check, status, metrics.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "app_parts.h"
#include "base/time_zone.h"
#include "etl/replay.h"
#include "learn/model_params.h"
#include "learn/train.h"
#include "spdlog/spdlog.h"
#include "version.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::int64_t kReadyLagMs = 60'000;

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

void remove_database(const std::string& file) {
  std::error_code ignored;
  for (const char* suffix : {"", ".wal"}) std::filesystem::remove(file + suffix, ignored);
  std::filesystem::remove_all(file + ".tmp", ignored);
}

/// The ETL rests while this lives, and goes on when it ends, whatever happened.
class EtlAtRest {
 public:
  explicit EtlAtRest(EtlSlot& etl) : etl_(etl) { etl_.stop(); }
  ~EtlAtRest() {
    if (const auto started = etl_.start(); !started) {
      spdlog::error("the ETL did not start again: {}", started.error().message());
    }
  }
  EtlAtRest(const EtlAtRest&) = delete;
  EtlAtRest& operator=(const EtlAtRest&) = delete;

 private:
  EtlSlot& etl_;
};

/// A database beside the live one, filled from the journal up to `until`.
struct Rebuilt {
  std::string file;
  std::unique_ptr<store::Store> store;
  etl::Counts counts;
  double seconds = 0;
};

Result<Rebuilt> rebuild(App::Parts& parts, const std::string& suffix, journal::Position until,
                        serve::JobProgress& progress) {
  Rebuilt rebuilt;
  rebuilt.file = parts.paths.database + suffix;
  remove_database(rebuilt.file);
  Config config = parts.options.config;
  config.store.memory_mb = std::max<std::int64_t>(64, config.store.memory_mb / 2);
  ATTUNE_ASSIGN(rebuilt.store, open_embedded(rebuilt.file, config));
  ATTUNE_TRY(rebuilt.store->migrate());
  {
    ATTUNE_ASSIGN(const auto from, parts.store->session());
    ATTUNE_ASSIGN(const auto to, rebuilt.store->session());
    ATTUNE_TRY(etl::copy_edited(*from, *to));
  }
  const std::int64_t started_us = parts.clock.steady_us();
  const std::uint64_t begin = parts.journal->first().offset;
  const auto seconds = [&] {
    return static_cast<double>(parts.clock.steady_us() - started_us) / 1e6;
  };
  const auto show = [&](const etl::ReplayProgress& now) {
    const auto total = static_cast<double>(std::max<std::uint64_t>(1, now.until.offset - begin));
    const double rate = static_cast<double>(now.records) / std::max(0.001, seconds());
    progress.set(static_cast<double>(now.position.offset - begin) / total, rate,
                 fmt::format("{} records, {:.0f}/s", now.records, rate));
  };
  ATTUNE_ASSIGN(rebuilt.counts,
                etl::replay(*parts.journal, *rebuilt.store, *parts.control, parts.clock,
                            parts.etl_settings(), until, show));
  rebuilt.seconds = seconds();
  return rebuilt;
}

Result<std::string> replay_now(App::Parts& parts, serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  const EtlAtRest rest(*parts.etl);
  ATTUNE_ASSIGN(Rebuilt rebuilt, rebuild(parts, ".replay", parts.journal->durable_end(), progress));
  {
    // Sites, keys and catalogue may have been edited while the journal was read.
    ATTUNE_ASSIGN(const auto from, parts.store->session());
    ATTUNE_ASSIGN(const auto to, rebuilt.store->session());
    ATTUNE_TRY(etl::copy_edited(*from, *to));
  }
  ATTUNE_TRY(rebuilt.store->checkpoint());
  rebuilt.store.reset();
  progress.set(1, 0, "putting the rebuilt tables in service");
  ATTUNE_TRY(parts.store->swap([&]() -> Result<void> {
    remove_database(parts.paths.database + ".before-replay");
    std::error_code error;
    std::filesystem::rename(rebuilt.file, parts.paths.database, error);
    if (error) return fail(ErrorCode::unavailable, "replacing the database: " + error.message());
    std::filesystem::remove(parts.paths.database + ".wal", error);
    return {};
  }));
  for (const auto& [id, site] : parts.control->sites()->by_id) parts.keeper->changed(id);
  const json::object result{{"records", rebuilt.counts.events + rebuilt.counts.decisions +
                                            rebuilt.counts.other_records},
                            {"events", rebuilt.counts.events},
                            {"duplicates", rebuilt.counts.duplicates},
                            {"sessions", rebuilt.counts.sessions},
                            {"decisions", rebuilt.counts.decisions},
                            {"seconds", rebuilt.seconds}};
  return json::serialize(result);
}

Result<std::string> check_now(App::Parts& parts, serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  const EtlAtRest rest(*parts.etl);
  ATTUNE_ASSIGN(const auto live, parts.store->session());
  ATTUNE_ASSIGN(const journal::Position until, etl::committed_position(*live));
  ATTUNE_ASSIGN(Rebuilt rebuilt, rebuild(parts, ".check", until, progress));
  progress.set(1, 0, "comparing tables");
  auto compared = [&]() -> Result<etl::Comparison> {
    ATTUNE_ASSIGN(const auto fresh, rebuilt.store->session());
    return etl::compare(*live, *fresh);
  }();
  rebuilt.store.reset();
  remove_database(rebuilt.file);
  if (!compared) return pass(compared, "comparing");
  json::array tables;
  for (const etl::TableEqual& table : compared->equal) {
    tables.push_back(json::object{{"table", table.table}, {"ok", true}, {"rows", table.rows}});
  }
  for (const etl::TableDifference& table : compared->different) {
    tables.push_back(json::object{
        {"table", table.table},
        {"ok", false},
        {"detail", fmt::format("row {} differs in {}: {} in the tables, {} in a replay ({} rows before "
                               "it are equal)",
                               table.key, table.column.empty() ? "being there" : table.column,
                               table.left, table.right, table.rows_compared)}});
  }
  const json::object result{
      {"ok", compared->same()},
      {"journal", json::object{{"events", rebuilt.counts.events},
                               {"damaged", rebuilt.counts.damaged},
                               {"bytes", until.offset - parts.journal->first().offset}}},
      {"tables", tables},
      {"seconds", rebuilt.seconds}};
  return json::serialize(result);
}

std::string journal_state(const App::Parts& parts) {
  const auto writable = parts.journal->writable();
  if (writable) return "ok";
  return writable.error().code() == ErrorCode::data_loss ? "stopped" : "refusing";
}

Result<std::string> status_now(App::Parts& parts) {
  const etl::ConsumerStatus etl = parts.etl->status();
  const journal::JournalStats journal = parts.journal->stats();
  const decide::DeciderCounters decisions = parts.decider->counters();
  const std::uint64_t first = parts.journal->first().offset;
  const std::uint64_t end = parts.journal->durable_end().offset;
  json::object status{
      {"version", kVersion},
      {"started_at", utc_text(parts.started_ms)},
      {"uptime_seconds", (parts.clock.now_ms() - parts.started_ms) / 1000},
      {"data_dir", std::filesystem::absolute(parts.paths.folder).string()},
      {"journal", json::object{{"first", first},
                               {"durable_end", end},
                               {"bytes", end - first},
                               {"state", journal_state(parts)},
                               {"records", journal.records},
                               {"groups", journal.groups},
                               {"sync_us_max", journal.sync_us_max},
                               {"pending_bytes", journal.pending_bytes},
                               {"opened", parts.journal->open_report().text()}}},
      {"etl", json::object{{"position", etl.position.offset},
                           {"lag_records_bytes", etl.lag_bytes},
                           {"lag_seconds", static_cast<double>(etl.lag_ms) / 1000},
                           {"running", etl.running},
                           {"error", etl.error},
                           {"records", etl.counts.events + etl.counts.decisions},
                           {"events", etl.counts.events},
                           {"counted", etl.counts.counted},
                           {"duplicates", etl.counts.duplicates},
                           {"bots", etl.counts.bots},
                           {"late", etl.counts.late},
                           {"damaged", etl.counts.damaged},
                           {"sessions", etl.counts.sessions},
                           {"commit_us_last", etl.commit_us_last}}},
      {"store", json::object{{"bytes", file_bytes(parts.paths.database)},
                             {"wal_bytes", file_bytes(parts.paths.database + ".wal")}}},
      {"recommendations", json::object{{"requests", decisions.requests},
                                       {"recorded", decisions.recorded},
                                       {"unrecorded", decisions.unrecorded},
                                       {"cold", decisions.cold}}},
      {"memory_bytes", resident_bytes()}};
  return json::serialize(status);
}

std::vector<serve::Readiness> readiness_now(App::Parts& parts) {
  const auto writable = parts.journal->writable();
  const etl::ConsumerStatus etl = parts.etl->status();
  const bool behind = etl.lag_ms > kReadyLagMs;
  return {
      {.part = "journal",
       .ready = writable.has_value(),
       .detail = writable ? "takes events" : writable.error().message()},
      {.part = "etl",
       .ready = etl.error.empty() && !behind,
       .detail = etl.error.empty() ? fmt::format("lag {:.1f} s", static_cast<double>(etl.lag_ms) / 1000)
                                   : etl.error},
  };
}

serve::MetricSample sample(std::string name, std::string help, serve::MetricSample::Type type,
                           double value) {
  serve::MetricSample made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  made.value = value;
  return made;
}

std::vector<serve::MetricSample> metrics_now(App::Parts& parts) {
  using enum serve::MetricSample::Type;
  const etl::ConsumerStatus etl = parts.etl->status();
  const journal::JournalStats journal = parts.journal->stats();
  const decide::DeciderCounters decisions = parts.decider->counters();
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {
      sample("attune_journal_records_total", "Records on disk since the start.", counter,
             number(journal.records)),
      sample("attune_journal_syncs_total", "Group commits since the start.", counter,
             number(journal.groups)),
      sample("attune_journal_refused_total", "Appends answered with an error.", counter,
             number(journal.refused)),
      sample("attune_journal_sync_seconds_total", "Time spent writing and syncing.", counter,
             number(journal.sync_us_total) / 1e6),
      sample("attune_journal_pending_bytes", "Bytes waiting for the disk.", gauge,
             number(journal.pending_bytes)),
      sample("attune_journal_bytes", "Size of the retained journal.", gauge,
             number(parts.journal->durable_end().offset - parts.journal->first().offset)),
      sample("attune_etl_lag_seconds", "Age of the oldest event not yet in the tables.", gauge,
             number(etl.lag_ms) / 1000),
      sample("attune_etl_lag_bytes", "Journal bytes not yet in the tables.", gauge,
             number(etl.lag_bytes)),
      sample("attune_etl_events_total", "Event records taken in, over the whole journal.", counter,
             number(etl.counts.events)),
      sample("attune_etl_duplicates_total", "Events dropped because their id was seen before.", counter,
             number(etl.counts.duplicates)),
      sample("attune_etl_bots_total", "Events of bots, kept in events_log only.", counter,
             number(etl.counts.bots)),
      sample("attune_etl_late_total", "Events behind the late limit, kept in events_log only.", counter,
             number(etl.counts.late)),
      sample("attune_etl_retries_total", "Batches begun again after an error.", counter,
             number(etl.retries)),
      sample("attune_decisions_total", "Recommendation requests answered.", counter,
             number(decisions.requests)),
      sample("attune_decisions_unrecorded_total", "Answers that the journal could not record.", counter,
             number(decisions.unrecorded)),
      sample("attune_memory_bytes", "Resident memory of the process.", gauge, number(resident_bytes())),
      sample("attune_store_bytes", "Size of the database file.", gauge,
             number(file_bytes(parts.paths.database))),
  };
}

}  // namespace

Result<std::string> train_now(App::Parts& parts, const event::Site& site,
                              const serve::TrainOptions& asked, serve::JobProgress& progress) {
  learn::TrainOptions options;
  options.data_dir = parts.paths.folder;
  options.site = site.id;
  if (!asked.algorithm.empty()) {
    ATTUNE_ASSIGN(options.params, learn::parse_params(asked.algorithm));
  }
  options.worker_memory_bytes_max =
      static_cast<std::uint64_t>(parts.options.config.recommend.train_memory_mb) << 20;
  options.stop_requested = [&progress] { return progress.stop_requested(); };
  const auto show = [&progress](std::string_view stage, double done) {
    progress.set(done, 0, std::string(stage));
  };
  ATTUNE_ASSIGN(const learn::TrainReport report,
                learn::train_site(*parts.store, parts.clock, options, show));
  if (report.promoted) {
    if (auto loaded = parts.keeper->refresh(site.id); !loaded) return pass(loaded, "loading the model");
  }
  return learn::to_json(report);
}

serve::Operations make_operations(App::Parts& parts) {
  serve::Operations operations;
  operations.train = [&parts](const event::Site& site, const serve::TrainOptions& options,
                              serve::JobProgress& progress) {
    return train_now(parts, site, options, progress);
  };
  operations.replay = [&parts](serve::JobProgress& progress) { return replay_now(parts, progress); };
  operations.check = [&parts](serve::JobProgress& progress) { return check_now(parts, progress); };
  operations.status = [&parts] { return status_now(parts); };
  operations.readiness = [&parts] { return readiness_now(parts); };
  operations.metrics = [&parts] { return metrics_now(parts); };
  operations.site_changed = [&parts](const event::Site& site) {
    if (parts.control->sites()->by_id.contains(site.id)) {
      parts.keeper->changed(site.id);
    } else {
      parts.decider->forget(site.id);
    }
  };
  operations.products_changed = [&parts](const event::Site& site) { parts.keeper->changed(site.id); };
  return operations;
}

}  // namespace attune
