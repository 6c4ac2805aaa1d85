#include <algorithm>

#include "report/report.h"
#include "report/rows.h"
#include "report/totals.h"

namespace attune::report {

Result<std::vector<DayNumbers>> read_days(store::Session& session, const Site& site,
                                          std::int32_t first, std::int32_t last,
                                          std::int32_t today) {
  std::vector<DayNumbers> days(static_cast<std::size_t>(last - first + 1));
  for (std::size_t i = 0; i < days.size(); ++i) {
    days[i].day = first + static_cast<std::int32_t>(i);
    days[i].final = days[i].day < today;
  }
  const Row parameters{site.id.text(), store::Date{first}, store::Date{last}};
  const auto at = [&](const store::Value& value) -> DayNumbers& {
    return days[static_cast<std::size_t>(day(value) - first)];
  };
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/days", parameters));
  for (const Row& row : rows.rows) {
    DayNumbers& numbers = at(row[0]);
    numbers.visitors = integer(row[1]);
    numbers.sessions = integer(row[2]);
    numbers.pageviews = integer(row[3]);
    numbers.events = integer(row[4]);
    numbers.orders = integer(row[5]);
    numbers.revenue = number(row[6]);
  }
  ATTUNE_ASSIGN(const store::Rows pending, session.query("report/days_pending", parameters));
  for (const Row& row : pending.rows) at(row[0]).final = false;
  return days;
}

Result<EventNumbers> count_events(store::Session& session, const Site& site, TimeRange range) {
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/events", parameters(site, range)));
  const Row& row = rows.rows.at(0);
  return EventNumbers{.pageviews = integer(row[0]),
                      .events = integer(row[1]),
                      .orders = integer(row[2]),
                      .revenue = number(row[3])};
}

Result<VisitNumbers> count_visits(store::Session& session, const Site& site, TimeRange range) {
  const Row asked = parameters(site, range);
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/visits", asked));
  const Row& row = rows.rows.at(0);
  VisitNumbers numbers{.visitors = integer(row[0]),
                       .sessions = integer(row[2]),
                       .bounced = integer(row[3]),
                       .duration_seconds = integer(row[4]),
                       .pageviews = integer(row[5])};
  if (integer(row[1]) != 0) {
    ATTUNE_ASSIGN(const store::Rows exact, session.query("report/visits_straddling", asked));
    numbers.visitors = integer(exact.rows.at(0)[0]);
  }
  return numbers;
}

Result<std::int64_t> count_visitors(store::Session& session, const Site& site,
                                    const DayNumbers* days, std::size_t count) {
  if (count == 1 && days->final) return days->visitors;
  ATTUNE_ASSIGN(const VisitNumbers visits,
                count_visits(session, site,
                             site.zone.days_bounds(days[0].day, days[count - 1].day)));
  return visits.visitors;
}

namespace {

void add(EventNumbers& sum, const EventNumbers& more) {
  sum.pageviews += more.pageviews;
  sum.events += more.events;
  sum.orders += more.orders;
  sum.revenue += more.revenue;
}

// Final days from their rows, the runs of other days from the facts.
Result<EventNumbers> sum_days(store::Session& session, const Site& site,
                              const std::vector<DayNumbers>& days) {
  EventNumbers sum;
  for (std::size_t i = 0; i < days.size();) {
    if (days[i].final) {
      add(sum, {days[i].pageviews, days[i].events, days[i].orders, days[i].revenue});
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < days.size() && !days[i].final) ++i;
    ATTUNE_ASSIGN(const EventNumbers counted,
                  count_events(session, site,
                               site.zone.days_bounds(days[begin].day, days[i - 1].day)));
    add(sum, counted);
  }
  return sum;
}

Totals totals_of(const VisitNumbers& visits, const EventNumbers& events) {
  return {.visitors = visits.visitors,
          .sessions = visits.sessions,
          .pageviews = events.pageviews,
          .events = events.events,
          .bounce_rate = share(visits.bounced, visits.sessions),
          .avg_session_duration_seconds = share(visits.duration_seconds, visits.sessions),
          .pages_per_session = share(visits.pageviews, visits.sessions),
          .orders = events.orders,
          .revenue = events.revenue};
}

Result<Totals> count(store::Session& session, const Site& site, const Span& span,
                     std::int64_t until_ms, std::int32_t today) {
  const TimeRange instants{.begin_ms = span.instants.begin_ms,
                           .end_ms = std::min(span.instants.end_ms, until_ms)};
  ATTUNE_ASSIGN(VisitNumbers visits, count_visits(session, site, instants));
  if (!span.whole_days || instants.end_ms != span.instants.end_ms) {
    ATTUNE_ASSIGN(const EventNumbers events, count_events(session, site, instants));
    return totals_of(visits, events);
  }
  ATTUNE_ASSIGN(const std::vector<DayNumbers> days,
                read_days(session, site, span.first_day, span.last_day, today));
  if (days.size() == 1 && days[0].final) visits.visitors = days[0].visitors;
  ATTUNE_ASSIGN(const EventNumbers events, sum_days(session, site, days));
  return totals_of(visits, events);
}

}  // namespace

Result<Overview> overview(store::Session& session, const Site& site, const Range& range) {
  ATTUNE_ASSIGN(const Snapshot snapshot, Snapshot::take(session));
  Overview answer;
  ATTUNE_ASSIGN(answer.totals,
                count(session, site, range.span, range.span.instants.end_ms, range.today));
  if (range.previous) {
    ATTUNE_ASSIGN(answer.previous, count(session, site, *range.previous, range.previous_until_ms,
                                         range.today));
  }
  return answer;
}

}  // namespace attune::report
