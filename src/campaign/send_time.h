// When to send a message, as a test: hours at which the site is busy against the hour of now. That
// people are there at an hour does not say that a message then does better; only the test does.
// docs/campaigns.md, "Send times", is the specification.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "campaign/advice_store.h"

namespace attune::campaign {

constexpr int kHours = 24;
/// By hour of the site's time zone.
using HourCounts = std::array<double, kHours>;

struct SendWindows {
  int current = 9;      // the hour of now, 0 .. 23
  int length = 2;       // hours, 1 .. 6
  int challengers = 2;  // 1 .. 4
  int earliest = 7;     // no window begins before this hour
  int latest = 22;      // or ends after this one
};

/// Beginnings of the busiest windows that overlap neither the current one nor each other, earliest
/// first. Fewer than were wanted where the day has no more room.
std::vector<int> busy_windows(const HourCounts& counts, const SendWindows& windows);

constexpr double kActivityMin = 200;   // visits or orders, for hours to be told apart

enum class Activity : std::uint8_t { visits, orders };

struct SendTimeTest {
  std::string name;
  Uuid site;
  TimeZone zone;
  SendWindows windows;
  std::vector<int> hours;   // beginnings, in place of the busiest windows
  Activity activity = Activity::visits;
  std::int32_t days = 56;   // of activity, up to now
  std::string event = "purchase";   // what it is to bring more of
  std::int64_t window_days = 3;     // after the message
  std::optional<Uuid> campaign;
  std::string hash_attribute = "user_id";
};

struct SendTimeDraft {
  Row test;
  std::vector<Row> variations;   // the control first
  HourCounts counts{};           // of the activity
};

/// Makes a draft test and its variations: all of it or nothing.
///
/// Errors   failed_precondition, field "hours": too little activity, or no room for a window;
///          as AccountStore::create.
[[nodiscard]] Result<SendTimeDraft> draft_send_time_test(const Desk& desk,
                                                         const SendTimeTest& wanted);

}  // namespace attune::campaign
