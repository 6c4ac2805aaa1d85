#include "store/duckdb/duckdb_store.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "store/duckdb/duckdb_session.h"
#include "store/migrate.h"

namespace attune::store {

namespace {

class DuckdbStore final : public Store {
 public:
  explicit DuckdbStore(std::shared_ptr<DuckdbShared> shared) : shared_(std::move(shared)) {}

  Engine engine() const override { return Engine::duckdb; }
  Result<std::unique_ptr<Session>> session() override { return DuckdbSession::open(shared_); }

  Result<void> migrate() override {
    ATTUNE_TRY(migrate_up(*this, shared_->catalog));
    return {};
  }

  Result<void> checkpoint() override {
    ATTUNE_ASSIGN(const std::unique_ptr<Session> own, session());
    ATTUNE_TRY(own->execute("store/checkpoint"));
    return {};
  }

 private:
  std::shared_ptr<DuckdbShared> shared_;
};

// Options that have to be known before the file is opened; the others are in store/open.duckdb.sql.
std::vector<std::pair<std::string, std::string>> open_options(const DuckdbSettings& settings) {
  std::vector<std::pair<std::string, std::string>> options{
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      {"memory_limit", fmt::format("{}B", settings.memory_bytes_max)},
      {"max_temp_directory_size", fmt::format("{}B", settings.temporary_bytes_max)},
      {"threads", std::to_string(settings.threads)},
      {"checkpoint_threshold", fmt::format("{}B", settings.checkpoint_bytes)},
  };
  if (!settings.file.empty()) {
    options.emplace_back("temp_directory", settings.file.string() + ".tmp");
  }
  return options;
}

std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out;
}

/// A checkpoint writes the last row group of each table again, so small ones make it short. Storage
/// of 1.4 has one dictionary and FSST in one; DuckDB before 1.4 cannot read the file.
std::string attach_statement(const std::string& path, bool engine_defaults) {
  return fmt::format("attach '{}' as attune{}", quoted(path),
                     engine_defaults ? "" : " (storage_version 'v1.4.0', row_group_size 16384)");
}

Error open_error(const std::string& reason) {
  if (reason.find("Could not set lock on file") != std::string::npos) {
    return {ErrorCode::failed_precondition, "another process has the database open: " + reason};
  }
  if (reason.find("not a valid DuckDB database file") != std::string::npos ||
      reason.find("Corrupt") != std::string::npos || reason.find("checksum") != std::string::npos) {
    return {ErrorCode::data_loss,
            reason + " It was left as it is: restore a backup (attune restore) into another "
                     "folder, or name a folder of Attune's own"};
  }
  return duckdb_error(reason.c_str(), true);
}

/// The file is attached, not opened: only attach can say how large row groups are.
Result<void> attach(DuckdbShared& shared, const DuckdbSettings& settings) {
  const std::string path = settings.file.empty() ? ":memory:" : settings.file.string();
  OwnedConnection connection;
  if (duckdb_connect(shared.database.get(), connection.address()) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "connecting to the database engine");
  }
  OwnedResult result;
  const std::string statement = attach_statement(path, settings.engine_defaults);
  if (duckdb_query(connection.get(), statement.c_str(), result.address()) != DuckDBSuccess) {
    const char* reason = duckdb_result_error(result.address());
    return tl::unexpected<Error>(
        open_error(reason != nullptr ? reason : "no reason given")
            .with(fmt::format("opening {}", path)));
  }
  if (settings.archive.empty()) return {};
  const std::string allow = fmt::format("set global allowed_directories = ['{}']",
                                        quoted(settings.archive.string()));
  OwnedResult allowed;
  if (duckdb_query(connection.get(), allow.c_str(), allowed.address()) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "the database does not take the archive's folder");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_duckdb(const DuckdbSettings& settings) {
  return open_duckdb(settings, SqlCatalog(Engine::duckdb));
}

Result<std::unique_ptr<Store>> open_duckdb(const DuckdbSettings& settings, SqlCatalog catalog) {
  OwnedConfig config;
  if (duckdb_create_config(config.address()) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "creating a database configuration");
  }
  for (const auto& option : open_options(settings)) {
    if (duckdb_set_config(config.get(), option.first.c_str(), option.second.c_str()) !=
        DuckDBSuccess) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("database option {} = {} is refused", option.first, option.second));
    }
  }
  auto shared = std::make_shared<DuckdbShared>(std::move(catalog));
  char* error = nullptr;
  if (duckdb_open_ext(":memory:", shared->database.address(), config.get(), &error) !=
      DuckDBSuccess) {
    const std::string reason = error != nullptr ? error : "no reason given";
    duckdb_free(error);
    return tl::unexpected<Error>(open_error(reason).with("starting the database engine"));
  }
  ATTUNE_TRY(attach(*shared, settings));
  shared->has_archive = !settings.archive.empty();
  auto store = std::make_unique<DuckdbStore>(shared);
  ATTUNE_ASSIGN(const std::unique_ptr<Session> first, store->session());
  ATTUNE_TRY(first->execute("store/open"));
  return store;
}

}  // namespace attune::store
