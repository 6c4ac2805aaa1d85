// The functions behind the API whose engines meet only here: training, replay, check, status, metrics.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "app_parts.h"
#include "base/time_zone.h"
#include "learn/model_params.h"
#include "learn/site_work.h"
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

json::object profiles_status(const App::Parts& parts) {
  const profile::FollowerStatus now = parts.etl->profiles();
  return {{"running", now.running}, {"people", now.people},
          {"passes", now.passes},   {"pass_us_last", now.pass_us_last},
          {"sweeps", now.sweeps},   {"error", now.error}};
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
      {"profiles", profiles_status(parts)},
      {"tests", tests_status(parts)},
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
  const profile::FollowerStatus profiles = parts.etl->profiles();
  const experiment::RunnerStatus tests = parts.tests->status();
  return {
      sample("attune_test_turns_total", "Turns over all running tests since the start.", counter,
             number(tests.turns)),
      sample("attune_test_turns_put_off_total",
             "Turns that waited for a replay, an erasure or a request.", counter,
             number(tests.put_off)),
      sample("attune_test_turn_errors_total", "Turns that failed and are tried again.", counter,
             number(tests.errors)),
      sample("attune_test_turn_seconds_total", "Time spent on running tests.", counter,
             number(tests.turn_us_total) / 1e6),
      sample("attune_profiles_computed_total", "Profiles of people computed since the start.",
             counter, number(profiles.people)),
      sample("attune_profiles_errors_total", "Rounds over profiles that failed and are tried again.",
             counter, number(profiles.errors)),
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
      sample("attune_decision_strategies_skipped_total", "Strategies that an answer had no time for.",
             counter, number(decisions.skipped)),
      sample("attune_decisions_without_rules_total", "Answers for which rules had left nothing.",
             counter, number(decisions.without_rules)),
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

/// Whether new models of the site serve in the shadow first.
bool has_shadow(const Config& config, const event::Site& site) {
  std::string_view rest = config.recommend.shadow_sites;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    if (name == "*" || name == site.domain) return true;
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return false;
}

learn::TrainOptions training_options(App::Parts& parts, const event::Site& site,
                                     serve::JobProgress& progress) {
  learn::TrainOptions options;
  options.data_dir = parts.paths.folder;
  options.site = site.id;
  options.worker_memory_bytes_max =
      static_cast<std::uint64_t>(parts.options.config.recommend.train_memory_mb) << 20;
  options.shadow = has_shadow(parts.options.config, site);
  options.stop_requested = [&progress] { return progress.stop_requested(); };
  // A new shop's first model serves while the others are being trained.
  options.first_model = [&parts, id = site.id] { parts.keeper->changed(id); };
  return options;
}

learn::ProgressSink shown_by(serve::JobProgress& progress) {
  return [&progress](std::string_view stage, double done) {
    progress.set(done, 0, std::string(stage));
  };
}

}  // namespace

Result<std::string> train_now(App::Parts& parts, const event::Site& site,
                              const serve::TrainOptions& asked, serve::JobProgress& progress) {
  learn::TrainOptions options = training_options(parts, site, progress);
  const learn::ProgressSink show = shown_by(progress);
  learn::SiteTraining done;
  if (asked.algorithm.empty()) {
    std::vector<std::string> strategies;
    if (!asked.strategy.empty()) strategies.push_back(asked.strategy);
    ATTUNE_ASSIGN(done, learn::train_strategies(*parts.store, parts.clock, options, strategies, show));
  } else {
    ATTUNE_ASSIGN(options.params, learn::parse_params(asked.algorithm));
    ATTUNE_ASSIGN(learn::TrainReport report,
                  learn::train_site(*parts.store, parts.clock, options, show));
    done.trained.push_back(std::move(report));
  }
  const auto is_served = [](const learn::TrainReport& report) {
    return report.promoted || report.shadowed;
  };
  if (std::ranges::any_of(done.trained, is_served)) {
    auto loaded = parts.keeper->refresh(site.id);
    if (!loaded) return pass(loaded, "loading the models");
  }
  return learn::to_json(done);
}

namespace {

Result<std::string> evaluate_now(App::Parts& parts, const event::Site& site,
                                 const serve::EvaluateOptions& asked,
                                 serve::JobProgress& progress) {
  return learn::evaluate_site(*parts.store, parts.clock, training_options(parts, site, progress),
                              {.strategy = asked.strategy,
                               .protocol = asked.protocol,
                               .resamples = asked.resamples},
                              shown_by(progress));
}

Result<std::string> search_now(App::Parts& parts, const event::Site& site,
                               const serve::TuneOptions& asked, serve::JobProgress& progress) {
  return learn::tune_site(*parts.store, parts.clock, training_options(parts, site, progress),
                          {.strategy = asked.strategy,
                           .trials = asked.trials,
                           .seconds = asked.seconds,
                           .reset = asked.reset},
                          shown_by(progress));
}

/// Puts a model into service; with an empty version the one before.
Result<std::string> serve_model(App::Parts& parts, const event::Site& site,
                                std::string_view strategy, std::string_view version) {
  ATTUNE_ASSIGN(const learn::ActiveModel model,
                version.empty()
                    ? learn::rollback_model(*parts.store, parts.clock, site.id, strategy)
                    : learn::promote_model(*parts.store, parts.clock, site.id, strategy, version));
  ATTUNE_TRY(parts.keeper->refresh(site.id));
  return json::serialize(json::object{{"strategy", model.strategy},
                                      {"version", model.version},
                                      {"status", model.status}});
}

}  // namespace

serve::Operations make_operations(App::Parts& parts) {
  serve::Operations operations;
  operations.train = [&parts](const auto& site, const auto& options, auto& progress) {
    return train_now(parts, site, options, progress);
  };
  operations.evaluate = [&parts](const auto& site, const auto& asked, auto& progress) {
    return evaluate_now(parts, site, asked, progress);
  };
  operations.tune = [&parts](const auto& site, const auto& asked, auto& progress) {
    return search_now(parts, site, asked, progress);
  };
  operations.serve_model = [&parts](const event::Site& site, std::string_view strategy,
                                    std::string_view version) {
    return serve_model(parts, site, strategy, version);
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
  operations.bandits = [&parts](const Uuid& site) -> Result<std::string> {
    return bandits_json(parts, site);
  };
  operations.change_bandit = [&parts](const Uuid& site, std::string_view placement,
                                      serve::BanditAction action) {
    return change_bandit(parts, site, placement, action);
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
      parts.bandits->forget(site.id);
    }
  };
  operations.rules_changed = [&parts](const event::Site& site) {
    return parts.keeper->refresh_rules(site.id);
  };
  operations.products_changed = [&parts](const event::Site& site) { parts.keeper->changed(site.id); };
  return operations;
}

}  // namespace attune
