#include "learn/session_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "test_log.h"

namespace attune::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SessionLogTest, NumbersItemsInTheOrderOfTheirIds) {
  const SessionLog log = log_of({"cab", "db"});
  EXPECT_THAT(log.item_ids, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(log.session(0), ElementsAre(2, 0, 1));
  EXPECT_THAT(log.session(1), ElementsAre(3, 1));
  EXPECT_EQ(log.find("c"), 2U);
  EXPECT_EQ(log.find("cc"), kNoItem);
}

TEST(SessionLogTest, OrdersVisitsByTheirEndAndClicksByTime) {
  SessionLogBuilder builder;
  builder.add("late", "x", 300);
  builder.add("early", "y", 200);
  builder.add("late", "z", 100);
  const SessionLog log = *builder.build();
  ASSERT_EQ(log.session_count(), 2U);
  EXPECT_EQ(log.end_ms(0), 200);
  EXPECT_EQ(log.item_ids[log.session(1)[0]], "z");
  EXPECT_EQ(builder.click_count(), 0U) << "the builder starts anew";
}

TEST(SessionLogTest, KeepsTheOrderOfClicksAtTheSameTime) {
  SessionLogBuilder builder;
  builder.add("s", "b", 5);
  builder.add("s", "a", 5);
  SessionLog log = *builder.build();
  EXPECT_THAT(log.session(0), ElementsAre(1, 0));
  builder.add("s", "b", 5);
  builder.add("s", "a", 5);
  log = *builder.build({.newest_first = true});
  EXPECT_THAT(log.session(0), ElementsAre(0, 1));
}

TEST(SessionLogTest, LeavesOutRareItemsThenShortVisits) {
  SessionLogBuilder builder;
  for (const char* visit : {"1", "2"}) {
    builder.add(visit, "often", 1);
    builder.add(visit, "twice", 2);
  }
  builder.add("3", "often", 3);
  builder.add("3", "rare", 4);
  const SessionLog log = *builder.build({.session_items_min = 2, .item_clicks_min = 2});
  EXPECT_THAT(log.item_ids, ElementsAre("often", "twice"));
  EXPECT_EQ(log.session_count(), 2U);
}

TEST(SessionLogTest, MergesRepeatsOfOneItemInARow) {
  SessionLogBuilder builder;
  for (const char* item : {"a", "a", "b", "a"}) builder.add("s", item, 1);
  const SessionLog log = *builder.build({.merge_repeats = true});
  EXPECT_THAT(log.session(0), ElementsAre(0, 1, 0));
}

TEST(SessionLogTest, AnEmptyLogHasNoVisits) {
  const SessionLog log = *SessionLogBuilder{}.build();
  EXPECT_EQ(log.session_count(), 0U);
  EXPECT_EQ(log.item_count(), 0U);
}

TEST(SessionLogTest, ASliceIsALogOfItsOwn) {
  const SessionLog log = log_of({"ab", "bc", "cd"});
  const SessionLog part = slice(log, 1, 3);
  EXPECT_THAT(part.item_ids, ElementsAre("b", "c", "d"));
  EXPECT_THAT(part.session(0), ElementsAre(0, 1));
  EXPECT_THAT(part.session(1), ElementsAre(1, 2));
  EXPECT_EQ(part.end_ms(1), log.end_ms(2));
  EXPECT_EQ(slice(log, 1, 1).session_count(), 0U);
}

class SessionFileTest : public testing::Test {
 protected:
  std::string write(std::string_view text) {
    std::ofstream(folder_ / "sessions.txt") << text;
    return folder_ / "sessions.txt";
  }
  TestFolder folder_;
};

TEST_F(SessionFileTest, ReadsTheBolFormat) {
  const auto log = read_session_file(
      write("SessionId\tItemId\tTime\r\n7\tx\t1593536687.0\r\n7\ty\t1593536656.5\n\n8\tx\t12\n"));
  ASSERT_TRUE(log) << log.error().message();
  EXPECT_EQ(log->session_count(), 2U);
  EXPECT_EQ(log->item_ids[log->session(1)[0]], "y");
  EXPECT_EQ(log->begin_ms(1), 1'593'536'656'500);
}

TEST_F(SessionFileTest, NamesTheLineOfABadOne) {
  for (const char* bad : {"7\tx", "7\t\t5", "\tx\t5", "7\tx\tsoon", "7\tx\t-1", "7\tx\t1e300",
                          "7\tx\tnan", "7\tx\t5\textra"}) {
    const auto log =
        read_session_file(write(fmt::format("SessionId\tItemId\tTime\n1\ta\t1\n{}\n", bad)));
    ASSERT_FALSE(log) << bad;
    EXPECT_EQ(log.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(log.error().message(), HasSubstr("line 3"));
  }
}

TEST_F(SessionFileTest, SaysWhichFileIsMissing) {
  const auto log = read_session_file(folder_ / "nowhere.txt");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code(), ErrorCode::not_found);
  EXPECT_THAT(log.error().message(), HasSubstr("nowhere.txt"));
}

TEST_F(SessionFileTest, CountsTheBolTrainingData) {
  const std::string path = test_data("bol_sessions/train.txt");
  if (path.empty()) GTEST_SKIP() << "bol_sessions not found; set ATTUNE_TEST_DATA";
  const auto log = read_session_file(path);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->click_count(), 113'601U);
  EXPECT_EQ(log->session_count(), 23'753U);
  EXPECT_EQ(log->item_count(), 18'009U);
}

}  // namespace
}  // namespace attune::learn
