#include "commands/keep_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <limits>
#include <vector>

#include "app.h"
#include "base/file_system.h"
#include "base/sha256.h"
#include "base/time_zone.h"
#include "store/migrate.h"

namespace attune::commands {
namespace {

/// "20261121_100000"
std::string name_of_time(std::int64_t now_ms) {
  std::string name;
  for (const char c : utc_text(now_ms).substr(0, 19)) {
    if (c >= '0' && c <= '9') name.push_back(c);
    if (c == 'T') name.push_back('_');
  }
  return name;
}

Result<bool> any_rows(store::Session& session, const std::vector<std::string>& tables) {
  for (const std::string& table : tables) {
    const store::Value parameters[] = {table};
    ATTUNE_ASSIGN(const store::Rows counted, session.query("store/row_count", parameters));
    if (std::get<std::int64_t>(counted.rows.at(0).at(0)) > 0) return true;
  }
  return false;
}

/// The database must be closed: nothing of it may be in memory alone.
Result<std::string> keep_file(const std::string& data, std::int64_t now_ms) {
  const DataPaths paths(data);
  const std::string folder = fmt::format("{}/before-down-{}", paths.folder, name_of_time(now_ms));
  FileSystem& files = real_file_system();
  std::error_code error;
  const auto bytes = std::filesystem::file_size(paths.database, error);
  if (error) return fail(ErrorCode::unavailable, "cannot read " + paths.database);
  ATTUNE_ASSIGN(const std::uint64_t free, files.free_bytes(paths.folder));
  if (free < bytes) {
    return fail(ErrorCode::unavailable,
                fmt::format("no room for a copy of {} in {}: {} MiB are free, {} MiB needed. "
                            "Nothing was taken back",
                            paths.database, paths.folder, free >> 20, bytes >> 20));
  }
  ATTUNE_TRY(files.create_folder(folder));
  for (const char* suffix : {"", ".wal"}) {
    if (!std::filesystem::exists(paths.database + suffix, error)) continue;
    const std::string to = folder + "/" +
                           std::filesystem::path(paths.database).filename().string() + suffix;
    ATTUNE_TRY(copy_file(files, paths.database + suffix, to,
                         std::numeric_limits<std::uint64_t>::max()));
  }
  ATTUNE_TRY(files.sync_folder(folder));
  return fmt::format("a copy of the database is in {}", folder);
}

Result<std::string> keep_schema(store::Session& session, const std::vector<std::string>& tables,
                                std::int64_t now_ms) {
  const std::string schema = "attune_before_down_" + name_of_time(now_ms);
  const store::Value parameters[] = {schema, fmt::format("{}", fmt::join(tables, ","))};
  ATTUNE_TRY(session.begin());
  auto done = session.execute("store/migrate_limits");
  if (done) done = session.execute("store/keep_tables", parameters);
  if (!done) {
    static_cast<void>(session.rollback());   // the first error says what went wrong
    return pass(done, "copying the tables that would be lost; nothing was taken back");
  }
  ATTUNE_TRY(session.commit());
  const store::Value made[] = {schema};
  ATTUNE_ASSIGN(const store::Rows counted, session.query("store/kept_tables", made, {}));
  const auto copies = std::get<std::int64_t>(counted.rows.at(0).at(0));
  if (copies == 0) return std::string();
  return fmt::format("copies of {} tables are in schema {}", copies, schema);
}

}  // namespace

Result<std::string> keep_tables(const MigrateCommand& command, std::int32_t keep,
                                std::int64_t now_ms, std::unique_ptr<store::Store>& opened,
                                OpenAgain open_again) {
  const store::SqlCatalog catalog(opened->engine());
  ATTUNE_ASSIGN(std::unique_ptr<store::Session> session, opened->session());
  ATTUNE_ASSIGN(const auto tables, store::tables_at_stake(*session, catalog, keep));
  if (tables.empty()) return std::string();
  if (opened->engine() == store::Engine::postgres) return keep_schema(*session, tables, now_ms);
  ATTUNE_ASSIGN(const bool any, any_rows(*session, tables));
  if (!any) return std::string();
  session.reset();
  opened.reset();
  ATTUNE_ASSIGN(std::string where, keep_file(command.data, now_ms));
  ATTUNE_ASSIGN(opened, open_again(command));
  return where;
}

}  // namespace attune::commands
