#include "experiment/life_cycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "experiment/factorial.h"
#include "experiment/flag_check.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

constexpr std::size_t kKeyBytesMax = 100;
constexpr std::size_t kArmsMax = 64;
constexpr double kTrafficTolerance = 1e-6;

tl::unexpected<Error> refuse(std::string field, std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(field));
}

struct Range {
  std::string id;
  double low = 0;
  double high = 0;
};

/// The namespace of a design; nothing: it has none.
Result<std::optional<Range>> namespace_of(const json::object& design) {
  const json::value* value = design.if_contains("namespace");
  if (value == nullptr || value->is_null()) return std::optional<Range>();
  const std::string wanted = R"(must be {"id": text, "range": [from, to]} within 0 and 1)";
  const json::object* object = value->if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
  const json::value* range = object == nullptr ? nullptr : object->if_contains("range");
  const json::array* ends = range == nullptr ? nullptr : range->if_array();
  const bool fits = id != nullptr && id->is_string() && ends != nullptr && ends->size() == 2 &&
                    (*ends)[0].is_number() && (*ends)[1].is_number();
  if (!fits) return refuse("design.namespace", wanted);
  const Range found{std::string(id->as_string()), (*ends)[0].to_number<double>(),
                    (*ends)[1].to_number<double>()};
  const bool inside = found.low >= 0 && found.low < found.high && found.high <= 1;
  if (!inside || found.id.empty()) return refuse("design.namespace", wanted);
  return std::optional(found);
}

Result<void> check_arms(const Test& test) {
  if (test.arms.size() < 2) {
    return refuse("test_variations", "a test needs at least two variations");
  }
  if (test.arms.size() > kArmsMax) {
    return refuse("test_variations", fmt::format("a test has at most {} variations", kArmsMax));
  }
  const auto controls = std::ranges::count(test.arms, true, &Arm::is_control);
  if (controls != 1) {
    return refuse("is_control", fmt::format("exactly one variation is the control, not {}",
                                            controls));
  }
  if (test.type == "Simple A/B" && test.arms.size() != 2) {
    return refuse("test_type", "a Simple A/B test has two variations; for more take Multivariate");
  }
  double traffic = 0;
  for (const Arm& arm : test.arms) {
    traffic += arm.traffic_percentage;
    if (test.type == "Split URL" && !arm.is_control && !arm.configuration.contains("url")) {
      return refuse("configuration", fmt::format("variation {} of a Split URL test needs a url",
                                                 arm.id));
    }
  }
  if (std::abs(traffic - 100) <= kTrafficTolerance) return {};
  return refuse("traffic_percentage",
                fmt::format("the variations' traffic sums to {}, not to 100", traffic));
}

/// A text of 1 to 100 bytes, or empty: it is something else.
std::string_view word_of(const json::value* value) {
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr || text->size() > kKeyBytesMax) return {};
  return {text->data(), text->size()};
}

/// Each variation of a test with factors shows one level of each, and no two the same ones.
Result<void> check_factors(const Test& test, const std::vector<Factor>& factors) {
  if (factors.empty()) return {};
  if (test.type != "Multivariate") {
    return refuse("design.factors", "only a Multivariate test has factors");
  }
  std::vector<json::object> seen;
  for (const Arm& arm : test.arms) {
    const json::value* given = arm.configuration.if_contains("factors");
    const json::object* shown = given == nullptr ? nullptr : given->if_object();
    const bool fits =
        shown != nullptr && shown->size() == factors.size() &&
        std::ranges::all_of(factors, [&](const Factor& factor) {
          const std::string_view level = word_of(shown->if_contains(factor.name));
          return std::ranges::find(factor.levels, level) != factor.levels.end();
        });
    if (!fits) {
      return refuse("design.factors",
                    fmt::format("variation {} must show one level of each factor", arm.id));
    }
    if (std::find(seen.begin(), seen.end(), *shown) != seen.end()) {
      return refuse("design.factors",
                    fmt::format("variation {} shows the same levels as another one", arm.id));
    }
    seen.push_back(*shown);
  }
  return {};
}

/// A holdout is another test of the site that runs: who is kept out is decided by it.
Result<void> check_holdout(const Test& test, std::span<const Test> others) {
  const json::value* given = test.design.if_contains("holdout");
  if (given == nullptr || given->is_null()) return {};
  const std::string_view key = word_of(given);
  const bool runs = std::ranges::any_of(others, [&](const Test& other) {
    return other.id != test.id && other.key == key && other.status == "Active" &&
           other.engine != "bandit";
  });
  if (!key.empty() && runs) return {};
  return refuse("design.holdout",
                "must be the key of another test of the site, one that runs and is no bandit: whom "
                "that keeps out would change with its shares");
}

/// The saved groups that a condition names, as if all were there: whether they are is for who has
/// the site's rows (take_step).
json::object groups_of(const json::value& condition) {
  json::object groups;
  for (const std::string& key : named_groups(condition)) groups[key] = json::array();
  return groups;
}

/// What only assignment reads, and would otherwise silently leave out.
Result<void> check_assignment(const Test& test, std::span<const Test> others) {
  const json::value* sticky = test.design.if_contains("sticky");
  if (sticky != nullptr && !sticky->is_bool()) {
    return refuse("design.sticky", "must be true or false");
  }
  ATTUNE_TRY(check_targeting(test.design));
  ATTUNE_ASSIGN(const std::vector<Factor> factors, read_factors(test.design));
  ATTUNE_TRY(check_factors(test, factors));
  return check_holdout(test, others);
}

Result<void> check_alone(const Test& test, std::span<const Test> others) {
  ATTUNE_ASSIGN(const auto mine, namespace_of(test.design));
  for (const Test& other : others) {
    if (other.id == test.id || other.status == "Draft" || other.status == "Cancelled") continue;
    if (other.key == test.key) {
      return fail(ErrorCode::already_exists,
                  fmt::format("test \"{}\" of the site has or had this key: people who saw it "
                              "would be counted here", other.name), "test_key");
    }
    const auto theirs = namespace_of(other.design);
    if (!mine || !theirs || !*theirs || !other.is_running()) continue;
    const Range& range = **theirs;
    if (range.id == mine->id && range.low < mine->high && mine->low < range.high) {
      return refuse("design.namespace",
                    fmt::format("overlaps test \"{}\", which has {} to {} of namespace {}",
                                other.name, range.low, range.high, range.id));
    }
  }
  return {};
}

Result<void> read_words(const json::object& object, Design& design) {
  if (const json::value* correction = object.if_contains("correction")) {
    const json::string* text = correction->if_string();
    const bool known = text != nullptr && (*text == "holm" || *text == "bh" || *text == "none");
    if (!known) return refuse("design.correction", "must be one of: holm, bh, none");
    design.correction = std::string(*text);
  }
  if (const json::value* days = object.if_contains("cuped_days")) {
    const bool fits = days->is_int64() && days->as_int64() >= 0 && days->as_int64() <= 90;
    if (!fits) return refuse("design.cuped_days", "must be a whole number, 0 to 90");
    design.cuped_days = days->as_int64();
  }
  if (const json::value* count = object.if_contains("n_star")) {
    const bool fits = count->is_number() && count->to_number<double>() >= 100 &&
                      count->to_number<double>() <= 1e9;
    if (!fits) return refuse("design.n_star", "must be a number, 100 to 1e9");
    design.n_star = count->to_number<double>();
  }
  if (const json::value* lift = object.if_contains("smallest_lift")) {
    const double share = lift->is_number() ? lift->to_number<double>() : 0;
    if (!(share > 0 && share <= 1)) {
      return refuse("design.smallest_lift", "must be a number above 0 and at most 1, such as 0.05");
    }
    design.smallest_lift = share;
  }
  return {};
}

Result<void> read_method(const Test& test, Design& design) {
  const json::value* value = test.design.if_contains("sequential_method");
  if (value == nullptr) return {};
  const json::string* text = value->if_string();
  const bool known = text != nullptr && (*text == "confidence_sequence" || *text == "msprt");
  if (!known) {
    return refuse("design.sequential_method", "must be one of: confidence_sequence, msprt");
  }
  if (test.engine != "sequential") {
    return refuse("design.sequential_method", "is for the engine sequential");
  }
  design.sequential_method = std::string(*text);
  return {};
}

}  // namespace

std::string_view to_string(Action action) {
  switch (action) {
    case Action::start: return "start";
    case Action::pause: return "pause";
    case Action::resume: return "resume";
    case Action::complete: return "complete";
    case Action::cancel: break;
  }
  return "cancel";
}

Result<std::string_view> status_after(std::string_view status, Action action) {
  struct Step {
    std::string_view from;
    Action action;
    std::string_view to;
  };
  static constexpr std::array<Step, 8> kSteps = {{{"Draft", Action::start, "Active"},
                                                  {"Active", Action::pause, "Paused"},
                                                  {"Paused", Action::resume, "Active"},
                                                  {"Active", Action::complete, "Completed"},
                                                  {"Paused", Action::complete, "Completed"},
                                                  {"Draft", Action::cancel, "Cancelled"},
                                                  {"Active", Action::cancel, "Cancelled"},
                                                  {"Paused", Action::cancel, "Cancelled"}}};
  std::string possible;
  for (const Step& step : kSteps) {
    if (step.from != status) continue;
    if (step.action == action) return step.to;
    possible += fmt::format("{}{}", possible.empty() ? "" : ", ", to_string(step.action));
  }
  return fail(ErrorCode::failed_precondition,
              possible.empty()
                  ? fmt::format("a test that is {} stays so", status)
                  : fmt::format("a test that is {} can only: {}", status, possible),
              "status");
}

std::string slug_of(std::string_view name) {
  std::string slug;
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain) slug += lower;
    else if (!slug.empty() && slug.back() != '-') slug += '-';
    if (slug.size() >= kKeyBytesMax) break;
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "test" : slug;
}

Result<Design> read_design(const Test& test) {
  static constexpr std::array<std::string_view, 20> kFields = {
      "condition", "parents", "namespace", "filters", "url_targets", "sticky",
      "fallback_attribute", "bucket_version", "min_bucket_version", "force", "metrics",
      "correction", "cuped_days", "n_star", "holdout", "factors", "revenue_horizon_days",
      "auto_stop", "sequential_method", "smallest_lift"};
  for (const auto& entry : test.design) {
    if (std::ranges::find(kFields, std::string_view(entry.key())) == kFields.end()) {
      return refuse(fmt::format("design.{}", std::string_view(entry.key())), "unknown field");
    }
  }
  Design design;
  if (const json::value* metrics = test.design.if_contains("metrics")) {
    ATTUNE_ASSIGN(design.metrics, read_metrics(*metrics, "design.metrics"));
  }
  ATTUNE_ASSIGN(design.guardrails, read_guardrails(test.guardrails, design.metrics));
  ATTUNE_TRY(read_words(test.design, design));
  ATTUNE_TRY(read_method(test, design));
  if (const json::value* stop = test.design.if_contains("auto_stop")) {
    if (!stop->is_bool()) return refuse("design.auto_stop", "must be true or false");
    const bool valid = test.engine == "sequential" || test.engine == "bandit";
    if (stop->as_bool() && !valid) {
      return refuse("design.auto_stop",
                    "only a sequential or bandit test may stop by itself: in the others a look "
                    "each day raises false alarms");
    }
  }
  return design;
}

Result<void> check_targeting(const json::object& design) {
  const json::value* condition = design.if_contains("condition");
  if (condition != nullptr && !condition->is_null()) {
    ATTUNE_TRY(check_condition(*condition, "design.condition", groups_of(*condition)));
  }
  const json::value* parents = design.if_contains("parents");
  if (parents == nullptr || parents->is_null()) return {};
  const json::array* list = parents->if_array();
  if (list == nullptr) return refuse("design.parents", "must be a list");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string field = fmt::format("design.parents[{}]", i);
    const json::object* parent = (*list)[i].if_object();
    if (parent == nullptr || word_of(parent->if_contains("id")).empty()) {
      return refuse(field, R"(needs {"id": key of a flag})");
    }
    if (const json::value* of_parent = parent->if_contains("condition")) {
      ATTUNE_TRY(check_condition(*of_parent, field + ".condition", groups_of(*of_parent)));
    }
  }
  return {};
}

Result<void> check_start(const Test& test, std::span<const Test> others, std::int64_t now_ms) {
  if (test.site.empty()) return refuse("site_id", "say on which site the test runs");
  if (test.key.empty() || test.key.size() > kKeyBytesMax) {
    return refuse("test_key", "must be text of 1 to 100 bytes");
  }
  if (!(test.coverage > 0)) return refuse("coverage", "must be above 0: nobody would be in it");
  if (test.end_ms && *test.end_ms <= now_ms) {
    return refuse("end_date", "must lie in the future: the test would end as soon as it starts");
  }
  ATTUNE_TRY(check_arms(test));
  ATTUNE_ASSIGN(const Design design, read_design(test));
  if (design.metrics.empty()) {
    return refuse("design.metrics", "a test needs at least one metric");
  }
  if (test.primary_metric.empty()) {
    return refuse("primary_metric", "say which of design.metrics decides");
  }
  const auto primary = std::ranges::find(design.metrics, test.primary_metric, &Metric::name);
  if (primary == design.metrics.end()) {
    return refuse("primary_metric", "is not the name of one of design.metrics");
  }
  if (primary->kind == MetricKind::quantile && test.engine == "bandit") {
    return refuse("primary_metric",
                  "a bandit moves traffic by means and shares, not by a quantile");
  }
  ATTUNE_TRY(check_assignment(test, others));
  return check_alone(test, others);
}

}  // namespace attune::experiment
