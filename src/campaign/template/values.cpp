#include "campaign/template/values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include <boost/json/serialize.hpp>

namespace attune::campaign::liquid {
namespace json = boost::json;

bool is_true(const json::value& value) {
  return !value.is_null() && !(value.is_bool() && !value.get_bool());
}

bool is_blank(const json::value& value) {
  if (!is_true(value)) return true;
  if (value.is_string()) return value.get_string().empty();
  return value.is_array() && value.get_array().empty();
}

std::string text_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return {};
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::double_:
      return fmt::format("{}", value.get_double());
    case json::kind::array: {
      std::string joined;
      for (const json::value& each : value.get_array()) {
        joined += each.is_structured() ? json::serialize(each) : text_of(each);
      }
      return joined;
    }
    default:
      return json::serialize(value);
  }
}

std::optional<double> number_of(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_string();
  double number = 0;
  const auto [at, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || at != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

bool holds(Compare compare, const json::value& left, const json::value& right) {
  switch (compare) {
    case Compare::truth:
      return is_true(left);
    case Compare::equal:
    case Compare::unequal: {
      const bool same = left.is_number() && right.is_number()
                            ? left.to_number<double>() == right.to_number<double>()
                            : left == right;
      return same == (compare == Compare::equal);
    }
    case Compare::contains:
      if (left.is_string()) {
        return std::string_view(left.get_string()).find(text_of(right)) != std::string_view::npos;
      }
      if (!left.is_array()) return false;
      for (const json::value& each : left.get_array()) {
        if (holds(Compare::equal, each, right)) return true;
      }
      return false;
    default:
      break;
  }
  const auto a = left.is_number() ? number_of(left) : std::nullopt;
  const auto b = right.is_number() ? number_of(right) : std::nullopt;
  int order = 0;
  if (a && b) order = *a < *b ? -1 : *a > *b ? 1 : 0;
  else if (left.is_string() && right.is_string()) {
    order = std::string_view(left.get_string()).compare(std::string_view(right.get_string()));
  } else {
    return false;
  }
  if (compare == Compare::less) return order < 0;
  if (compare == Compare::less_equal) return order <= 0;
  if (compare == Compare::more) return order > 0;
  return order >= 0;
}

}  // namespace attune::campaign::liquid
