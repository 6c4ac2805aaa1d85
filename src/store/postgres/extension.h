// TimescaleDB, Citus and Apache AGE: a database is made for one of them, once (`attune init`), or
// for none. Experimental: docs/extensions.md says what was tried.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace attune::store {

/// Makes a migrated database one for the extension: adds it, gives the tables the shape it wants,
/// their rows included, and writes the choice down, all in one transaction. Does nothing where that
/// was done before.
///
/// Errors   invalid_argument: no such extension; failed_precondition: not PostgreSQL, another
///          choice was made, the server lacks the extension, or TimescaleDB and Citus would be in
///          one database; permission_denied: only a superuser may add it.
[[nodiscard]] Result<void> choose_extension(Session& session, std::string_view name);

/// What the database was made for, held against what it has.
///
/// Returns  its name; empty: for none, or not PostgreSQL.
/// Errors   failed_precondition: the chosen one is gone, or TimescaleDB and Citus are both there.
[[nodiscard]] Result<std::string> check_extension(Session& session);

/// Brings AGE's graph in step with a site's rows of graph_edges, where it was chosen.
[[nodiscard]] Result<void> refresh_extension_graph(Session& session, std::string_view extension,
                                                   const std::string& site_id);

/// Drops chunks of TimescaleDB's hypertables that hold no rows any more, where it was chosen.
///
/// Returns  how many.
[[nodiscard]] Result<std::int64_t> drop_empty_chunks(Session& session, std::string_view extension);

}  // namespace attune::store
