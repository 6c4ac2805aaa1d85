// Appends a ColumnBatch to a table by data chunks.
#pragma once

#include <duckdb.h>

#include <string_view>

#include "base/result.h"
#include "store/column_batch.h"

namespace attune::store {

/// Errors  not_found: no such table or column; invalid_argument: a column has another type than the
///         table's, a decimal does not fit, text is not UTF-8, a row breaks a constraint;
///         already_exists: a key is there already; and the engine's own.
[[nodiscard]] Result<void> bulk_load(duckdb_connection connection, std::string_view table,
                                     const ColumnBatch& batch);

}  // namespace attune::store
