#include "etl/table_dump.h"

#include <array>
#include <type_traits>
#include <variant>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/time_zone.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::etl {
namespace {

using store::Value;

std::string text_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, store::Null>) return "null";
        else if constexpr (std::is_same_v<T, bool>) return held ? "true" : "false";
        else if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(held);
        else if constexpr (std::is_same_v<T, double>) return number_text(held);
        else if constexpr (std::is_same_v<T, std::string>) return held;
        else if constexpr (std::is_same_v<T, Uuid>) return held.text();
        else if constexpr (std::is_same_v<T, store::Timestamp>)
          return std::to_string(held.us / 1000);
        else if constexpr (std::is_same_v<T, store::Date>) return day_text(held.days);
        else return held.text;
      },
      value);
}

std::string without_spaces(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(json).get(element) != simdjson::SUCCESS) return json;
  return simdjson::minify(element);
}

constexpr std::array kTables = {
    "events_log",     "user_sessions", "pageviews",       "user_events",
    "form_submissions", "orders",      "user_product_interactions", "users",
    "product",        "recommendations", "daily_site_metrics"};

}  // namespace

TextTables dump_tables(store::Session& session) {
  TextTables tables;
  for (const std::string table : kTables) {
    const std::array parameters{Value{std::int64_t{0}},
                                Value{std::numeric_limits<std::int64_t>::max()}};
    const auto rows = session.query("etl/compare." + table, parameters, {.rows_max = 1'000'000});
    if (!rows) {
      ADD_FAILURE() << table << ": " << rows.error().message();
      continue;
    }
    for (const auto& values : rows->rows) {
      TextRow row;
      for (std::size_t column = 0; column < values.size(); ++column) {
        const std::string& name = rows->columns[column].name;
        row[name] = text_of(values[column]);
        if (name == "event_data") row[name] = without_spaces(row[name]);
      }
      std::string key = text_of(values[0]);
      if (table == "recommendations") key += "/" + row["rank"];
      EXPECT_TRUE(tables[table].emplace(key, std::move(row)).second)
          << "two rows of " << table << " with key " << key;
    }
  }
  return tables;
}

std::string first_difference(const TextTables& expected, const TextTables& actual) {
  for (const std::string table : kTables) {
    static const std::map<std::string, TextRow> kNoRows;
    const auto& left = expected.contains(table) ? expected.at(table) : kNoRows;
    const auto& right = actual.contains(table) ? actual.at(table) : kNoRows;
    for (const auto& [key, row] : left) {
      const auto found = right.find(key);
      if (found == right.end()) return table + " " + key + ": the row is missing";
      for (const auto& [column, value] : found->second) {
        const auto wanted = row.find(column);
        if (wanted == row.end()) return table + "." + column + ": nothing is expected of it";
        if (wanted->second != value) {
          return table + " " + key + " " + column + ": expected " + wanted->second + ", found " +
                 value;
        }
      }
      if (row.size() != found->second.size()) return table + " " + key + ": columns are missing";
    }
    for (const auto& [key, row] : right) {
      if (!left.contains(key)) return table + " " + key + ": a row too many";
    }
  }
  return "";
}

std::unique_ptr<store::Store> memory_store() {
  auto store = store::open_duckdb({.file = {}, .threads = 1});
  if (!store) {
    ADD_FAILURE() << store.error().message();
    return nullptr;
  }
  const auto migrated = (*store)->migrate();
  EXPECT_TRUE(migrated) << migrated.error().message();
  return std::move(*store);
}

}  // namespace attune::etl
