#include <cmath>

#include "report/report.h"
#include "report/rows.h"

namespace attune::report {

namespace {

constexpr std::int64_t kItemsMax = 20;
// The 97.5 % point of the normal distribution.
constexpr double kZ = 1.959963984540054;

Row decision_parameters(const Site& site, TimeRange range, Row more = {}) {
  Row all{site.id, store::Timestamp::from_ms(range.begin_ms),
          store::Timestamp::from_ms(range.end_ms)};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

StrategyRow strategy_of(const Row& row) {
  StrategyRow strategy{.strategy = text(row[0]),
                       .shown = integer(row[1]),
                       .clicked = integer(row[2]),
                       .converted = integer(row[3]),
                       .revenue = number(row[4]),
                       .ctr = {},
                       .ctr_low = {},
                       .ctr_high = {}};
  strategy.ctr = share(strategy.clicked, strategy.shown);
  if (strategy.shown > 0) {
    const Interval95 interval = wilson_interval(strategy.clicked, strategy.shown);
    strategy.ctr_low = interval.low;
    strategy.ctr_high = interval.high;
  }
  return strategy;
}

Result<std::optional<ActiveModel>> active_model(store::Session& session, const Site& site) {
  const Row asked{site.id};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/model", asked));
  if (rows.rows.empty()) return std::optional<ActiveModel>();
  const Row& row = rows.rows.front();
  return std::optional(ActiveModel{.name = text(row[0]),
                                   .version = text(row[1]),
                                   .algorithm = text(row[2]),
                                   .status = text(row[3]),
                                   .trained_ms = time_ms_if(row[4]),
                                   .metrics_json = json_text(row[5])});
}

}  // namespace

Interval95 wilson_interval(std::int64_t hits, std::int64_t trials) {
  ensure(trials >= 1 && hits >= 0 && hits <= trials, "not a share of trials");
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(hits) / n;
  const double middle = p + kZ * kZ / (2 * n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  // Exact ends: rounding must not leave 1e-19 where nothing was hit.
  return {.low = hits == 0 ? 0 : (middle - half) / scale,
          .high = hits == trials ? 1 : (middle + half) / scale};
}

Result<RecommendationStats> recommendation_stats(store::Session& session, const Site& site,
                                                 const Range& range) {
  const TimeRange instants = range.span.instants;
  ATTUNE_ASSIGN(const Snapshot snapshot, Snapshot::take(session));
  RecommendationStats answer;
  const Row asked = decision_parameters(site, instants);
  ATTUNE_ASSIGN(const store::Rows decisions,
                session.query("report/recommendation_decisions", asked));
  answer.totals.decisions = integer(decisions.rows.at(0)[0]);
  ATTUNE_ASSIGN(const store::Rows strategies,
                session.query("report/recommendation_strategies", asked));
  for (const Row& row : strategies.rows) {
    answer.strategies.push_back(strategy_of(row));
    const StrategyRow& strategy = answer.strategies.back();
    answer.totals.shown += strategy.shown;
    answer.totals.clicked += strategy.clicked;
    answer.totals.converted += strategy.converted;
    answer.totals.revenue += strategy.revenue;
  }
  answer.totals.ctr = share(answer.totals.clicked, answer.totals.shown);
  ATTUNE_ASSIGN(const store::Rows items,
                session.query("report/recommendation_items",
                              decision_parameters(site, instants, {site.id.text(), kItemsMax})));
  for (const Row& row : items.rows) {
    answer.items.push_back({.item_id = text(row[0]),
                            .name = text(row[1]),
                            .shown = integer(row[2]),
                            .clicked = integer(row[3]),
                            .converted = integer(row[4])});
  }
  ATTUNE_ASSIGN(answer.model, active_model(session, site));
  return answer;
}

}  // namespace attune::report
