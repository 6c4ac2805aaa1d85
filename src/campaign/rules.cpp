#include "campaign/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <variant>

namespace attune::campaign {
namespace {

using store::Value;

constexpr std::size_t kFirstColumn = 2;   // behind id and user_id

tl::unexpected<Error> refuse(const Column& column, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::string(column.name));
}

std::string bounds_text(const Column& column) {
  std::string text = column.kind == Kind::whole ? "must be a whole number" : "must be a number";
  if (column.low > -std::numeric_limits<double>::max()) {
    text += fmt::format(" {} {}", column.low_open ? "above" : "of at least", column.low);
  }
  if (column.high < std::numeric_limits<double>::max()) {
    text += fmt::format("{} {} {}", text.ends_with("number") ? "" : " and",
                        column.high_open ? "below" : "at most", column.high);
  }
  return text;
}

Result<void> check_number(const Column& column, double number) {
  const bool low = column.low_open ? number > column.low : number >= column.low;
  const bool high = column.high_open ? number < column.high : number <= column.high;
  if (std::isfinite(number) && low && high) return {};
  return refuse(column, bounds_text(column));
}

Result<void> check_text(const Column& column, const std::string& text) {
  if (text.find('\0') != std::string::npos) return refuse(column, "must not hold a NUL byte");
  if (text.size() > column.bytes_max) {
    return refuse(column, fmt::format("must be text of at most {} bytes", column.bytes_max));
  }
  if (column.required && text.empty()) return refuse(column, "must not be empty");
  return {};
}

Result<void> check_json(const Column& column, const std::string& text) {
  const char open = column.kind == Kind::object ? '{' : '[';
  if (text.empty() || text.front() != open) {
    return refuse(column, open == '{' ? "must be an object" : "must be an array");
  }
  if (text.size() > kTextBytesMax) {
    return refuse(column, fmt::format("must be JSON of at most {} bytes", kTextBytesMax));
  }
  return {};
}

/// A number to compare a value by; nullopt: it is null, or has no order.
std::optional<double> order_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* date = std::get_if<store::Date>(&value)) return date->days;
  if (const auto* at = std::get_if<store::Timestamp>(&value)) return static_cast<double>(at->us);
  return std::nullopt;
}

}  // namespace

Value fallback_of(const Column& column) {
  if (!column.fallback) return store::Null{};
  const std::string text(*column.fallback);
  switch (column.kind) {
    case Kind::number:
    case Kind::money:
    case Kind::whole: {
      double number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      if (column.kind == Kind::whole) return static_cast<std::int64_t>(number);
      return number;
    }
    case Kind::flag: return text == "true";
    case Kind::object:
    case Kind::list: return store::Json{text};
    default: return text;
  }
}

Result<void> check_value(const Column& column, const Value& value) {
  if (std::holds_alternative<store::Null>(value)) {
    if (column.nullable()) return {};
    return refuse(column, column.required ? "is required" : "must not be null");
  }
  switch (column.kind) {
    case Kind::text:
      if (const auto* text = std::get_if<std::string>(&value)) return check_text(column, *text);
      return refuse(column, "must be text");
    case Kind::word: {
      const auto* text = std::get_if<std::string>(&value);
      const bool known =
          text != nullptr && std::ranges::find(column.words, *text) != column.words.end();
      if (known) return {};
      return refuse(column, fmt::format("must be one of: {}", fmt::join(column.words, ", ")));
    }
    case Kind::number:
    case Kind::money:
      if (const auto* number = std::get_if<double>(&value)) return check_number(column, *number);
      return refuse(column, bounds_text(column));
    case Kind::whole:
      if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return check_number(column, static_cast<double>(*whole));
      }
      return refuse(column, bounds_text(column));
    case Kind::flag:
      if (std::holds_alternative<bool>(value)) return {};
      return refuse(column, "must be true or false");
    case Kind::instant:
      if (std::holds_alternative<store::Timestamp>(value)) return {};
      return refuse(column, "must be a time such as 2026-11-21T08:00:00Z");
    case Kind::day:
      if (std::holds_alternative<store::Date>(value)) return {};
      return refuse(column, "must be a day such as 2026-11-21");
    case Kind::object:
    case Kind::list:
      if (const auto* json = std::get_if<store::Json>(&value)) {
        return check_json(column, json->text);
      }
      return refuse(column, column.kind == Kind::object ? "must be an object" : "must be an array");
    case Kind::reference:
      if (std::holds_alternative<Uuid>(value)) return {};
      return refuse(column, "must be a UUID");
  }
  return {};
}

Result<void> check_order(const Table& table, std::span<const Value> row) {
  if (table.low.empty()) return {};
  const auto low = order_of(row[kFirstColumn + *table.find(table.low)]);
  const auto high = order_of(row[kFirstColumn + *table.find(table.high)]);
  if (!low || !high || *low <= *high) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("must not be above {}", table.high),
              std::string(table.low));
}

}  // namespace attune::campaign
