#include "base/time_zone.h"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace attune {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

TimeZone zone(std::string_view name) {
  auto found = TimeZone::find(name);
  EXPECT_TRUE(found) << name;
  return found ? *found : TimeZone();
}

std::int32_t day(std::string_view text) { return parse_day(text).value(); }

std::int64_t length_h(const TimeZone& in, std::string_view text) {
  const TimeRange bounds = in.day_bounds(day(text));
  return (bounds.end_ms - bounds.begin_ms) / kHourMs;
}

TEST(TimeZoneTest, UtcNeedsNoDatabase) {
  const TimeZone utc;
  EXPECT_EQ(utc.name(), "UTC");
  EXPECT_EQ(utc.day_of(-1), -1);
  EXPECT_EQ(utc.day_of(0), 0);
  EXPECT_EQ(utc.day_bounds(1), (TimeRange{24 * kHourMs, 48 * kHourMs}));
}

TEST(TimeZoneTest, UnknownZoneIsRefused) {
  for (const char* bad : {"", "Mars/Olympus", "europe/berlin ", "../etc/passwd"}) {
    const auto found = TimeZone::find(bad);
    ASSERT_FALSE(found) << bad;
    EXPECT_EQ(found.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(found.error().field(), "timezone");
  }
}

TEST(TimeZoneTest, DaysOfBerlinFollowTheClockChanges) {
  const TimeZone berlin = zone("Europe/Berlin");
  EXPECT_EQ(length_h(berlin, "2026-03-28"), 24);
  EXPECT_EQ(length_h(berlin, "2026-03-29"), 23);
  EXPECT_EQ(length_h(berlin, "2026-10-25"), 25);
  // 2026-03-28T23:00Z is midnight of the 29th; 2026-03-29T22:00Z of the 30th.
  EXPECT_EQ(utc_text(berlin.day_bounds(day("2026-03-29")).begin_ms), "2026-03-28T23:00:00Z");
  EXPECT_EQ(utc_text(berlin.day_bounds(day("2026-03-29")).end_ms), "2026-03-29T22:00:00Z");
  EXPECT_EQ(berlin.offset_ms(berlin.day_bounds(day("2026-03-29")).begin_ms), kHourMs);
  EXPECT_EQ(berlin.offset_ms(berlin.day_bounds(day("2026-03-29")).end_ms), 2 * kHourMs);
}

TEST(TimeZoneTest, DayBeginsAtTheJumpWhereMidnightIsSkipped) {
  const TimeZone sao_paulo = zone("America/Sao_Paulo");   // 2018-11-04 00:00 became 01:00
  EXPECT_EQ(length_h(sao_paulo, "2018-11-04"), 23);
  EXPECT_EQ(utc_text(sao_paulo.day_bounds(day("2018-11-04")).begin_ms), "2018-11-04T03:00:00Z");
}

TEST(TimeZoneTest, HourRepeatedOverMidnightStaysInTheLaterDay) {
  // Newfoundland, 2006-10-29 00:01 became 2006-10-28 23:01.
  const TimeZone st_johns = zone("America/St_Johns");
  const TimeRange bounds = st_johns.day_bounds(day("2006-10-29"));
  EXPECT_EQ(utc_text(bounds.begin_ms), "2006-10-29T02:30:00Z");
  const std::int64_t repeated_ms = bounds.begin_ms + 90'000;   // local 23:01:30 of the 28th again
  EXPECT_EQ(st_johns.day_of(repeated_ms), day("2006-10-29"));
  EXPECT_EQ(st_johns.day_of(bounds.begin_ms - 1), day("2006-10-28"));
  EXPECT_EQ(bounds.end_ms - bounds.begin_ms, 25 * kHourMs);
}

TEST(TimeZoneTest, DayThatDidNotHappenIsEmpty) {
  const TimeZone samoa = zone("Pacific/Apia");
  EXPECT_EQ(length_h(samoa, "2011-12-29"), 24);
  EXPECT_EQ(length_h(samoa, "2011-12-30"), 0);
  EXPECT_EQ(length_h(samoa, "2011-12-31"), 24);
}

TEST(TimeZoneTest, HalfHourZonesAndHalfHourChanges) {
  EXPECT_EQ(zone("Asia/Kolkata").offset_ms(0), 11 * kHourMs / 2);
  const TimeRange bounds = zone("Australia/Lord_Howe").day_bounds(day("2026-04-05"));
  EXPECT_EQ(bounds.end_ms - bounds.begin_ms, 49 * kHourMs / 2);
}

// Day by day over a century: days are contiguous and in order, day_of agrees with the bounds, and
// the day is the calendar's as the date library computes it (but for hours repeated over midnight).
TEST(TimeZoneTest, AgreesWithTheDateLibraryOverACentury) {
  std::mt19937_64 random(20261121);
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo",
                           "Asia/Kolkata", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia",
                           "Pacific/Kwajalein", "America/St_Johns", "Australia/Lord_Howe",
                           "Asia/Gaza", "America/Asuncion", "Antarctica/Troll"}) {
    const TimeZone ours = zone(name);
    const auto* theirs = date::locate_zone(name);
    std::int64_t previous_end = ours.day_bounds(day("1949-12-31")).end_ms;
    int repeated = 0;
    for (std::int32_t d = day("1950-01-01"); d < day("2050-01-01"); ++d) {
      const TimeRange bounds = ours.day_bounds(d);
      ASSERT_EQ(bounds.begin_ms, previous_end) << name << " " << day_text(d);
      previous_end = bounds.end_ms;
      if (bounds.begin_ms == bounds.end_ms) continue;
      ASSERT_EQ(ours.day_of(bounds.begin_ms), d) << name << " " << day_text(d);
      ASSERT_EQ(ours.day_of(bounds.end_ms - 1), d) << name << " " << day_text(d);
      const auto within = static_cast<std::int64_t>(
          random() % static_cast<std::uint64_t>(bounds.end_ms - bounds.begin_ms));
      const std::int64_t at = bounds.begin_ms + within;
      ASSERT_EQ(ours.day_of(at), d);
      const auto local = theirs->to_local(date::sys_time<std::chrono::milliseconds>(
          std::chrono::milliseconds(at)));
      const auto calendar = date::floor<date::days>(local).time_since_epoch().count();
      ASSERT_EQ((local.time_since_epoch().count() - at), ours.offset_ms(at)) << name;
      if (calendar != d) ++repeated;
    }
    EXPECT_LE(repeated, 20) << name;
  }
}

TEST(CalendarTest, DaysRoundTripAndCarryOver) {
  EXPECT_EQ(day("1970-01-01"), 0);
  EXPECT_EQ(day_text(0), "1970-01-01");
  EXPECT_EQ(day_text(day("2024-02-29")), "2024-02-29");
  EXPECT_EQ(calendar_of(day("2026-11-21")), (CalendarDay{2026, 11, 21}));
  EXPECT_EQ(day_text(day_from_calendar({2026, 3, 0})), "2026-02-28");
  EXPECT_EQ(day_text(day_from_calendar({2026, 13, 1})), "2027-01-01");
  EXPECT_EQ(day_text(day_from_calendar({2026, -1, 31})), "2025-12-01");
}

TEST(CalendarTest, WeeksBeginOnMonday) {
  EXPECT_EQ(weekday_of(day("2026-11-16")), 0);
  EXPECT_EQ(weekday_of(day("2026-11-21")), 5);
  EXPECT_EQ(weekday_of(day("1969-12-29")), 0);
}

TEST(CalendarTest, RefusesWhatIsNoDate) {
  for (const char* bad : {"", "2026-11-31", "2025-02-29", "2026-00-10", "2026-1-1", "26-11-21",
                          "2026-11-21T", "2026/11/21", "-026-11-21", "2026-11-0x"}) {
    EXPECT_FALSE(parse_day(bad)) << bad;
  }
}

TEST(UtcTextTest, ShowsMillisecondsOnlyWhenThereAreSome) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(utc_text(1'795'255'200'007), "2026-11-21T10:00:00.007Z");
}

}  // namespace
}  // namespace attune
