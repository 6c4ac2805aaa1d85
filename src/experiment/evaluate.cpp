#include "experiment/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "experiment/bucket.h"
#include "experiment/condition.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr int kVersionsMax = 1000;              // of a test's buckets
constexpr std::size_t kPrerequisitesMax = 50;   // flags that hang on each other

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains(name);
}

std::string text_member(const json::object& object, std::string_view name,
                        std::string_view otherwise = {}) {
  const json::value* found = member(object, name);
  const bool given = found != nullptr && found->is_string() && !found->get_string().empty();
  return given ? std::string(found->get_string()) : std::string(otherwise);
}

std::optional<double> number_member(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

int whole_member(const json::object& object, std::string_view name, int otherwise) {
  const auto number = number_member(object, name);
  return number && *number > -1e9 && *number < 1e9 ? static_cast<int>(*number) : otherwise;
}

bool flag_member(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  return found != nullptr && is_truthy(*found);
}

const json::array* list_member(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  return found == nullptr ? nullptr : found->if_array();
}

std::optional<Range> range_of(const json::value& value) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_number() || !(*pair)[1].is_number()) {
    return std::nullopt;
  }
  return Range{(*pair)[0].to_number<double>(), (*pair)[1].to_number<double>()};
}

std::vector<Range> ranges_of(const json::array& list) {
  std::vector<Range> ranges;
  for (const json::value& each : list) ranges.push_back(range_of(each).value_or(Range{}));
  return ranges;
}

std::vector<double> numbers_of(const json::array* list) {
  std::vector<double> numbers;
  if (list == nullptr) return numbers;
  for (const json::value& each : *list) {
    numbers.push_back(each.is_number() ? each.to_number<double>() : 0);
  }
  return numbers;
}

std::size_t variation_count(const json::object& experiment) {
  const json::array* variations = list_member(experiment, "variations");
  return variations == nullptr ? 0 : variations->size();
}

std::vector<Range> ranges_of(const json::object& experiment) {
  if (const json::array* given = list_member(experiment, "ranges")) return ranges_of(*given);
  return bucket_ranges(static_cast<int>(variation_count(experiment)),
                       number_member(experiment, "coverage").value_or(1),
                       numbers_of(list_member(experiment, "weights")));
}

std::string sticky_key(std::string_view test, int version) {
  return std::string(test) + "__" + std::to_string(version);
}

/// What SDKs know of a rule's test.
json::object experiment_of(const json::object& rule, std::string_view key) {
  static constexpr std::array<std::string_view, 16> kTaken = {
      "coverage", "weights", "hashAttribute", "fallbackAttribute", "disableStickyBucketing",
      "bucketVersion", "minBucketVersion", "namespace", "meta", "ranges", "name", "phase", "seed",
      "hashVersion", "filters", "condition"};
  const json::value* contextual = member(rule, "contextualVariations");
  json::object made{{"variations", contextual != nullptr ? *contextual : rule.at("variations")},
                    {"key", text_member(rule, "key", key)}};
  for (const std::string_view name : kTaken) {
    if (const json::value* given = member(rule, name)) made[name] = *given;
  }
  return made;
}

const json::object* meta_of(const json::object& experiment, int variation) {
  const json::array* meta = list_member(experiment, "meta");
  if (meta == nullptr || variation < 0 || std::cmp_greater_equal(variation, meta->size())) {
    return nullptr;
  }
  return (*meta)[static_cast<std::size_t>(variation)].if_object();
}

FeatureResult plain_result(json::value value, std::string_view source, std::string rule = {}) {
  FeatureResult made;
  made.value = std::move(value);
  made.source = source;
  made.rule_id = std::move(rule);
  return made;
}

}  // namespace

json::object Assignment::to_json() const {
  json::object out{{"key", key},
                   {"featureId", feature_id},
                   {"inExperiment", in_experiment},
                   {"hashUsed", hash_used},
                   {"variationId", variation},
                   {"value", value},
                   {"hashAttribute", hash_attribute},
                   {"hashValue", hash_value},
                   {"stickyBucketUsed", sticky_used}};
  if (feature_id.empty()) out["featureId"] = nullptr;
  if (!name.empty()) out["name"] = name;
  if (bucket) out["bucket"] = *bucket;
  if (passthrough) out["passthrough"] = true;
  if (bandit) {
    for (const auto& [key_of, part] : *bandit) out[key_of] = part;
  }
  return out;
}

std::optional<json::object> FeatureResult::experiment() const {
  if (contextual) return contextual;
  return rule == nullptr ? std::nullopt : std::optional(experiment_of(*rule, test_key));
}

json::object FeatureResult::to_json() const {
  json::object out{{"value", value},
                   {"on", is_truthy(value)},
                   {"off", !is_truthy(value)},
                   {"source", source},
                   {"ruleId", rule_id}};
  if (auto test = experiment()) out["experiment"] = std::move(*test);
  if (assignment) out["experimentResult"] = assignment->to_json();
  return out;
}

Evaluator::Evaluator(const Payload& payload, const Asker& asker)
    : payload_(payload), asker_(asker), sticky_(asker.sticky.value_or(json::object())) {}

Evaluator::HashValue Evaluator::hash_value(std::string_view attribute,
                                           std::string_view fallback) const {
  HashValue made{std::string(attribute.empty() ? "id" : attribute), "", {}};
  const auto take = [&](std::string_view name) {
    const json::value* found = asker_.attributes.if_contains(name);
    if (found == nullptr || !is_truthy(*found)) return false;
    made = {std::string(name), *found, text_of(*found)};
    return true;
  };
  const std::string first = made.attribute;
  if (!take(first) && !fallback.empty()) take(fallback);
  return made;
}

Assignment Evaluator::assignment(const json::object& experiment, int variation, bool hash_used,
                                 std::string_view feature_id, std::optional<double> bucket,
                                 bool sticky_used) const {
  const json::array* variations = list_member(experiment, "variations");
  const bool is_one = variations != nullptr && variation >= 0 &&
                      std::cmp_less(variation, variations->size());
  const HashValue id =
      hash_value(text_member(experiment, "hashAttribute"),
                 asker_.sticky && !flag_member(experiment, "disableStickyBucketing")
                     ? text_member(experiment, "fallbackAttribute")
                     : std::string());
  Assignment made;
  made.variation = is_one ? variation : 0;
  made.in_experiment = is_one;
  made.hash_used = hash_used;
  made.sticky_used = sticky_used;
  made.feature_id = feature_id;
  made.hash_attribute = id.attribute;
  made.hash_value = id.value;
  made.bucket = bucket;
  if (variations != nullptr && !variations->empty()) {
    made.value = (*variations)[static_cast<std::size_t>(made.variation)];
  }
  made.key = std::to_string(made.variation);
  if (const json::object* meta = meta_of(experiment, made.variation)) {
    made.key = text_member(*meta, "key", made.key);
    made.name = text_member(*meta, "name");
    made.passthrough = flag_member(*meta, "passthrough");
  }
  if (hash_used) {
    const json::value* bandit = member(experiment, "contextualBandit");
    if (bandit != nullptr && bandit->is_object()) made.bandit = bandit->get_object();
  }
  return made;
}

bool Evaluator::is_filtered_out(const json::array& filters) const {
  return std::ranges::any_of(filters, [&](const json::value& each) {
    const json::object* filter = each.if_object();
    if (filter == nullptr) return true;
    const HashValue id = hash_value(text_member(*filter, "attribute"), {});
    if (id.text.empty()) return true;
    const auto bucket =
        bucket_of(text_member(*filter, "seed"), id.text, whole_member(*filter, "hashVersion", 2));
    const json::array* ranges = list_member(*filter, "ranges");
    return !bucket || ranges == nullptr || choose_variation(*bucket, ranges_of(*ranges)) < 0;
  });
}

bool Evaluator::in_rollout(const json::object& rule, std::string_view key) const {
  const json::value* range = member(rule, "range");
  const auto coverage = number_member(rule, "coverage");
  if (range == nullptr && !coverage) return true;
  if (range == nullptr && *coverage == 0) return false;
  const bool may_fall_back = asker_.sticky && !flag_member(rule, "disableStickyBucketing");
  const HashValue id =
      hash_value(text_member(rule, "hashAttribute"),
                 may_fall_back ? text_member(rule, "fallbackAttribute") : std::string());
  if (id.text.empty()) return false;
  const auto bucket =
      bucket_of(text_member(rule, "seed", key), id.text, whole_member(rule, "hashVersion", 1));
  if (!bucket) return false;
  if (range == nullptr) return *bucket <= *coverage;
  const auto part = range_of(*range);
  return part && part->holds(*bucket);
}

bool Evaluator::condition_fits(const json::object& rule) const {
  const json::value* condition = member(rule, "condition");
  if (condition == nullptr || condition->is_null()) return true;
  return condition->is_object() &&
         fits(condition->get_object(), asker_.attributes, payload_.saved_groups);
}

Evaluator::Gate Evaluator::prerequisites(const json::object& rule) {
  const json::array* parents = list_member(rule, "parentConditions");
  if (parents == nullptr) return Gate::open;
  for (const json::value& each : *parents) {
    const json::object* parent = each.if_object();
    if (parent == nullptr) return Gate::closed;
    const FeatureResult found = feature(text_member(*parent, "id"));
    if (found.source == "cyclicPrerequisite") return Gate::cyclic;
    const json::value* condition = member(*parent, "condition");
    const bool holds = condition == nullptr ||
                       (condition->is_object() &&
                        fits(condition->get_object(), {{"value", found.value}},
                             payload_.saved_groups));
    if (!holds) return flag_member(*parent, "gate") ? Gate::blocks : Gate::closed;
  }
  return Gate::open;
}

/// Whether chance may decide: not filtered out, in the test's part of the namespace, and the
/// conditions hold.
bool Evaluator::is_target(const Split& split) {
  const json::object& experiment = split.object;
  const HashValue id = hash_value(text_member(experiment, "hashAttribute"),
                                  text_member(experiment, "fallbackAttribute"));
  if (const json::array* filters = list_member(experiment, "filters")) {
    if (is_filtered_out(*filters)) return false;
  } else if (const json::array* space = list_member(experiment, "namespace")) {
    const bool is_one = space->size() == 3 && (*space)[0].is_string();
    const auto part = is_one ? range_of(json::array{(*space)[1], (*space)[2]}) : std::nullopt;
    if (!part || !in_namespace(id.text, (*space)[0].get_string(), *part)) return false;
  }
  return condition_fits(experiment) &&
         (split.is_rule || prerequisites(experiment) == Gate::open);
}

Evaluator::Sticky Evaluator::find_sticky(const Split& split) const {
  const json::object& experiment = split.object;
  json::object assignments;   // those of the attribute itself go over those of the fallback
  const auto add = [&](std::string_view attribute) {
    const HashValue own = hash_value(attribute, {});
    if (own.text.empty()) return;
    const json::value* document = sticky_.if_contains(own.attribute + "||" + own.text);
    if (document == nullptr || !document->is_object()) return;
    const json::value* kept = document->get_object().if_contains("assignments");
    if (kept == nullptr || !kept->is_object()) return;
    for (const auto& [key, variation] : kept->get_object()) assignments[key] = variation;
  };
  const std::string fallback = text_member(experiment, "fallbackAttribute");
  if (!fallback.empty()) add(fallback);
  add(text_member(experiment, "hashAttribute", "id"));
  const int least = whole_member(experiment, "minBucketVersion", 0);
  for (int version = 0; version < std::min(least, kVersionsMax); ++version) {
    if (assignments.contains(sticky_key(split.key, version))) return {-1, true};
  }
  const json::value* kept =
      assignments.if_contains(sticky_key(split.key, whole_member(experiment, "bucketVersion", 0)));
  const json::array* meta = list_member(experiment, "meta");
  if (kept == nullptr || !kept->is_string() || meta == nullptr) return {};
  const auto found = std::ranges::find_if(*meta, [&](const json::value& each) {
    return each.is_object() && text_member(each.get_object(), "key") == kept->get_string();
  });
  return {found == meta->end() ? -1 : static_cast<int>(found - meta->begin()), false};
}

void Evaluator::keep_sticky(const Split& split, const Assignment& made) {
  const std::string id = text_of(made.hash_value);
  json::value& document = sticky_[made.hash_attribute + "||" + id];
  if (!document.is_object()) {
    document = json::object{{"attributeName", made.hash_attribute},
                            {"attributeValue", id},
                            {"assignments", json::object()}};
  }
  json::value& assignments = document.get_object()["assignments"];
  if (!assignments.is_object()) assignments = json::object();
  const int version = whole_member(split.object, "bucketVersion", 0);
  assignments.get_object()[sticky_key(split.key, version)] = made.key;
}

Assignment Evaluator::run(const json::object& experiment, std::string_view feature_id) {
  return run({experiment, text_member(experiment, "key")}, feature_id);
}

Assignment Evaluator::run(const Split& split, std::string_view feature_id) {
  const json::object& experiment = split.object;
  const std::string& key = split.key;
  const auto out = [&](bool sticky_used = false) {
    return assignment(experiment, -1, false, feature_id, std::nullopt, sticky_used);
  };
  const auto forced = [&](int variation) {
    return assignment(experiment, variation, false, feature_id, std::nullopt, false);
  };
  const auto count = static_cast<int>(variation_count(experiment));
  if (count < 2 || !asker_.enabled) return out();
  if (const auto wanted = variation_in_query(key, asker_.url, count)) return forced(*wanted);
  if (const json::value* wanted = asker_.forced_variations.if_contains(key)) {
    return forced(wanted->is_number() ? static_cast<int>(wanted->to_number<double>()) : -1);
  }
  // What a rule says of these is not its test's.
  const std::string status = split.is_rule ? std::string() : text_member(experiment, "status");
  const json::value* active = split.is_rule ? nullptr : member(experiment, "active");
  if ((active != nullptr && !is_truthy(*active)) || status == "draft") return out();
  const bool is_sticky = asker_.sticky && !flag_member(experiment, "disableStickyBucketing");
  const HashValue id =
      hash_value(text_member(experiment, "hashAttribute"),
                 is_sticky ? text_member(experiment, "fallbackAttribute") : std::string());
  if (id.text.empty()) return out();
  const Sticky kept = is_sticky ? find_sticky(split) : Sticky();
  const bool found = kept.variation >= 0;
  if (!found && !is_target(split)) return out();
  const json::array* targets = split.is_rule ? nullptr : list_member(experiment, "urlPatterns");
  if (targets != nullptr && !is_url_targeted(asker_.url, *targets)) return out();
  const auto bucket = bucket_of(text_member(experiment, "seed", key), id.text,
                                whole_member(experiment, "hashVersion", 1));
  if (!bucket) return out();
  if (kept.is_blocked) return out(true);
  const int chosen = found ? kept.variation : choose_variation(*bucket, ranges_of(experiment));
  if (chosen < 0) return out();
  if (const auto wanted = number_member(experiment, "force")) {
    return forced(static_cast<int>(std::clamp(*wanted, -1.0, 1e6)));
  }
  if (asker_.qa_mode || status == "stopped") return out();
  Assignment made = assignment(experiment, chosen, true, feature_id, bucket, found);
  if (is_sticky) keep_sticky(split, made);
  exposures_.push_back(made);
  exposed_tests_.push_back(key);
  return made;
}

/// A rule's test with the weights of the first context that fits.
json::object Evaluator::by_context(const json::object& rule, std::string_view key) const {
  json::object made = experiment_of(rule, key);
  const json::value* bandit =
      payload_.contextual_bandits.if_contains(text_member(rule, "contextualBanditRef"));
  if (bandit == nullptr || !bandit->is_object()) return made;
  json::value leaf = -1;   // nobody's: the weights over all contexts
  if (const json::array* contexts = list_member(bandit->get_object(), "contexts")) {
    for (const json::value& each : *contexts) {
      const json::object* context = each.if_object();
      if (context == nullptr || !condition_fits(*context)) continue;
      if (const json::value* id = member(*context, "leafId")) leaf = *id;
      if (const json::value* weights = member(*context, "weights")) made["weights"] = *weights;
      break;
    }
  }
  json::object about{{"leafId", leaf}, {"variationWeights", made["weights"]}};
  if (const json::value* version = member(bandit->get_object(), "banditVersion")) {
    about["banditVersion"] = *version;
  }
  made["contextualBandit"] = std::move(about);
  return made;
}

std::optional<FeatureResult> Evaluator::rule_result(const json::object& rule,
                                                    std::string_view key) {
  switch (prerequisites(rule)) {
    case Gate::open: break;
    case Gate::closed: return std::nullopt;
    case Gate::blocks: return plain_result(nullptr, "prerequisite");
    case Gate::cyclic: return plain_result(nullptr, "cyclicPrerequisite");
  }
  const json::array* filters = list_member(rule, "filters");
  if (filters != nullptr && is_filtered_out(*filters)) return std::nullopt;
  if (const json::value* force = member(rule, "force")) {
    if (!condition_fits(rule) || !in_rollout(rule, key)) return std::nullopt;
    return plain_result(*force, "force", text_member(rule, "id"));
  }
  if (list_member(rule, "variations") == nullptr &&
      list_member(rule, "contextualVariations") == nullptr) {
    return std::nullopt;
  }
  const std::string test = text_member(rule, "key", key);
  std::optional<json::object> contextual;
  if (list_member(rule, "contextualVariations") != nullptr) contextual = by_context(rule, key);
  Assignment made = run({contextual ? *contextual : rule, test, true}, key);
  if (!made.in_experiment || made.passthrough) return std::nullopt;
  FeatureResult result = plain_result(made.value, "experiment", text_member(rule, "id"));
  if (contextual && !made.hash_used) contextual->erase("contextualBandit");
  result.contextual = std::move(contextual);
  result.rule = &rule;
  result.test_key = test;
  result.assignment = std::move(made);
  return result;
}

FeatureResult Evaluator::feature(std::string_view key) {
  if (std::ranges::find(asked_, key) != asked_.end() || asked_.size() >= kPrerequisitesMax) {
    return plain_result(nullptr, "cyclicPrerequisite");
  }
  if (const json::value* forced = asker_.forced_features.if_contains(key)) {
    return plain_result(*forced, "override");
  }
  const json::value* found = payload_.features.if_contains(key);
  if (found == nullptr || !found->is_object()) return plain_result(nullptr, "unknownFeature");
  asked_.emplace_back(key);
  std::optional<FeatureResult> result;
  if (const json::array* rules = list_member(found->get_object(), "rules")) {
    for (const json::value& rule : *rules) {
      if (rule.is_object()) result = rule_result(rule.get_object(), key);
      if (result) break;
    }
  }
  asked_.pop_back();
  if (result) return std::move(*result);
  const json::value* value = member(found->get_object(), "defaultValue");
  return plain_result(value == nullptr ? json::value(nullptr) : *value, "defaultValue");
}

}  // namespace attune::experiment
