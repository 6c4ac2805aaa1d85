// Numbered schema changes: sql/migrate/0001_name.up.sql and .down.sql. Each runs in a transaction
// of its own together with its record in schema_migrations, which keeps a hash of the file.
#pragma once

#include <cstdint>
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
};

/// The migrations of a catalogue, by number.
///
/// Errors   internal: a file under migrate/ with another name, two of one number, or one without
///          its other direction.
[[nodiscard]] Result<std::vector<Migration>> migrations(const SqlCatalog& catalog);

/// Applies, in order, those that are not recorded yet.
///
/// Returns  how many were applied.
/// Errors   failed_precondition: an applied file has changed since, or the database knows a
///          migration that this program does not (it is newer). Nothing is applied then. And the
///          engine's own.
[[nodiscard]] Result<int> migrate_up(Session& session, const SqlCatalog& catalog);

/// Takes back, newest first, those with a number above `keep`.
/// Errors   as migrate_up.
[[nodiscard]] Result<int> migrate_down(Session& session, const SqlCatalog& catalog,
                                       std::int32_t keep);

}  // namespace attune::store
