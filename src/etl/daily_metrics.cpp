#include "etl/daily_metrics.h"

#include <array>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/time_zone.h"
#include "store/column_batch.h"

namespace attune::etl {
namespace {

using store::Timestamp;
using store::Value;

/// Days in one transaction: few enough that none is long.
constexpr std::size_t kDaysInTransaction = 16;

struct SiteDay {
  std::string site_id;
  std::int32_t day = 0;
};

TimeZone zone_of(const event::SiteSnapshot& sites, const std::string& site_id) {
  const auto id = Uuid::parse(site_id);
  if (!id) return {};
  const auto site = sites.by_id.find(*id);
  if (site == sites.by_id.end()) return {};
  auto zone = TimeZone::find(site->second.timezone);
  return zone ? std::move(*zone) : TimeZone();
}

Result<void> compute(store::Session& session, const TimeZone& zone, const SiteDay& day) {
  const TimeRange range = zone.day_bounds(day.day);
  const std::array parameters{Value{day.site_id}, Value{store::Date{day.day}},
                              Value{Timestamp::from_ms(range.begin_ms)},
                              Value{Timestamp::from_ms(range.end_ms)},
                              Value{stable_id(day.site_id, day_text(day.day))}};
  ATTUNE_TRY(session.execute("etl/days.compute", parameters));
  const std::array cleaned{Value{day.site_id}, Value{store::Date{day.day}}};
  ATTUNE_TRY(session.execute("etl/days.clean", cleaned));
  return {};
}

}  // namespace

Result<std::int64_t> refresh_daily_metrics(store::Session& session,
                                           const event::SiteDirectory& sites) {
  std::vector<SiteDay> days;
  ATTUNE_TRY(session.scan("etl/days.dirty", {}, [&](std::span<const Value> row) -> Result<void> {
    days.push_back({std::get<std::string>(row[0]), std::get<store::Date>(row[1]).days});
    return {};
  }));
  const auto snapshot = sites.sites();
  std::unordered_map<std::string, TimeZone> zones;
  for (std::size_t begin = 0; begin < days.size(); begin += kDaysInTransaction) {
    const std::size_t end = std::min(days.size(), begin + kDaysInTransaction);
    ATTUNE_TRY(session.begin());
    for (std::size_t at = begin; at < end; ++at) {
      const auto [zone, is_new] = zones.try_emplace(days[at].site_id);
      if (is_new) zone->second = zone_of(*snapshot, days[at].site_id);
      if (auto computed = compute(session, zone->second, days[at]); !computed) {
        (void)session.rollback();   // the first error says what went wrong
        return pass(computed, "computing a day's metrics");
      }
    }
    ATTUNE_TRY(session.commit());
  }
  return static_cast<std::int64_t>(days.size());
}

Result<void> mark_site_dirty(store::Session& session, const event::Site& site) {
  const std::string site_id = site.id.text();
  const std::array parameters{Value{site_id}};
  std::set<std::int32_t> days;
  const auto add = [&](std::span<const Value> row) -> Result<void> {
    const auto day = static_cast<std::int32_t>(std::get<std::int64_t>(row[0]));
    // Those around it too: a day of its zone, or of the zone before, reaches into two of UTC.
    days.insert({day - 1, day, day + 1});
    return {};
  };
  ATTUNE_TRY(session.scan("etl/days.site", parameters, add));
  if (days.empty()) return {};
  store::ColumnBatch batch;
  auto& site_column = batch.add_text("site_id");
  auto& date_column = batch.add_date("metric_date");
  for (const std::int32_t day : days) {
    site_column.push(site_id);
    date_column.push(store::Date{day});
  }
  return session.append("etl_dirty_days", batch);
}

}  // namespace attune::etl
