// What another way to draw would have earned on a site's own decisions, from what was logged. Each
// slot is one choice, given the slots above it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "learn/off_policy.h"

namespace attune::decide {

/// A drawn item of a decision; those of one decision lie together, by rank.
struct LoggedItem {
  Uuid decision{};
  std::int64_t rank = 0;  // from 1, pinned slots counted
  double propensity = 0;
  bool clicked = false;
  std::int64_t eligible_count = 0;
  std::string factors_json;  // of the decision; may be empty but for its first item
};

/// The log as seen from a policy. Rewards are clicks; the reward model is the mean of the slot in
/// the other two of three folds of decisions.
///
/// policy   "uniform": evenly over the candidates that are left; "blend": the strategies' scores,
///          as without a bandit.
/// Errors   invalid_argument (field "policy"): another policy; failed_precondition: no choices.
[[nodiscard]] Result<std::vector<learn::LoggedChoice>> seen_from_policy(
    const std::vector<LoggedItem>& items, std::string_view policy);

}  // namespace attune::decide
