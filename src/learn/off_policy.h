// What a policy would have earned, from what another one logged. Formulas: Dudik, Langford, Li 2011
// (DR); Swaminathan and Joachims 2015 (SNIPS); Wang, Agarwal, Dudik 2017 (Switch-DR); Saito et al.
// 2020 (the Open Bandit Pipeline, whose names are used here).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learn/evaluation.h"

namespace attune::learn {

/// One logged choice, seen from the policy that is to be valued.
struct LoggedChoice {
  double reward = 0;
  double propensity = 0;    // of the action, by the policy that logged it; > 0
  double target = 0;        // of the same action, by the policy that is valued; >= 0
  double model_logged = 0;  // predicted reward of the action
  double model_target = 0;  // predicted reward of what the valued policy would do: sum_a pi(a) q(a)
};

struct OffPolicyOptions {
  double switch_above = 10;     // Switch-DR leaves weights above it to the model
  double level = 0.95;          // of the intervals
  BootstrapOptions bootstrap;
  /// When less than this is known, nothing is concluded.
  double effective_size_min = 100;
  double largest_share_max = 0.10;   // of all weight, in one choice
};

struct Estimate {
  std::string name;         // "IPS", "SNIPS", "DM", "DR", "SNDR", "Switch-DR"
  double value = 0;         // reward a choice
  Interval interval;        // percentile bootstrap over choices
};

/// The weights w = target / propensity.
struct WeightSummary {
  double effective_size = 0;   // (sum w)^2 / sum w^2, in choices
  double mean_weight = 0;      // expected: the share of the policy that the log can see, at most 1
  double largest_weight = 0;
  double largest_share = 0;    // of the sum
};

struct OffPolicyReport {
  std::size_t choices = 0;
  double logged_value = 0;     // mean reward of the policy that logged
  Interval logged_interval;
  WeightSummary support;
  std::vector<Estimate> estimates;   // in the order of the names above
  std::vector<std::string> doubts;   // why nothing can be concluded; empty: it can
  bool conclusive() const { return doubts.empty(); }
};

/// Errors   invalid_argument: no choices, a probability that is none, a reward that is not finite.
[[nodiscard]] Result<OffPolicyReport> evaluate_off_policy(const std::vector<LoggedChoice>& log,
                                                          const OffPolicyOptions& options);

// --- what `attune evaluate bandit` does ---

/// A row of a log of choices among numbered actions.
struct BanditRow {
  std::uint32_t action = 0;    // from 0
  std::uint32_t position = 0;  // slot on the page, from 0
  double reward = 0;
  double propensity = 0;
};

struct BanditLog {
  std::vector<BanditRow> rows;
  std::uint32_t actions = 0;     // 1 + the largest
  std::uint32_t positions = 0;
};

/// Reads CSV with a header: item_id, click (or reward), propensity_score (or propensity), and
/// position (optional, from 1), as in the Open Bandit Dataset; other columns are ignored.
///
/// Errors   not_found, unavailable: the file; invalid_argument: a missing column, or a line that
///          cannot be read, with its number; resource_exhausted: more than 50 million rows.
[[nodiscard]] Result<BanditLog> read_bandit_log(const std::string& path);

/// Probability of an action in a position; over all actions the sum is 1.
using BanditPolicy = std::function<double(std::uint32_t action, std::uint32_t position)>;

/// "uniform" over the log's actions, or a CSV file: item_id, probability, and position (optional).
///
/// Errors   as read_bandit_log; invalid_argument: probabilities of a position that do not sum to 1.
[[nodiscard]] Result<BanditPolicy> read_bandit_policy(const std::string& name,
                                                      const BanditLog& log);

/// The log as seen from a policy. The reward model is the smoothed mean reward of an action in the
/// other folds (cross-fitting), so that no row predicts itself.
std::vector<LoggedChoice> seen_from(const BanditLog& log, const BanditPolicy& policy,
                                    std::uint32_t folds = 3);

struct BanditEvaluation {
  std::string log_path;
  std::string policy = "uniform";
  OffPolicyOptions options;
};

/// Errors   those of the three above.
[[nodiscard]] Result<OffPolicyReport> evaluate_bandit(const BanditEvaluation& what);

std::string to_text(const OffPolicyReport& report);
std::string to_json(const OffPolicyReport& report);

}  // namespace attune::learn
