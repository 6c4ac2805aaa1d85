// Values on their way to PostgreSQL and back, as text: the one form in which a parameter's type
// follows from its use, and in which every type of an ad-hoc answer can be shown.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace attune::store::postgres {

// pg_type.oid of what has a store::Value or a column of a batch.
enum class Oid : unsigned {
  boolean = 16, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, oid = 26, json = 114,
  float4 = 700, float8 = 701, inet = 869, bpchar = 1042, varchar = 1043, date = 1082,
  timestamp = 1114, timestamptz = 1184, numeric = 1700, uuid = 2950, jsonb = 3802
};

/// Parameter text; false: null.
/// Errors   invalid_argument: text with a NUL byte.
[[nodiscard]] Result<bool> to_text(const Value& value, std::string& out);

[[nodiscard]] ColumnType column_type(Oid type);

/// The value of a cell that is not null. Times are expected in UTC and ISO form
/// (store/open.postgres.sql sees to that).
/// Errors   internal: text of another form than the type has.
[[nodiscard]] Result<Value> from_text(Oid type, std::string_view text);

}  // namespace attune::store::postgres
