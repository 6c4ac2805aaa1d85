// What content slots showed and what followed: read from the decisions, held against averages with
// intervals, and kept in the account's rows of personalized_content.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "campaign/account_store.h"
#include "campaign/content_rules.h"
#include "store/store.h"

namespace attune::campaign {

struct ContentNumber {
  std::string placement;   // "slot:KEY"
  std::string item_id;     // "content:TEMPLATE"
  std::string group;       // "bandit", "holdout"
  std::string segment;     // "new", "returning", "buyer"
  std::int64_t decided = 0;
  std::int64_t shown = 0;
  std::int64_t clicked = 0;
  std::int64_t converted = 0;
};

/// begin_ms .. end_ms, of the decisions.
struct TimeRange {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};
[[nodiscard]] Result<std::vector<ContentNumber>> read_content_numbers(store::Session& session,
                                                                      const Uuid& site,
                                                                      const TimeRange& range);

struct Counts {
  std::int64_t n = 0;
  std::int64_t successes = 0;
};
struct Estimate {
  double mean = 0;
  double low = 0;   // of the central 95 %
  double high = 0;
};
/// Successes by trials, with Wilson's interval; 0, 0 .. 1 without a trial.
Estimate rate_of(const Counts& counts);
/// A rate by another one: mean and quantiles of 2,000 seeded draws of the two posteriors
/// Beta(successes + 1/2, failures + 1/2), taken as independent.
Estimate ratio_of(const Counts& part, const Counts& whole);
/// For each template the chance that its rate is above the median of all their rates, by 2,000
/// seeded draws of posteriors around a common prior that is fitted to them.
std::vector<double> chances_above_median(std::span<const Counts> templates);

/// Brings the account's rows up to date with `numbers` of one of its slots: personalized_content, a
/// row for each template and kind of visitor, and usage, success rate and score of the templates.
/// Returns  rows of personalized_content written.
[[nodiscard]] Result<std::int64_t> store_content_numbers(AccountStore& accounts,
                                                         store::Session& session,
                                                         AccountId account,
                                                         std::span<const ContentNumber> numbers,
                                                         std::int64_t now_ms);

}  // namespace attune::campaign
