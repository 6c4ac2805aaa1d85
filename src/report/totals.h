// The numbers behind overview and the longer time series: where a daily row is final it is used,
// the other days are counted from the facts.
#pragma once

#include <cstdint>
#include <vector>

#include "report/report.h"

namespace attune::report {

/// One day's own numbers.
struct DayNumbers {
  std::int32_t day = 0;
  bool final = false;            // from daily_site_metrics; else the other fields are unset
  std::int64_t visitors = 0;
  std::int64_t sessions = 0;
  std::int64_t pageviews = 0;
  std::int64_t events = 0;
  std::int64_t orders = 0;
  double revenue = 0;
};

/// Days first..last in order, none left out. A day is final when it is over and the ETL has added
/// it up.
[[nodiscard]] Result<std::vector<DayNumbers>> read_days(store::Session& session, const Site& site,
                                                        std::int32_t first, std::int32_t last,
                                                        std::int32_t today);

struct EventNumbers {
  std::int64_t pageviews = 0;
  std::int64_t events = 0;
  std::int64_t orders = 0;
  double revenue = 0;
};

/// From the facts.
[[nodiscard]] Result<EventNumbers> count_events(store::Session& session, const Site& site,
                                                TimeRange range);

struct VisitNumbers {
  std::int64_t visitors = 0;
  std::int64_t sessions = 0;
  std::int64_t bounced = 0;
  std::int64_t duration_seconds = 0;
  std::int64_t pageviews = 0;    // of these visits, also those after the range
};

/// From the visits; visitors exactly.
[[nodiscard]] Result<VisitNumbers> count_visits(store::Session& session, const Site& site,
                                                TimeRange range);

/// Distinct visitors of whole days: the final daily number of a single day, else counted.
[[nodiscard]] Result<std::int64_t> count_visitors(store::Session& session, const Site& site,
                                                  const DayNumbers* days, std::size_t count);

}  // namespace attune::report
