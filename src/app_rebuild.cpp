// Tables made anew from the journal: a replay beside the running database or in it, and the check
// that holds the tables against one.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "app_parts.h"
#include "base/time_zone.h"
#include "etl/replay.h"
#include "etl/retention.h"
#include "spdlog/spdlog.h"
#include "store/table_prints.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::int64_t kProgressMs = 200;

void remove_database(const std::string& file) {
  std::error_code ignored;
  for (const char* suffix : {"", ".wal"}) std::filesystem::remove(file + suffix, ignored);
  std::filesystem::remove_all(file + ".tmp", ignored);
}

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
  etl::Settings settings = parts.etl_settings();
  settings.note_people = false;   // a database without a fit is swept when it comes into service
  ATTUNE_ASSIGN(rebuilt.counts, etl::replay(*parts.journal, *rebuilt.store, *parts.control,
                                            parts.clock, settings, until, show));
  {
    ATTUNE_ASSIGN(const auto session, rebuilt.store->session());
    ATTUNE_TRY(etl::apply_marks(*session));
  }
  rebuilt.seconds = seconds();
  return rebuilt;
}

std::string replayed_text(const etl::Counts& counts, double seconds) {
  const json::object result{
      {"records", counts.events + counts.decisions + counts.other_records},
      {"events", counts.events},
      {"duplicates", counts.duplicates},
      {"sessions", counts.sessions},
      {"decisions", counts.decisions},
      {"seconds", seconds}};
  return json::serialize(result);
}

/// A server's tables cannot be put aside as a file: they are emptied and the ETL begins again, so
/// that until it has caught up answers are of a part of the journal.
Result<std::string> replay_in_place(App::Parts& parts, serve::JobProgress& progress) {
  if (parts.journal->first().offset != 0) {
    return fail(ErrorCode::failed_precondition,
                "the journal's beginning is no longer kept: a replay would lose what it held");
  }
  const std::int64_t started_us = parts.clock.steady_us();
  const journal::Position until = parts.journal->durable_end();
  {
    const EtlAtRest rest(*parts.etl);
    progress.set(0, 0, "emptying the tables");
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    ATTUNE_TRY(session->begin());
    if (auto cleared = session->execute("etl/replay.clear"); !cleared) {
      static_cast<void>(session->rollback());   // the first error says what went wrong
      return pass(cleared, "emptying the tables");
    }
    ATTUNE_TRY(session->commit());
  }
  while (!parts.etl->wait_for(until, kProgressMs)) {
    const etl::ConsumerStatus now = parts.etl->status();
    if (!now.running) return fail(ErrorCode::internal, "the ETL stopped: " + now.error);
    if (progress.stop_requested()) {
      return fail(ErrorCode::unavailable, "the server stops; the replay goes on at its next start");
    }
    progress.set(static_cast<double>(now.position.offset) / static_cast<double>(until.offset), 0,
                 fmt::format("{} events", now.counts.events));
  }
  {
    ATTUNE_ASSIGN(const auto session, parts.store->session());
    ATTUNE_TRY(etl::apply_marks(*session));
  }
  const double seconds = static_cast<double>(parts.clock.steady_us() - started_us) / 1e6;
  const auto sites = parts.control->sites();
  for (const auto& [id, site] : sites->by_id) parts.keeper->changed(id);
  return replayed_text(parts.etl->status().counts, seconds);
}

/// Puts a closed database file in the place of the one in service.
Result<void> swap_database(App::Parts& parts, const std::string& file) {
  return parts.store->swap([&]() -> Result<void> {
    std::error_code error;
    std::filesystem::rename(file, parts.paths.database, error);
    if (error) return fail(ErrorCode::unavailable, "replacing the database: " + error.message());
    std::filesystem::remove(parts.paths.database + ".wal", error);
    return {};
  });
}

}  // namespace

EtlAtRest::EtlAtRest(EtlSlot& etl) : etl_(etl) { etl_.stop(); }
EtlAtRest::~EtlAtRest() {
  if (const auto started = etl_.start(); !started) {
    spdlog::error("the ETL did not start again: {}", started.error().message());
  }
}

Result<void> compact_alone(App::Parts& parts, serve::JobProgress& progress) {
  const std::string file = parts.paths.database + ".compact";
  remove_database(file);
  Config config = parts.options.config;
  config.store.memory_mb = std::max<std::int64_t>(64, config.store.memory_mb / 2);
  {
    ATTUNE_ASSIGN(const auto fresh, open_embedded(file, config));
    ATTUNE_TRY(fresh->migrate());
    ATTUNE_ASSIGN(const auto to, fresh->session());
    ATTUNE_ASSIGN(const auto from, parts.store->session());
    ATTUNE_TRY(store::copy_tables(*from, *to, [&](const std::string& table, double done) {
      progress.set(done, 0, "writing " + table + " anew");
    }));
    ATTUNE_TRY(fresh->checkpoint());
  }
  return swap_database(parts, file);
}

Result<std::string> replay_now(App::Parts& parts, serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  return replay_alone(parts, progress);
}

Result<std::string> replay_alone(App::Parts& parts, serve::JobProgress& progress) {
  if (parts.store->engine() == store::Engine::postgres) return replay_in_place(parts, progress);
  const EtlAtRest rest(*parts.etl);
  ATTUNE_ASSIGN(Rebuilt rebuilt, rebuild(parts, ".replay", parts.journal->durable_end(), progress));
  {
    // Sites, keys and catalogue may have been edited while the journal was read.
    ATTUNE_ASSIGN(const auto from, parts.store->session());
    ATTUNE_ASSIGN(const auto to, rebuilt.store->session());
    ATTUNE_TRY(etl::copy_edited(*from, *to));
    ATTUNE_TRY(from->copy_sequences(*to));
  }
  ATTUNE_TRY(rebuilt.store->checkpoint());
  rebuilt.store.reset();
  progress.set(1, 0, "putting the rebuilt tables in service");
  ATTUNE_TRY(swap_database(parts, rebuilt.file));
  const auto sites = parts.control->sites();
  for (const auto& [id, site] : sites->by_id) parts.keeper->changed(id);
  return replayed_text(rebuilt.counts, rebuilt.seconds);
}

/// What is neither in the tables nor, for that reason, in the replay.
json::array left_out(const std::vector<etl::TakenOut>& marks) {
  json::array all;
  for (const etl::TakenOut& taken : marks) {
    all.push_back(json::object{{"site", taken.site},
                               {"table", taken.table},
                               {"action", taken.action},
                               {"rows", taken.rows},
                               {"before", utc_text(taken.before.us / 1000)}});
  }
  return all;
}

Result<std::string> check_now(App::Parts& parts, serve::JobProgress& progress) {
  if (const auto first = parts.journal->first().offset; first != 0) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the journal begins at position {}, what came before was let go "
                            "(journal.retention_h): the tables cannot be compared with a replay",
                            first));
  }
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
  ATTUNE_ASSIGN(const auto marks, etl::load_marks(*live));
  json::array tables;
  for (const etl::TableEqual& table : compared->equal) {
    tables.push_back(json::object{{"table", table.table}, {"ok", true}, {"rows", table.rows}});
  }
  for (const etl::TableDifference& table : compared->different) {
    tables.push_back(json::object{
        {"table", table.table},
        {"ok", false},
        {"detail", fmt::format("row {} differs in {}: {} in the tables, {} in a replay "
                               "({} rows before it are equal)",
                               table.key, table.column.empty() ? "being there" : table.column,
                               table.left, table.right, table.rows_compared)}});
  }
  const json::object result{
      {"ok", compared->same()},
      {"journal", json::object{{"events", rebuilt.counts.events},
                               {"damaged", rebuilt.counts.damaged},
                               {"bytes", until.offset - parts.journal->first().offset}}},
      {"tables", tables},
      {"left_out", left_out(marks)},
      {"seconds", rebuilt.seconds}};
  return json::serialize(result);
}

}  // namespace attune
