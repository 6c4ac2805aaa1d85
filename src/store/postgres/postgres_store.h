// PostgreSQL behind the narrow interface: a bounded pool of connections, statements prepared on
// each, batches by binary COPY.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/sql_catalog.h"
#include "store/store.h"

namespace attune::store {

struct PostgresSettings {
  /// "postgres://user:password@host:port/database", as libpq reads it.
  std::string url;
  /// Connections at most, those of ad-hoc queries included. 2 .. 1000.
  std::size_t connections_max = 16;
  /// How long a session waits for one of them; then resource_exhausted.
  std::int64_t wait_ms = 5'000;
  /// What a statement of Session::execute may take.
  std::int64_t execute_timeout_ms = 600'000;
};

/// Connects once, so that what is wrong shows now. Migrations are not applied: call Store::migrate.
/// Sessions hold a connection of the pool until they are gone. One that broke is opened again at
/// the next call outside a transaction; between attempts that fail lie 0.1 s, then up to 5 s, in
/// which calls fail at once.
///
/// Errors   unavailable: nobody answers; permission_denied: not with this role or password;
///          not_found: no such database; invalid_argument: not a connection URL;
///          failed_precondition: a server older than 15.
/// Threads  the store: any. Its sessions: one thread each.
[[nodiscard]] Result<std::unique_ptr<Store>> open_postgres(const PostgresSettings& settings);

/// The same with other SQL files than the program's own (which must include those of sql/store).
[[nodiscard]] Result<std::unique_ptr<Store>> open_postgres(const PostgresSettings& settings,
                                                           SqlCatalog catalog);

}  // namespace attune::store
