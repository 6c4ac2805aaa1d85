#include "experiment/flag_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "experiment/bucket.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::size_t kKeyBytesMax = 100;
constexpr std::array<std::string_view, 25> kRuleMembers = {
    "id", "description", "condition", "parentConditions", "force", "coverage", "variations",
    "weights", "key", "seed", "hashAttribute", "fallbackAttribute", "hashVersion", "range",
    "ranges", "filters", "namespace", "meta", "name", "phase", "bucketVersion",
    "minBucketVersion", "disableStickyBucketing", "tracks", "holdout"};
constexpr std::array<std::string_view, 4> kReferenceMembers = {"id", "description", "test",
                                                               "values"};

tl::unexpected<Error> wrong(const std::string& field, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), field);
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains(name);
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  return found != nullptr && found->is_string() ? std::string(view(found->get_string()))
                                                : std::string();
}

bool is_name(std::string_view key) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '.' || c == ':';
  };
  return !key.empty() && key.size() <= kKeyBytesMax && std::ranges::all_of(key, allowed);
}

std::optional<Range> range_in(const json::value& value) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_number() || !(*pair)[1].is_number()) {
    return std::nullopt;
  }
  const Range range{(*pair)[0].to_number<double>(), (*pair)[1].to_number<double>()};
  const bool good = range.begin >= 0 && range.end <= 1 && range.begin <= range.end;
  return good ? std::optional(range) : std::nullopt;
}

bool overlap(const Range& a, const Range& b) {
  return std::max(a.begin, b.begin) < std::min(a.end, b.end);
}

Result<void> check_type(std::string_view type, const json::value& value,
                        const std::string& field) {
  const bool good = (type == "boolean" && value.is_bool()) ||
                    (type == "string" && value.is_string()) ||
                    (type == "number" && value.is_number()) || type == "json";
  if (good) return {};
  return wrong(field, "must be a " + std::string(type) + ", as the flag's value_type says");
}

Result<void> check_share(const json::object& rule, std::string_view name,
                         const std::string& at) {
  const json::value* value = member(rule, name);
  if (value == nullptr) return {};
  const double share = value->is_number() ? value->to_number<double>() : -1;
  if (share >= 0 && share <= 1) return {};
  return wrong(at + std::string(name), "must be a number from 0 to 1");
}

Result<void> check_weights(const json::object& rule, std::size_t variations,
                           const std::string& at) {
  const json::value* value = member(rule, "weights");
  if (value == nullptr) return {};
  const json::array* weights = value->if_array();
  if (weights == nullptr || weights->size() != variations) {
    return wrong(at + "weights",
                 "must be a list with a weight for each of the " + std::to_string(variations) +
                     " variations");
  }
  double sum = 0;
  for (const json::value& each : *weights) {
    const double weight = each.is_number() ? each.to_number<double>() : -1;
    if (!(weight >= 0 && weight <= 1)) return wrong(at + "weights", "must be from 0 to 1");
    sum += weight;
  }
  if (std::abs(sum - 1) <= 0.001) return {};
  return wrong(at + "weights", "must sum to 1");
}

Result<void> check_ranges(const json::object& rule, std::size_t variations,
                          const std::string& at) {
  if (const json::value* part = member(rule, "range"); part != nullptr && !range_in(*part)) {
    return wrong(at + "range", "must be [from, to] within 0 and 1");
  }
  const json::value* value = member(rule, "ranges");
  if (value == nullptr) return {};
  const json::array* list = value->if_array();
  if (list == nullptr || list->size() != variations) {
    return wrong(at + "ranges", "must be a list with [from, to] for each variation");
  }
  std::vector<Range> seen;
  for (const json::value& each : *list) {
    const auto range = range_in(each);
    if (!range) return wrong(at + "ranges", "must be [from, to] within 0 and 1");
    for (const Range& other : seen) {
      if (overlap(*range, other)) return wrong(at + "ranges", "overlap");
    }
    seen.push_back(*range);
  }
  return {};
}

Result<void> check_variations(const Flag& flag, const json::object& rule, const std::string& at) {
  const json::array* list = member(rule, "variations")->if_array();
  if (list == nullptr || list->size() < 2 || list->size() > kFlagVariationsMax) {
    return wrong(at + "variations", "must be a list of 2 to 100 values");
  }
  for (const json::value& each : *list) {
    ATTUNE_TRY(check_type(flag.value_type, each, at + "variations"));
  }
  ATTUNE_TRY(check_weights(rule, list->size(), at));
  ATTUNE_TRY(check_ranges(rule, list->size(), at));
  const json::value* meta = member(rule, "meta");
  if (meta == nullptr) return {};
  if (!meta->is_array() || meta->get_array().size() != list->size()) {
    return wrong(at + "meta", R"(must be a list with {"key", "name"} for each variation)");
  }
  return {};
}

Result<void> check_filters(const json::object& rule, const std::string& at) {
  const json::value* value = member(rule, "filters");
  if (value == nullptr) return {};
  const auto good = [](const json::value& each) {
    const json::object* filter = each.if_object();
    const json::value* ranges = filter == nullptr ? nullptr : member(*filter, "ranges");
    return ranges != nullptr && ranges->is_array() && member(*filter, "seed") != nullptr &&
           std::ranges::all_of(ranges->get_array(),
                               [](const json::value& pair) { return range_in(pair).has_value(); });
  };
  if (value->is_array() && std::ranges::all_of(value->get_array(), good)) return {};
  return wrong(at + "filters", R"(must be a list of {"seed", "ranges": [[from, to]]})");
}

/// A part of a namespace, and the test that holds it.
struct Holding {
  std::string space;
  Range part;
  std::string test;
};

std::optional<Holding> holding_of(const json::object& rule, std::string_view flag) {
  const json::value* value = member(rule, "namespace");
  const json::array* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr || list->size() != 3 || !(*list)[0].is_string()) return std::nullopt;
  const auto part = range_in(json::array{(*list)[1], (*list)[2]});
  if (!part) return std::nullopt;
  std::string key = text_in(rule, "key");
  if (key.empty()) key = flag;
  return Holding{std::string(view((*list)[0].get_string())), *part, std::move(key)};
}

std::vector<Holding> holdings(std::string_view except, const FlagNeighbours& site) {
  std::vector<Holding> held;
  for (const Flag& other : site.flags) {
    if (other.key == except) continue;
    for (const json::value& rule : other.rules) {
      if (!rule.is_object()) continue;
      if (auto holding = holding_of(rule.get_object(), other.key)) held.push_back(*holding);
    }
  }
  for (const KnownTest& test : site.tests) {
    const json::value* space = member(test.design, "namespace");
    if (space == nullptr || !space->is_object()) continue;
    const json::value* part = member(space->get_object(), "range");
    const auto range = part == nullptr ? std::nullopt : range_in(*part);
    if (range) held.push_back({text_in(space->get_object(), "id"), *range, test.key});
  }
  return held;
}

Result<void> check_namespace(const Flag& flag, const json::object& rule, const std::string& at,
                             std::vector<Holding>& held) {
  if (member(rule, "namespace") == nullptr) return {};
  const auto own = holding_of(rule, flag.key);
  if (!own) return wrong(at + "namespace", "must be [name, from, to] with 0 <= from <= to <= 1");
  for (const Holding& other : held) {
    if (other.space != own->space || other.test == own->test) continue;
    if (!overlap(own->part, other.part)) continue;
    return wrong(at + "namespace", "overlaps the part of '" + other.test + "' in '" + own->space +
                                       "': people would be in both tests");
  }
  held.push_back(*own);
  return {};
}

Result<void> check_reference(const Flag& flag, const json::object& rule, const std::string& at,
                             std::span<const KnownTest> tests) {
  for (const auto& [name, ignored] : rule) {
    if (std::ranges::find(kReferenceMembers, view(name)) == kReferenceMembers.end()) {
      return wrong(at + std::string(name),
                   "a rule with a test has id, description, test and values; who is in the test, "
                   "and its holdout, are said in the test");
    }
  }
  const std::string key = text_in(rule, "test");
  const auto test = std::ranges::find(tests, key, &KnownTest::key);
  if (test == tests.end()) {
    return wrong(at + "test", "no test of this site has the key '" + key + "'");
  }
  const json::value* values = member(rule, "values");
  if (values == nullptr) return {};
  if (!values->is_object()) {
    return wrong(at + "values", "must be an object of variation ids and their values");
  }
  for (const auto& [id, value] : values->get_object()) {
    if (std::ranges::find(test->variations, view(id)) == test->variations.end()) {
      return wrong(at + "values." + std::string(id),
                   "the test '" + key + "' has no variation with this id");
    }
    ATTUNE_TRY(check_type(flag.value_type, value, at + "values." + std::string(id)));
  }
  if (values->get_object().size() == test->variations.size()) return {};
  return wrong(at + "values", "must have a value for each variation of the test");
}

Result<void> check_parents(const Flag& flag, const json::object& rule, const std::string& at,
                           const FlagNeighbours& site) {
  const json::value* value = member(rule, "parentConditions");
  if (value == nullptr) return {};
  if (!value->is_array()) return wrong(at + "parentConditions", "must be a list");
  for (const json::value& each : value->get_array()) {
    const json::object* parent = each.if_object();
    const std::string id = parent == nullptr ? std::string() : text_in(*parent, "id");
    if (id.empty()) return wrong(at + "parentConditions", R"(needs {"id": key of a flag})");
    if (id == flag.key) return wrong(at + "parentConditions", "the flag requires itself");
    const bool known = std::ranges::find(site.flags, id, &Flag::key) != site.flags.end() ||
                       std::ranges::find(site.tests, id, &KnownTest::key) != site.tests.end();
    if (!known) return wrong(at + "parentConditions", "there is no flag '" + id + "'");
    if (const json::value* condition = member(*parent, "condition")) {
      ATTUNE_TRY(check_condition(*condition, at + "parentConditions.condition", site.groups));
    }
  }
  return {};
}

/// Whom a test keeps as they are, a rule may leave out.
Result<void> check_holdout(const json::object& rule, const std::string& at,
                           std::span<const KnownTest> tests) {
  if (member(rule, "holdout") == nullptr) return {};
  const std::string key = text_in(rule, "holdout");
  const auto test = std::ranges::find(tests, key, &KnownTest::key);
  if (test == tests.end()) {
    return wrong(at + "holdout", "no test of this site has the key '" + key + "'");
  }
  if (!test->is_bandit) return {};
  return wrong(at + "holdout", "the test '" + key + "' is a bandit: whom it keeps out would change "
                               "with its shares");
}

Result<void> check_rule(const Flag& flag, const json::value& value, const std::string& at,
                        const FlagNeighbours& site, std::vector<Holding>& held) {
  const json::object* rule = value.if_object();
  if (rule == nullptr) return wrong(at.substr(0, at.size() - 1), "must be an object");
  if (member(*rule, "test") != nullptr) return check_reference(flag, *rule, at, site.tests);
  for (const auto& [name, ignored] : *rule) {
    if (std::ranges::find(kRuleMembers, view(name)) == kRuleMembers.end()) {
      return wrong(at + std::string(name), "a rule has no such member");
    }
  }
  const json::value* force = member(*rule, "force");
  const bool splits = member(*rule, "variations") != nullptr;
  if ((force == nullptr) == !splits) {
    return wrong(at + "force", "a rule has one of force, variations and test");
  }
  if (force != nullptr) ATTUNE_TRY(check_type(flag.value_type, *force, at + "force"));
  if (splits) ATTUNE_TRY(check_variations(flag, *rule, at));
  if (!splits) ATTUNE_TRY(check_ranges(*rule, 0, at));
  ATTUNE_TRY(check_share(*rule, "coverage", at));
  ATTUNE_TRY(check_filters(*rule, at));
  if (const json::value* version = member(*rule, "hashVersion")) {
    if (*version != 1 && *version != 2) return wrong(at + "hashVersion", "is 1 or 2");
  }
  for (const std::string_view name : {"key", "seed", "hashAttribute", "fallbackAttribute", "id"}) {
    const json::value* text = member(*rule, name);
    if (text != nullptr && !text->is_string()) {
      return wrong(at + std::string(name), "must be text");
    }
  }
  if (const json::value* condition = member(*rule, "condition")) {
    ATTUNE_TRY(check_condition(*condition, at + "condition", site.groups));
  }
  ATTUNE_TRY(check_parents(flag, *rule, at, site));
  ATTUNE_TRY(check_holdout(*rule, at, site.tests));
  return check_namespace(flag, *rule, at, held);
}

std::set<std::string> parents_of(const Flag& flag) {
  std::set<std::string> parents;
  for (const json::value& each : flag.rules) {
    const json::value* list =
        each.is_object() ? member(each.get_object(), "parentConditions") : nullptr;
    if (list == nullptr || !list->is_array()) continue;
    for (const json::value& parent : list->get_array()) {
      if (parent.is_object()) parents.insert(text_in(parent.get_object(), "id"));
    }
  }
  return parents;
}

/// Whether the flag requires itself over others.
Result<void> check_circle(const Flag& flag, std::span<const Flag> others) {
  std::map<std::string, std::set<std::string>> wanted;
  for (const Flag& other : others) wanted[other.key] = parents_of(other);
  wanted[flag.key] = parents_of(flag);
  std::set<std::string> seen;
  std::vector<std::string> next(wanted[flag.key].begin(), wanted[flag.key].end());
  while (!next.empty()) {
    const std::string key = std::move(next.back());
    next.pop_back();
    if (key == flag.key) {
      return wrong("rules", "prerequisites go in a circle: a flag that this one requires "
                            "requires this one");
    }
    if (!seen.insert(key).second) continue;
    const auto found = wanted.find(key);
    if (found != wanted.end()) next.insert(next.end(), found->second.begin(), found->second.end());
  }
  return {};
}

}  // namespace

Result<void> check_flag(const Flag& flag, const FlagNeighbours& site) {
  if (!is_name(flag.key)) {
    return wrong("key", "is 1 to 100 letters, digits, '_', '-', '.' or ':'");
  }
  constexpr std::array<std::string_view, 4> kTypes = {"boolean", "string", "number", "json"};
  if (std::ranges::find(kTypes, flag.value_type) == kTypes.end()) {
    return wrong("value_type", "is boolean, string, number or json");
  }
  ATTUNE_TRY(check_type(flag.value_type, flag.default_value, "default_value"));
  if (flag.rules.size() > kFlagRulesMax) return wrong("rules", "has more than 100 rules");
  std::vector<Holding> held = holdings(flag.key, site);
  for (std::size_t i = 0; i < flag.rules.size(); ++i) {
    ATTUNE_TRY(check_rule(flag, flag.rules[i], "rules[" + std::to_string(i) + "].", site, held));
  }
  return check_circle(flag, site.flags);
}

std::vector<std::string> flags_that_need(std::string_view key, std::span<const Flag> flags) {
  std::vector<std::string> found;
  for (const Flag& flag : flags) {
    if (flag.key != key && parents_of(flag).contains(std::string(key))) found.push_back(flag.key);
  }
  return found;
}

}  // namespace attune::experiment
