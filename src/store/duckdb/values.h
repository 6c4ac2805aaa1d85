// Between store::Value and DuckDB: parameters in, vectors of a result out.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/duckdb/handles.h"
#include "store/store.h"

namespace attune::store {

/// Binds a value to parameter `at` (from 1) of a prepared statement.
/// Errors  invalid_argument: the engine refuses it.
[[nodiscard]] Result<void> bind_value(duckdb_prepared_statement statement, idx_t at,
                                      const Value& value);

/// How values of one result column are read. Types without one of ours become text.
struct ColumnReader {
  ColumnInfo info;
  duckdb_type type = DUCKDB_TYPE_INVALID;
  OwnedType logical;

  /// The value at `row` of a chunk's vector for this column.
  Value read(duckdb_vector vector, idx_t row) const;
};

/// Readers for all columns of a result.
std::vector<ColumnReader> column_readers(duckdb_result& result);

/// A UUID as DuckDB stores it (signed, so that it sorts) and back.
duckdb_hugeint uuid_to_hugeint(const Uuid& id);
Uuid uuid_from_hugeint(duckdb_hugeint value);

/// The value where its type is one of ours (JSON comes as text), nullopt for every other type.
/// logical  is asked only for decimals.
std::optional<Value> plain_value(duckdb_vector vector, duckdb_type type,
                                 duckdb_logical_type logical, idx_t row);

/// Any value as text, nested ones included: what `attune query` shows for types without a Value.
std::string value_text(duckdb_vector vector, duckdb_logical_type type, idx_t row);

}  // namespace attune::store
