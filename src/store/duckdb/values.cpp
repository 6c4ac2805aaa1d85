#include "store/duckdb/values.h"

#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

namespace attune::store {

namespace {

template <class T>
T at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

bool is_null(duckdb_vector vector, idx_t row) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

std::string_view string_at(duckdb_vector vector, idx_t row) {
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)) + row;
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

bool is_json(duckdb_logical_type type) {
  char* alias = duckdb_logical_type_get_alias(type);
  const bool json = alias != nullptr && std::string_view(alias) == "JSON";
  duckdb_free(alias);
  return json;
}

ColumnType column_type(duckdb_type type, duckdb_logical_type logical) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return ColumnType::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_INTEGER: return ColumnType::int32;
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT: return ColumnType::int64;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return ColumnType::float64;
    case DUCKDB_TYPE_DECIMAL: return ColumnType::decimal;
    case DUCKDB_TYPE_UUID: return ColumnType::uuid;
    case DUCKDB_TYPE_DATE: return ColumnType::date;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return ColumnType::timestamp;
    case DUCKDB_TYPE_VARCHAR: return is_json(logical) ? ColumnType::json : ColumnType::text;
    default: return ColumnType::text;
  }
}

// sum() of integers is 128 bits wide in DuckDB; what does not fit becomes the nearest double.
Value wide_integer(duckdb_hugeint value) {
  const bool fits = (value.upper == 0 && value.lower <= INT64_MAX) ||
                    (value.upper == -1 && value.lower > static_cast<std::uint64_t>(INT64_MAX));
  if (fits) return static_cast<std::int64_t>(value.lower);
  return duckdb_hugeint_to_double(value);
}

Value wide_integer(duckdb_uhugeint value) {
  if (value.upper == 0 && value.lower <= INT64_MAX) return static_cast<std::int64_t>(value.lower);
  return duckdb_uhugeint_to_double(value);
}

double decimal_at(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  double unscaled = 0;
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT: unscaled = at<std::int16_t>(vector, row); break;
    case DUCKDB_TYPE_INTEGER: unscaled = at<std::int32_t>(vector, row); break;
    case DUCKDB_TYPE_BIGINT: unscaled = static_cast<double>(at<std::int64_t>(vector, row)); break;
    default: unscaled = duckdb_hugeint_to_double(at<duckdb_hugeint>(vector, row)); break;
  }
  // Dividing by an exact power of ten gives the double nearest to the decimal; multiplying would
  // not.
  double divisor = 1;
  for (int i = 0; i < duckdb_decimal_scale(type); ++i) divisor *= 10;
  return unscaled / divisor;
}

struct Binder {
  duckdb_prepared_statement statement;
  idx_t at;

  duckdb_state operator()(Null) const { return duckdb_bind_null(statement, at); }
  duckdb_state operator()(bool value) const { return duckdb_bind_boolean(statement, at, value); }
  duckdb_state operator()(std::int64_t value) const {
    return duckdb_bind_int64(statement, at, value);
  }
  duckdb_state operator()(double value) const { return duckdb_bind_double(statement, at, value); }
  duckdb_state operator()(const std::string& value) const {
    return duckdb_bind_varchar_length(statement, at, value.data(), value.size());
  }
  duckdb_state operator()(const Json& value) const { return (*this)(value.text); }
  duckdb_state operator()(const Uuid& value) const {
    // duckdb_create_uuid wants the plain 128 bits and flips the sign bit itself.
    const duckdb_hugeint stored = uuid_to_hugeint(value);
    const duckdb_uhugeint plain{
        stored.lower, static_cast<std::uint64_t>(stored.upper) ^ (std::uint64_t{1} << 63)};
    const OwnedValue created(duckdb_create_uuid(plain));
    return duckdb_bind_value(statement, at, created.get());
  }
  duckdb_state operator()(Timestamp value) const {
    return duckdb_bind_timestamp_tz(statement, at, duckdb_timestamp{value.us});
  }
  duckdb_state operator()(Date value) const {
    return duckdb_bind_date(statement, at, duckdb_date{value.days});
  }
};

std::uint64_t big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

duckdb_hugeint uuid_to_hugeint(const Uuid& id) {
  const std::uint64_t upper = big_endian(id.bytes.data()) ^ (std::uint64_t{1} << 63);
  return {big_endian(id.bytes.data() + 8), static_cast<std::int64_t>(upper)};
}

Uuid uuid_from_hugeint(duckdb_hugeint value) {
  const std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(upper >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(value.lower >> (56 - 8 * i));
  }
  return id;
}

Result<void> bind_value(duckdb_prepared_statement statement, idx_t at, const Value& value) {
  if (std::visit(Binder{statement, at}, value) == DuckDBSuccess) return {};
  const char* reason = duckdb_prepare_error(statement);
  return fail(ErrorCode::invalid_argument,
              "parameter " + std::to_string(at) + ": " + (reason != nullptr ? reason : "refused"));
}

std::optional<Value> plain_value(duckdb_vector vector, duckdb_type type,
                                 duckdb_logical_type logical, idx_t row) {
  if (is_null(vector, row)) return Null{};
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return at<bool>(vector, row);
    case DUCKDB_TYPE_TINYINT: return std::int64_t{at<std::int8_t>(vector, row)};
    case DUCKDB_TYPE_SMALLINT: return std::int64_t{at<std::int16_t>(vector, row)};
    case DUCKDB_TYPE_INTEGER: return std::int64_t{at<std::int32_t>(vector, row)};
    case DUCKDB_TYPE_BIGINT: return at<std::int64_t>(vector, row);
    case DUCKDB_TYPE_UTINYINT: return std::int64_t{at<std::uint8_t>(vector, row)};
    case DUCKDB_TYPE_USMALLINT: return std::int64_t{at<std::uint16_t>(vector, row)};
    case DUCKDB_TYPE_UINTEGER: return std::int64_t{at<std::uint32_t>(vector, row)};
    case DUCKDB_TYPE_UBIGINT:
      return wide_integer(duckdb_uhugeint{at<std::uint64_t>(vector, row), 0});
    case DUCKDB_TYPE_HUGEINT: return wide_integer(at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_UHUGEINT: return wide_integer(at<duckdb_uhugeint>(vector, row));
    case DUCKDB_TYPE_FLOAT: return double{at<float>(vector, row)};
    case DUCKDB_TYPE_DOUBLE: return at<double>(vector, row);
    case DUCKDB_TYPE_DECIMAL: return decimal_at(vector, logical, row);
    case DUCKDB_TYPE_UUID: return uuid_from_hugeint(at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_DATE: return Date{at<std::int32_t>(vector, row)};
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return Timestamp{at<std::int64_t>(vector, row)};
    case DUCKDB_TYPE_TIMESTAMP_S: return Timestamp{at<std::int64_t>(vector, row) * 1'000'000};
    case DUCKDB_TYPE_TIMESTAMP_MS: return Timestamp{at<std::int64_t>(vector, row) * 1000};
    case DUCKDB_TYPE_TIMESTAMP_NS: return Timestamp{at<std::int64_t>(vector, row) / 1000};
    case DUCKDB_TYPE_VARCHAR: return std::string(string_at(vector, row));
    default: return std::nullopt;
  }
}

Value ColumnReader::read(duckdb_vector vector, idx_t row) const {
  std::optional<Value> value = plain_value(vector, type, logical.get(), row);
  if (!value) return value_text(vector, logical.get(), row);
  if (info.type == ColumnType::json) {
    if (auto* text = std::get_if<std::string>(&*value)) return Json{std::move(*text)};
  }
  return std::move(*value);
}

std::vector<ColumnReader> column_readers(duckdb_result& result) {
  std::vector<ColumnReader> readers(duckdb_column_count(&result));
  for (idx_t i = 0; i < readers.size(); ++i) {
    ColumnReader& reader = readers[i];
    reader.logical = OwnedType(duckdb_column_logical_type(&result, i));
    reader.type = duckdb_get_type_id(reader.logical.get());
    reader.info = {duckdb_column_name(&result, i), column_type(reader.type, reader.logical.get())};
  }
  return readers;
}

}  // namespace attune::store
