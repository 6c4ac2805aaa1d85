#include "decide/popular.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace attune::decide {
namespace {

constexpr double kHourMs = 3'600'000;
constexpr double kDayMs = 24 * kHourMs;

double halved(double age_ms, double half_life_days) {
  return std::exp2(-std::max(0.0, age_ms) / (half_life_days * kDayMs));
}

/// What the live stream has counted since the snapshot's counts end.
struct LiveCount {
  double score = 0;
  std::uint32_t visits = 0;
};

/// Sums the hours of an item. The weight of each hour is worked out once for all items.
class LiveCounter {
 public:
  LiveCounter(std::int64_t counted_until_ms, std::int64_t now_ms, double half_life_days)
      : from_hour_(counted_until_ms / kHour), now_hour_(now_ms / kHour) {
    for (std::size_t ago = 0; ago < weights_.size(); ++ago) {
      weights_[ago] = halved(static_cast<double>(ago) * kHourMs, half_life_days);
    }
  }

  LiveCount count(const HourCounts& hours) const {
    LiveCount sum;
    const std::int64_t from = std::max(hours.newest() - HourCounts::kHours + 1, from_hour_);
    for (std::int64_t hour = from; hour <= hours.newest(); ++hour) {
      const std::uint32_t visits = hours.at(hour);
      const std::int64_t ago = std::max<std::int64_t>(0, now_hour_ - hour);
      if (visits == 0 || ago >= static_cast<std::int64_t>(weights_.size())) continue;
      sum.score += visits * weights_[static_cast<std::size_t>(ago)];
      sum.visits += visits;
    }
    return sum;
  }

 private:
  static constexpr std::int64_t kHour = static_cast<std::int64_t>(kHourMs);
  std::int64_t from_hour_;
  std::int64_t now_hour_;
  std::array<double, 7 * 24> weights_{};  // older than a week: as good as nothing
};

}  // namespace

std::vector<PopularItem> rank_popular(const Uuid& site, const SiteSnapshot* snapshot,
                                      const LiveState& live, std::int64_t now_ms,
                                      const PopularOptions& options) {
  const std::int64_t counted_until_ms = snapshot == nullptr ? 0 : snapshot->counted_until_ms();
  const auto snapshot_age_ms = static_cast<double>(now_ms - counted_until_ms);
  const bool is_this_week = snapshot_age_ms < kDayMs;
  const double fade = halved(snapshot_age_ms, options.half_life_days);
  std::vector<PopularItem> ranking;
  const auto add_known = [&](std::uint32_t number, const LiveCount& live_count) {
    const SnapshotItem& item = snapshot->item(number);
    ranking.push_back({item.key, number, {}, {}, item.decayed_visits * fade + live_count.score,
                       live_count.visits + (is_this_week ? item.week_visits : 0)});
  };
  const LiveCounter counter(counted_until_ms, now_ms, options.half_life_days);
  std::vector<std::uint32_t> counted;
  live.each_item(site, [&](ItemKey key, const LiveItem& item) {
    const LiveCount count = counter.count(item.hours);
    if (count.score <= 0) return;
    const std::uint32_t number = snapshot == nullptr ? learn::kNoItem : snapshot->find(key);
    if (number == learn::kNoItem) {
      ranking.push_back({key, number, item.id, item.name, count.score, count.visits});
    } else if (snapshot->item(number).recommendable) {
      counted.push_back(number);
      add_known(number, count);
    }
  });
  // All others fade alike, so the best of them are the best of the snapshot.
  std::ranges::sort(counted);
  std::size_t others = 0;
  const auto most_visited =
      snapshot == nullptr ? std::span<const std::uint32_t>() : snapshot->most_visited();
  for (const std::uint32_t number : most_visited) {
    if (others == options.items_max) break;
    if (std::ranges::binary_search(counted, number)) continue;
    add_known(number, {});
    ++others;
  }
  const auto id_of = [&](const PopularItem& item) -> const std::string& {
    return item.number == learn::kNoItem ? item.id : snapshot->item(item.number).product.id;
  };
  const auto better = [&](const PopularItem& a, const PopularItem& b) {
    return a.score != b.score ? a.score > b.score : id_of(a) < id_of(b);
  };
  const auto end =
      ranking.begin() + static_cast<std::ptrdiff_t>(std::min(options.items_max, ranking.size()));
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
