#include "decide/popular.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace attune::decide {
namespace {

constexpr double kHourMs = 3'600'000;
constexpr double kDayMs = 24 * kHourMs;
constexpr double kWeekMs = 7 * kDayMs;

double halved(double age_ms, double half_life_days) {
  return std::exp2(-std::max(0.0, age_ms) / (half_life_days * kDayMs));
}

/// What the live stream has counted since the snapshot's counts end.
struct LiveCount {
  double score = 0;
  std::uint32_t visits = 0;
};

LiveCount count_live(const HourCounts& hours, std::int64_t counted_until_ms, std::int64_t now_ms,
                     double half_life_days) {
  LiveCount count;
  const std::int64_t oldest = hours.newest() - HourCounts::kHours + 1;
  const auto from = std::max(oldest, counted_until_ms / static_cast<std::int64_t>(kHourMs));
  for (std::int64_t hour = from; hour <= hours.newest(); ++hour) {
    const std::uint32_t visits = hours.at(hour);
    if (visits == 0) continue;
    const double age_ms = static_cast<double>(now_ms) - (static_cast<double>(hour) + 1) * kHourMs;
    count.score += visits * halved(age_ms, half_life_days);
    if (age_ms < kWeekMs) count.visits += visits;
  }
  return count;
}

}  // namespace

std::vector<PopularItem> rank_popular(const Uuid& site, const SiteSnapshot* snapshot,
                                      const LiveState& live, std::int64_t now_ms,
                                      const PopularOptions& options) {
  const std::int64_t counted_until_ms = snapshot == nullptr ? 0 : snapshot->counted_until_ms();
  const auto snapshot_age_ms = static_cast<double>(now_ms - counted_until_ms);
  const bool is_this_week = snapshot_age_ms < kDayMs;
  const std::size_t known = snapshot == nullptr ? 0 : snapshot->item_count();
  std::vector<LiveCount> counts(known);
  std::vector<PopularItem> ranking;
  live.each_item(site, [&](ItemKey key, const LiveItem& item) {
    const LiveCount count = count_live(item.hours, counted_until_ms, now_ms, options.half_life_days);
    const std::uint32_t number = snapshot == nullptr ? learn::kNoItem : snapshot->find(key);
    if (number != learn::kNoItem) {
      counts[number] = count;
    } else if (count.score > 0) {
      ranking.push_back({key, number, item.id, item.name, count.score, count.visits});
    }
  });
  const double fade = halved(snapshot_age_ms, options.half_life_days);
  for (std::uint32_t number = 0; number < known; ++number) {
    const SnapshotItem& item = snapshot->item(number);
    const double score = item.decayed_visits * fade + counts[number].score;
    if (score <= 0 || !item.recommendable) continue;
    const std::uint32_t visits = counts[number].visits + (is_this_week ? item.week_visits : 0);
    ranking.push_back({item.key, number, {}, {}, score, visits});
  }
  const auto id_of = [&](const PopularItem& item) -> const std::string& {
    return item.number == learn::kNoItem ? item.id : snapshot->item(item.number).product.id;
  };
  const auto better = [&](const PopularItem& a, const PopularItem& b) {
    return a.score != b.score ? a.score > b.score : id_of(a) < id_of(b);
  };
  const auto end = ranking.begin() +
                   static_cast<std::ptrdiff_t>(std::min(options.items_max, ranking.size()));
  std::partial_sort(ranking.begin(), end, ranking.end(), better);
  ranking.erase(end, ranking.end());
  for (PopularItem& item : ranking) {
    if (item.number == learn::kNoItem) continue;
    item.id = snapshot->item(item.number).product.id;
    item.name = snapshot->item(item.number).product.name;
  }
  return ranking;
}

}  // namespace attune::decide
