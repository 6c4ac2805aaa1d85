// Which stretch of a site's time a question is about, and which one it is compared with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time_zone.h"
#include "base/uuid.h"
#include "store/store.h"

namespace attune::report {

/// The site a question is about.
struct Site {
  Uuid id;
  TimeZone zone;
};

/// What a client asked for, as text; unknown or missing values are refused with the field's name.
struct RangeRequest {
  /// today yesterday 24h 7d 30d 90d 12mo all; empty: today, or from and to.
  std::string period = {};
  std::string from = {};      // YYYY-MM-DD, with `to` and without `period`; both days included
  std::string to = {};
  std::string compare = {};   // previous (also when empty), none
};

/// Some days of a site, or (24h) hours that begin in one day and end in another.
struct Span {
  std::int32_t first_day = 0;   // site days, both included
  std::int32_t last_day = 0;
  TimeRange instants;           // what is counted
  bool whole_days = true;       // instants are exactly those of the days

  std::int32_t days() const { return last_day - first_day + 1; }
};

struct Range {
  Span span;
  /// As long as `span` and right before it (24h: a day earlier); none when not wanted or for `all`.
  std::optional<Span> previous;
  /// While the span is still going on, the part of `previous` that is as old as the part of the
  /// span that has passed: headline numbers compare equal lengths. Else previous->instants.end_ms.
  std::int64_t previous_until_ms = 0;
  std::int32_t today = 0;       // the site's day now
  std::int64_t now_ms = 0;
};

inline constexpr std::int32_t kRangeDaysMax = 3660;

/// Errors   invalid_argument with field period, from, to or compare; those of the store (for `all`,
///          which asks for the first day with numbers).
[[nodiscard]] Result<Range> resolve_range(store::Session& session, const Site& site,
                                          const RangeRequest& request, std::int64_t now_ms);

}  // namespace attune::report
