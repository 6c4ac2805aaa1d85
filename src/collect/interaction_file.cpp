// Imports interactions as a shop's own table has them: CSV with a header, users and products by
// number. The server looks the numbers up.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/csv.h"
#include "base/json_writer.h"
#include "collect/importer.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

enum class Type : std::uint8_t { whole, number, text };

struct Column {
  std::string_view name;
  Type type;
  bool required;
  std::string_view reason;   // when its value cannot be read
};
constexpr std::array<Column, 7> kColumns{{
    {"user_id", Type::whole, true, "bad_user_id"},
    {"product_id", Type::whole, true, "bad_product_id"},
    {"interaction_type", Type::text, true, "bad_interaction_type"},
    {"session_id", Type::text, false, "bad_session_id"},
    {"timestamp", Type::text, false, "bad_timestamp"},
    {"price", Type::number, false, "bad_price"},
    {"quantity", Type::number, false, "bad_quantity"},
}};

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// As PostgreSQL writes a time, "2026-11-21 10:00:00+00", with the minutes of the zone.
std::string with_whole_zone(std::string text) {
  const bool short_zone = text.size() > 3 &&
                          (text[text.size() - 3] == '+' || text[text.size() - 3] == '-') &&
                          text.find(':') != std::string::npos;
  return short_zone ? text + ":00" : text;
}

class InteractionImporter final : public LineImporter {
 public:
  LineResult read(std::string_view line, std::string& event_json) override {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (trim(line).empty()) return {LineStatus::skipped, "blank"};
    if (!simdjson::validate_utf8(line.data(), line.size())) {
      return {LineStatus::rejected, "not_utf8"};
    }
    const auto values = split_csv(line);
    if (!values) return {LineStatus::rejected, "bad_quotes"};
    if (width_ == 0) return read_header(*values);
    if (values->size() != width_) return {LineStatus::rejected, "wrong_columns"};
    return write(*values, event_json);
  }

 private:
  LineResult read_header(const std::vector<std::string>& names) {
    for (std::size_t column = 0; column < kColumns.size(); ++column) {
      const auto found = std::ranges::find(names, kColumns[column].name);
      if (found != names.end()) {
        place_[column] = static_cast<std::size_t>(found - names.begin());
      } else if (kColumns[column].required) {
        return {LineStatus::rejected, "no_header"};
      }
    }
    width_ = names.size();
    return {LineStatus::skipped, "header"};
  }

  LineResult write(const std::vector<std::string>& values, std::string& json) const {
    JsonWriter out(json);
    out.begin_object();
    for (std::size_t index = 0; index < kColumns.size(); ++index) {
      const Column& column = kColumns[index];
      if (!place_[index]) continue;
      const std::string& value = values[*place_[index]];
      if (value.empty() && !column.required) continue;
      std::int64_t whole = 0;
      double number = 0;
      const bool good = column.type == Type::whole    ? read_number(value, whole)
                        : column.type == Type::number ? read_number(value, number)
                                                      : !value.empty() && !has_control(value);
      if (!good) return {LineStatus::rejected, column.reason};
      out.key(column.name);
      if (column.type == Type::whole) out.integer(whole);
      else if (column.type == Type::number) out.number(number);
      else out.text(column.name == "timestamp" ? with_whole_zone(value) : value);
    }
    out.end_object();
    return {LineStatus::accepted, {}};
  }

  std::array<std::optional<std::size_t>, kColumns.size()> place_;
  std::size_t width_ = 0;   // 0: the header has not been seen
};

}  // namespace

std::unique_ptr<LineImporter> make_interaction_importer() {
  return std::make_unique<InteractionImporter>();
}

}  // namespace attune::collect
