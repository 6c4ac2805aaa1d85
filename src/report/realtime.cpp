// The last half hour, read from the facts by time bounds: what it costs does not grow with the
// site's age.
#include <string_view>

#include "report/report.h"
#include "report/rows.h"

namespace attune::report {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMinutes = 30;
constexpr std::int64_t kNowMinutes = 5;
constexpr std::int64_t kNamesMax = 10;
constexpr std::int64_t kEventsMax = 30;

Result<std::vector<NamedVisitors>> names(store::Session& session, std::string_view file,
                                         const Site& site, TimeRange range) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query(file, parameters(site, range, {kNamesMax})));
  std::vector<NamedVisitors> answer;
  for (const Row& row : rows.rows) answer.push_back({text(row[0]), integer(row[1])});
  return answer;
}

Result<void> fill_minutes(store::Session& session, const Site& site, TimeRange range,
                          std::string_view file, std::int64_t RealtimeMinute::* field,
                          std::vector<RealtimeMinute>& minutes) {
  const Row asked = parameters(site, range, {static_cast<double>(kMinuteMs) / 1000});
  ATTUNE_ASSIGN(const store::Rows rows, session.query(file, asked));
  for (const Row& row : rows.rows) {
    minutes.at(static_cast<std::size_t>(integer(row[0]))).*field =
        static_cast<std::int64_t>(number(row[1]));
  }
  return {};
}

Result<std::vector<RealtimeEvent>> latest(store::Session& session, const Site& site,
                                          TimeRange range) {
  const Row asked = parameters(site, range, {kEventsMax});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/realtime_events", asked));
  std::vector<RealtimeEvent> answer;
  for (const Row& row : rows.rows) {
    answer.push_back({.t_ms = time_ms_if(row[0]).value_or(0),
                      .event_type = text(row[1]),
                      .path = text(row[2]),
                      .country = text(row[4]),
                      .device_type = text(row[5]),
                      .visitor = text(row[3])});
  }
  return answer;
}

}  // namespace

Result<Realtime> realtime(store::Session& session, const Site& site, std::int64_t now_ms) {
  // Whole minutes, the current one being the last. Clocks of visitors may run a little ahead of
  // ours; such events belong to the current minute's picture as soon as it reaches them.
  const std::int64_t end_ms = now_ms - now_ms % kMinuteMs + kMinuteMs;
  const TimeRange range{.begin_ms = end_ms - kMinutes * kMinuteMs, .end_ms = end_ms};
  ATTUNE_ASSIGN(const Snapshot snapshot, Snapshot::take(session));
  Realtime answer;
  const Row asked =
      parameters(site, range, {store::Timestamp::from_ms(now_ms - kNowMinutes * kMinuteMs)});
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/realtime_visitors", asked));
  answer.visitors_30m = integer(rows.rows.at(0)[0]);
  answer.visitors_now = integer(rows.rows.at(0)[1]);
  for (std::int64_t i = 0; i < kMinutes; ++i) {
    answer.minutes.push_back({.t_ms = range.begin_ms + i * kMinuteMs});
  }
  ATTUNE_TRY(fill_minutes(session, site, range, "report/series_visitors",
                          &RealtimeMinute::visitors, answer.minutes));
  ATTUNE_TRY(fill_minutes(session, site, range, "report/series_pageviews",
                          &RealtimeMinute::pageviews, answer.minutes));
  ATTUNE_ASSIGN(answer.pages, names(session, "report/realtime_pages", site, range));
  ATTUNE_ASSIGN(answer.sources, names(session, "report/realtime_sources", site, range));
  ATTUNE_ASSIGN(answer.events, latest(session, site, range));
  return answer;
}

}  // namespace attune::report
