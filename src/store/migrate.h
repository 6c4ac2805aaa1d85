// Numbered schema changes: sql/migrate/0001_name.up.sql and .down.sql. Each runs in a transaction
// of its own together with its record in schema_migrations, which keeps a hash of the file. One
// whose up file says "-- Transaction: none" in its header runs without (PostgreSQL builds an index
// `concurrently` only so): it is recorded as begun, then as finished, and its files must be such
// that they can run again from the first statement, since that is how a half-done one is finished.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

struct Migration {
  std::int32_t number = 0;
  std::string name;        // "base"
  const SqlFile* up = nullptr;
  const SqlFile* down = nullptr;
  std::string hash;        // of the text of `up`
  bool in_transaction = true;
};

/// The migrations of a catalogue, by number.
///
/// Errors   internal: a file under migrate/ with another name, two of one number, or one without
///          its other direction.
[[nodiscard]] Result<std::vector<Migration>> migrations(const SqlCatalog& catalog);

enum class MigrationState : std::uint8_t {
  applied,
  pending,    // this program has it, the database does not
  begun,      // one without a transaction that was not finished
  changed,    // its file is another one than was applied
  newer       // the database has it, this program does not
};

struct MigrationStatus {
  std::int32_t number = 0;
  std::string name;
  MigrationState state = MigrationState::pending;
  std::optional<Timestamp> applied_at;
};

/// What a database has and lacks, by number. Changes nothing.
///
/// Errors   failed_precondition: its table schema_migrations is somebody else's.
[[nodiscard]] Result<std::vector<MigrationStatus>> migration_status(Session& session,
                                                                    const SqlCatalog& catalog);

struct MigrateOptions {
  /// `migrate_down` only: tables with rows may go.
  bool lose_data = false;
  /// `migrate_up` only: later ones are left for another time.
  std::optional<std::int32_t> last = std::nullopt;
  /// How long another one who migrates is waited for (PostgreSQL; a DuckDB file has one owner).
  std::int64_t wait_ms = 10'000;
};

/// Applies, in order, those that are not recorded yet.
///
/// On PostgreSQL only one migrates at a time. A migration that cannot have its locks within three
/// seconds gives them up, so that nobody queues behind it, and is tried again, five times in all.
///
/// Returns  how many were applied.
/// Errors   failed_precondition: an applied file has changed since, the database knows a migration
///          that this program does not (it is newer), or it holds tables of the same names that
///          are not ours; permission_denied: the role may not make tables; invalid_argument: the
///          database is read only; nothing is touched then. unavailable: somebody else migrates, or
///          the tables are in use. And the engine's own.
[[nodiscard]] Result<int> migrate_up(Store& store, const SqlCatalog& catalog,
                                     const MigrateOptions& options = {});

/// Tables that taking back those with a number above `keep` would empty, with rows or without.
[[nodiscard]] Result<std::vector<std::string>> tables_at_stake(Session& session,
                                                               const SqlCatalog& catalog,
                                                               std::int32_t keep);

/// Takes back, newest first, those with a number above `keep`.
/// Errors   as migrate_up; failed_precondition: rows would be lost, and `lose_data` is not set.
[[nodiscard]] Result<int> migrate_down(Store& store, const SqlCatalog& catalog, std::int32_t keep,
                                       const MigrateOptions& options = {});

}  // namespace attune::store
