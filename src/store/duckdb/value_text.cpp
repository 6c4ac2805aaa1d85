// Text of values that have no store::Value: intervals, times, enums, blobs, lists, structs, maps.
// Only ad-hoc queries meet them; the form is that of DuckDB's own shell.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "store/duckdb/values.h"

namespace attune::store {

namespace {

template <class T>
T at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

std::string clock_text(std::int64_t us) {
  const std::int64_t seconds = us / 1'000'000;
  const std::int64_t fraction = us % 1'000'000;
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) text += fmt::format(".{:06}", fraction);
  return text;
}

std::string interval_text(duckdb_interval interval) {
  std::string text;
  const auto add = [&](std::int64_t count, std::string_view unit) {
    if (count == 0) return;
    const bool one = count == 1 || count == -1;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : " ", count, unit, one ? "" : "s");
  };
  add(interval.months / 12, "year");
  add(interval.months % 12, "month");
  add(interval.days, "day");
  if (interval.micros != 0 || text.empty()) {
    if (!text.empty()) text += ' ';
    if (interval.micros < 0) text += '-';
    text += clock_text(std::llabs(interval.micros));
  }
  return text;
}

std::string blob_text(duckdb_vector vector, idx_t row) {
  auto* blob = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)) + row;
  const std::string_view bytes(duckdb_string_t_data(blob), duckdb_string_t_length(*blob));
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\') text += c;
    else text += fmt::format("\\x{:02X}", byte);
  }
  return text;
}

std::string enum_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  idx_t at_index = 0;
  switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT: at_index = at<std::uint8_t>(vector, row); break;
    case DUCKDB_TYPE_USMALLINT: at_index = at<std::uint16_t>(vector, row); break;
    default: at_index = at<std::uint32_t>(vector, row); break;
  }
  char* name = duckdb_enum_dictionary_value(type, at_index);
  std::string text = name;
  duckdb_free(name);
  return text;
}

std::string elements_text(duckdb_vector child, duckdb_logical_type type, idx_t begin, idx_t count) {
  std::string text = "[";
  for (idx_t i = 0; i < count; ++i) {
    if (i != 0) text += ", ";
    text += value_text(child, type, begin + i);
  }
  return text + "]";
}

std::string struct_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  std::string text = "{";
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    char* name = duckdb_struct_type_child_name(type, i);
    const OwnedType child(duckdb_struct_type_child_type(type, i));
    text += fmt::format("{}'{}': {}", i == 0 ? "" : ", ", name,
                        value_text(duckdb_struct_vector_get_child(vector, i), child.get(), row));
    duckdb_free(name);
  }
  return text + "}";
}

std::string map_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  const auto entry = at<duckdb_list_entry>(vector, row);
  const OwnedType key_type(duckdb_map_type_key_type(type));
  const OwnedType value_type(duckdb_map_type_value_type(type));
  duckdb_vector pairs = duckdb_list_vector_get_child(vector);
  std::string text = "{";
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    text += fmt::format("{}{}={}", i == entry.offset ? "" : ", ",
                        value_text(duckdb_struct_vector_get_child(pairs, 0), key_type.get(), i),
                        value_text(duckdb_struct_vector_get_child(pairs, 1), value_type.get(), i));
  }
  return text + "}";
}

// A value that has a store::Value, met inside a nested one.
std::string plain_text(const Value& value) {
  struct Print {
    std::string operator()(Null) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const Json& value) const { return value.text; }
    std::string operator()(const Uuid& value) const { return value.text(); }
    std::string operator()(Timestamp value) const { return utc_text(value.us / 1000); }
    std::string operator()(Date value) const { return day_text(value.days); }
  };
  return std::visit(Print{}, value);
}

}  // namespace

std::string value_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return "NULL";
  const duckdb_type id = duckdb_get_type_id(type);
  switch (id) {
    case DUCKDB_TYPE_INTERVAL: return interval_text(at<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_TIME: return clock_text(at<std::int64_t>(vector, row));
    case DUCKDB_TYPE_ENUM: return enum_text(vector, type, row);
    case DUCKDB_TYPE_BLOB: return blob_text(vector, row);
    case DUCKDB_TYPE_LIST: {
      const auto entry = at<duckdb_list_entry>(vector, row);
      const OwnedType child(duckdb_list_type_child_type(type));
      return elements_text(duckdb_list_vector_get_child(vector), child.get(), entry.offset,
                           entry.length);
    }
    case DUCKDB_TYPE_ARRAY: {
      const OwnedType child(duckdb_array_type_child_type(type));
      const idx_t size = duckdb_array_type_array_size(type);
      return elements_text(duckdb_array_vector_get_child(vector), child.get(), row * size, size);
    }
    case DUCKDB_TYPE_STRUCT: return struct_text(vector, type, row);
    case DUCKDB_TYPE_MAP: return map_text(vector, type, row);
    case DUCKDB_TYPE_SQLNULL: return "NULL";
    default: break;
  }
  const std::optional<Value> value = plain_value(vector, id, type, row);
  return value ? plain_text(*value) : "(cast to varchar to see this)";
}

}  // namespace attune::store
