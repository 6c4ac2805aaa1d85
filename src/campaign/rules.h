// Whether values may be stored in a row of an account's table, before any database is asked.
#pragma once

#include "base/result.h"
#include "campaign/tables.h"
#include "store/store.h"

namespace attune::campaign {

/// The value a column gets when none is given; Null when it has none.
store::Value fallback_of(const Column& column);

/// Errors   invalid_argument with the column's name: another type, not one of its words, out of
///          range, too long, null where it may not be.
[[nodiscard]] Result<void> check_value(const Column& column, const store::Value& value);

/// Holds `low` of the table against `high`; row as stored: id, user_id, columns.
[[nodiscard]] Result<void> check_order(const Table& table, std::span<const store::Value> row);

}  // namespace attune::campaign
