// `attune migrate`: the state of a database's schema, and changes to it. Works on the database
// itself, not through a server, so that it can be used before one is started.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace attune::commands {

struct MigrateCommand {
  std::string action;                 // "status", "up", "down", "verify", "snapshot"
  std::string data = "./attune-data";
  std::string database;               // postgres://...; empty: as the folder's settings say
  std::string config;
  std::optional<std::int32_t> to;     // down: the newest migration that stays
  bool lose_data = false;
};

/// `attune init --with NAME`: migrates a PostgreSQL database and makes it one for an extension.
///
/// Errors   failed_precondition: a server uses the database; those of store/postgres/extension.h.
[[nodiscard]] Result<void> run_init(const MigrateCommand& command, const std::string& extension);

/// Errors   failed_precondition: a server has the folder open, the schema is not what it should be;
///          not_found: no such folder or database; those of store/migrate.h.
[[nodiscard]] Result<void> run_migrate(const MigrateCommand& command, const Clock& clock);

}  // namespace attune::commands
