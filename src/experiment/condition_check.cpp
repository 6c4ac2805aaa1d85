// Conditions are checked when they are stored, because evaluation must not fail: there an operator
// that nobody knows fits nobody, without a word.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "experiment/flag_check.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 20;
constexpr std::size_t kListMax = 10'000;
constexpr std::array<std::string_view, 25> kOperators = {
    "$eq",  "$ne",   "$lt",   "$lte",   "$gt",    "$gte",   "$in",        "$nin",  "$ini",
    "$nini", "$all",  "$alli", "$not",   "$size",  "$type",  "$elemMatch", "$exists",
    "$regex", "$regexi", "$veq", "$vne",  "$vgt",   "$vgte",  "$vlt",       "$vlte"};
constexpr std::array<std::string_view, 6> kLists = {"$in",   "$nin", "$ini",
                                                    "$nini", "$all", "$alli"};
constexpr std::array<std::string_view, 7> kTypes = {"null",   "boolean", "number", "string",
                                                    "array", "object",  "undefined"};

tl::unexpected<Error> wrong(const std::string& field, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), field);
}

bool has_operators(const json::value& value) {
  return value.is_object() && !value.get_object().empty() &&
         value.get_object().begin()->key().starts_with("$");
}

Result<void> check_part(const json::value& value, const std::string& field, int depth,
                        const json::object& groups);

Result<void> check_pattern(const json::value& value, const std::string& field) {
  if (!value.is_string()) return wrong(field, "must be a pattern, as text");
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const re2::RE2 pattern(value.get_string().c_str(), quiet);
  if (pattern.ok()) return {};
  return wrong(field, "is no pattern of RE2 (without look-around and back-references): " +
                          pattern.error());
}

Result<void> check_operator(std::string_view name, const json::value& value,
                            const std::string& field, int depth, const json::object& groups) {
  if (name == "$inGroup" || name == "$notInGroup") {
    const bool known = value.is_string() && groups.contains(value.get_string());
    if (known) return {};
    return wrong(field, "must be the key of a saved group of the site");
  }
  if (std::ranges::find(kOperators, name) == kOperators.end()) {
    return wrong(field, "no such operator: there are $eq, $ne, $lt, $lte, $gt, $gte, $in, $nin, "
                        "$ini, $nini, $all, $alli, $elemMatch, $size, $exists, $type, $regex, "
                        "$regexi, $not, $inGroup, $notInGroup, $veq, $vne, $vgt, $vgte, $vlt, "
                        "$vlte");
  }
  if (std::ranges::find(kLists, name) != kLists.end()) {
    if (!value.is_array()) return wrong(field, "must be a list");
    if (value.get_array().size() > kListMax) return wrong(field, "has more than 10000 values");
    return {};
  }
  if (name == "$regex" || name == "$regexi") return check_pattern(value, field);
  if (name == "$type") {
    const bool known =
        value.is_string() && std::ranges::find(kTypes, value.get_string()) != kTypes.end();
    if (known) return {};
    return wrong(field, "is null, boolean, number, string, array, object or undefined");
  }
  if (name == "$not") return check_part(value, field, depth + 1, groups);
  if (name == "$elemMatch" || (name == "$size" && value.is_object())) {
    return check_part(value, field, depth + 1, groups);
  }
  if (name == "$size" && !value.is_number()) return wrong(field, "must be a number");
  if (name.starts_with("$v") && !value.is_string()) {
    return wrong(field, "must be a version, as text");
  }
  return {};
}

/// A value that an attribute is held against: operators, or the value itself.
Result<void> check_value(const json::value& value, const std::string& field, int depth,
                         const json::object& groups) {
  if (!has_operators(value)) return {};
  for (const auto& [name, expected] : value.get_object()) {
    ATTUNE_TRY(check_operator({name.data(), name.size()}, expected,
                              field + "." + std::string(name), depth, groups));
  }
  return {};
}

Result<void> check_whole(const json::value& condition, const std::string& field, int depth,
                         const json::object& groups) {
  if (depth > kDepthMax) return wrong(field, "is nested more than 20 deep");
  const json::object* object = condition.if_object();
  if (object == nullptr) return wrong(field, R"(must be an object like {"country": "DE"})");
  for (const auto& [key, value] : *object) {
    const std::string at = field + "." + std::string(key);
    if (key == "$and" || key == "$or" || key == "$nor") {
      if (!value.is_array()) return wrong(at, "must be a list of conditions");
      for (const json::value& each : value.get_array()) {
        ATTUNE_TRY(check_whole(each, at, depth + 1, groups));
      }
    } else if (key == "$not") {
      ATTUNE_TRY(check_whole(value, at, depth + 1, groups));
    } else if (key.starts_with("$")) {
      return wrong(at, "stands where the name of an attribute belongs; only $and, $or, $nor and "
                       "$not may stand here");
    } else {
      ATTUNE_TRY(check_value(value, at, depth, groups));
    }
  }
  return {};
}

/// Below $not and $elemMatch stand operators or a condition.
Result<void> check_part(const json::value& value, const std::string& field, int depth,
                        const json::object& groups) {
  if (depth > kDepthMax) return wrong(field, "is nested more than 20 deep");
  if (has_operators(value)) {
    const auto first = value.get_object().begin()->key();
    if (first != "$and" && first != "$or" && first != "$nor") {
      return check_value(value, field, depth, groups);
    }
  }
  return value.is_object() ? check_whole(value, field, depth, groups) : Result<void>{};
}

/// As deep as the document, which the parser bounds.
void note_groups(const json::value& value, std::set<std::string, std::less<>>& named) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& each : *list) note_groups(each, named);
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return;
  for (const auto& [name, expected] : *object) {
    const json::string* key = expected.if_string();
    const bool refers = name == "$inGroup" || name == "$notInGroup";
    if (refers && key != nullptr) named.emplace(key->data(), key->size());
    else note_groups(expected, named);
  }
}

}  // namespace

Result<void> check_condition(const json::value& condition, const std::string& field,
                             const json::object& groups) {
  return check_whole(condition, field, 0, groups);
}

std::set<std::string, std::less<>> named_groups(const json::value& document) {
  std::set<std::string, std::less<>> named;
  note_groups(document, named);
  return named;
}

}  // namespace attune::experiment
