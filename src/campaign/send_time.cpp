#include "campaign/send_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>

#include "store/transaction.h"

namespace attune::campaign {
namespace {

namespace json = boost::json;
using store::Value;

constexpr std::int64_t kQuarterMs = 15 * 60'000;   // zones are off by quarters of an hour
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kHourMs = 3'600'000;

std::string clock_of(int hour) { return fmt::format("{:02}:00", hour % kHours); }

/// Activity of the site until now, by hour of its day.
Result<HourCounts> read_activity(const Desk& desk, const SendTimeTest& wanted) {
  const std::int64_t end_ms = desk.now_ms / kQuarterMs * kQuarterMs;
  const std::int64_t begin_ms = end_ms - std::int64_t{wanted.days} * kDayMs;
  const Value parameters[] = {wanted.site.text(), store::Timestamp::from_ms(begin_ms),
                              store::Timestamp::from_ms(end_ms),
                              static_cast<double>(kQuarterMs) / 1000};
  const store::Tenant site{.site = wanted.site, .account = {}};
  auto rows = store::in_transaction_as(desk.session, site, [&] {
    return desk.session.query(wanted.activity == Activity::visits ? "report/series_sessions"
                                                                  : "campaign/send_time.orders",
                              parameters);
  });
  if (!rows) return pass(rows);
  HourCounts counts{};
  for (const auto& row : rows->rows) {
    const std::int64_t at_ms = begin_ms + std::get<std::int64_t>(row[0]) * kQuarterMs;
    const std::int64_t local_ms = at_ms + wanted.zone.offset_ms(at_ms);
    const std::int64_t of_day = (local_ms % kDayMs + kDayMs) % kDayMs;
    counts[static_cast<std::size_t>(of_day / kHourMs)] += std::get<double>(row[1]);
  }
  return counts;
}

Result<std::vector<int>> hours_of(const SendTimeTest& wanted, const HourCounts& counts) {
  if (!wanted.hours.empty()) return wanted.hours;
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  if (all < kActivityMin) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the site has {:.0f} {} in {} days; {:.0f} are needed to propose "
                            "hours: name them yourself",
                            all, wanted.activity == Activity::visits ? "visits" : "orders",
                            wanted.days, kActivityMin),
                "hours");
  }
  std::vector<int> hours = busy_windows(counts, wanted.windows);
  if (hours.empty()) {
    return fail(ErrorCode::failed_precondition,
                "between the earliest and the latest hour is no room for a window beside the "
                "current one",
                "hours");
  }
  return hours;
}

Fields fields_of(const Table& table, const std::map<std::string_view, Value>& values) {
  Fields fields(table.columns.size());
  for (const auto& [name, value] : values) fields[*table.find(name)] = value;
  return fields;
}

Fields test_fields(const SendTimeTest& wanted, std::size_t variations) {
  const json::object metric{{"name", "answered"},
                            {"kind", "conversion"},
                            {"event", wanted.event},
                            {"window_days", wanted.window_days}};
  const json::object design{{"metrics", json::array{metric}}};
  std::map<std::string_view, Value> values = {
      {"name", wanted.name},
      {"test_type", std::string(variations == 2 ? "Simple A/B" : "Multivariate")},
      {"hypothesis",
       fmt::format("More people answer with \"{}\" when the message comes at another hour than {}.",
                   wanted.event, clock_of(wanted.windows.current))},
      {"engine", std::string("sequential")},
      {"primary_metric", std::string("answered")},
      {"hash_attribute", wanted.hash_attribute},
      {"site_id", wanted.site.text()},
      {"design", store::Json{json::serialize(design)}}};
  if (wanted.campaign) values["campaign_id"] = *wanted.campaign;
  return fields_of(*find_table("ab_tests"), values);
}

struct Place {
  std::size_t index = 0;
  std::size_t count = 0;
};

Fields variation_fields(const SendTimeTest& wanted, const Uuid& test, int hour,
                        const Place& place) {
  const bool is_control = place.index == 0;
  const std::string until = clock_of(hour + wanted.windows.length);
  const json::object value{{"send_hour", hour},
                           {"window_hours", wanted.windows.length},
                           {"time_zone", wanted.zone.name()}};
  // To a hundredth, and 100 in all.
  const double even = std::floor(10'000.0 / static_cast<double>(place.count)) / 100;
  const double share =
      is_control ? 100 - even * static_cast<double>(place.count - 1) : even;
  return fields_of(
      *find_table("test_variations"),
      {{"ab_test_id", test},
       {"variation_id", fmt::format("hour-{:02}", hour)},
       {"name", fmt::format("{} to {}{}", clock_of(hour), until, is_control ? " (as now)" : "")},
       {"traffic_percentage", share},
       {"is_control", is_control},
       {"configuration", store::Json{json::serialize(json::object{{"value", value}})}}});
}

}  // namespace

std::vector<int> busy_windows(const HourCounts& counts, const SendWindows& windows) {
  const auto overlap = [&](int a, int b) {
    const int apart = std::abs(a - b);
    return std::min(apart, kHours - apart) < windows.length;
  };
  std::vector<int> chosen;
  while (chosen.size() < static_cast<std::size_t>(windows.challengers)) {
    std::optional<int> best;
    double most = 0;   // where nobody is, nothing is tried
    for (int hour = windows.earliest; hour + windows.length <= windows.latest; ++hour) {
      const bool is_taken = overlap(hour, windows.current) ||
                            std::ranges::any_of(chosen, [&](int c) { return overlap(hour, c); });
      if (is_taken) continue;
      double sum = 0;
      for (int i = hour; i < hour + windows.length; ++i) {
        sum += counts[static_cast<std::size_t>(i % kHours)];
      }
      if (sum > most) {
        most = sum;
        best = hour;
      }
    }
    if (!best) break;
    chosen.push_back(*best);
  }
  std::ranges::sort(chosen);
  return chosen;
}

Result<SendTimeDraft> draft_send_time_test(const Desk& desk, const SendTimeTest& wanted) {
  SendTimeDraft made;
  ATTUNE_ASSIGN(made.counts, read_activity(desk, wanted));
  ATTUNE_ASSIGN(std::vector<int> hours, hours_of(wanted, made.counts));
  hours.insert(hours.begin(), wanted.windows.current);
  // Half a test would be taken for a whole one.
  ATTUNE_TRY(desk.accounts.edit_at_once(
      desk.session, desk.account, [&](const AtOnce& rows) -> Result<void> {
        ATTUNE_ASSIGN(made.test,
                      rows.create(*find_table("ab_tests"), test_fields(wanted, hours.size())));
        const Uuid id = std::get<Uuid>(made.test[0]);
        for (std::size_t i = 0; i < hours.size(); ++i) {
          const Fields fields = variation_fields(wanted, id, hours[i], {i, hours.size()});
          ATTUNE_ASSIGN(Row row, rows.create(*find_table("test_variations"), fields));
          made.variations.push_back(std::move(row));
        }
        return {};
      }));
  return made;
}

}  // namespace attune::campaign
