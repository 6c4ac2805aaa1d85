// The functions behind the API whose engines meet only here: training, replay, check, status, metrics.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "app_parts.h"
#include "base/time_zone.h"
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

/// Size of the database; 0 when it cannot be asked now.
std::uint64_t store_bytes(App::Parts& parts) {
  if (parts.store->engine() == store::Engine::duckdb) return file_bytes(parts.paths.database);
  const auto session = parts.store->session();
  if (!session) return 0;
  const auto rows = (*session)->query("store/size", {});
  return rows ? static_cast<std::uint64_t>(std::get<std::int64_t>(rows->rows.at(0).at(0))) : 0;
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
      {"store", json::object{{"engine", to_string(parts.store->engine())},
                             {"extension", parts.extension},
                             {"bytes", store_bytes(parts)},
                             {"wal_bytes", file_bytes(parts.paths.database + ".wal")}}},
      {"recommendations", json::object{{"requests", decisions.requests},
                                       {"recorded", decisions.recorded},
                                       {"unrecorded", decisions.unrecorded},
                                       {"cold", decisions.cold}}},
      {"archive", archive_status(parts)},
      {"maintenance", maintenance_status(parts)},
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
      sample("attune_store_bytes", "Size of the database.", gauge,
             number(store_bytes(parts))),
  };
}

/// After the rows below the edges have changed as a whole.
void refresh_edges(App::Parts& parts, serve::JobProgress& progress) {
  if (const auto edges = refresh_graph_now(parts, {}, progress); !edges) {
    spdlog::warn("the graph keeps its edges until the next refresh: {}", edges.error().message());
  }
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
  operations.replay = [&parts](serve::JobProgress& progress) -> Result<std::string> {
    ATTUNE_ASSIGN(std::string replayed, replay_now(parts, progress));
    refresh_edges(parts, progress);
    return replayed;
  };
  operations.check = [&parts](serve::JobProgress& progress) { return check_now(parts, progress); };
  operations.backup = [&parts](const std::string& to, serve::JobProgress& progress) {
    return backup_now(parts, to, progress);
  };
  operations.etl = [&parts](const serve::EtlRequest& request, serve::JobProgress& progress) {
    return etl_now(parts, request, progress);
  };
  operations.erase = [&parts](const event::Site& site, const serve::EraseRequest& request,
                              serve::JobProgress& progress) -> Result<std::string> {
    ATTUNE_ASSIGN(std::string erased, erase_now(parts, site, request, progress));
    refresh_edges(parts, progress);
    return erased;
  };
  operations.refresh_graph = [&parts](const std::optional<Uuid>& site, serve::JobProgress& progress) {
    return refresh_graph_now(parts, site, progress);
  };
  operations.maintain = [&parts](serve::MaintainPeriod period, serve::JobProgress& progress) {
    return maintain_now(parts, period, progress);
  };
  operations.archive = [&parts](serve::JobProgress& progress) {
    return archive_now(parts, progress);
  };
  operations.query_archive = [&parts](std::string_view sql, const store::QueryOptions& options) {
    return query_archive(parts, sql, options);
  };
  operations.status = [&parts] { return status_now(parts); };
  operations.database_status = [&parts] { return database_status(parts); };
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
