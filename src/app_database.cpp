// Which database a data folder's tables are in.
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "app_parts.h"
#include "base/thread.h"
#include "store/duckdb/duckdb_store.h"
#include "store/postgres/postgres_store.h"

namespace attune {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;
constexpr std::size_t kNameBytesMax = 64;

std::string engine_of_folder(const DataPaths& paths) {
  auto known = read_file(real_file_system(), paths.engine, kNameBytesMax);
  if (known) return known->substr(0, known->find('\n'));
  // Folders of before this was written down hold the embedded database.
  std::error_code ignored;
  return std::filesystem::exists(paths.database, ignored) ? "duckdb" : "";
}

Result<void> check_engine(const DataPaths& paths, const std::string& known,
                          std::string_view wanted) {
  if (known.empty() || known == wanted) return {};
  return fail(ErrorCode::failed_precondition,
              fmt::format("the tables of {} are in {}, not in {}: {}", paths.folder, known, wanted,
                          wanted == "duckdb" ? "give --database postgres://... as before"
                                             : "leave out --database, or take a new data folder"),
              "store.url");
}

Result<std::unique_ptr<store::Store>> open_server(const Config& config) {
  store::PostgresSettings settings;
  settings.url = config.store.url;
  settings.connections_max = static_cast<std::size_t>(config.store.connections);
  return store::open_postgres(settings);
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_embedded(const std::string& file,
                                                    const Config& config) {
  store::DuckdbSettings settings;
  settings.file = file;
  settings.memory_bytes_max = config.store.memory_mb * kMegabyte;
  settings.threads = static_cast<int>(config.store.threads);
  settings.checkpoint_bytes = config.store.checkpoint_mb * kMegabyte;
  settings.archive = std::filesystem::absolute(folder_of(file)) / "archive";
  // The engine starts its workers on the thread that opens it, and they inherit its priority.
  Result<std::unique_ptr<store::Store>> opened;
  std::thread([&] {
    name_thread("database");
    lower_thread_priority(kBehindIntake);
    opened = store::open_duckdb(settings);
  }).join();
  return opened;
}

Result<std::unique_ptr<store::Store>> open_database(const DataPaths& paths, const Config& config) {
  const bool embedded = config.store.url.empty();
  const std::string_view engine =
      to_string(embedded ? store::Engine::duckdb : store::Engine::postgres);
  const std::string known = engine_of_folder(paths);
  ATTUNE_TRY(check_engine(paths, known, engine));
  Result<std::unique_ptr<store::Store>> opened =
      embedded ? open_embedded(paths.database, config) : open_server(config);
  if (!opened || known == engine) return opened;
  ATTUNE_TRY(replace_file(real_file_system(), paths.engine, std::string(engine) + "\n"));
  return opened;
}

}  // namespace attune
