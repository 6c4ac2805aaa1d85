// Conditions under which a rate is higher or lower than elsewhere: found on one half of the groups,
// confirmed on the other half, so that looking at thousands of conditions invents nothing. What is
// found is associated with the rate; only a test says that it causes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace attune::campaign {

/// Rows of equal standing: days of campaigns, people. The rate of rows is sum of successes / sum of
/// trials.
struct PatternRows {
  struct Attribute {
    std::string name;                    // "platform"
    std::vector<std::string> values;     // "Instagram", ...; at most kPatternValuesMax
    std::vector<std::uint16_t> of_row;   // index into values
  };
  std::vector<Attribute> attributes;     // at most kPatternAttributesMax
  std::vector<double> trials;            // of each row, >= 0: impressions
  std::vector<double> successes;         // 0 .. trials: clicks
  /// Rows of one group vary together (a campaign's days): halves and errors go by group.
  std::vector<std::uint32_t> group;

  std::size_t size() const { return trials.size(); }
};

inline constexpr std::size_t kPatternAttributesMax = 32;
inline constexpr std::size_t kPatternValuesMax = 256;

struct Condition {
  std::size_t attribute = 0;
  std::uint16_t value = 0;

  bool operator==(const Condition&) const = default;
};

/// A conjunction that was confirmed; all numbers are of the half that it was not found on.
struct Pattern {
  std::vector<Condition> conditions;   // by attribute
  double rate = 0;                     // where it holds
  double rate_elsewhere = 0;
  double difference = 0;               // rate - rate_elsewhere
  double low = 0, high = 0;            // of the difference, 95 %, by group; not corrected
  double p_value = 1;                  // of the weakest comparison, one-sided; not corrected
  double q_value = 1;                  // Benjamini and Hochberg over all candidates
  double effect_size = 0;              // Cohen's h
  double coverage = 0;                 // share of the trials where it holds
  std::size_t groups = 0;              // where it holds
};

struct PatternOptions {
  std::size_t conditions_max = 3;
  std::size_t beam = 20;               // conjunctions that are made longer
  std::size_t candidates_max = 40;     // taken to the other half
  double coverage_min = 0.05;          // of the trials
  std::size_t groups_min = 10;         // with it and without it, in either half
  double q_max = 0.05;                 // share of false alarms among what is reported
  std::uint64_t seed = 1;              // of the halves
};

struct PatternSearch {
  std::vector<Pattern> patterns;       // smallest q value first
  std::size_t tried = 0;               // conjunctions looked at
  std::size_t candidates = 0;          // confirmed or refused on the other half
  std::size_t groups = 0;
  std::string refusal;                 // why nothing could be looked for; empty: it was
};

/// Beam search over conjunctions by weighted relative accuracy, P(c) (P(y | c) - P(y)), in both
/// directions, on a random half of the groups; then, on the other half, the difference of the rates
/// where the conjunction holds and where not, and between it and each conjunction with one
/// condition less, must lie in the direction found. Errors are by group (sandwich), with the
/// smaller number of groups less one as degrees of freedom; the largest p value of a conjunction
/// counts.
///
/// Where labels mean nothing, a search reports anything at all with a chance of about q_max.
/// Errors  invalid_argument: columns of different lengths, successes outside 0 .. trials, values
///         outside an attribute, too many of either.
/// Source  Webb, Discovering significant patterns, Machine Learning 68 (2007): holdout evaluation
///         and productive rules; Lavrac, Flach, Zupan 1999 (weighted relative accuracy); Cameron,
///         Miller, Journal of Human Resources 50 (2015): few clusters.
[[nodiscard]] Result<PatternSearch> find_patterns(const PatternRows& rows,
                                                  const PatternOptions& options = {});

/// "platform is Instagram and weekday is Sunday".
std::string describe(const PatternRows& rows, const std::vector<Condition>& conditions);

}  // namespace attune::campaign
