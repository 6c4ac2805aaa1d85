#include "collect/admission.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace attune::collect {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
const Uuid kSite = Uuid::random();

AdmissionSettings ten_a_second() {
  return {.address_events_per_second = 10, .site_events_per_second = 0, .burst_s = 2};
}

TEST(AdmissionTest, RefusesLongBodies) {
  const Admission admission({.body_bytes_max = 100}, nullptr);
  EXPECT_FALSE(admission.admit_body(100));
  const auto refusal = admission.admit_body(101);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(refusal->retry_after_s, 0);
}

TEST(AdmissionTest, RefusesWhileTheJournalIsBehind) {
  Backlog waiting;
  const Admission admission({.backlog_bytes_max = 1000, .lag_ms_max = 5000},
                            [&] { return waiting; });
  EXPECT_FALSE(admission.admit_body(10));
  waiting.journal_pending_bytes = 1001;
  auto refusal = admission.admit_body(10);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.code(), ErrorCode::unavailable);
  EXPECT_GT(refusal->retry_after_s, 0);
  waiting = {.journal_pending_bytes = 0, .etl_lag_ms = 5001};
  refusal = admission.admit_body(10);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.code(), ErrorCode::unavailable);
}

TEST(AdmissionTest, AnAddressHasABurstAndThenItsRate) {
  Admission admission(ten_a_second(), nullptr);
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 20, 0));
  const auto refusal = admission.admit_events("203.0.113.7", kSite, 5, 0);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(refusal->retry_after_s, 1);
  EXPECT_FALSE(admission.admit_events("203.0.113.8", kSite, 20, 0)) << "another address";
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 5, kSecondUs / 2));
  EXPECT_TRUE(admission.admit_events("203.0.113.7", kSite, 1, kSecondUs / 2));
}

TEST(AdmissionTest, ARefusedRequestTakesNothing) {
  Admission admission(ten_a_second(), nullptr);
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 15, 0));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(admission.admit_events("203.0.113.7", kSite, 6, 0));
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 5, 0));
}

TEST(AdmissionTest, AHomeOfManyIpv6AddressesIsOneSender) {
  Admission admission(ten_a_second(), nullptr);
  EXPECT_FALSE(admission.admit_events("2001:db8:1:2::1", kSite, 20, 0));
  EXPECT_TRUE(admission.admit_events("2001:db8:1:2:aaaa::9", kSite, 1, 0));
  EXPECT_FALSE(admission.admit_events("2001:db8:1:3::1", kSite, 1, 0));
}

TEST(AdmissionTest, ALargeBatchPassesWhenTheBucketIsFull) {
  Admission admission(ten_a_second(), nullptr);
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 1000, 0));
  const auto refusal = admission.admit_events("203.0.113.7", kSite, 1, kSecondUs);
  ASSERT_TRUE(refusal) << "the debt is paid first";
  EXPECT_GT(refusal->retry_after_s, 60);
}

TEST(AdmissionTest, ASiteHasItsOwnLimit) {
  Admission admission({.address_events_per_second = 10, .site_events_per_second = 5, .burst_s = 2},
                      nullptr);
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 10, 0));
  EXPECT_TRUE(admission.admit_events("203.0.113.8", kSite, 1, 0));
  EXPECT_FALSE(admission.admit_events("203.0.113.8", Uuid::random(), 10, 0));
  // What the address gave for the request that the site refused came back.
  EXPECT_FALSE(admission.admit_events("203.0.113.8", Uuid::random(), 10, 0));
}

TEST(AdmissionTest, KeysAreNotCountedByAddress) {
  Admission admission(ten_a_second(), nullptr);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(admission.admit_events("", kSite, 100, 0));
}

TEST(AdmissionTest, ATableFullOfAddressesStillLimitsTheBusiest) {
  Admission admission({.address_events_per_second = 10, .burst_s = 2, .buckets_max = 64}, nullptr);
  std::int64_t now_us = 0;
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    now_us += 100;
    (void)admission.admit_events(fmt::format("10.{}.{}.1", i / 250, i % 250), kSite, 1, now_us);
    if (i % 4 == 0 && admission.admit_events("203.0.113.7", kSite, 1, now_us)) ++refused;
  }
  EXPECT_GT(refused, 400) << "500 events of one address within 0.2 s, 22 of them allowed";
}

TEST(AdmissionTest, AClockThatStandsStillGivesNothing) {
  Admission admission(ten_a_second(), nullptr);
  EXPECT_FALSE(admission.admit_events("203.0.113.7", kSite, 20, kSecondUs));
  EXPECT_TRUE(admission.admit_events("203.0.113.7", kSite, 1, 0));
  EXPECT_TRUE(admission.admit_events("203.0.113.7", kSite, 1, kSecondUs));
}

}  // namespace
}  // namespace attune::collect
