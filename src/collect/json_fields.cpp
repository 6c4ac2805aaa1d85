#include "collect/json_fields.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "collect/redact.h"
#include "collect/text.h"

namespace attune::collect {
namespace {

using simdjson::dom::element_type;

constexpr std::size_t kFormTextCharactersMax = 1000;

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

bool no_nul(std::string_view text, std::string_view field, Problem& problem) {
  return !has_nul(text) || problem.broken(field, "must not contain U+0000");
}

bool get_text(const JsonElement& value, std::string_view field, std::string_view& text,
              Problem& problem) {
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return problem.broken(field, "must be a text");
  }
  return no_nul(text, field, problem);
}

bool is_number(const JsonElement& value) {
  const element_type type = value.type();
  return type == element_type::INT64 || type == element_type::UINT64 ||
         type == element_type::DOUBLE;
}

double as_double(const JsonElement& value) {
  double number = 0;
  return value.get_double().get(number) == simdjson::SUCCESS ? number : 0;
}

bool text_to_number(std::string_view text, double& number) {
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

bool write_text(std::string_view text, std::string_view name, const RedactionRules& rules,
                JsonWriter& out, Problem& problem) {
  if (!no_nul(text, name, problem)) return false;
  if (rules.is_form) text = cut(text, kFormTextCharactersMax);
  std::string redacted;
  const bool looked_at = rules.is_form || !is_plain_name(name);
  if (looked_at && redact_text(text, redacted)) {
    out.text(redacted);
  } else {
    out.text(text);
  }
  return true;
}

bool write_object(const simdjson::dom::object& object, const RedactionRules& rules, JsonWriter& out,
                  Problem& problem) {
  out.begin_object();
  for (const auto member : object) {
    if (!no_nul(member.key, member.key.substr(0, member.key.find('\0')), problem)) return false;
    out.key(member.key);
    if (!write_redacted(member.value, member.key, rules, out, problem)) return false;
  }
  out.end_object();
  return true;
}

bool write_array(const simdjson::dom::array& array, std::string_view name,
                 const RedactionRules& rules, JsonWriter& out, Problem& problem) {
  out.begin_array();
  for (const JsonElement value : array) {
    if (!write_redacted(value, name, rules, out, problem)) return false;
  }
  out.end_array();
  return true;
}

/// A number in a form is what somebody typed: its digits count like those of a text.
bool write_integer(std::string digits, const RedactionRules& rules, JsonWriter& out) {
  if (rules.is_form && has_secret_value(digits)) {
    out.text(kRedacted);
  } else {
    out.raw(digits);
  }
  return true;
}

}  // namespace

bool read_text(const JsonElement& value, std::string_view field, std::size_t characters_max,
               std::string& out, Problem& problem) {
  std::string_view text;
  if (!get_text(value, field, text, problem)) return false;
  out = cut(text, characters_max);
  return true;
}

bool read_id(const JsonElement& value, std::string_view field, std::size_t characters_max,
             std::string& out, Problem& problem) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) {
    out = fmt::format_int(number).str();
    return true;
  }
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return problem.broken(field, "must be a text or a whole number");
  }
  if (!no_nul(text, field, problem)) return false;
  if (text.empty() || cut(text, characters_max).size() != text.size()) {
    return problem.broken(field, fmt::format("must be 1 to {} characters long", characters_max));
  }
  if (has_control(text)) return problem.broken(field, "must not contain control characters");
  out = text;
  return true;
}

bool read_number(const JsonElement& value, std::string_view field, NumberRange range, double& out,
                 Problem& problem) {
  double number = 0;
  std::string_view text;
  if (is_number(value)) {
    number = as_double(value);
  } else if (!range.text_allowed || value.get_string().get(text) != simdjson::SUCCESS ||
             !text_to_number(text, number)) {
    return problem.broken(field, "must be a number");
  }
  if (!(number >= range.min && number <= range.max)) {
    return problem.broken(field, fmt::format("must be between {} and {}", range.min, range.max));
  }
  out = number;
  return true;
}

bool read_whole(const JsonElement& value, std::string_view field, NumberRange range,
                std::int32_t& out, Problem& problem) {
  double number = 0;
  if (!read_number(value, field, range, number, problem)) return false;
  out = static_cast<std::int32_t>(std::lround(number));
  return true;
}

bool read_uuid(const JsonElement& value, std::string_view field, Uuid& out, Problem& problem) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (auto parsed = Uuid::parse(text)) {
      out = *parsed;
      return true;
    }
  }
  return problem.broken(field, "must be a UUID");
}

bool read_size(const JsonElement& value, std::string_view field, std::int32_t& width,
               std::int32_t& height, Problem& problem) {
  constexpr std::int32_t kSideMax = 100000;
  std::string_view text;
  std::int32_t sides[2] = {0, 0};
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, sides[0]);
    if (first.ec == std::errc{} && first.ptr != end && *first.ptr == 'x') {
      const auto second = std::from_chars(first.ptr + 1, end, sides[1]);
      if (second.ec == std::errc{} && second.ptr == end && sides[0] > 0 && sides[1] > 0 &&
          sides[0] <= kSideMax && sides[1] <= kSideMax) {
        width = sides[0];
        height = sides[1];
        return true;
      }
    }
  }
  return problem.broken(field, "must be a text like \"1920x1080\", each side 1 to 100000");
}

bool read_time(const JsonElement& value, std::string_view field, std::int64_t& out_ms,
               Problem& problem) {
  constexpr double kSecondsMin = 1e8;
  constexpr double kMillisecondsMin = 1e11;
  constexpr double kMicrosecondsMin = 1e14;
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    const auto parsed = parse_iso8601(text);
    if (!parsed) {
      return problem.broken(field,
                            "must be ISO 8601 with a zone (2026-11-21T10:00:00Z) or "
                            "milliseconds since 1970");
    }
    out_ms = *parsed;
    return true;
  }
  if (!is_number(value)) {
    return problem.broken(field,
                          "must be a time: ISO 8601 with a zone, or milliseconds since 1970");
  }
  const double number = as_double(value);
  if (number >= kSecondsMin && number < kMillisecondsMin) {
    return problem.broken(field,
                          fmt::format("{:.0f} looks like seconds; send milliseconds", number));
  }
  if (number >= kMicrosecondsMin) {
    return problem.broken(
        field, fmt::format("{:.0f} looks like microseconds or finer; send milliseconds", number));
  }
  if (!(number > -kMicrosecondsMin)) return problem.broken(field, "is out of range");
  out_ms = static_cast<std::int64_t>(std::floor(number));
  return true;
}

bool write_redacted(const JsonElement& value, std::string_view name, const RedactionRules& rules,
                    JsonWriter& out, Problem& problem) {
  if (value.is_null()) {
    out.null();
    return true;
  }
  if (is_secret_name(name, rules.extra_names)) {
    out.text(kRedacted);
    return true;
  }
  switch (value.type()) {
    case element_type::STRING:
      return write_text(value.get_string().value_unsafe(), name, rules, out, problem);
    case element_type::INT64:
      return write_integer(fmt::format_int(value.get_int64().value_unsafe()).str(), rules, out);
    case element_type::UINT64:
      return write_integer(fmt::format_int(value.get_uint64().value_unsafe()).str(), rules, out);
    case element_type::DOUBLE:
      out.number(value.get_double().value_unsafe());
      return true;
    case element_type::BOOL:
      out.boolean(value.get_bool().value_unsafe());
      return true;
    case element_type::OBJECT:
      return write_object(value.get_object().value_unsafe(), rules, out, problem);
    case element_type::ARRAY:
      return write_array(value.get_array().value_unsafe(), name, rules, out, problem);
    case element_type::NULL_VALUE:
      break;
  }
  return true;
}

bool read_performance(const JsonElement& value, std::string_view field, std::string& json,
                      Problem& problem) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return problem.broken(field, "must be an object");
  }
  json.clear();
  JsonWriter out(json);
  out.begin_object();
  for (const auto member : object) {
    const bool is_layout_shift = member.key == "cls";
    const bool known = is_layout_shift || member.key == "lcp" || member.key == "inp" ||
                       member.key == "fcp" || member.key == "ttfb";
    if (!known || member.value.is_null()) continue;
    double number = 0;
    const std::string path = fmt::format("{}.{}", field, member.key);
    if (!read_number(member.value, path, {.min = 0, .max = is_layout_shift ? 100.0 : 60000.0},
                     number, problem)) {
      return false;
    }
    out.key(member.key);
    out.number(number);
  }
  out.end_object();
  return true;
}

bool read_wc_alias(std::string_view name, const JsonElement& value, Draft& draft, Problem& problem,
                   bool& good) {
  constexpr NumberRange kMoney{.min = 0, .max = 1e15, .text_allowed = true};
  good = true;
  if (!name.starts_with("wc_")) return false;
  if (name == "wc_product_id") {
    good = read_id(value, name, 255, draft.wc_product_id, problem);
  } else if (name == "wc_category_id") {
    good = read_id(value, name, 255, draft.wc_category_id, problem);
  } else if (name == "wc_order_id") {
    good = read_id(value, name, 100, draft.wc_order_id, problem);
  } else if (name == "wc_checkout_step") {
    good = read_id(value, name, 50, draft.wc_checkout_step, problem);
  } else if (name == "wc_cart_value") {
    good = read_number(value, name, kMoney, draft.wc_cart_value, problem);
  } else if (name == "wc_revenue") {
    good = read_number(value, name, kMoney, draft.wc_revenue, problem);
  } else {
    return false;
  }
  return true;
}

bool read_page_alias(std::string_view name, const JsonElement& value, Draft& draft,
                     Problem& problem, bool& good) {
  good = true;
  if (name == "scroll_depth") {
    good = draft.event.scroll_percentage >= 0 ||
           read_whole(value, name, {.min = 0, .max = 100, .text_allowed = true},
                      draft.event.scroll_percentage, problem);
  } else if (name == "time_on_page") {
    good = draft.time_on_page >= 0 ||
           read_number(value, name, {.min = 0, .max = 604800, .text_allowed = true},
                       draft.time_on_page, problem);
  } else {
    return false;
  }
  return true;
}

void read_data_aliases(const simdjson::dom::object& data, Draft& draft) {
  std::optional<Draft> of_data;
  Problem ignored;
  bool good = true;
  for (const auto member : data) {
    if (member.value.is_null()) continue;
    if (read_page_alias(member.key, member.value, draft, ignored, good)) continue;
    if (!member.key.starts_with("wc_")) continue;
    if (!of_data) of_data.emplace();
    (void)read_wc_alias(member.key, member.value, *of_data, ignored, good);
  }
  if (!of_data) return;
  Draft& found = *of_data;
  const auto fill = [](std::string& field, std::string& given) {
    if (field.empty()) field.swap(given);
  };
  // A category beside another product's id would be the wrong product's.
  if (draft.wc_product_id.empty()) fill(draft.wc_category_id, found.wc_category_id);
  fill(draft.wc_product_id, found.wc_product_id);
  fill(draft.wc_order_id, found.wc_order_id);
  fill(draft.wc_checkout_step, found.wc_checkout_step);
  if (draft.wc_cart_value < 0) draft.wc_cart_value = found.wc_cart_value;
  if (draft.wc_revenue < 0) draft.wc_revenue = found.wc_revenue;
}

}  // namespace attune::collect
