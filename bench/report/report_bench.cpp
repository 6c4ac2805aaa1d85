// How long the dashboard's questions take on a site with a year of traffic.
//
//   report_bench [FOLDER = /tmp/attune-report-bench] [events = 50000000]
//
// Fills FOLDER once (3 pageviews and 5 other events a visit, evenly over 365 days of one site,
// visitors that come back) and keeps it for the next run; delete it to start over. Prints the
// median of 5 answers to each question, all with comparison to the period before, and the size on
// disk.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/time_zone.h"
#include "report/report.h"
#include "store/duckdb/duckdb_store.h"

namespace attune::report {
namespace {

constexpr std::int32_t kFirstDay = 20'413;   // 2025-11-21
constexpr std::int32_t kDays = 365;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kVisitEvents = 8;
constexpr std::string_view kSite = "0b5ad1b8-6f06-4b3c-9f4b-3d1f6f2f1f10";

// $1 first visit, $2 one past the last, $3 start of the first in ms, $4 ms from visit to visit, $5
// site.
constexpr std::string_view kVisits = R"(
insert into user_sessions_cold (session_key, session_id, visitor_id, site_id, stream, session_start,
  last_event_at, pageview_count, event_count, engaged_count, entry_path, referrer_type,
  referrer_platform, original_referrer, device_type, country, lead_at, lead_position, last_position)
select i * 8, 's-' || printf('%x', hash(i)),
  'v-' || printf('%x', hash(hash(i) % ($2 // 4 + 1))), $5,
  0,
  make_timestamptz(($3 + i * $4)::bigint * 1000),
  make_timestamptz(($3 + i * $4 + 240000)::bigint * 1000), 3, 5, 2, '/products/' || (hash(i) % 700),
  case hash(i) % 4 when 0 then 'search' when 1 then 'social' else 'direct' end,
  case hash(i) % 4 when 0 then 'Google' when 1 then 'Reddit' end,
  case hash(i) % 4 when 0 then 'https://www.google.com/'
    when 1 then 'https://www.reddit.com/r/x' end,
  'mobile', 'DE', make_timestamptz(($3 + i * $4)::bigint * 1000), i * 8, i * 8 + 7
from range($1::bigint, $2::bigint) t(i))";
constexpr std::string_view kViews = R"(
insert into pageviews_cold (id, session_id, visitor_id, site_id, url, path, title, view_timestamp,
  time_on_page_seconds, internal_referrer, session_key)
select i * 8 + j, 's-' || printf('%x', hash(i)),
  'v-' || printf('%x', hash(hash(i) % ($2 // 4 + 1))), $5,
  'https://shop.example/products/' || (hash(i + j) % 700), '/products/' || (hash(i + j) % 700),
  'Product ' || (hash(i + j) % 700),
  make_timestamptz(($3 + i * $4 + j * 60000)::bigint * 1000), 60, j > 0,
  i * 8
from range($1::bigint, $2::bigint) t(i), range(3) u(j))";
constexpr std::string_view kActions = R"(
insert into user_events (id, session_id, visitor_id, site_id, event_type, event_timestamp,
  page_path)
select i * 8 + 3 + j, 's-' || printf('%x', hash(i)),
  'v-' || printf('%x', hash(hash(i) % ($2 // 4 + 1))), $5,
  case j when 0 then 'click' when 1 then 'product_view' else 'scroll' end,
  make_timestamptz(($3 + i * $4 + 130000 + j * 20000)::bigint * 1000),
  '/products/' || (hash(i) % 700)
from range($1::bigint, $2::bigint) t(i), range(5) u(j))";

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) {
    fmt::print(stderr, "report_bench: {}: {}\n", what, result.error().message());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void fill(store::Session& session, const Site& site, std::int64_t events) {
  const std::int64_t visits = events / kVisitEvents;
  const double gap_ms = static_cast<double>(kDays * kDayMs) / static_cast<double>(visits);
  const std::int64_t step = 250'000;
  for (std::int64_t first = 0; first < visits; first += step) {
    const std::vector<store::Value> range{first, std::min(first + step, visits),
                                          std::int64_t{kFirstDay} * kDayMs, gap_ms,
                                          std::string(kSite)};
    for (const char* file : {"bench/visits", "bench/views", "bench/actions"}) {
      must(session.execute(file, range), file);
    }
    fmt::print(stderr, "\rfilling: {:3.0f} %",
               100.0 * static_cast<double>(first) / static_cast<double>(visits));
  }
  for (std::int32_t day = kFirstDay; day < kFirstDay + kDays; ++day) {
    const TimeRange bounds = site.zone.day_bounds(day);
    const std::vector<store::Value> parameters{
        std::string(kSite), store::Date{day}, store::Timestamp::from_ms(bounds.begin_ms),
        store::Timestamp::from_ms(bounds.end_ms), stable_id(kSite, day_text(day))};
    must(session.execute("etl/days.compute", parameters), "days");
  }
  fmt::print(stderr, "\rfilling: done \n");
}

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](timeval time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Question>
void time(std::string_view name, Question question) {
  std::vector<double> wall;
  std::vector<double> cpu;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu_begin = cpu_ms();
    must(question(), name);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    wall.push_back(taken.count());
    cpu.push_back(cpu_ms() - cpu_begin);
  }
  fmt::print("  {:<28} {:8.1f} ms {:8.1f} ms CPU\n", name, median(wall), median(cpu));
}

}  // namespace
}  // namespace attune::report

int main(int count, char** arguments) {
  using namespace attune;
  using namespace attune::report;
  const std::filesystem::path folder = count > 1 ? arguments[1] : "/tmp/attune-report-bench";
  const std::int64_t events = count > 2 ? std::strtoll(arguments[2], nullptr, 10) : 50'000'000;
  std::filesystem::create_directories(folder);
  const std::filesystem::path file = folder / "report.duckdb";
  const bool fresh = !std::filesystem::exists(file);

  const store::SqlCatalog own(store::Engine::duckdb);
  std::vector<std::string> names;
  names.reserve(own.files().size());
  std::vector<embedded::File> files{
      {"bench/visits.sql", kVisits}, {"bench/views.sql", kViews}, {"bench/actions.sql", kActions}};
  for (const auto& entry : own.files()) {
    names.push_back(entry.first + ".sql");
    files.push_back({names.back(), entry.second.text});
  }
  const auto store = must(
      store::open_duckdb({.file = file}, store::SqlCatalog(store::Engine::duckdb, files)), "open");
  const auto session = must(store->session(), "session");
  const Site site{must(Uuid::parse(kSite), "site"), TimeZone()};
  if (fresh) {
    must(store->migrate(), "migrate");
    fill(*session, site, events);
  }
  must(store->checkpoint(), "checkpoint");
  // In the middle of the last day, which the ETL would not have added up.
  const std::int64_t now_ms = (std::int64_t{kFirstDay} + kDays - 1) * kDayMs + kDayMs / 2;

  fmt::print(
      "{} events of one site over {} days, {:.1f} bytes an event on disk (facts and visits)\n",
      events, kDays,
      static_cast<double>(std::filesystem::file_size(file)) / static_cast<double>(events));
  for (const char* period : {"today", "7d", "30d", "12mo"}) {
    fmt::print("{}\n", period);
    const Range range = must(resolve_range(*session, site, {.period = period}, now_ms), "range");
    time("overview", [&] { return overview(*session, site, range); });
    time("series of visitors",
         [&] { return timeseries(*session, site, range, Metric::visitors, Interval::automatic); });
    time("series of pageviews",
         [&] { return timeseries(*session, site, range, Metric::pageviews, Interval::automatic); });
    time("pages", [&] { return pages(*session, site, range, PageSort::visitors, 10); });
    time("sources", [&] { return sources(*session, site, range, SourceKind::platform, 10); });
    time("referrers", [&] { return referrers(*session, site, range, 10); });
  }
  fmt::print("now\n");
  time("realtime", [&] { return realtime(*session, site, now_ms); });
  return 0;
}
