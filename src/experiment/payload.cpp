#include "experiment/payload.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "experiment/condition.h"
#include "experiment/flag_check.h"
#include "experiment/payload_cipher.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

/// No flag can have such a name (flag_check.h).
constexpr std::string_view kHoldoutPrefix = "$holdout:";

const json::value* member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::string_view sdk_attribute(std::string_view name) {
  return name.empty() || name == "visitor_id" ? "id" : name;
}

/// What somebody in this arm gets of the flag that is named after the test: its value, else the
/// levels it shows ({"button": "red"}), else its id.
json::value own_value(const TestArm& arm) {
  for (const std::string_view name : {"value", "factors"}) {
    if (const json::value* given = member(arm.configuration, name)) return *given;
  }
  return json::value(arm.id);
}

/// Splits people: everything of a test but its variations.
json::object split_of(const RunningTest& test) {
  json::array weights;
  json::array meta;
  for (const TestArm& arm : test.arms) {
    weights.emplace_back(arm.traffic_percentage / 100);
    meta.push_back(json::object{{"key", arm.id}, {"name", arm.name}});
  }
  json::object made{{"key", test.key},
                    {"seed", test.seed.empty() ? test.key : test.seed},
                    {"name", test.name},
                    {"phase", "0"},
                    {"hashAttribute", sdk_attribute(test.hash_attribute)},
                    {"hashVersion", test.hash_version},
                    {"coverage", test.coverage},
                    {"weights", std::move(weights)},
                    {"meta", std::move(meta)}};
  const auto take = [&](std::string_view from, std::string_view to) {
    if (const json::value* given = member(test.design, from)) made[to] = *given;
  };
  take("condition", "condition");
  take("parents", "parentConditions");
  take("filters", "filters");
  take("bucket_version", "bucketVersion");
  take("min_bucket_version", "minBucketVersion");
  if (const auto fallback = text_in(test.design, "fallback_attribute"); !fallback.empty()) {
    made["fallbackAttribute"] = sdk_attribute(fallback);
  }
  const json::value* sticky = member(test.design, "sticky");
  if (sticky == nullptr || !is_truthy(*sticky)) made["disableStickyBucketing"] = true;
  const json::value* space = member(test.design, "namespace");
  if (space != nullptr && space->is_object()) {
    const json::value* range = member(space->get_object(), "range");
    const std::string_view id = text_in(space->get_object(), "id");
    if (range != nullptr && range->is_array() && range->get_array().size() == 2) {
      made["namespace"] = json::array{id, range->get_array()[0], range->get_array()[1]};
    }
  }
  return made;
}

const RunningTest* running(std::string_view key, std::span<const RunningTest> tests) {
  const auto found = std::ranges::find(tests, key, &RunningTest::key);
  return key.empty() || found == tests.end() || found->arms.size() < 2 ? nullptr : &*found;
}

/// Those whom the test `key` keeps as they are, by its control, stay out of a rule or a test.
void add_holdout(json::object& split, std::string_view key, std::span<const RunningTest> tests) {
  const RunningTest* holdout = running(key, tests);
  if (holdout == nullptr) return;
  json::value& parents = split["parentConditions"];
  if (!parents.is_array()) parents = json::array();
  parents.get_array().push_back(json::object{
      {"id", holdout_feature(key)},
      {"condition", {{"value", {{"$ne", holdout->arms.front().id}}}}}});
}

/// The rule that splits people between values; with a forced arm, the rule that gives its value.
json::object rule_of(json::object split, const RunningTest& test, json::array values) {
  const json::value* forced = member(test.design, "force");
  if (forced != nullptr && forced->is_number()) {
    const double at = forced->to_number<double>();
    if (at >= 0 && at < static_cast<double>(values.size())) {
      json::object rule{{"force", values[static_cast<std::size_t>(at)]}};
      for (const std::string_view name : {"condition", "parentConditions", "filters"}) {
        if (const json::value* given = member(split, name)) rule[name] = *given;
      }
      return rule;
    }
  }
  split["variations"] = std::move(values);
  return split;
}

bool changes_pages(const RunningTest& test) {
  return test.type == "Split URL" || std::ranges::any_of(test.arms, [](const TestArm& arm) {
           return member(arm.configuration, "changes") != nullptr;
         });
}

/// A test that a page runs by itself.
json::object page_experiment(json::object split, const RunningTest& test) {
  json::array variations;
  for (const TestArm& arm : test.arms) {
    json::object variation;
    const json::value* changes = member(arm.configuration, "changes");
    if (changes != nullptr && changes->is_object()) variation = changes->get_object();
    if (!variation.contains("domMutations")) variation["domMutations"] = json::array();
    const std::string_view url = text_in(arm.configuration, "url");
    if (test.type == "Split URL" && !url.empty()) variation["urlRedirect"] = url;
    variations.push_back(std::move(variation));
  }
  split["variations"] = std::move(variations);
  split["changeId"] = test.key;
  split["status"] = "running";
  if (test.type == "Split URL") split["persistQueryString"] = true;
  if (const json::value* targets = member(test.design, "url_targets")) {
    split["urlPatterns"] = *targets;
  }
  if (const json::value* forced = member(test.design, "force")) split["force"] = *forced;
  return split;
}

const json::object* rule_values(const json::object& rule) {
  const json::value* values = member(rule, "values");
  return values == nullptr ? nullptr : values->if_object();
}

/// A flag's rule that refers to a test, as the SDKs know it; nothing when the test does not run.
std::optional<json::object> referring_rule(const json::object& rule,
                                           std::span<const RunningTest> tests) {
  const auto test = std::ranges::find(tests, text_in(rule, "test"), &RunningTest::key);
  if (test == tests.end()) return std::nullopt;
  const json::object* given = rule_values(rule);
  json::array values;
  for (const TestArm& arm : test->arms) {
    const json::value* value = given == nullptr ? nullptr : given->if_contains(arm.id);
    values.push_back(value == nullptr ? own_value(arm) : *value);
  }
  json::object split = split_of(*test);
  add_holdout(split, text_in(test->design, "holdout"), tests);
  json::object made = rule_of(std::move(split), *test, std::move(values));
  if (const json::value* id = member(rule, "id")) made["id"] = *id;
  return made;
}

json::object feature_of(const Flag& flag, std::span<const RunningTest> tests) {
  json::array rules;
  for (const json::value& each : flag.rules) {
    const json::object* rule = each.if_object();
    if (rule == nullptr) continue;
    if (member(*rule, "test") == nullptr) {
      json::object plain = *rule;
      plain.erase("holdout");
      add_holdout(plain, text_in(*rule, "holdout"), tests);
      rules.push_back(std::move(plain));
    } else if (auto made = referring_rule(*rule, tests)) {
      rules.push_back(std::move(*made));
    }
  }
  json::object made{{"defaultValue", flag.default_value}};
  if (!rules.empty()) made["rules"] = std::move(rules);
  return made;
}

/// Keys of tests that keep people out of something that is published.
std::set<std::string> holdouts_of(std::span<const Flag> flags,
                                  std::span<const RunningTest> tests) {
  std::set<std::string> keys;
  for (const RunningTest& test : tests) keys.emplace(text_in(test.design, "holdout"));
  for (const Flag& flag : flags) {
    if (!flag.enabled) continue;
    for (const json::value& rule : flag.rules) {
      if (rule.is_object()) keys.emplace(text_in(rule.get_object(), "holdout"));
    }
  }
  return keys;
}

/// A holdout's own feature: which of its variations somebody has, whatever shows them; null for who
/// is not in it. The split is the test's own, so that everything agrees about everybody.
json::object holdout_json(const RunningTest& test, std::span<const RunningTest> tests) {
  json::array values;
  for (const TestArm& arm : test.arms) values.emplace_back(arm.id);
  json::object split = split_of(test);
  add_holdout(split, text_in(test.design, "holdout"), tests);
  return {{"defaultValue", nullptr},
          {"rules", json::array{rule_of(std::move(split), test, std::move(values))}}};
}

/// What somebody's variations of holdouts decide, of a test of a page: clients that see no rules
/// have to ask for these by themselves, or nobody would be counted in the holdout.
json::array holdout_conditions(const json::object& experiment) {
  json::array kept;
  const json::value* parents = member(experiment, "parentConditions");
  if (parents == nullptr || !parents->is_array()) return kept;
  for (const json::value& each : parents->get_array()) {
    if (each.is_object() && is_holdout_feature(text_in(each.get_object(), "id"))) {
      kept.push_back(each);
    }
  }
  return kept;
}

/// What an SDK reports when it uses a value: the test that decided it, and those that were asked on
/// the way there.
json::array tracks_of(const Evaluator& evaluator, const FeatureResult& result, std::size_t from) {
  json::array tracks;
  const auto& made = evaluator.exposures();
  for (std::size_t i = from; i < made.size(); ++i) {
    json::object experiment{{"key", evaluator.exposed_tests()[i]}, {"variations", json::array()}};
    const bool decided = result.assignment && result.assignment->hash_used && i + 1 == made.size();
    if (decided) experiment = result.experiment().value_or(std::move(experiment));
    for (const std::string_view secret : {"condition", "filters", "namespace"}) {
      experiment.erase(secret);
    }
    tracks.push_back(
        json::object{{"experiment", std::move(experiment)}, {"result", made[i].to_json()}});
  }
  return tracks;
}

}  // namespace

std::string holdout_feature(std::string_view key) {
  return std::string(kHoldoutPrefix) + std::string(key);
}

bool is_holdout_feature(std::string_view key) { return key.starts_with(kHoldoutPrefix); }

SitePayload make_payload(std::span<const Flag> flags, std::span<const RunningTest> tests,
                         const json::object& groups) {
  SitePayload made;
  std::unordered_set<std::string> taken;   // tests that a flag shows, and names of flags
  for (const Flag& flag : flags) {
    taken.insert(flag.key);
    for (const json::value& rule : flag.rules) {
      if (rule.is_object()) taken.insert(std::string(text_in(rule.get_object(), "test")));
    }
    if (flag.enabled) made.payload.features[flag.key] = feature_of(flag, tests);
  }
  for (const std::string& key : holdouts_of(flags, tests)) {
    const RunningTest* holdout = running(key, tests);
    if (holdout == nullptr) continue;
    made.payload.features[holdout_feature(key)] = holdout_json(*holdout, tests);
  }
  for (const RunningTest& test : tests) {
    if (test.arms.size() < 2) continue;
    json::object split = split_of(test);
    add_holdout(split, text_in(test.design, "holdout"), tests);
    if (changes_pages(test)) {
      made.experiments.push_back(page_experiment(std::move(split), test));
      continue;
    }
    if (taken.contains(test.key)) continue;
    json::array values;
    for (const TestArm& arm : test.arms) values.push_back(own_value(arm));
    const json::value otherwise = values.front();
    made.payload.features[test.key] =
        json::object{{"defaultValue", otherwise},
                     {"rules", json::array{rule_of(std::move(split), test, std::move(values))}}};
  }
  if (groups.empty()) return made;
  const json::value published = json::array{made.payload.features, made.experiments};
  for (const std::string& key : named_groups(published)) {
    if (const json::value* members = groups.if_contains(key)) {
      made.payload.saved_groups[key] = *members;
    }
  }
  return made;
}

json::object payload_json(const SitePayload& site) {
  return {{"status", 200},
          {"features", site.payload.features},
          {"experiments", site.experiments},
          {"savedGroups", site.payload.saved_groups},
          {"contextualBandits", site.payload.contextual_bandits}};
}

Result<json::object> encrypted_json(const json::object& payload, std::string_view key) {
  json::object made = payload;
  for (const auto& [plain, hidden] : {std::pair{"features", "encryptedFeatures"},
                                      {"experiments", "encryptedExperiments"},
                                      {"savedGroups", "encryptedSavedGroups"},
                                      {"contextualBandits", "encryptedContextualBandits"}}) {
    const json::value* held = payload.if_contains(plain);
    if (held == nullptr) continue;
    ATTUNE_ASSIGN(const std::string text, encrypt_payload(json::serialize(*held), key));
    made[hidden] = text;
    made[plain] = held->is_array() ? json::value(json::array()) : json::value(json::object());
  }
  return made;
}

json::object evaluated_payload(const SitePayload& site, const Asker& asker) {
  Evaluator evaluator(site.payload, asker);
  json::object features;
  for (const auto& [key, ignored] : site.payload.features) {
    const std::size_t before = evaluator.exposures().size();
    const FeatureResult result = evaluator.feature(key);
    json::object feature{{"defaultValue", result.value}};
    json::array tracks = tracks_of(evaluator, result, before);
    if (!tracks.empty()) {
      feature["rules"] =
          json::array{json::object{{"force", result.value}, {"tracks", std::move(tracks)}}};
    }
    features[key] = std::move(feature);
  }
  json::array experiments;
  for (const json::value& each : site.experiments) {
    json::object experiment = each.get_object();
    const std::size_t before = evaluator.exposures().size();
    const Assignment made = evaluator.run(experiment);
    const bool was_asked = evaluator.exposures().size() > before;
    json::array holdouts = holdout_conditions(experiment);
    if (!made.in_experiment && (holdouts.empty() || !was_asked)) continue;
    // The client repeats the split without the conditions, which held: the same arm falls out.
    for (const std::string_view secret : {"condition", "parentConditions", "filters"}) {
      experiment.erase(secret);
    }
    if (!holdouts.empty()) experiment["parentConditions"] = std::move(holdouts);
    json::array& variations = experiment["variations"].as_array();
    for (std::size_t i = 0; i < variations.size(); ++i) {
      const bool is_theirs = made.in_experiment && std::cmp_equal(i, made.variation);
      if (!is_theirs) variations[i] = json::object();
    }
    experiments.push_back(std::move(experiment));
  }
  return {{"status", 200},
          {"features", std::move(features)},
          {"experiments", std::move(experiments)},
          {"savedGroups", json::object()},
          {"contextualBandits", json::object()}};
}

}  // namespace attune::experiment
