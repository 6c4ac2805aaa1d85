// What an account learns from its own numbers, and how it knows: from tests that ended (basis
// experiment) and from patterns in its campaigns' days (basis observational, and worded so).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "campaign/account_store.h"
#include "campaign/patterns.h"
#include "store/store.h"

namespace attune::campaign {

struct InsightOptions {
  std::int32_t days = 365;            // back from the newest day there is
  std::int64_t rows_max = 500'000;    // of campaign_stats_daily, the newest
  PatternOptions patterns;
};

struct InsightReport {
  std::int64_t days = 0;                // rows of campaign_stats_daily that were looked at
  std::int64_t patterns_found = 0;      // now, new or known
  std::int64_t patterns_new = 0;
  std::int64_t insights_of_patterns = 0;   // new ones
  std::int64_t insights_of_tests = 0;      // new ones
  std::string refusal;                  // why no patterns were looked for; empty: they were
};

std::string to_json(const InsightReport& report);

/// Looks for patterns in the clicks and conversions by impression of an account's campaigns, keeps
/// them in performance_patterns (a known one is brought up to date), and writes an insight for each
/// new one and for each test that ended since the last time. Safe to call again: an insight is
/// written once.
///
/// Errors   of the store; what was written until then stays.
/// Threads  one at a time for an account; edits of people may go on beside it.
[[nodiscard]] Result<InsightReport> find_insights(store::Session& session, AccountStore& accounts,
                                                  AccountId account,
                                                  const InsightOptions& options = {});

}  // namespace attune::campaign
