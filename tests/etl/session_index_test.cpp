#include "etl/session_index.h"

#include <string>

#include <gtest/gtest.h>

namespace attune::etl {
namespace {

class SessionIndexTest : public testing::Test {
 protected:
  Placed place(std::int64_t minute, std::string_view session, std::string_view visitor = "v",
               std::uint32_t stream = 0) {
    event::EventView event;
    event.timestamp_ms = minute * kMinuteMs;
    event.session_id = session;
    event.visitor_id = visitor;
    return index_.place(index_.world_number(Uuid{}, stream), event, ++position_);
  }

  Settings settings_;
  SessionIndex index_{settings_, 7};
  std::uint64_t position_ = 0;
};

TEST_F(SessionIndexTest, AnUnnamedEventJoinsTheVisitorsNamedSession) {
  const Placed named = place(0, "s");
  EXPECT_TRUE(named.begun);
  const Placed unnamed = place(30, "");
  EXPECT_FALSE(unnamed.begun);
  EXPECT_EQ(unnamed.session, named.session);
  EXPECT_TRUE(place(61, "").begun);
  EXPECT_TRUE(place(30, "", "somebody else").begun);
}

// A shop's server may send one visitor id for everybody: neither finding nor forgetting may walk
// them all.
TEST_F(SessionIndexTest, AVisitorWithAHundredThousandSessionsCostsNoMore) {
  for (int number = 0; number < 100'000; ++number) {
    place(number / 1000, "s" + std::to_string(number));
  }
  for (int number = 0; number < 100'000; ++number) EXPECT_FALSE(place(100, "").begun);
  EXPECT_EQ(index_.retained(), 100'000u);
  place(100'000, "s");
  EXPECT_EQ(index_.retained(), 1u);
}

TEST_F(SessionIndexTest, GivesUpTheOldestMinuteOfTheFullestWorld) {
  settings_.sessions_max = 3;
  place(10, "other", "v", 1);
  place(0, "a");
  place(5, "b");
  place(6, "c");
  EXPECT_EQ(index_.given_up(), 1u);
  EXPECT_EQ(index_.world(index_.world_number(Uuid{}, 0)).floor_ms, 1 * kMinuteMs);
  // What could only have joined a session that is gone is late now.
  EXPECT_EQ(place(30, "x").placing, Placing::late);
  EXPECT_EQ(place(31, "b").placing, Placing::counted);
}

TEST_F(SessionIndexTest, ClosesWhatTheClocksHavePassed) {
  Session& session = index_.at(place(0, "s").session);
  EXPECT_TRUE(index_.take_closed().empty());
  session.stored = Stored::hot;
  index_.tick(30 * kMinuteMs - 1);
  EXPECT_TRUE(index_.take_closed().empty());
  EXPECT_EQ(index_.next_close_ms(), 30 * kMinuteMs);
  index_.tick(30 * kMinuteMs);
  EXPECT_EQ(index_.take_closed().size(), 1u);
  EXPECT_TRUE(index_.take_closed().empty()) << "once";
  EXPECT_EQ(index_.next_close_ms(), std::nullopt);
}

TEST_F(SessionIndexTest, AnImportEndsOnceAndTheLiveStreamNever) {
  place(0, "s", "v", 4);
  index_.end_import(index_.world_number(Uuid{}, 4));
  EXPECT_TRUE(index_.world(index_.world_number(Uuid{}, 4)).ended);
  EXPECT_EQ(index_.retained(), 0u);
  index_.end_import(index_.world_number(Uuid{}, 0));
  EXPECT_FALSE(index_.world(index_.world_number(Uuid{}, 0)).ended);
}

}  // namespace
}  // namespace attune::etl
