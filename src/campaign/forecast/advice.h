// Which kinds of campaigns to run next, from the account's own past ones: predicted rates and
// return with intervals, and the chance of reaching a target. docs/campaigns.md is the
// specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "campaign/forecast/rates.h"

namespace attune::campaign::forecast {

/// What one campaign did in one cell.
struct PastCampaign {
  std::string id;
  Cell cell;
  double impressions = 0;
  double clicks = 0;
  double conversions = 0;
  double revenue = 0;
  double spend = 0;
  std::optional<double> engagements;   // nothing: the platform told none
};

struct AdviceOptions {
  double margin = 1;        // of revenue that is earned, above 0
  double roi_target = 0;    // earned by spent, less 1
  double risk = 0.5;        // 0 careful .. 1: ranks by the quantile 0.1 + 0.4 risk of the return
  std::size_t most = 5;
  std::uint64_t seed = 20'260'301;
};

/// Below so many campaigns of an account nothing is known of it: the chance is capped.
constexpr std::size_t kCampaignsMin = 5;
constexpr double kPriorChanceMax = 0.5;

struct Advice {
  Cell cell;
  Spread ctr;          // clicks by impressions
  Spread conversion;   // conversions by clicks
  std::optional<Spread> engagement;   // by impressions; nothing: no campaign was told any
  std::optional<Spread> roi;   // nothing: no campaign had both spend and revenue
  double chance = 0;   // that the return is above the target; 0 without one
  double rank_by = 0;
  std::size_t campaigns = 0;   // of the cell
  bool is_prior_only = false;
  std::optional<double> budget;   // median spend of its campaigns, else of all
};

/// One a cell that was ever used, best first. Seeded: the same input gives the same numbers.
std::vector<Advice> advise(std::span<const PastCampaign> past, const AdviceOptions& options);

/// A positive amount a campaign (cost of a click, value of a conversion): log-normal, the cell's
/// mean shrunk towards that of all by how much cells differ.
class AmountModel {
 public:
  struct Row {
    Cell cell;
    double amount = 0;   // above 0; else the row counts for nothing
  };
  static AmountModel fit(std::span<const Row> rows);
  bool is_known() const { return count_ > 0; }
  double draw(const Cell& cell, Random& random) const;

 private:
  struct Node {
    double mean = 0;       // of the logarithm
    double deviation = 0;  // of a new campaign's
  };
  std::map<Cell, Node> cells_;
  Node all_;
  std::size_t count_ = 0;
};

}  // namespace attune::campaign::forecast
