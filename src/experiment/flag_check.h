// Whether a flag may be stored: every mistake that an SDK would silently ignore is refused here,
// by name of the field, with what to do instead.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "experiment/payload.h"

namespace attune::experiment {

inline constexpr std::size_t kFlagRulesMax = 100;
inline constexpr std::size_t kFlagVariationsMax = 100;

/// A test of the site as far as flags refer to it, whether it runs or not.
struct KnownTest {
  std::string key;
  std::vector<std::string> variations;   // their ids
  boost::json::object design;
  bool is_bandit = false;
};

/// What else the site has.
struct FlagNeighbours {
  std::span<const Flag> flags;   // the flag itself may be among them, as it was
  std::span<const KnownTest> tests;
  boost::json::object groups = {};   // saved ones: key and list
};

/// flag    its rules' order is the order in which they are tried.
/// Errors  invalid_argument with the field ("rules[2].weights"): no such operator or member, a
///         value of another type, coverage or ranges outside 0 to 1 or that overlap, weights that
///         do not sum to 1, a test, a saved group or a prerequisite that does not exist,
///         prerequisites in a circle, a part of a namespace that another test holds.
[[nodiscard]] Result<void> check_flag(const Flag& flag, const FlagNeighbours& site);

/// condition  as for `fits`. groups  those that $inGroup and $notInGroup may name.
/// Errors  invalid_argument, field: where in it.
[[nodiscard]] Result<void> check_condition(const boost::json::value& condition,
                                           const std::string& field,
                                           const boost::json::object& groups);

/// Keys of the saved groups that $inGroup and $notInGroup name anywhere in a document.
std::set<std::string, std::less<>> named_groups(const boost::json::value& document);

/// Names of flags whose rules require this one.
std::vector<std::string> flags_that_need(std::string_view key, std::span<const Flag> flags);

}  // namespace attune::experiment
