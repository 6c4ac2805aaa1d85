// Forecasts at work on an account's tables: past campaigns in, recommendations out, and what became
// of those that were followed. docs/campaigns.md is the specification.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "campaign/account_store.h"
#include "campaign/forecast/advice.h"

namespace attune::campaign {

/// One call's tools.
struct Desk {
  AccountStore& accounts;
  store::Session& session;
  AccountId account;
  std::int64_t now_ms = 0;
};

[[nodiscard]] Result<std::vector<forecast::PastCampaign>> read_history(const Desk& desk);

/// Proposes anew: recommendations that were proposed before and not taken up expire.
/// Returns  how many were proposed.
/// Errors   failed_precondition: the account has no profile.
[[nodiscard]] Result<std::int64_t> propose_campaigns(const Desk& desk,
                                                     forecast::AdviceOptions options);

/// Fills actual_* of implemented recommendations from the numbers of their campaigns.
/// Returns  how many have some.
[[nodiscard]] Result<std::int64_t> note_actuals(const Desk& desk);

/// How predictions fared, over implemented recommendations whose campaigns have numbers.
struct Calibration {
  struct Coverage {
    std::int64_t count = 0;
    std::int64_t held = 0;   // within the 80 % interval
  };
  Coverage ctr, conversion, roi;
  std::int64_t judged = 0;   // with a chance and a return
  double brier = 0;          // mean of (chance - reached)^2; 0.25: always one half
};
[[nodiscard]] Result<Calibration> calibration_of(const Desk& desk);

struct LineError {
  std::size_t line = 0;   // from 1; the header is the first
  std::string message;
};
struct StatsImport {
  std::int64_t rows = 0;   // stored, new or changed
  std::vector<LineError> errors;   // at most 100; then nothing was stored
};
/// Stores platform statistics: a CSV file with a header of campaign, day, impressions, clicks, and
/// perhaps platform, audience, conversions, revenue, spend, currency. A row replaces the one of the
/// same campaign, day, platform and audience. One bad row and nothing is stored.
/// Errors   invalid_argument: the header lacks or repeats a column or has an unknown one; too long.
[[nodiscard]] Result<StatsImport> import_stats(const Desk& desk, std::string_view csv);

}  // namespace attune::campaign
