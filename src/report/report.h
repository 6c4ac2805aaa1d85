// The questions the dashboard asks about a site, answered from the tables. Read only. serve turns
// the answers into JSON; nothing here knows HTTP.
//
// Definitions (docs/schema.md has them with the tables):
// - visitors   distinct visitors with an event in the range. Over a single past day this is
//              daily_site_metrics.unique_visitors; over anything longer it is an exact distinct
//              count over the visits that reach into the range, never a sum of days.
// - sessions, bounce_rate, durations, pages_per_session   of the visits that begin in the range.
// - pageviews, events, orders, revenue   of the events in the range. Past days come from
//              daily_site_metrics, the running day (and days the ETL has still to add up) from the
//              facts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/range.h"
#include "store/store.h"

namespace attune::report {

// ---- overview ----

struct Totals {
  std::int64_t visitors = 0;
  std::int64_t sessions = 0;
  std::int64_t pageviews = 0;
  std::int64_t events = 0;                            // user_events: everything but pageviews
  std::optional<double> bounce_rate;                  // 0..1; none without sessions
  std::optional<double> avg_session_duration_seconds;
  std::optional<double> pages_per_session;
  std::int64_t orders = 0;
  double revenue = 0;
};

struct Overview {
  Totals totals;
  std::optional<Totals> previous;
};

[[nodiscard]] Result<Overview> overview(store::Session& session, const Site& site,
                                        const Range& range);

// ---- time series ----

enum class Metric : std::uint8_t { visitors, sessions, pageviews, events, revenue };
enum class Interval : std::uint8_t { automatic, minute, hour, day, week, month };

std::string_view to_string(Metric metric);
std::string_view to_string(Interval interval);
/// Errors  invalid_argument, field "metric" or "interval". Empty: visitors, automatic.
[[nodiscard]] Result<Metric> parse_metric(std::string_view text);
[[nodiscard]] Result<Interval> parse_interval(std::string_view text);

struct Point {
  std::string t;               // minute, hour: UTC instant; day, week, month: its first site day
  std::int64_t t_ms = 0;       // where the point begins
  double value = 0;
  std::optional<double> previous = {};
};

struct Timeseries {
  Metric metric = Metric::visitors;
  Interval interval = Interval::day;   // never automatic
  std::vector<Point> points;           // none that lie wholly in the future
  bool last_partial = false;           // the last point's time is not over
};

inline constexpr std::size_t kPointsMax = 4000;

/// automatic  hours up to 2 days, days up to 92, weeks (from Monday) up to 210, then months.
/// Errors     invalid_argument, field "interval": more than kPointsMax points.
[[nodiscard]] Result<Timeseries> timeseries(store::Session& session, const Site& site,
                                            const Range& range, Metric metric, Interval interval);

// ---- lists ----

enum class PageSort : std::uint8_t { visitors, pageviews, time, entries };
[[nodiscard]] Result<PageSort> parse_page_sort(std::string_view text);   // field "sort"

struct PageRow {
  std::string path;
  std::string title;             // of the view that came last; empty when it had none
  std::int64_t visitors = 0;
  std::int64_t pageviews = 0;
  std::optional<double> avg_time_on_page_seconds;   // over views where it is known
  std::int64_t entries = 0;      // visits that began in the range, on this page
};

struct Pages {
  std::vector<PageRow> rows;
  std::int64_t total = 0;        // pages in the range
};

inline constexpr std::int64_t kListRowsMax = 1000;

/// limit    1 .. kListRowsMax, for all lists.
[[nodiscard]] Result<Pages> pages(store::Session& session, const Site& site, const Range& range,
                                  PageSort sort, std::int64_t limit);

enum class SourceKind : std::uint8_t { type, platform, utm_source, utm_medium, utm_campaign };
[[nodiscard]] Result<SourceKind> parse_source_kind(std::string_view text);   // field "by"

struct SourceRow {
  std::string name;
  std::int64_t visitors = 0;
  std::int64_t sessions = 0;
  std::optional<double> bounce_rate;
};

struct Sources {
  std::vector<SourceRow> rows;
  std::int64_t total = 0;
};

/// By type and by platform every visit is in one row (platform falls back to the type's name); by a
/// campaign tag only visits that carry it are.
[[nodiscard]] Result<Sources> sources(store::Session& session, const Site& site, const Range& range,
                                      SourceKind by, std::int64_t limit);

struct FormRow {
  std::string form_id;           // empty when the form has none
  std::string path;              // of its page
  std::int64_t submissions = 0;
  std::int64_t sessions = 0;     // visits that sent it
  std::int64_t viewers = 0;      // visits that viewed its page, or sent a form there
  std::optional<double> completion_rate;   // sessions / viewers
};

struct Forms {
  std::vector<FormRow> rows;
  std::int64_t total = 0;
};

[[nodiscard]] Result<Forms> forms(store::Session& session, const Site& site, const Range& range,
                                  std::int64_t limit);

struct ReferrerRow {
  std::string host;              // lower case, without "www." and port
  std::string type;              // "search", "social", ...
  std::int64_t visitors = 0;
  std::int64_t sessions = 0;
};

struct Referrers {
  std::vector<ReferrerRow> rows;
  std::int64_t total = 0;
};

/// Hosts that visits came from, but for the site's own.
[[nodiscard]] Result<Referrers> referrers(store::Session& session, const Site& site,
                                          const Range& range, std::int64_t limit);

// ---- realtime: the last 30 minutes ----

struct RealtimeMinute {
  std::int64_t t_ms = 0;
  std::int64_t visitors = 0;
  std::int64_t pageviews = 0;
};

struct NamedVisitors {
  std::string name;
  std::int64_t visitors = 0;
};

struct RealtimeEvent {
  std::int64_t t_ms = 0;
  std::string event_type;
  std::string path;
  std::string country;
  std::string device_type;
  std::string visitor;
};

struct Realtime {
  std::int64_t visitors_now = 0;          // with an event in the last 5 minutes
  std::int64_t visitors_30m = 0;
  std::vector<RealtimeMinute> minutes;    // 30, oldest first; the last is the current minute
  std::vector<NamedVisitors> pages;       // path, at most 10
  std::vector<NamedVisitors> sources;   // platform, else type, of visits with an event; at most 10
  std::vector<RealtimeEvent> events;      // latest 30, newest first
};

[[nodiscard]] Result<Realtime> realtime(store::Session& session, const Site& site,
                                        std::int64_t now_ms);

// ---- recommendations ----

struct RecommendationTotals {
  std::int64_t decisions = 0;
  std::int64_t shown = 0;        // items that became visible
  std::int64_t clicked = 0;
  std::int64_t converted = 0;
  double revenue = 0;
  std::optional<double> ctr;     // clicked / shown
};

struct StrategyRow {
  std::string strategy;
  std::int64_t shown = 0;
  std::int64_t clicked = 0;
  std::int64_t converted = 0;
  double revenue = 0;
  std::optional<double> ctr;
  std::optional<double> ctr_low;   // 95 % interval
  std::optional<double> ctr_high;
};

struct RecommendedItemRow {
  std::string item_id;
  std::string name;              // empty when the catalogue does not know it
  std::int64_t shown = 0;
  std::int64_t clicked = 0;
  std::int64_t converted = 0;
};

struct ActiveModel {
  std::string name;
  std::string version;
  std::string algorithm;
  std::string status;
  std::optional<std::int64_t> trained_ms;
  std::string metrics_json;   // quality on held-out visits (ml_models.metrics); empty: not measured
};

struct RecommendationStats {
  RecommendationTotals totals;
  std::vector<StrategyRow> strategies;       // most shown first
  std::vector<RecommendedItemRow> items;     // most shown first, at most 20
  std::optional<ActiveModel> model;          // the one serving, else the newest
};

/// Counts decisions made in the range.
[[nodiscard]] Result<RecommendationStats> recommendation_stats(store::Session& session,
                                                               const Site& site,
                                                               const Range& range);

struct Interval95 {
  double low = 0;
  double high = 1;
};

/// Wilson's score interval for a share, at 95 %.
///
/// hits     0 .. trials. trials  at least 1.
/// Source   E. B. Wilson, Probable inference, the law of succession, and statistical inference,
///          1927.
Interval95 wilson_interval(std::int64_t hits, std::int64_t trials);

}  // namespace attune::report
