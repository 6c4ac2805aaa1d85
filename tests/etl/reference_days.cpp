// Numbers of days, from the tables: docs/etl.md, section 11.
#include <cmath>

#include "base/hash.h"
#include "base/time_zone.h"
#include "etl/reference_parts.h"

namespace attune::etl::reference {
namespace {

struct Sum {
  std::set<std::string> visitors;
  std::int64_t sessions = 0, bounced = 0, seconds = 0, pages = 0, views = 0, events = 0,
               orders = 0;
  double revenue = 0;
  std::map<std::string, std::int64_t> types;
};

std::int32_t day_of(const event::SiteDirectory& sites, const Uuid& site, std::int64_t ms) {
  const auto found = sites.sites()->by_id.find(site);
  return TimeZone::find(found->second.timezone)->day_of(ms);
}

TextRow day_row(const std::string& site, std::int32_t day, const Sum& sum) {
  const std::string id = text(stable_id(site, day_text(day)));
  const auto share = [&](std::int64_t total, int scale) -> std::string {
    if (sum.sessions == 0) return "null";
    const auto factor = static_cast<std::int64_t>(std::pow(10, scale));
    const std::int64_t scaled =
        (total * factor * 2 + sum.sessions) / (sum.sessions * 2);
    return number_text(static_cast<double>(scaled) / static_cast<double>(factor));
  };
  TextRow row{{"id", id},
              {"site_id", site},
              {"metric_date", day_text(day)},
              {"unique_visitors", text(std::uint64_t{sum.visitors.size()})},
              {"total_sessions", text(sum.sessions)},
              {"total_pageviews", text(sum.views)},
              {"total_events", text(sum.events)},
              {"bounced_sessions", text(sum.bounced)},
              {"total_duration_seconds", text(sum.seconds)},
              {"bounce_rate", share(sum.bounced, 4)},
              {"avg_session_duration_seconds", share(sum.seconds, 0)},
              {"avg_pages_per_session", share(sum.pages, 2)},
              {"orders", text(sum.orders)},
              {"revenue", decimal(sum.revenue, 4)}};
  for (int type = 0; type < 8; ++type) {
    const std::string name(event::to_string(static_cast<event::ReferrerType>(type)));
    const auto found = sum.types.find(name);
    row[name + "_sessions"] = text(found == sum.types.end() ? 0 : found->second);
  }
  return row;
}

}  // namespace

void write_days(TextTables& tables, const std::deque<Visit>& visits,
                const event::SiteDirectory& sites) {
  std::map<std::pair<std::string, std::int32_t>, Sum> sums;
  for (const Visit& visit : visits) {
    for (const Fact& fact : visit.facts) {
      sums[{visit.site.text(), day_of(sites, visit.site, fact.event.timestamp_ms)}];
    }
  }
  const auto sum_of = [&](const TextRow& row, const char* time) -> Sum& {
    const Uuid site = *Uuid::parse(row.at("site_id"));
    return sums[{row.at("site_id"), day_of(sites, site, std::stoll(row.at(time)))}];
  };
  for (const auto& [id, row] : tables["pageviews"]) {
    Sum& sum = sum_of(row, "view_timestamp");
    ++sum.views;
    sum.visitors.insert(row.at("visitor_id"));
  }
  for (const auto& [id, row] : tables["user_events"]) {
    Sum& sum = sum_of(row, "event_timestamp");
    ++sum.events;
    sum.visitors.insert(row.at("visitor_id"));
  }
  for (const auto& [id, row] : tables["orders"]) {
    Sum& sum = sum_of(row, "order_timestamp");
    ++sum.orders;
    sum.revenue += std::stod(row.at("revenue"));
  }
  for (const auto& [id, row] : tables["user_sessions"]) {
    Sum& sum = sum_of(row, "session_start");
    ++sum.sessions;
    sum.bounced += row.at("bounce") == "true" ? 1 : 0;
    sum.seconds += std::stoll(row.at("duration_seconds"));
    sum.pages += std::stoll(row.at("pageview_count"));
    ++sum.types[row.at("referrer_type")];
  }
  for (const auto& [key, sum] : sums) {
    TextRow row = day_row(key.first, key.second, sum);
    tables["daily_site_metrics"][row.at("id")] = std::move(row);
  }
}

}  // namespace attune::etl::reference
