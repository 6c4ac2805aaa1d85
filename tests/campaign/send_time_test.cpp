// Tests of send times drafted from a site's busy hours, on both engines.
#include "campaign/send_time.h"

#include "account_fixture.h"
#include "etl/faulty_store.h"
#include "experiment/test_store.h"

namespace attune::campaign {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SendWindowsTest, TakesTheBusiestThatDoNotOverlap) {
  HourCounts counts{};
  counts[8] = 50;
  counts[9] = 60;
  counts[12] = 90;
  counts[13] = 80;
  counts[19] = 70;
  counts[20] = 75;
  EXPECT_THAT(busy_windows(counts, {.current = 9}), ElementsAre(12, 19));
  // The hours of now are the control, however busy.
  EXPECT_THAT(busy_windows(counts, {.current = 12, .challengers = 3}), ElementsAre(8, 19));
  EXPECT_THAT(busy_windows(counts, {.current = 13, .length = 1, .challengers = 1}),
              ElementsAre(12));
  // Not at night, and no more than there is room for.
  counts[3] = 1000;
  counts[23] = 1000;
  EXPECT_THAT(busy_windows(counts, {.current = 9, .challengers = 1}), ElementsAre(12));
  EXPECT_THAT(busy_windows(counts, {.current = 9, .challengers = 4, .earliest = 8, .latest = 13}),
              ElementsAre(11));
  EXPECT_THAT(busy_windows(counts, {.current = 9, .earliest = 9, .latest = 10}), IsEmpty());
  // The current window goes over midnight, and so does what it takes.
  EXPECT_THAT(busy_windows(counts, {.current = 23, .challengers = 1, .earliest = 0, .latest = 2}),
              IsEmpty());
}

class SendTimeTestTest : public AccountFixture {
 protected:
  Desk desk() { return {accounts_store_, *session_, ours_, clock_.now_ms()}; }
  /// At this hour of Berlin, on each of the last days.
  void add_orders(int hour, std::int64_t each_day, int days) {
    store::ColumnBatch batch;
    auto& sites = batch.add_text("site_id");
    auto& sessions = batch.add_text("session_id");
    auto& visitors = batch.add_text("visitor_id");
    auto& times = batch.add_timestamp("order_timestamp");
    const std::int32_t today = wanted_.zone.day_of(clock_.now_ms());
    for (int day = 1; day <= days; ++day) {
      for (std::int64_t i = 0; i < each_day; ++i) {
        sites.push(wanted_.site.text());
        sessions.push("s");
        visitors.push("v");
        const std::int64_t local_ms = std::int64_t{today - day} * 86'400'000 +
                                      hour * std::int64_t{3'600'000} + i * 60'000;
        times.push(store::Timestamp::from_ms(local_ms - wanted_.zone.offset_ms(local_ms)));
      }
    }
    must(session_->append("orders", batch));
  }
  void SetUp() override {
    AccountFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make(table("meta_user_profiles"), ours_);
    wanted_.name = "When to send";
    wanted_.zone = must(TimeZone::find("Europe/Berlin"));
    wanted_.activity = Activity::orders;
    wanted_.windows = {.current = 10, .length = 1};
    wanted_.site = Uuid::random();
  }
  SendTimeTest wanted_;
};

TEST_P(SendTimeTestTest, DraftsWhatCanBeStarted) {
  // Clocks went back within these days: hours are the site's own all the same.
  add_orders(20, 3, 50);
  add_orders(13, 2, 50);
  add_orders(10, 9, 50);
  add_orders(8, 1, 50);
  const SendTimeDraft made = must(draft_send_time_test(desk(), wanted_));
  EXPECT_EQ(made.counts[20], 150);
  EXPECT_EQ(made.counts[13], 100);
  EXPECT_EQ(made.counts[10], 450);
  EXPECT_EQ(made.counts[19] + made.counts[21] + made.counts[9], 0);
  const Table& variations = table("test_variations");
  std::vector<std::string> names;
  double traffic = 0;
  for (const Row& row : made.variations) {
    names.push_back(std::get<std::string>(at(variations, row, "variation_id")));
    traffic += std::get<double>(at(variations, row, "traffic_percentage"));
  }
  EXPECT_THAT(names, ElementsAre("hour-10", "hour-13", "hour-20"));
  EXPECT_NEAR(traffic, 100, 1e-9);
  EXPECT_EQ(at(variations, made.variations[0], "is_control"), Value(true));
  EXPECT_EQ(at(variations, made.variations[1], "is_control"), Value(false));
  EXPECT_THAT(std::get<store::Json>(at(variations, made.variations[1], "configuration")).text,
              HasSubstr("send_hour"));
  EXPECT_EQ(at(table("ab_tests"), made.test, "status"), Value(std::string("Draft")));
  // It is a test like all others: it starts by the same rules.
  experiment::Test test = must(experiment::load_test(
      *session_, static_cast<std::int64_t>(ours_), id_of(made.test)));
  test = must(experiment::take_step(
      *session_, std::move(test),
      {.action = experiment::Action::start, .by = "a", .reason = "", .winner = "",
       .now_ms = clock_.now_ms()}));
  EXPECT_EQ(test.status, "Active");
  EXPECT_EQ(test.primary_metric, "answered");
  EXPECT_EQ(test.arms.size(), 3U);
}

TEST_P(SendTimeTestTest, RefusesToGuessHours) {
  add_orders(20, 1, 50);
  const auto few = draft_send_time_test(desk(), wanted_);
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ(few.error().field(), "hours");
  EXPECT_TRUE(account_rows("ab_tests", ours_).empty());
  // Named hours need no activity.
  wanted_.hours = {18};
  const SendTimeDraft named = must(draft_send_time_test(desk(), wanted_));
  EXPECT_EQ(named.variations.size(), 2U);
  EXPECT_EQ(at(table("ab_tests"), named.test, "test_type"), Value(std::string("Simple A/B")));
  const auto again = draft_send_time_test(desk(), wanted_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::already_exists);
  // Busy enough, and no hour is left.
  wanted_.hours = {};
  add_orders(20, 10, 50);
  wanted_.windows.earliest = 10;
  wanted_.windows.latest = 11;
  EXPECT_EQ(draft_send_time_test(desk(), wanted_).error().code(), ErrorCode::failed_precondition);
}

TEST_P(SendTimeTestTest, LeavesNoHalfOfATestWhereverTheDatabaseGoesAway) {
  wanted_.hours = {13, 18};
  etl::FaultyStore faulty(*store_);
  constexpr std::int64_t kCallsMax = 200;
  std::int64_t calls = 0;
  for (; calls < kCallsMax; ++calls) {
    const auto session = must(faulty.session());
    faulty.stay_away_from(calls);
    const auto made =
        draft_send_time_test({accounts_store_, *session, ours_, clock_.now_ms()}, wanted_);
    if (made) break;
    EXPECT_EQ(made.error().code(), ErrorCode::unavailable);
    ASSERT_TRUE(account_rows("ab_tests", ours_).empty()) << "away from call " << calls << " on";
    ASSERT_TRUE(account_rows("test_variations", ours_).empty());
  }
  // More than the activity, the test and its three variations need at least, and not for ever.
  EXPECT_GT(calls, 10);
  EXPECT_LT(calls, kCallsMax);
  EXPECT_EQ(account_rows("ab_tests", ours_).size(), 1U);
  EXPECT_EQ(account_rows("test_variations", ours_).size(), 3U);
}

TEST_P(SendTimeTestTest, MakesNothingOfHoursThatAreTheSame) {
  wanted_.hours = {18, 18};
  const auto made = draft_send_time_test(desk(), wanted_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::already_exists);
  EXPECT_TRUE(account_rows("ab_tests", ours_).empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, SendTimeTestTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
