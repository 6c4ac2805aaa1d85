#include "serve/account_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/time_zone.h"
#include "collect/draft.h"
#include "serve/json_fields.h"
#include "serve/json_text.h"
#include "serve/value_json.h"

namespace attune::serve {
namespace {

namespace json = boost::json;
using campaign::Column;
using campaign::Kind;
using campaign::Table;
using store::Value;

constexpr std::array<std::string_view, 4> kOwn = {"id", "user_id", "created_at", "updated_at"};

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// A text as the kind of column wants it; stays text when it is not such a one.
Value read_text(Kind kind, std::string text) {
  if (kind == Kind::instant) {
    if (const auto at_ms = collect::parse_iso8601(text)) return store::Timestamp::from_ms(*at_ms);
  } else if (kind == Kind::day) {
    if (const auto day = parse_day(text)) return store::Date{*day};
  } else if (kind == Kind::reference) {
    if (const auto id = Uuid::parse(text)) return *id;
  }
  return text;
}

/// The value as it is; whether the column takes it is campaign/rules.h.
Value value_of(Kind kind, const json::value& given) {
  if (given.is_null()) return store::Null{};
  if (given.is_bool()) return given.get_bool();
  if (const auto* text = given.if_string()) return read_text(kind, std::string(*text));
  if (!given.is_number()) return store::Json{json::serialize(given)};
  if (kind == Kind::whole) {
    json::error_code inexact;
    const auto whole = given.to_number<std::int64_t>(inexact);
    if (!inexact) return whole;
  }
  return given.to_number<double>();
}

Result<void> check_elements(const Column& column, const json::value& given) {
  const json::array* list = given.if_array();
  if (list == nullptr || column.kind != Kind::list || column.words.empty()) return {};
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json::string* text = (*list)[i].if_string();
    const std::string_view word = text == nullptr ? std::string_view() : std::string_view(*text);
    const bool known = std::ranges::find(column.words, word) != column.words.end();
    if (known) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be one of: {}", fmt::join(column.words, ", ")),
                fmt::format("{}[{}]", column.name, i));
  }
  return {};
}

// Schemas -----------------------------------------------------------------------------------------

json::object typed(std::string_view type, bool nullable) {
  if (!nullable) return {{"type", view(type)}};
  return {{"type", json::array{view(type), "null"}}};
}

json::array words_of(const Column& column, bool nullable) {
  json::array words;
  for (const std::string_view word : column.words) words.emplace_back(view(word));
  if (nullable) words.emplace_back(nullptr);
  return words;
}

json::object number_schema(const Column& column, bool nullable) {
  json::object schema = typed(column.kind == Kind::whole ? "integer" : "number", nullable);
  if (column.low > -std::numeric_limits<double>::max()) {
    schema[column.low_open ? "exclusiveMinimum" : "minimum"] = column.low;
  }
  if (column.high < std::numeric_limits<double>::max()) {
    schema[column.high_open ? "exclusiveMaximum" : "maximum"] = column.high;
  }
  return schema;
}

json::object list_schema(const Column& column) {
  json::object schema = typed("array", false);
  if (!column.words.empty()) {
    schema["items"] = json::object{{"type", "string"}, {"enum", words_of(column, false)}};
  }
  return schema;
}

json::object schema_of(const Column& column) {
  const bool nullable = column.nullable() || !column.writable;
  json::object schema;
  switch (column.kind) {
    case Kind::text:
      schema = typed("string", nullable);
      schema["maxLength"] = column.bytes_max;
      return schema;
    case Kind::word:
      schema = typed("string", nullable);
      schema["enum"] = words_of(column, nullable);
      return schema;
    case Kind::number:
    case Kind::money:
    case Kind::whole: return number_schema(column, nullable);
    case Kind::flag: return typed("boolean", nullable);
    case Kind::instant:
    case Kind::day:
    case Kind::reference:
      schema = typed("string", nullable);
      schema["format"] = column.kind == Kind::instant ? "date-time"
                         : column.kind == Kind::day   ? "date"
                                                      : "uuid";
      if (column.kind == Kind::reference) {
        schema["description"] = fmt::format("A row of {}.", column.target);
      }
      return schema;
    case Kind::object: return typed("object", false);
    case Kind::list: break;
  }
  return list_schema(column);
}

json::object object_of(json::object properties, json::array required) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)}};
}

void add_schemas(const Table& table, json::object& schemas) {
  json::object all = {{"id", {{"type", "string"}, {"format", "uuid"}}},
                      {"user_id", {{"type", "integer"}, {"description", "The account."}}}};
  json::object written;
  json::array required;
  for (const Column& column : table.columns) {
    const json::object schema = schema_of(column);
    all[view(column.name)] = schema;
    if (column.writable) written[view(column.name)] = schema;
    if (column.required) required.emplace_back(view(column.name));
  }
  for (const char* time : {"created_at", "updated_at"}) {
    all[time] = json::object{{"type", "string"}, {"format", "date-time"}};
  }
  json::array everything;
  for (const auto& property : all) everything.emplace_back(property.key());
  const std::string name(table.schema);
  schemas[name] = object_of(std::move(all), std::move(everything));
  schemas["New" + name] = object_of(written, std::move(required));
  schemas[name + "Change"] = object_of(std::move(written), {});
  const json::object row = {{"$ref", "#/components/schemas/" + name}};
  json::object list = {
      {view(table.name), {{"type", "array"}, {"items", row}}},
      {"more", {{"type", "boolean"}, {"description", "There are rows behind these."}}}};
  if (table.name == "ab_tests") {
    list["summaries"] = json::object{
        {"type", "object"},
        {"description", "By id; only when they are asked for."},
        {"additionalProperties", {{"$ref", "#/components/schemas/TestSummary"}}}};
  }
  schemas[name + "List"] = object_of(std::move(list), {view(table.name), "more"});
}

}  // namespace

Result<campaign::Fields> read_fields(const Table& table, std::string_view body) {
  ATTUNE_ASSIGN(const json::value given, parse_json(body));
  const json::object* object = given.if_object();
  if (object == nullptr) return fail(ErrorCode::invalid_argument, "must be an object", "body");
  campaign::Fields fields(table.columns.size());
  for (const auto& member : *object) {
    const std::string_view name(member.key());
    const auto at = table.find(name);
    if (!at || !table.columns[*at].writable) {
      const bool known = at || std::ranges::find(kOwn, name) != kOwn.end();
      return fail(ErrorCode::invalid_argument, known ? "is read only" : "unknown field",
                  std::string(name));
    }
    ATTUNE_TRY(check_elements(table.columns[*at], member.value()));
    fields[*at] = value_of(table.columns[*at].kind, member.value());
  }
  return fields;
}

void append_row(std::string& out, const Table& table, const campaign::Row& row) {
  const auto field = [&out](std::string_view name, const Value& value) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":";
    append_value(out, value);
  };
  out += "{";
  field("id", row[0]);
  field("user_id", row[1]);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    field(table.columns[i].name, row[2 + i]);
  }
  field("created_at", row[row.size() - 2]);
  field("updated_at", row[row.size() - 1]);
  out += "}";
}

json::object account_schemas() {
  json::object schemas;
  for (const Table& table : campaign::tables()) add_schemas(table, schemas);
  return schemas;
}

}  // namespace attune::serve
