#include "report/uplift.h"

#include <algorithm>
#include <cmath>

#include "report/rows.h"

namespace attune::report {
namespace {

// The 97.5 % point of the normal distribution.
constexpr double kZ = 1.959963984540054;
constexpr double kVisitorsMin = 100;
constexpr std::int64_t kHitsMin = 10;

double variance_of_mean(const Sample& sample) {
  if (sample.n < 2) return 0;
  const double mean = sample.sum / sample.n;
  const double squares = std::max(0.0, sample.sum_of_squares - sample.n * mean * mean);
  return squares / (sample.n - 1) / sample.n;
}

Sample share_of(std::int64_t hits, std::int64_t visitors) {
  const auto sum = static_cast<double>(hits);
  return {static_cast<double>(visitors), sum, sum};
}

void compare(PlacementRow& row) {
  if (!row.treatment || !row.control) return;
  const GroupRow& a = *row.treatment;
  const GroupRow& b = *row.control;
  const auto buyers = std::min(a.buyers, b.buyers);
  row.clicks = difference_of_means(share_of(a.clickers, a.visitors),
                                   share_of(b.clickers, b.visitors),
                                   std::min(a.clickers, b.clickers));
  row.buyers = difference_of_means(share_of(a.buyers, a.visitors), share_of(b.buyers, b.visitors),
                                   buyers);
  const auto revenue = [](const GroupRow& group) {
    return Sample{static_cast<double>(group.visitors), group.revenue, group.revenue_squares};
  };
  row.revenue = difference_of_means(revenue(a), revenue(b), buyers);
}

PlacementStrategyRow strategy_of(const Row& row) {
  PlacementStrategyRow made;
  made.strategy = text(row[1]);
  made.model = text(row[2]);
  made.items = integer(row[3]);
  made.shown = integer(row[4]);
  made.waiting = integer(row[5]);
  made.clicked = integer(row[6]);
  made.added = integer(row[7]);
  made.converted = integer(row[8]);
  made.revenue = number(row[9]);
  made.ctr = share(made.clicked, made.shown);
  if (made.shown > 0) {
    const Interval95 interval = wilson_interval(made.clicked, made.shown);
    made.ctr_low = interval.low;
    made.ctr_high = interval.high;
  }
  return made;
}

PlacementRow& find_or_add(std::vector<PlacementRow>& rows, const std::string& placement) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const PlacementRow& row) {
    return row.placement == placement;
  });
  if (at != rows.end()) return *at;
  rows.emplace_back();
  rows.back().placement = placement;
  return rows.back();
}

}  // namespace

Difference difference_of_means(const Sample& treatment, const Sample& control, std::int64_t hits) {
  ensure(treatment.n >= 1 && control.n >= 1, "a group has visitors");
  Difference made;
  made.treatment = treatment.sum / treatment.n;
  made.control = control.sum / control.n;
  made.difference = made.treatment - made.control;
  const double of_treatment = variance_of_mean(treatment);
  const double of_control = variance_of_mean(control);
  const double half = kZ * std::sqrt(of_treatment + of_control);
  made.low = made.difference - half;
  made.high = made.difference + half;
  made.is_enough =
      treatment.n >= kVisitorsMin && control.n >= kVisitorsMin && hits >= kHitsMin;
  if (made.control <= 0) return made;
  const double ratio = made.treatment / made.control;
  const double spread = std::sqrt(of_treatment + ratio * ratio * of_control) / made.control;
  made.relative = ratio - 1;
  made.relative_low = ratio - 1 - kZ * spread;
  made.relative_high = ratio - 1 + kZ * spread;
  return made;
}

Result<std::vector<PlacementRow>> placement_results(store::Session& session, const Site& site,
                                                    const Range& range, std::int64_t now_ms) {
  const TimeRange instants = range.span.instants;
  ATTUNE_ASSIGN(const Snapshot snapshot, Snapshot::take(session));
  Row asked{site.id, store::Timestamp::from_ms(instants.begin_ms),
            store::Timestamp::from_ms(instants.end_ms), site.id.text()};
  std::vector<PlacementRow> placements;
  ATTUNE_ASSIGN(const store::Rows groups, session.query("report/recommendation_uplift", asked));
  for (const Row& row : groups.rows) {
    PlacementRow& placement = find_or_add(placements, text(row[0]));
    const GroupRow group{.visitors = integer(row[2]),
                         .clickers = integer(row[3]),
                         .buyers = integer(row[4]),
                         .revenue = number(row[5]),
                         .revenue_squares = number(row[6])};
    (text(row[1]) == "control" ? placement.control : placement.treatment) = group;
  }
  asked.emplace_back(store::Timestamp::from_ms(now_ms));
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/recommendation_placements", asked));
  for (const Row& row : rows.rows) {
    find_or_add(placements, text(row[0])).strategies.push_back(strategy_of(row));
  }
  for (PlacementRow& placement : placements) compare(placement);
  std::sort(placements.begin(), placements.end(), [](const PlacementRow& a, const PlacementRow& b) {
    return a.placement < b.placement;
  });
  return placements;
}

}  // namespace attune::report
