#include "campaign/forecast/advice.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace attune::campaign::forecast {
namespace {

constexpr double kPriorDeviation = 0.5;   // of a logarithm: about 1.6 times as much or as little
constexpr double kPriorCampaigns = 2;     // as many as the prior deviation counts

struct Moments {
  double count = 0;
  double sum = 0;
  double squares = 0;
  void add(double value) {
    count += 1;
    sum += value;
    squares += value * value;
  }
  double mean() const { return count > 0 ? sum / count : 0; }
  /// About the mean, not divided.
  double spread() const { return std::max(0.0, squares - sum * sum / std::max(count, 1.0)); }
};

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return quantile_of(values, 0.5);
}

struct CellHistory {
  std::set<std::string> campaigns;
  std::vector<double> spends;
};

}  // namespace

AmountModel AmountModel::fit(std::span<const Row> rows) {
  AmountModel model;
  Moments all;
  std::map<Cell, Moments> cells;
  for (const Row& row : rows) {
    if (!(row.amount > 0) || !std::isfinite(row.amount)) continue;
    all.add(std::log(row.amount));
    cells[row.cell].add(std::log(row.amount));
  }
  model.count_ = static_cast<std::size_t>(all.count);
  if (all.count == 0) return model;
  double within = 0;
  double degrees = 0;
  for (const auto& [cell, moments] : cells) {
    within += moments.spread();
    degrees += moments.count - 1;
  }
  const double prior = kPriorDeviation * kPriorDeviation;
  const double variance = (within + kPriorCampaigns * prior) / (degrees + kPriorCampaigns);
  // Between cells: what their means vary beyond what campaigns in them do.
  double between = 0;
  for (const auto& [cell, moments] : cells) {
    const double off = moments.mean() - all.mean();
    between += (off * off - variance / moments.count) / static_cast<double>(cells.size());
  }
  between = std::max(between, 0.01 * variance);
  model.all_ = {all.mean(), std::sqrt(variance * (1 + 1 / all.count) + between)};
  for (const auto& [cell, moments] : cells) {
    const double own = moments.count / variance;
    const double above = 1 / between;
    model.cells_[cell] = {(own * moments.mean() + above * all.mean()) / (own + above),
                          std::sqrt(variance + 1 / (own + above))};
  }
  return model;
}

double AmountModel::draw(const Cell& cell, Random& random) const {
  const auto found = cells_.find(cell);
  const Node& node = found == cells_.end() ? all_ : found->second;
  return std::exp(node.mean + node.deviation * draw_normal(random));
}

namespace {

struct Models {
  RateModel ctr;
  RateModel conversion;
  std::optional<RateModel> engagement;
  AmountModel click_cost;
  AmountModel value;
};

Models fit_models(std::span<const PastCampaign> past) {
  std::vector<RateRow> clicks;
  std::vector<RateRow> conversions;
  std::vector<RateRow> engagements;
  std::vector<AmountModel::Row> costs;
  std::vector<AmountModel::Row> values;
  for (const PastCampaign& each : past) {
    clicks.push_back({each.cell, {each.impressions, std::min(each.clicks, each.impressions)}});
    conversions.push_back({each.cell, {each.clicks, std::min(each.conversions, each.clicks)}});
    if (each.engagements && each.impressions > 0) {
      engagements.push_back({each.cell,
                             {each.impressions, std::min(*each.engagements, each.impressions)}});
    }
    if (each.clicks > 0) costs.push_back({each.cell, each.spend / each.clicks});
    if (each.conversions > 0) values.push_back({each.cell, each.revenue / each.conversions});
  }
  std::optional<RateModel> engagement;
  if (!engagements.empty()) engagement = RateModel::fit(engagements);
  return {RateModel::fit(clicks), RateModel::fit(conversions), std::move(engagement),
          AmountModel::fit(costs), AmountModel::fit(values)};
}

Advice advise_for(const Cell& cell, const Models& models, const AdviceOptions& options,
                  Random& random) {
  Advice made;
  made.cell = cell;
  std::vector<double> ctr = models.ctr.draw(cell, random);
  std::vector<double> conversion = models.conversion.draw(cell, random);
  std::vector<double> returns;
  std::size_t above = 0;
  if (models.click_cost.is_known() && models.value.is_known()) {
    for (const double rate : conversion) {
      const double earned = rate * models.value.draw(cell, random) * options.margin;
      returns.push_back(earned / models.click_cost.draw(cell, random) - 1);
      if (returns.back() > options.roi_target) ++above;
    }
    made.chance = static_cast<double>(above) / static_cast<double>(returns.size());
    made.roi = spread_of(returns);
    made.rank_by = quantile_of(returns, 0.1 + 0.4 * options.risk);
  }
  made.ctr = spread_of(ctr);
  made.conversion = spread_of(conversion);
  if (models.engagement) {
    std::vector<double> engagement = models.engagement->draw(cell, random);
    made.engagement = spread_of(engagement);
  }
  if (!made.roi) made.rank_by = made.ctr.mean * made.conversion.mean - 1e6;   // behind all others
  return made;
}

}  // namespace

std::vector<Advice> advise(std::span<const PastCampaign> past, const AdviceOptions& options) {
  std::map<Cell, CellHistory> cells;
  std::set<std::string> campaigns;
  std::vector<double> spends;
  for (const PastCampaign& each : past) {
    CellHistory& history = cells[each.cell];
    history.campaigns.insert(each.id);
    campaigns.insert(each.id);
    if (each.spend <= 0) continue;
    history.spends.push_back(each.spend);
    spends.push_back(each.spend);
  }
  const Models models = fit_models(past);
  Random random(options.seed);
  std::vector<Advice> all;
  for (const auto& [cell, history] : cells) {
    Advice made = advise_for(cell, models, options, random);
    made.campaigns = history.campaigns.size();
    made.is_prior_only = campaigns.size() < kCampaignsMin;
    if (made.is_prior_only) made.chance = std::min(made.chance, kPriorChanceMax);
    made.budget = median(history.spends.empty() ? spends : history.spends);
    all.push_back(std::move(made));
  }
  std::ranges::stable_sort(all, [](const Advice& a, const Advice& b) {
    return a.rank_by > b.rank_by;
  });
  if (all.size() > options.most) all.resize(options.most);
  return all;
}

}  // namespace attune::campaign::forecast
