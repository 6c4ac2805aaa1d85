#include "store/postgres/values.h"

#include <date/date.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <type_traits>
#include <variant>

namespace attune::store::postgres {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

std::string date_text(std::int32_t days) {
  const date::year_month_day day{date::sys_days{date::days{days}}};
  const int year = static_cast<int>(day.year());
  // The year before 1 is "1 BC" there.
  return fmt::format("{:04}-{:02}-{:02}{}", year > 0 ? year : 1 - year,
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     year > 0 ? "" : " BC");
}

std::string timestamp_text(std::int64_t us) {
  std::int64_t days = us / kDayUs;
  std::int64_t rest = us % kDayUs;
  if (rest < 0) {
    rest += kDayUs;
    --days;
  }
  std::string day = date_text(static_cast<std::int32_t>(days));
  const bool before = day.ends_with(" BC");
  if (before) day.resize(day.size() - 3);
  const std::int64_t seconds = rest / 1'000'000;
  return fmt::format("{} {:02}:{:02}:{:02}.{:06}+00{}", day, seconds / 3600, seconds / 60 % 60,
                     seconds % 60, rest % 1'000'000, before ? " BC" : "");
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

template <class Number>
bool read_number(std::string_view& text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

Error unreadable(std::string_view what, std::string_view text) {
  return {ErrorCode::internal, fmt::format("the database answered '{}' for a {}", text, what)};
}

/// "2026-11-21"; moves behind it.
bool read_days(std::string_view& text, std::int32_t& days) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!read_number(text, year) || !take(text, '-') || !read_number(text, month) ||
      !take(text, '-') || !read_number(text, day)) {
    return false;
  }
  const date::year_month_day read{date::year{year}, date::month{month}, date::day{day}};
  if (!read.ok()) return false;
  days = date::sys_days{read}.time_since_epoch().count();
  return true;
}

std::int32_t before_christ(std::int32_t days) {
  const date::year_month_day day{date::sys_days{date::days{days}}};
  const date::year year{1 - static_cast<int>(day.year())};
  return date::sys_days{date::year_month_day{year, day.month(), day.day()}}
      .time_since_epoch()
      .count();
}

Result<Value> read_date(std::string_view whole) {
  std::string_view text = whole;
  if (text == "infinity") return Date{std::numeric_limits<std::int32_t>::max()};
  if (text == "-infinity") return Date{std::numeric_limits<std::int32_t>::min()};
  std::int32_t days = 0;
  if (!read_days(text, days)) return tl::unexpected<Error>(unreadable("date", whole));
  return Date{text == " BC" ? before_christ(days) : days};
}

Result<Value> read_timestamp(std::string_view whole) {
  std::string_view text = whole;
  if (text == "infinity") return Timestamp{std::numeric_limits<std::int64_t>::max()};
  if (text == "-infinity") return Timestamp{std::numeric_limits<std::int64_t>::min()};
  std::int32_t days = 0;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  if (!read_days(text, days) || !take(text, ' ') || !read_number(text, hours) ||
      !take(text, ':') || !read_number(text, minutes) || !take(text, ':') ||
      !read_number(text, seconds)) {
    return tl::unexpected<Error>(unreadable("timestamp", whole));
  }
  std::int64_t us = 0;
  if (take(text, '.')) {
    std::int64_t weight = 100'000;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
      us += (text.front() - '0') * weight;
      weight /= 10;
    }
  }
  if (text.starts_with("+00")) text.remove_prefix(3);
  if (text == " BC") days = before_christ(days);
  return Timestamp{days * kDayUs + ((hours * 60 + minutes) * 60 + seconds) * 1'000'000 + us};
}

Result<Value> read_double(std::string_view whole) {
  if (whole == "NaN") return std::nan("");
  if (whole == "Infinity") return std::numeric_limits<double>::infinity();
  if (whole == "-Infinity") return -std::numeric_limits<double>::infinity();
  std::string_view text = whole;
  double value = 0;
  if (!read_number(text, value)) return tl::unexpected<Error>(unreadable("number", whole));
  return value;
}

}  // namespace

Result<bool> to_text(const Value& value, std::string& out) {
  return std::visit(
      [&](const auto& given) -> Result<bool> {
        using T = std::decay_t<decltype(given)>;
        if constexpr (std::is_same_v<T, Null>) {
          return false;
        } else if constexpr (std::is_same_v<T, bool>) {
          out = given ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          out = std::to_string(given);
        } else if constexpr (std::is_same_v<T, double>) {
          out = double_text(given);
        } else if constexpr (std::is_same_v<T, Uuid>) {
          out = given.text();
        } else if constexpr (std::is_same_v<T, Timestamp>) {
          out = timestamp_text(given.us);
        } else if constexpr (std::is_same_v<T, Date>) {
          out = date_text(given.days);
        } else {
          if constexpr (std::is_same_v<T, Json>) {
            out = given.text;
          } else {
            out = given;
          }
          if (out.find('\0') != std::string::npos) {
            return fail(ErrorCode::invalid_argument, "text holds a NUL byte");
          }
        }
        return true;
      },
      value);
}

ColumnType column_type(Oid type) {
  switch (type) {
    case Oid::boolean: return ColumnType::boolean;
    case Oid::int2:
    case Oid::int4: return ColumnType::int32;
    case Oid::int8:
    case Oid::oid: return ColumnType::int64;
    case Oid::float4:
    case Oid::float8: return ColumnType::float64;
    case Oid::numeric: return ColumnType::decimal;
    case Oid::uuid: return ColumnType::uuid;
    case Oid::date: return ColumnType::date;
    case Oid::timestamp:
    case Oid::timestamptz: return ColumnType::timestamp;
    case Oid::json:
    case Oid::jsonb: return ColumnType::json;
    default: return ColumnType::text;
  }
}

Result<Value> from_text(Oid type, std::string_view text) {
  switch (column_type(type)) {
    case ColumnType::boolean: return text == "t";
    case ColumnType::int32:
    case ColumnType::int64: {
      std::int64_t number = 0;
      std::string_view rest = text;
      if (!read_number(rest, number)) return tl::unexpected<Error>(unreadable("number", text));
      return number;
    }
    case ColumnType::float64:
    case ColumnType::decimal: return read_double(text);
    case ColumnType::uuid: {
      ATTUNE_ASSIGN(const Uuid id, Uuid::parse(text));
      return id;
    }
    case ColumnType::timestamp: return read_timestamp(text);
    case ColumnType::date: return read_date(text);
    case ColumnType::json: return Json{std::string(text)};
    case ColumnType::text: break;
  }
  return std::string(text);
}

}  // namespace attune::store::postgres
