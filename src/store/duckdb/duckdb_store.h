// The embedded engine: DuckDB through its C API, one file, one process. Everything engine-specific
// stays in this folder; callers hold store::Store and store::Session.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

struct DuckdbSettings {
  /// Created when missing; its folder must exist. Empty: in memory (tests).
  std::filesystem::path file;
  /// What DuckDB may hold in memory; beyond that it spills to `<file>.tmp`. The whole server has to
  /// stay below 1 GiB, and DuckDB's own accounting misses some 100 MB of it.
  std::int64_t memory_bytes_max = std::int64_t{512} << 20;
  std::int64_t temporary_bytes_max = std::int64_t{16} << 30;
  int threads = 2;
  /// Write-ahead log size at which a commit folds it into the file. Larger: rarer, longer pauses.
  std::int64_t checkpoint_bytes = std::int64_t{64} << 20;
  /// The one folder whose files statements may read and write; empty: none.
  std::filesystem::path archive = {};
  /// For measuring: a new file gets the engine's own storage version and row groups.
  bool engine_defaults = false;
};

/// Opens (or creates) the database. Migrations are not applied: call Store::migrate.
///
/// Errors   failed_precondition: another process holds the file; unavailable: the file cannot be
///          read or created; data_loss: the file is not a database or is damaged.
/// Threads  the store: any. Its sessions: one thread each.
[[nodiscard]] Result<std::unique_ptr<Store>> open_duckdb(const DuckdbSettings& settings);

/// The same with other SQL files than the program's own (which must include those of sql/store).
[[nodiscard]] Result<std::unique_ptr<Store>> open_duckdb(const DuckdbSettings& settings,
                                                         SqlCatalog catalog);

}  // namespace attune::store
