// What may happen to a test, and what has to hold before people are given its variations. Pure: who
// stores it is test_store.h.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "experiment/metric.h"

namespace attune::experiment {

/// A variation, as stored.
struct Arm {
  std::string id;
  bool is_control = false;
  double traffic_percentage = 50;
  boost::json::object configuration;
};

/// A test with its variations, the control first.
struct Test {
  Uuid id;
  std::int64_t account = 0;
  std::string name;
  std::string type;     // "Simple A/B", "Multivariate", "Split URL", "Content Variation"
  std::string status;   // "Draft", "Active", "Paused", "Completed", "Cancelled"
  std::string engine;   // "frequentist", "sequential", "bayesian", "bandit"
  std::string site;     // text of its id, or empty
  std::string key;      // in payloads and exposures; empty in a draft: made of the name
  std::string primary_metric;
  std::string hash_attribute;
  double confidence = 0.95;
  double coverage = 1;
  std::int64_t sample_size = 0;   // wanted, of all arms; 0: not planned
  boost::json::object design;
  boost::json::value guardrails;
  boost::json::array weights;     // of a bandit: [{"day": "2026-11-21", "weights": {id: share}}]
  boost::json::object decision;   // {"log": [{"action", "at", "by", "reason"}], "winner"}
  std::optional<std::int64_t> start_ms, end_ms;       // planned
  std::optional<std::int64_t> started_ms, ended_ms;
  std::vector<Arm> arms;

  bool is_running() const { return status == "Active" || status == "Paused"; }
};

enum class Action : std::uint8_t { start, pause, resume, complete, cancel };

std::string_view to_string(Action action);

/// The state after an action: Draft -> Active <-> Paused -> Completed, and from any that is not
/// final to Cancelled. A running test may be completed without a pause.
///
/// Errors  failed_precondition, field "status": not from here, with what is possible.
[[nodiscard]] Result<std::string_view> status_after(std::string_view status, Action action);

/// "Big red button!" is "big-red-button"; at most 100 bytes, never empty.
std::string slug_of(std::string_view name);

/// What a test's design says, read and checked.
struct Design {
  std::vector<Metric> metrics;
  std::vector<Guardrail> guardrails;
  std::string correction = "holm";   // "holm", "bh", "none"
  std::int64_t cuped_days = 7;       // 0: without
  double n_star = 5000;              // people at which a sequential interval is narrowest
  std::string sequential_method = "confidence_sequence";   // or "msprt"
  double smallest_lift = 0;          // worth having, relative to the control; 0: not said
};

/// Errors  invalid_argument with the field: as read_metrics and read_guardrails; an unknown field,
///         a number or word out of range.
[[nodiscard]] Result<Design> read_design(const Test& test);

/// Whom a design is for: its `condition`, and `parents` as [{"id": flag, "condition": ..}].
///
/// Errors  invalid_argument with the field, such as "design.condition.age.$above": what SDKs would
///         silently take as "nobody". As check_condition, which flags are held to.
[[nodiscard]] Result<void> check_targeting(const boost::json::object& design);

/// Whether the test may start: it has a site, a key no other test of the site has, two variations
/// or more of which one is the control, traffic that sums to 100, a primary metric that is defined,
/// an end that has not come, variations that show its factors' levels, conditions that are some, a
/// holdout that runs, and no namespace that another running test of the site overlaps.
///
/// others  of the same site, in any state.
/// Errors  invalid_argument or failed_precondition, with the field and the rule.
[[nodiscard]] Result<void> check_start(const Test& test, std::span<const Test> others,
                                       std::int64_t now_ms);

}  // namespace attune::experiment
