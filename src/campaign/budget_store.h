// Budgets and bids at work on an account's tables. docs/campaigns.md is the specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "campaign/advice_store.h"
#include "campaign/budget/bids.h"
#include "campaign/budget/plan.h"

namespace attune::campaign {

struct BudgetOptions {
  struct Limit {
    std::string name;   // of the campaign or the platform
    std::optional<double> least = {}, most = {};   // a day
  };
  bool by_platform = false;
  bool by_revenue = false;   // else conversions
  std::string currency = {}; // only campaigns of it; empty: the account has one
  std::int32_t days = 90;    // back from the newest day there are numbers of
  std::vector<Limit> limits = {};
  std::optional<double> total = {};
  double change_max = 0.2;
};

struct BudgetAnswer {
  budget::Plan plan;
  std::string currency;   // empty: no campaign says
  std::optional<std::int32_t> first_day, last_day;   // nothing: no numbers
};

/// Errors   failed_precondition, field "currency": campaigns have several, say which;
///          invalid_argument, field "limits": of nothing that there is; as budget::plan_budget.
[[nodiscard]] Result<BudgetAnswer> propose_budget(const Desk& desk, const BudgetOptions& options);

struct BidsOptions {
  std::optional<budget::Aim> aim = {};    // of campaigns whose performance_targets have none
  std::optional<double> target = {};      // of `aim`; spend without one: what is left of the budget
  std::optional<std::int32_t> from = {};  // the first day of control; without: four weeks back
};

struct CampaignBids {
  std::string name;
  std::optional<budget::Aim> aim = {};   // nothing: there is no target
  std::vector<budget::BidStep> steps = {};
  std::string words = {};
};

struct BidsAnswer {
  std::vector<CampaignBids> campaigns;   // that spent in the last week there are numbers of
  std::optional<std::int32_t> first_day, last_day;
};

/// Bid multipliers towards each campaign's target, from its daily numbers. Aim and target of a
/// campaign are what its performance_targets say (roi, cost_per_conversion or spend, in this
/// order), else those of the options.
[[nodiscard]] Result<BidsAnswer> propose_bids(const Desk& desk, const BidsOptions& options);

}  // namespace attune::campaign
