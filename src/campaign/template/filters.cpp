#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "campaign/template/escape.h"
#include "campaign/template/values.h"

namespace attune::campaign::liquid {
namespace {

namespace json = boost::json;
using Arguments = std::vector<json::value>;

constexpr std::size_t kValueBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPartsMax = 10'000;   // of split

json::value text_value(std::string_view text) {
  return json::value(json::string_view(text.data(), text.size()));
}

Result<json::value> bounded(std::string text) {
  if (text.size() <= kValueBytesMax) return text_value(text);
  return fail(ErrorCode::resource_exhausted,
              fmt::format("a value grows over {} bytes", kValueBytesMax));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count-- == 0) break;
  }
  return at;
}

/// Latin, Greek and Cyrillic letters of two bytes change their second one, or both.
std::uint32_t changed_case(std::uint32_t c, bool up) {
  const std::uint32_t small = c + 32;
  const bool is_capital = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
                          (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) || (c >= 0x410 && c <= 0x42F);
  if (is_capital) return up ? c : small;
  const std::uint32_t capital = c - 32;
  const bool is_small = (c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7) ||
                        (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) || (c >= 0x430 && c <= 0x44F);
  return up && is_small ? capital : c;
}

std::string with_case(std::string_view text, bool up) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      out += static_cast<char>(changed_case(first, up));
    } else if (first >= 0xC3 && first <= 0xD1 && i + 1 < text.size() &&
               (static_cast<unsigned char>(text[i + 1]) & 0xC0U) == 0x80U) {
      const auto second = static_cast<unsigned char>(text[++i]);
      const std::uint32_t c = changed_case(((first & 0x1FU) << 6U) | (second & 0x3FU), up);
      out += static_cast<char>(0xC0U | (c >> 6U));
      out += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string capitalized(std::string_view text) {
  const std::size_t first = bytes_of(text, 1);
  return with_case(text.substr(0, first), true) + with_case(text.substr(first), false);
}

std::string stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

/// At most `count` characters, with the ending, as Liquid counts.
std::string truncated(std::string_view text, const Arguments& arguments) {
  const double asked = arguments.empty() ? 50 : number_of(arguments[0]).value_or(50);
  const auto count = static_cast<std::size_t>(std::clamp(asked, 0.0, 1e6));
  const std::string ending = arguments.size() > 1 ? text_of(arguments[1]) : "...";
  if (characters(text) <= count) return std::string(text);
  const std::size_t kept = count - std::min(count, characters(ending));
  return std::string(text.substr(0, bytes_of(text, kept))) + ending;
}

Result<std::string> replaced(std::string_view text, const Arguments& arguments) {
  const std::string from = text_of(arguments[0]);
  const std::string to = arguments.size() > 1 ? text_of(arguments[1]) : "";
  if (from.empty()) return std::string(text);
  std::string out;
  for (;;) {
    const std::size_t at = text.find(from);
    out += text.substr(0, at);
    if (out.size() > kValueBytesMax) {
      return fail(ErrorCode::resource_exhausted, "a value grows too large");
    }
    if (at == std::string_view::npos) return out;
    out += to;
    text.remove_prefix(at + from.size());
  }
}

json::value split(std::string_view text, const std::string& by) {
  json::array parts;
  while (parts.size() + 1 < kPartsMax && !text.empty()) {
    const std::size_t at = by.empty() ? bytes_of(text, 1) : text.find(by);
    if (at == std::string_view::npos) break;
    parts.push_back(text_value(text.substr(0, at)));
    text.remove_prefix(at + by.size());
  }
  if (!text.empty()) parts.push_back(text_value(text));
  return parts;
}

Result<json::value> joined(const json::value& value, const Arguments& arguments) {
  if (!value.is_array()) return value;
  const std::string between = arguments.empty() ? " " : text_of(arguments[0]);
  std::string out;
  for (const json::value& each : value.get_array()) {
    if (&each != &value.get_array().front()) out += between;
    out += text_of(each);
    if (out.size() > kValueBytesMax) break;
  }
  return bounded(std::move(out));
}

json::value size_of(const json::value& value) {
  if (value.is_string()) return static_cast<std::int64_t>(characters(value.get_string()));
  if (value.is_array()) return static_cast<std::int64_t>(value.get_array().size());
  if (value.is_object()) return static_cast<std::int64_t>(value.get_object().size());
  return std::int64_t{0};
}

/// A whole number where it is one.
json::value number_value(double number, bool whole) {
  if (!std::isfinite(number)) return {};
  if (whole && std::fabs(number) < 9e15) return static_cast<std::int64_t>(number);
  return number;
}

json::value arithmetic(std::string_view name, const json::value& value, const json::value& by) {
  const double a = number_of(value).value_or(0);
  const double b = number_of(by).value_or(0);
  const bool whole = !value.is_double() && !by.is_double() && a == std::trunc(a) &&
                     b == std::trunc(b);
  if (name == "plus") return number_value(a + b, whole);
  if (name == "minus") return number_value(a - b, whole);
  if (name == "times") return number_value(a * b, whole);
  if (b == 0) return {};   // nothing, as of what is not there: `default` can stand in
  if (name == "modulo") return number_value(a - b * std::floor(a / b), whole);
  return number_value(whole ? std::floor(a / b) : a / b, whole);
}

json::value rounded(std::string_view name, const json::value& value, const Arguments& arguments) {
  const double number = number_of(value).value_or(0);
  if (name == "ceil") return number_value(std::ceil(number), true);
  if (name == "floor") return number_value(std::floor(number), true);
  const double digits = arguments.empty() ? 0 : number_of(arguments[0]).value_or(0);
  const double scale = std::pow(10.0, std::clamp(std::trunc(digits), 0.0, 12.0));
  return number_value(std::round(number * scale) / scale, digits < 1);
}

/// "1,234.50" in front of or behind what stands for the currency.
std::string money(double amount, const Arguments& arguments) {
  const std::string currency = arguments.empty() ? "" : with_case(text_of(arguments[0]), true);
  const bool has_cents = currency != "JPY" && currency != "KRW";
  if (!std::isfinite(amount) || std::fabs(amount) > 1e15) return {};
  std::string digits = fmt::format("{:.{}f}", std::fabs(amount), has_cents ? 2 : 0);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > 3; at -= 3) digits.insert(at - 3, ",");
  const std::string_view sign = amount < 0 ? "-" : "";
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSigns = {{
      {"EUR", "\xE2\x82\xAC"}, {"USD", "$"}, {"GBP", "\xC2\xA3"}, {"JPY", "\xC2\xA5"}}};
  for (const auto& [code, symbol] : kSigns) {
    if (code == currency) return fmt::format("{}{}{}", sign, symbol, digits);
  }
  return currency.empty() ? fmt::format("{}{}", sign, digits)
                          : fmt::format("{}{} {}", sign, digits, currency);
}

bool read_digits(std::string_view& text, std::size_t count, int& out) {
  if (text.size() < count) return false;
  const auto [at, bad] = std::from_chars(text.data(), text.data() + count, out);
  if (bad != std::errc() || at != text.data() + count) return false;
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

using Millis = std::chrono::sys_time<std::chrono::milliseconds>;

/// "now", milliseconds, or "2026-03-09T12:30:00Z" from the left.
std::optional<Millis> instant_of(const json::value& value, std::int64_t now_ms) {
  constexpr double kLast = 253402300799999.0;   // of the year 9999
  if (value.is_number()) {
    const double ms = value.to_number<double>();
    if (ms < -kLast || ms > kLast) return std::nullopt;
    return Millis(std::chrono::milliseconds(static_cast<std::int64_t>(ms)));
  }
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_string();
  if (text == "now" || text == "today") return Millis(std::chrono::milliseconds(now_ms));
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!read_digits(text, 4, year) || !skip(text, "-") || !read_digits(text, 2, month) ||
      !skip(text, "-") || !read_digits(text, 2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  if (skip(text, "T ")) {
    if (!read_digits(text, 2, hour) || !skip(text, ":") || !read_digits(text, 2, minute)) {
      return std::nullopt;
    }
    if (skip(text, ":") && !read_digits(text, 2, second)) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60 || hour < 0 || minute < 0 || second < 0) {
      return std::nullopt;
    }
  }
  return Millis(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/// strftime's %Y %y %m %d %e %j %H %I %M %S %p %A %a %B %b %F %T %s %%, and %-d without a zero.
std::string formatted(Millis at, std::string_view format) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month());
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const auto hour = time.hours().count();
  std::string out;
  for (std::size_t i = 0; i < format.size() && out.size() < kValueBytesMax; ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const bool bare = format[i + 1] == '-' && i + 2 < format.size();
    i += bare ? 2 : 1;
    const auto two = [&](auto number) {
      out += bare ? fmt::format("{}", number) : fmt::format("{:02}", number);
    };
    switch (format[i]) {
      case 'Y': out += fmt::format("{:04}", year); break;
      case 'y': two(year % 100); break;
      case 'm': two(month); break;
      case 'd': two(static_cast<unsigned>(date.day())); break;
      case 'e': out += fmt::format("{:2}", static_cast<unsigned>(date.day())); break;
      case 'j': out += fmt::format("{:03}", (day - std::chrono::sys_days(
                    date.year() / std::chrono::January / 1)).count() + 1); break;
      case 'H': two(hour); break;
      case 'I': two(hour % 12 == 0 ? 12 : hour % 12); break;
      case 'M': two(time.minutes().count()); break;
      case 'S': two(time.seconds().count()); break;
      case 'p': out += hour < 12 ? "AM" : "PM"; break;
      case 'A': out += kDays[weekday]; break;
      case 'a': out += kDays[weekday].substr(0, 3); break;
      case 'B': out += kMonths[month - 1]; break;
      case 'b': out += kMonths[month - 1].substr(0, 3); break;
      case 'F': out += formatted(at, "%Y-%m-%d"); break;
      case 'T': out += formatted(at, "%H:%M:%S"); break;
      case 's': out += fmt::format("{}", at.time_since_epoch().count() / 1000); break;
      case '%': out += '%'; break;
      default: out += '%'; out += format[i];
    }
  }
  return out;
}

struct Arity {
  std::string_view name;
  std::size_t low;
  std::size_t high;
};
constexpr std::array<Arity, 29> kFilters = {{
    {"default", 1, 1},    {"escape", 0, 0},   {"upcase", 0, 0},  {"downcase", 0, 0},
    {"capitalize", 0, 0}, {"truncate", 0, 2}, {"date", 1, 1},    {"url_encode", 0, 0},
    {"money", 0, 1},      {"size", 0, 0},     {"join", 0, 1},    {"first", 0, 0},
    {"last", 0, 0},       {"append", 1, 1},   {"prepend", 1, 1}, {"replace", 1, 2},
    {"remove", 1, 1},     {"strip", 0, 0},    {"split", 1, 1},   {"plus", 1, 1},
    {"minus", 1, 1},      {"times", 1, 1},    {"divided_by", 1, 1}, {"modulo", 1, 1},
    {"round", 0, 1},      {"ceil", 0, 0},     {"floor", 0, 0},   {"raw", 0, 0},
    {"sort", 0, 0},
}};

const Arity* find(std::string_view name) {
  const auto found = std::ranges::find(kFilters, name, &Arity::name);
  return found == kFilters.end() ? nullptr : &*found;
}

json::value sorted(json::value value) {
  if (!value.is_array()) return value;
  json::array& all = value.get_array();
  std::vector<json::value> rows(all.begin(), all.end());
  std::ranges::stable_sort(rows, [](const json::value& a, const json::value& b) {
    // Numbers by size, before all else by text: an order whatever the values are.
    if (a.is_number() != b.is_number()) return a.is_number();
    if (a.is_number()) return a.to_number<double>() < b.to_number<double>();
    return text_of(a) < text_of(b);
  });
  return json::array(rows.begin(), rows.end());
}

Result<json::value> apply_text(const FilterCall& call, const json::value& value) {
  const std::string text = text_of(value);
  const Arguments& arguments = call.arguments;
  if (call.name == "upcase") return text_value(with_case(text, true));
  if (call.name == "downcase") return text_value(with_case(text, false));
  if (call.name == "capitalize") return text_value(capitalized(text));
  if (call.name == "truncate") return bounded(truncated(text, arguments));
  if (call.name == "strip") return text_value(stripped(text));
  if (call.name == "url_encode") return bounded(encode_url(text));
  if (call.name == "escape") return bounded(call.is_html ? text : escape_html(text));
  if (call.name == "append") return bounded(text + text_of(arguments[0]));
  if (call.name == "prepend") return bounded(text_of(arguments[0]) + text);
  if (call.name == "split") return split(text, text_of(arguments[0]));
  ATTUNE_ASSIGN(std::string changed, replaced(text, arguments));   // replace, remove
  return bounded(std::move(changed));
}

}  // namespace

bool is_filter(std::string_view name) { return find(name) != nullptr; }

std::pair<std::size_t, std::size_t> filter_arity(std::string_view name) {
  const Arity* found = find(name);
  return found == nullptr ? std::pair<std::size_t, std::size_t>{0, 0}
                          : std::pair{found->low, found->high};
}

Result<json::value> apply_filter(const FilterCall& call, json::value value) {
  const Arity* known = find(call.name);
  if (known == nullptr || call.arguments.size() < known->low) return value;
  const std::string_view name = call.name;
  if (name == "default") return is_blank(value) ? call.arguments[0] : value;
  if (name == "raw") return value;
  if (name == "size") return size_of(value);
  if (name == "join") return joined(value, call.arguments);
  if (name == "sort") return sorted(std::move(value));
  if (name == "first" || name == "last") {
    if (!value.is_array() || value.get_array().empty()) return json::value();
    const json::array& all = value.get_array();
    return name == "first" ? all.front() : all.back();
  }
  if (name == "date") {
    const auto at = instant_of(value, call.now_ms);
    if (!at) return value;
    return bounded(formatted(*at, text_of(call.arguments[0])));
  }
  if (name == "money") {
    const auto amount = number_of(value);
    return amount ? text_value(money(*amount, call.arguments)) : value;
  }
  constexpr std::array<std::string_view, 5> kArithmetic = {"plus", "minus", "times", "divided_by",
                                                           "modulo"};
  if (std::ranges::find(kArithmetic, name) != kArithmetic.end()) {
    return arithmetic(name, value, call.arguments[0]);
  }
  if (name == "round" || name == "ceil" || name == "floor") {
    return rounded(name, value, call.arguments);
  }
  return apply_text(call, value);
}

}  // namespace attune::campaign::liquid
