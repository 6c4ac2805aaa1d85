#include "serve/value_json.h"

#include <fmt/format.h>

#include "base/time_zone.h"
#include "serve/json_text.h"

namespace attune::serve {

void append_value(std::string& out, const store::Value& value) {
  struct Writer {
    std::string& out;
    void operator()(const store::Null&) const { out += "null"; }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const {
      fmt::format_to(std::back_inserter(out), "{}", number);
    }
    void operator()(double number) const { append_json_number(out, number); }
    void operator()(const std::string& text) const { append_json_string(out, text); }
    void operator()(const Uuid& id) const { append_json_string(out, id.text()); }
    void operator()(const store::Timestamp& time) const {
      std::string text = utc_text(time.us / 1000);
      if (time.us % 1000 != 0) {
        const std::int64_t fraction_us = ((time.us % 1'000'000) + 1'000'000) % 1'000'000;
        text = fmt::format("{}.{:06}Z", text.substr(0, text.find_first_of(".Z")), fraction_us);
      }
      append_json_string(out, text);
    }
    void operator()(const store::Date& date) const { append_json_string(out, day_text(date.days)); }
    void operator()(const store::Json& json) const {
      out += json.text.empty() ? "null" : json.text;
    }
  };
  std::visit(Writer{out}, value);
}

void append_row(std::string& out, const store::Rows& rows, std::size_t at,
                std::string_view left_out) {
  out += '{';
  bool first = true;
  for (std::size_t column = 0; column < rows.columns.size(); ++column) {
    if (rows.columns[column].name == left_out) continue;
    if (!first) out += ',';
    first = false;
    append_json_string(out, rows.columns[column].name);
    out += ':';
    append_value(out, rows.rows[at][column]);
  }
  out += '}';
}

void append_rows(std::string& out, const store::Rows& rows, std::string_view left_out) {
  out += '[';
  for (std::size_t at = 0; at < rows.rows.size(); ++at) {
    if (at > 0) out += ',';
    append_row(out, rows, at, left_out);
  }
  out += ']';
}

}  // namespace attune::serve
