// What `attune migrate down` would lose, put aside first.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "commands/migrate.h"
#include "store/store.h"

namespace attune::commands {

/// Opens the database again after its file was copied.
using OpenAgain = Result<std::unique_ptr<store::Store>> (*)(const MigrateCommand&);

/// Copies the tables with rows that going down to `keep` takes away: of a data folder the whole
/// database file, into a folder beside it; on PostgreSQL the tables, into a schema of their own.
///
/// opened   closed and opened again where its file is copied.
/// Returns  where the copy is, in words; empty: there are no rows.
/// Errors   unavailable: no room, or no such file; those of the database. Nothing was taken back.
[[nodiscard]] Result<std::string> keep_tables(const MigrateCommand& command, std::int32_t keep,
                                              std::int64_t now_ms,
                                              std::unique_ptr<store::Store>& opened,
                                              OpenAgain open_again);

}  // namespace attune::commands
