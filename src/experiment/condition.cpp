#include "experiment/condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <charconv>
#include <cmath>
#include <compare>
#include <limits>
#include <optional>
#include <vector>

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 100;                      // of conditions within conditions
constexpr std::int64_t kPatternBytesMax = 1 << 20;  // memory of one compiled pattern
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

/// As JavaScript's unary plus.
double number_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return 0;
    case json::kind::bool_: return value.get_bool() ? 1 : 0;
    case json::kind::object: return kNan;
    case json::kind::array:
    case json::kind::string: break;
    default: return value.to_number<double>();
  }
  const std::string text = text_of(value);
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return 0;
  const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
  double number = 0;
  const auto [at, error] = std::from_chars(text.data() + begin, text.data() + end, number);
  return error == std::errc() && at == text.data() + end ? number : kNan;
}

/// As ===, and lists and objects by what is in them.
bool is_same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    return left.to_number<double>() == right.to_number<double>();
  }
  return left == right;
}

bool is_same_text(const json::value& left, const json::value& right) {
  if (!left.is_string() || !right.is_string()) return is_same(left, right);
  return lower(view(left.get_string())) == lower(view(right.get_string()));
}

/// As < and > : texts by themselves, all else as numbers; unordered where one is none.
std::partial_ordering order(const json::value& left, const json::value& right) {
  if (left.is_string() && right.is_string()) {
    return view(left.get_string()) <=> view(right.get_string());
  }
  return number_of(left) <=> number_of(right);
}

std::string version_of(const json::value& value) {
  return sortable_version(value.is_string() || value.is_number() ? text_of(value) : "0");
}

std::string_view type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "boolean";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    default: return "number";
  }
}

const json::value kNull;

const json::value& at_path(const json::object& attributes, std::string_view path) {
  const json::object* inside = &attributes;
  for (;;) {
    const std::size_t dot = path.find('.');
    const json::value* found = inside->if_contains(path.substr(0, dot));
    if (found == nullptr) return kNull;
    if (dot == std::string_view::npos) return *found;
    if (!found->is_object()) return kNull;
    inside = &found->get_object();
    path.remove_prefix(dot + 1);
  }
}

bool has_operators(const json::value& condition) {
  const json::object* object = condition.if_object();
  return object != nullptr && !object->empty() &&
         std::ranges::all_of(*object,
                             [](const auto& entry) { return entry.key().starts_with('$'); });
}

bool matches_pattern(const json::value& pattern, const json::value& actual, bool any_case) {
  if (!pattern.is_string()) return false;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  options.set_case_sensitive(!any_case);
  const RE2 compiled(view(pattern.get_string()), options);
  return compiled.ok() && RE2::PartialMatch(text_of(actual), compiled);
}

class Matcher {
 public:
  explicit Matcher(const json::object& groups) : groups_(groups) {}

  bool fits(const json::object& condition, const json::object& attributes) {
    const Level level(*this);
    if (is_too_deep()) return false;
    return std::ranges::all_of(condition, [&](const auto& entry) {
      return fits_entry(entry.key(), entry.value(), attributes);
    });
  }

  bool too_deep() const { return too_deep_; }

 private:
  using Same = bool (*)(const json::value&, const json::value&);

  struct Level {
    explicit Level(Matcher& in) : matcher(in) { ++matcher.depth_; }
    ~Level() { --matcher.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Matcher& matcher;
  };

  bool is_too_deep() {
    too_deep_ = too_deep_ || depth_ > kDepthMax;
    return too_deep_;
  }

  bool fits_entry(std::string_view key, const json::value& value, const json::object& attributes) {
    if (key == "$not") return value.is_object() && !fits(value.get_object(), attributes);
    if (key != "$or" && key != "$nor" && key != "$and") {
      return value_fits(value, at_path(attributes, key), is_same);
    }
    const json::array* parts = value.if_array();
    if (parts == nullptr) return false;
    const auto part_fits = [&](const json::value& part) {
      return part.is_object() && fits(part.get_object(), attributes);
    };
    if (key == "$and") return std::ranges::all_of(*parts, part_fits);
    const bool any = parts->empty() || std::ranges::any_of(*parts, part_fits);
    return key == "$or" ? any : !any;
  }

  bool value_fits(const json::value& condition, const json::value& actual, Same same) {
    const Level level(*this);
    if (is_too_deep()) return false;
    if (condition.is_string()) return same(json::value(text_of(actual)), condition);
    if (condition.is_number()) return number_of(actual) == condition.to_number<double>();
    if (condition.is_bool()) return !actual.is_null() && is_truthy(actual) == condition.get_bool();
    if (!has_operators(condition)) return is_same(actual, condition);
    return std::ranges::all_of(condition.get_object(), [&](const auto& entry) {
      return operator_fits(entry.key(), entry.value(), actual);
    });
  }

  static bool is_in(const json::value& actual, const json::array& expected, Same same) {
    const auto listed = [&](const json::value& each) {
      return std::ranges::any_of(expected,
                                 [&](const json::value& one) { return same(each, one); });
    };
    return actual.is_array() ? std::ranges::any_of(actual.get_array(), listed) : listed(actual);
  }

  bool list_fits(std::string_view name, const json::value& expected, const json::value& actual) {
    const bool any_case = name.ends_with('i');
    if (any_case) name.remove_suffix(1);
    const Same same = any_case ? is_same_text : is_same;
    const json::array* list = expected.if_array();
    if (list == nullptr) return false;
    if (name == "$in") return is_in(actual, *list, same);
    if (name == "$nin") return !is_in(actual, *list, same);
    const json::array* own = actual.if_array();   // $all
    return own != nullptr && std::ranges::all_of(*list, [&](const json::value& wanted) {
             return std::ranges::any_of(*own, [&](const json::value& each) {
               return value_fits(wanted, each, same);
             });
           });
  }

  bool in_group(const json::value& id, const json::value& actual) const {
    const json::value* group = id.is_string() ? groups_.if_contains(id.get_string()) : nullptr;
    return group != nullptr && group->is_array() && is_in(actual, group->get_array(), is_same);
  }

  bool element_fits(const json::value& expected, const json::value& actual) {
    const json::array* own = actual.if_array();
    return own != nullptr && std::ranges::any_of(*own, [&](const json::value& each) {
             if (has_operators(expected)) return value_fits(expected, each, is_same);
             return expected.is_object() && each.is_object() &&
                    fits(expected.get_object(), each.get_object());
           });
  }

  /// $lt, $vgte and the like; nothing: `name` is not one of them.
  static std::optional<bool> order_fits(std::string_view name, const json::value& expected,
                                        const json::value& actual) {
    const bool of_versions = name.starts_with("$v");
    const std::string_view how = name.substr(of_versions ? 2 : 1);
    const auto found = of_versions ? std::partial_ordering(version_of(actual) <=>
                                                           version_of(expected))
                                   : order(actual, expected);
    if (how == "lt") return found < 0;
    if (how == "lte") return found <= 0;
    if (how == "gt") return found > 0;
    if (how == "gte") return found >= 0;
    if (of_versions && how == "eq") return found == 0;
    if (of_versions && how == "ne") return found != 0;
    return std::nullopt;
  }

  bool operator_fits(std::string_view name, const json::value& expected,
                     const json::value& actual) {
    static constexpr std::array<std::string_view, 6> kLists = {"$in",   "$ini", "$nin",
                                                               "$nini", "$all", "$alli"};
    if (std::ranges::find(kLists, name) != kLists.end()) return list_fits(name, expected, actual);
    if (name == "$eq") return is_same(actual, expected);
    if (name == "$ne") return !is_same(actual, expected);
    if (name == "$exists") return is_truthy(expected) != actual.is_null();
    if (name == "$inGroup") return in_group(expected, actual);
    if (name == "$notInGroup") return !in_group(expected, actual);
    if (name == "$not") return !value_fits(expected, actual, is_same);
    if (name == "$elemMatch") return element_fits(expected, actual);
    if (name == "$regex") return matches_pattern(expected, actual, false);
    if (name == "$regexi") return matches_pattern(expected, actual, true);
    if (name == "$size") {
      return actual.is_array() &&
             value_fits(expected, json::value(actual.get_array().size()), is_same);
    }
    if (name == "$type") {
      return expected.is_string() && view(expected.get_string()) == type_of(actual);
    }
    return order_fits(name, expected, actual).value_or(false);
  }

  const json::object& groups_;
  int depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

bool fits(const json::object& condition, const json::object& attributes,
          const json::object& groups) {
  Matcher matcher(groups);
  // Not only the part too deep: below $not it would fit everybody.
  return matcher.fits(condition, attributes) && !matcher.too_deep();
}

bool is_truthy(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return false;
    case json::kind::bool_: return value.get_bool();
    case json::kind::string: return !value.get_string().empty();
    case json::kind::array:
    case json::kind::object: return true;
    default: break;
  }
  const double number = value.to_number<double>();
  return number != 0 && !std::isnan(number);
}

std::string text_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return value.get_bool() ? "true" : "false";
    case json::kind::int64: return std::to_string(value.get_int64());
    case json::kind::uint64: return std::to_string(value.get_uint64());
    case json::kind::string: return std::string(view(value.get_string()));
    case json::kind::object: return "[object Object]";
    case json::kind::array: break;
    case json::kind::double_: {
      const double number = value.get_double();
      // Whole numbers without a point, others with the fewest digits that read back the same.
      char text[32];
      const auto [end, error] = std::to_chars(std::begin(text), std::end(text), number);
      return error == std::errc() ? std::string(std::begin(text), end) : "NaN";
    }
  }
  std::string joined;
  for (const json::value& each : value.get_array()) {
    if (&each != &value.get_array().front()) joined += ',';
    if (!each.is_null()) joined += text_of(each);
  }
  return joined;
}

std::string sortable_version(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  version = version.substr(0, version.find('+'));
  if (version.empty()) version = "0";
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = version.find_first_of(".-");
    parts.emplace_back(version.substr(0, end));
    if (end == std::string_view::npos) break;
    version.remove_prefix(end + 1);
  }
  if (parts.size() == 3) parts.emplace_back("~");   // a release comes after all that led to it
  std::string made;
  for (const std::string& part : parts) {
    const bool is_number =
        !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    if (!made.empty()) made += '-';
    if (is_number && part.size() < 5) made.append(5 - part.size(), ' ');
    made += part;
  }
  return made;
}

}  // namespace attune::experiment
