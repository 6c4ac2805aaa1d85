// The batch's arrays are copied vector by vector (2048 rows) into one data chunk that is used again
// and again. Text is not copied here: the chunk's strings point into the batch's arena, which
// outlives the call, and the appender copies them once, into its own buffers.
#include "store/duckdb/bulk_load.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "store/duckdb/handles.h"
#include "store/duckdb/values.h"

namespace attune::store {

namespace {

static_assert(sizeof(Timestamp) == 8 && sizeof(Date) == 4, "copied as DuckDB's own");

struct Target {
  OwnedType logical;
  duckdb_type type = DUCKDB_TYPE_INVALID;
  duckdb_type decimal_storage = DUCKDB_TYPE_INVALID;
  std::int64_t decimal_max = 0;   // largest magnitude an int64 may have here
};

bool fits(ColumnType from, duckdb_type to) {
  switch (from) {
    case ColumnType::boolean: return to == DUCKDB_TYPE_BOOLEAN;
    case ColumnType::int32: return to == DUCKDB_TYPE_INTEGER;
    case ColumnType::int64: return to == DUCKDB_TYPE_BIGINT;
    case ColumnType::float64: return to == DUCKDB_TYPE_DOUBLE;
    case ColumnType::decimal: return to == DUCKDB_TYPE_DECIMAL;
    case ColumnType::text:
    case ColumnType::json: return to == DUCKDB_TYPE_VARCHAR;
    case ColumnType::uuid: return to == DUCKDB_TYPE_UUID;
    case ColumnType::timestamp:
      return to == DUCKDB_TYPE_TIMESTAMP_TZ || to == DUCKDB_TYPE_TIMESTAMP;
    case ColumnType::date: return to == DUCKDB_TYPE_DATE;
  }
  return false;
}

// Every string of the arena is UTF-8 if the whole arena is and no string begins inside a character.
bool is_utf8(const TextColumn& column) {
  const std::string_view bytes = column.bytes();
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return false;
  return std::ranges::none_of(column.ends(), [&](std::size_t end) {
    return end < bytes.size() && (static_cast<unsigned char>(bytes[end]) & 0xC0) == 0x80;
  });
}

class Loader {
 public:
  Loader(duckdb_appender appender, std::string_view table, const ColumnBatch& batch)
      : appender_(appender), table_(table), batch_(batch) {}

  Result<void> run() {
    ATTUNE_TRY(resolve_columns());
    ATTUNE_TRY(check_values());
    const std::size_t rows = batch_.count();
    const std::size_t step = duckdb_vector_size();
    std::vector<duckdb_logical_type> types;
    for (const Target& target : targets_) types.push_back(target.logical.get());
    const OwnedChunk chunk(duckdb_create_data_chunk(types.data(), types.size()));
    for (std::size_t begin = 0; begin < rows; begin += step) {
      const std::size_t count = std::min(step, rows - begin);
      duckdb_data_chunk_reset(chunk.get());
      for (std::size_t i = 0; i < targets_.size(); ++i) {
        fill(duckdb_data_chunk_get_vector(chunk.get(), i), i, begin, count);
      }
      duckdb_data_chunk_set_size(chunk.get(), count);
      if (duckdb_append_data_chunk(appender_, chunk.get()) != DuckDBSuccess) return refused();
    }
    if (duckdb_appender_close(appender_) != DuckDBSuccess) return refused();
    return {};
  }

 private:
  tl::unexpected<Error> refused() const {
    return tl::unexpected<Error>(
        duckdb_appender_failure(appender_).with(fmt::format("appending to {}", table_)));
  }

  tl::unexpected<Error> wrong(ErrorCode code, const Column& column, std::string_view why) const {
    return fail(code, fmt::format("column {}.{}: {}", table_, column.name(), why));
  }

  Result<void> resolve_columns() {
    for (std::size_t i = 0; i < batch_.columns().size(); ++i) {
      const Column& column = *batch_.columns()[i];
      if (duckdb_appender_add_column(appender_, column.name().c_str()) != DuckDBSuccess) {
        return wrong(ErrorCode::not_found, column, "the table has no such column");
      }
      Target target;
      target.logical = OwnedType(duckdb_appender_column_type(appender_, i));
      target.type = duckdb_get_type_id(target.logical.get());
      if (target.type == DUCKDB_TYPE_ENUM && column.type() == ColumnType::text) {
        // The appender casts: words that the enum lacks are refused.
        target.logical = OwnedType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
        target.type = DUCKDB_TYPE_VARCHAR;
      }
      if (!fits(column.type(), target.type)) {
        return wrong(ErrorCode::invalid_argument, column, "its type is another one in the table");
      }
      if (target.type == DUCKDB_TYPE_DECIMAL) ATTUNE_TRY(resolve_decimal(column, target));
      targets_.push_back(std::move(target));
    }
    return {};
  }

  Result<void> resolve_decimal(const Column& column, Target& target) const {
    const auto& decimal = static_cast<const DecimalColumn&>(column);
    if (decimal.scale() != duckdb_decimal_scale(target.logical.get())) {
      return wrong(ErrorCode::invalid_argument, column, "its scale is another one in the table");
    }
    target.decimal_storage = duckdb_decimal_internal_type(target.logical.get());
    const int width = duckdb_decimal_width(target.logical.get());
    target.decimal_max = std::numeric_limits<std::int64_t>::max();
    if (width <= 18) {
      target.decimal_max = 1;
      for (int i = 0; i < width; ++i) target.decimal_max *= 10;
      target.decimal_max -= 1;
    }
    return {};
  }

  Result<void> check_values() const {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const Column& column = *batch_.columns()[i];
      if (targets_[i].type == DUCKDB_TYPE_VARCHAR &&
          !is_utf8(static_cast<const TextColumn&>(column))) {
        return wrong(ErrorCode::invalid_argument, column, "text that is not UTF-8");
      }
      if (targets_[i].type != DUCKDB_TYPE_DECIMAL) continue;
      for (const std::int64_t value : static_cast<const DecimalColumn&>(column).values()) {
        if (value > targets_[i].decimal_max || value < -targets_[i].decimal_max) {
          return wrong(ErrorCode::invalid_argument, column, "a number with too many digits");
        }
      }
    }
    return {};
  }

  template <class C>
  void copy_array(duckdb_vector vector, const Column& column, std::size_t begin,
                  std::size_t count) {
    const auto values = static_cast<const C&>(column).values().subspan(begin, count);
    std::memcpy(duckdb_vector_get_data(vector), values.data(), values.size_bytes());
  }

  template <class T>
  void convert_decimals(duckdb_vector vector, const Column& column, std::size_t begin,
                        std::size_t count) {
    const auto values = static_cast<const DecimalColumn&>(column).values().subspan(begin, count);
    auto* out = static_cast<T*>(duckdb_vector_get_data(vector));
    std::ranges::transform(values, out, [](std::int64_t value) { return static_cast<T>(value); });
  }

  void copy_decimals(duckdb_vector vector, const Target& target, const Column& column,
                     std::size_t begin, std::size_t count) {
    switch (target.decimal_storage) {
      case DUCKDB_TYPE_SMALLINT:
        return convert_decimals<std::int16_t>(vector, column, begin, count);
      case DUCKDB_TYPE_INTEGER: return convert_decimals<std::int32_t>(vector, column, begin, count);
      case DUCKDB_TYPE_BIGINT: return convert_decimals<std::int64_t>(vector, column, begin, count);
      default: break;
    }
    const auto values = static_cast<const DecimalColumn&>(column).values().subspan(begin, count);
    auto* out = static_cast<duckdb_hugeint*>(duckdb_vector_get_data(vector));
    std::ranges::transform(values, out, [](std::int64_t value) {
      return duckdb_hugeint{static_cast<std::uint64_t>(value), value < 0 ? -1 : 0};
    });
  }

  void copy_uuids(duckdb_vector vector, const Column& column, std::size_t begin,
                  std::size_t count) {
    const auto values = static_cast<const UuidColumn&>(column).values().subspan(begin, count);
    std::ranges::transform(values, static_cast<duckdb_hugeint*>(duckdb_vector_get_data(vector)),
                           uuid_to_hugeint);
  }

  void point_to_text(duckdb_vector vector, const Column& column, std::size_t begin,
                     std::size_t count) {
    const auto& text = static_cast<const TextColumn&>(column);
    const std::span<const std::size_t> ends = text.ends();
    const char* bytes = text.bytes().data();
    auto* out = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    std::size_t from = begin == 0 ? 0 : ends[begin - 1];
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t length = ends[begin + i] - from;
      duckdb_string_t& string = out[i];
      string.value.inlined.length = static_cast<std::uint32_t>(length);
      if (length <= sizeof(string.value.inlined.inlined)) {
        // Unused bytes must be zero: DuckDB compares short strings as whole words.
        std::memset(string.value.inlined.inlined, 0, sizeof(string.value.inlined.inlined));
        if (length != 0) std::memcpy(string.value.inlined.inlined, bytes + from, length);
      } else {
        std::memcpy(string.value.pointer.prefix, bytes + from, sizeof(string.value.pointer.prefix));
        string.value.pointer.ptr = const_cast<char*>(bytes + from);   // only read from
      }
      from += length;
    }
  }

  // The batch marks nulls, DuckDB marks the others; `begin` is a multiple of 64.
  void copy_nulls(duckdb_vector vector, const Column& column, std::size_t begin,
                  std::size_t count) {
    const std::span<const std::uint64_t> nulls = column.null_words();
    const std::size_t first = begin / 64;
    if (first >= nulls.size()) return;
    const std::size_t words = std::min((count + 63) / 64, nulls.size() - first);
    if (std::ranges::all_of(nulls.subspan(first, words), [](std::uint64_t w) { return w == 0; })) {
      return;
    }
    duckdb_vector_ensure_validity_writable(vector);
    std::uint64_t* validity = duckdb_vector_get_validity(vector);
    for (std::size_t i = 0; i < words; ++i) validity[i] = ~nulls[first + i];
  }

  void fill(duckdb_vector vector, std::size_t at, std::size_t begin, std::size_t count) {
    const Column& column = *batch_.columns()[at];
    switch (column.type()) {
      case ColumnType::boolean: copy_array<BoolColumn>(vector, column, begin, count); break;
      case ColumnType::int32: copy_array<Int32Column>(vector, column, begin, count); break;
      case ColumnType::int64: copy_array<Int64Column>(vector, column, begin, count); break;
      case ColumnType::float64: copy_array<DoubleColumn>(vector, column, begin, count); break;
      case ColumnType::timestamp: copy_array<TimestampColumn>(vector, column, begin, count); break;
      case ColumnType::date: copy_array<DateColumn>(vector, column, begin, count); break;
      case ColumnType::uuid: copy_uuids(vector, column, begin, count); break;
      case ColumnType::decimal: copy_decimals(vector, targets_[at], column, begin, count); break;
      case ColumnType::text:
      case ColumnType::json: point_to_text(vector, column, begin, count); break;
    }
    copy_nulls(vector, column, begin, count);
  }

  duckdb_appender appender_;
  std::string_view table_;
  const ColumnBatch& batch_;
  std::vector<Target> targets_;
};

}  // namespace

Result<void> bulk_load(duckdb_connection connection, std::string_view table,
                       const ColumnBatch& batch) {
  if (batch.count() == 0) return {};
  OwnedAppender appender;
  const std::string name(table);
  if (duckdb_appender_create(connection, nullptr, name.c_str(), appender.address()) !=
      DuckDBSuccess) {
    const char* reason = duckdb_appender_error(appender.get());
    return fail(ErrorCode::not_found, fmt::format("appending to {}: {}", table,
                                                  reason != nullptr ? reason : "no such table"));
  }
  return Loader(appender.get(), table, batch).run();
}

}  // namespace attune::store
