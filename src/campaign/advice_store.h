// Forecasts at work on an account's tables: past campaigns in, recommendations out, and what became
// of those that were followed. docs/campaigns.md is the specification.
#pragma once

#include <cstdint>
#include <span>
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

/// All rows of a table of the account, newest first.
[[nodiscard]] Result<std::vector<Row>> all_rows(const Desk& desk, const Table& table);

/// Asks a query of sql/ as the account.
[[nodiscard]] Result<store::Rows> read_as(const Desk& desk, std::string_view file,
                                          std::span<const store::Value> parameters,
                                          const store::QueryOptions& options = {});

[[nodiscard]] Result<std::vector<forecast::PastCampaign>> read_history(const Desk& desk);

/// Proposes anew: recommendations that were proposed before and not taken up expire.
/// Returns  how many were proposed.
/// Errors   failed_precondition: the account has no profile.
[[nodiscard]] Result<std::int64_t> propose_campaigns(const Desk& desk,
                                                     forecast::AdviceOptions options);

/// Fills actual_* of implemented recommendations from the numbers of their campaigns.
/// Returns  how many have some.
[[nodiscard]] Result<std::int64_t> note_actuals(const Desk& desk);

struct AdviceRefresh {
  std::int64_t measured = 0;
  std::int64_t proposed = 0;
};
/// What the clock does every day: notes what became of recommendations, and proposes anew, with the
/// options of the last time, when the numbers have changed since. An account that never asked for
/// proposals gets none.
[[nodiscard]] Result<AdviceRefresh> refresh_advice(const Desk& desk);

/// How predictions fared, over implemented recommendations whose campaigns have numbers.
struct Calibration {
  struct Coverage {
    std::int64_t count = 0;
    std::int64_t held = 0;   // within the 80 % interval
  };
  Coverage ctr, conversion, engagement, roi;
  std::int64_t judged = 0;   // with a chance and a return
  double brier = 0;   // mean of (chance - above the target)^2; 0.25: always one half
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
/// perhaps platform, audience, conversions, revenue, spend, currency, engagements. A row replaces
/// the one of the same campaign, day, platform and audience. One bad row and nothing is stored.
/// Errors   invalid_argument: the header lacks or repeats a column or has an unknown one; too long.
[[nodiscard]] Result<StatsImport> import_stats(const Desk& desk, std::string_view csv);

}  // namespace attune::campaign
