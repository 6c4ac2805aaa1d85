#include "commands/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app.h"
#include "base/time_zone.h"
#include "commands/keep_tables.h"
#include "config.h"
#include "store/duckdb/duckdb_store.h"
#include "store/migrate.h"
#include "store/postgres/extension.h"
#include "store/postgres/postgres_store.h"
#include "store/schema_snapshot.h"

namespace attune::commands {
namespace {

constexpr std::int64_t kStatementMs = 24LL * 3'600'000;   // an index of a large table takes hours

std::string_view word_of(store::MigrationState state) {
  switch (state) {
    case store::MigrationState::applied: return "applied";
    case store::MigrationState::pending: return "pending";
    case store::MigrationState::begun: return "half done";
    case store::MigrationState::changed: return "changed";
    case store::MigrationState::newer: return "newer than this program";
  }
  return "";
}

Result<std::unique_ptr<store::Store>> open_folder(const MigrateCommand& command) {
  const DataPaths paths(command.data);
  std::error_code ignored;
  if (!std::filesystem::exists(paths.database, ignored)) {
    const bool elsewhere = std::filesystem::exists(paths.engine, ignored);
    return fail(ErrorCode::not_found,
                elsewhere ? fmt::format("the tables of {} are on a server: name it with --database "
                                        "postgres://...", command.data)
                          : fmt::format("there is no database in {}: `attune serve` makes one",
                                        command.data),
                "data");
  }
  store::DuckdbSettings settings;
  settings.file = paths.database;
  auto opened = store::open_duckdb(settings);
  if (!opened && opened.error().code() == ErrorCode::failed_precondition) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("a running server has {} open, and an embedded database has one owner: "
                            "stop it first. It applied what was missing when it started",
                            paths.database),
                "data");
  }
  return opened;
}

Result<std::unique_ptr<store::Store>> open_store(const MigrateCommand& command) {
  ATTUNE_ASSIGN(const Config config, load_config(command.config));
  const std::string& url = command.database.empty() ? config.store.url : command.database;
  if (url.empty()) return open_folder(command);
  store::PostgresSettings settings;
  settings.url = url;
  settings.execute_timeout_ms = kStatementMs;
  return store::open_postgres(settings);
}

Result<void> print_status(store::Session& session, const store::SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const auto all, store::migration_status(session, catalog));
  int half_done = 0;
  int refused = 0;
  for (const store::MigrationStatus& each : all) {
    fmt::print("{:04}  {:<24} {:<12} {}\n", each.number, each.name, word_of(each.state),
               each.applied_at ? utc_text(each.applied_at->us / 1000) : "");
    if (each.state == store::MigrationState::begun) ++half_done;
    if (each.state == store::MigrationState::changed) ++refused;
    if (each.state == store::MigrationState::newer) ++refused;
  }
  if (refused > 0) {
    return fail(ErrorCode::failed_precondition,
                "the database was migrated by another version of Attune: use that one");
  }
  if (half_done > 0) {
    return fail(ErrorCode::failed_precondition,
                "a migration was not finished: `attune migrate up` runs it again from its first "
                "statement, `attune migrate down` takes it back");
  }
  return {};
}

void print_objects(std::string_view title, const std::vector<store::SchemaObject>& objects) {
  for (const store::SchemaObject& object : objects) {
    fmt::print("{:<10} {} {}\n", title, object.kind, object.name);
  }
}

Result<void> verify(store::Session& session, const store::SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const auto differences, store::verify_schema(session, catalog));
  print_objects("missing", differences.missing);
  print_objects("different", differences.different);
  print_objects("not ours", differences.extra);
  if (!differences.missing.empty() || !differences.different.empty()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the schema is not that of this version: {} missing, {} different; "
                            "`attune migrate status` says what was applied",
                            differences.missing.size(), differences.different.size()));
  }
  fmt::print("the schema is that of this version\n");
  return {};
}

/// The newest migration that stays when one is taken back.
Result<std::int32_t> one_less(store::Session& session, const store::SqlCatalog& catalog) {
  ATTUNE_ASSIGN(const auto all, store::migration_status(session, catalog));
  std::int32_t newest = 0;
  for (const auto& each : all) {
    if (each.state != store::MigrationState::pending) newest = std::max(newest, each.number);
  }
  return newest - 1;
}

Result<void> take_down(const MigrateCommand& command, const Clock& clock,
                       std::unique_ptr<store::Store> opened) {
  const store::SqlCatalog catalog(opened->engine());
  store::MigrateOptions options;
  options.lose_data = command.lose_data;
  std::int32_t keep = command.to.value_or(0);
  bool is_ours = true;   // else it is refused below, and nothing needs a copy
  {
    ATTUNE_ASSIGN(const auto session, opened->session());
    if (!command.to) {
      ATTUNE_ASSIGN(keep, one_less(*session, catalog));
    }
    ATTUNE_ASSIGN(const auto all, store::migration_status(*session, catalog));
    for (const store::MigrationStatus& each : all) {
      is_ours = is_ours && each.state != store::MigrationState::newer &&
                each.state != store::MigrationState::changed;
    }
  }
  std::string copy;
  if (command.lose_data && is_ours) {
    ATTUNE_ASSIGN(copy, keep_tables(command, keep, clock.now_ms(), opened, &open_store));
  }
  if (!copy.empty()) fmt::print("{}\n", copy);
  ATTUNE_ASSIGN(const int count, store::migrate_down(*opened, catalog, keep, options));
  fmt::print("{} taken back\n", count);
  return {};
}

}  // namespace

Result<void> run_init(const MigrateCommand& command, const std::string& extension) {
  ATTUNE_ASSIGN(const std::unique_ptr<store::Store> opened, open_store(command));
  if (opened->engine() == store::Engine::postgres) {
    ATTUNE_TRY(store::migrate_up(*opened, store::SqlCatalog(opened->engine()), {}));
  }
  ATTUNE_ASSIGN(const std::unique_ptr<store::Session> session, opened->session());
  if (opened->engine() == store::Engine::postgres) {
    ATTUNE_ASSIGN(const store::Rows claim, session->query("etl/claim", {}));
    if (claim.rows.empty() || claim.rows[0][0] != store::Value(true)) {
      return fail(ErrorCode::failed_precondition,
                  "a running server uses this database: stop it first");
    }
  }
  ATTUNE_TRY(store::choose_extension(*session, extension));
  fmt::print("made for {}\n", extension);
  return {};
}

Result<void> run_migrate(const MigrateCommand& command, const Clock& clock) {
  ATTUNE_ASSIGN(std::unique_ptr<store::Store> opened, open_store(command));
  if (command.action == "down") return take_down(command, clock, std::move(opened));
  const store::SqlCatalog catalog(opened->engine());
  ATTUNE_ASSIGN(const std::unique_ptr<store::Session> session, opened->session());
  if (command.action == "status") return print_status(*session, catalog);
  if (command.action == "verify") return verify(*session, catalog);
  if (command.action == "snapshot") {
    ATTUNE_ASSIGN(const auto objects, store::schema_objects(*session));
    fmt::print("{}", store::snapshot_text(objects));
    return {};
  }
  ATTUNE_ASSIGN(const int count, store::migrate_up(*opened, catalog));
  fmt::print("{} applied\n", count);
  return {};
}

}  // namespace attune::commands
