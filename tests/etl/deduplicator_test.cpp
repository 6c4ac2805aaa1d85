#include "etl/deduplicator.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace attune::etl {
namespace {

Uuid id(int number) { return Uuid::from_name(Uuid{}, std::to_string(number)); }

class DeduplicatorTest : public testing::Test {
 protected:
  bool add(int number, std::int64_t hour) {
    deduplicator_.arrive(hour * kHourMs);
    return deduplicator_.add(site_, id(number), ++position_);
  }
  const Uuid site_ = id(-1);
  Settings settings_;
  Deduplicator deduplicator_{settings_, 1};
  std::uint64_t position_ = 0;
};

TEST_F(DeduplicatorTest, RemembersAnIdForADayOfArrival) {
  EXPECT_TRUE(add(1, 100));
  EXPECT_FALSE(add(1, 100));
  EXPECT_FALSE(add(1, 124));
  EXPECT_TRUE(add(1, 125));
  EXPECT_FALSE(add(1, 125));
}

TEST_F(DeduplicatorTest, KeepsIdsOfTwoSitesApart) {
  EXPECT_TRUE(add(1, 100));
  EXPECT_TRUE(deduplicator_.add(id(-2), id(1), ++position_));
}

TEST_F(DeduplicatorTest, AClockThatIsSetBackForgetsNothing) {
  EXPECT_TRUE(add(1, 100));
  EXPECT_FALSE(add(1, 90));
  EXPECT_EQ(deduplicator_.arrival_ms(), 100 * kHourMs);
}

TEST_F(DeduplicatorTest, LetsTheOldestGoWhenThereAreTooMany) {
  settings_.event_ids_max = 80;
  for (int number = 0; number < 200; ++number) EXPECT_TRUE(add(number, 100));
  EXPECT_LE(deduplicator_.count(), 80u);
  EXPECT_EQ(deduplicator_.given_up() + deduplicator_.count(), 200u);
  EXPECT_FALSE(add(199, 100)) << "the youngest are kept";
  EXPECT_TRUE(add(0, 100)) << "the oldest were let go";
}

// Against a list that is searched from end to end, and rebuilt from it in the middle.
TEST_F(DeduplicatorTest, RestoredFromBucketsAndIdsItAnswersAsBefore) {
  settings_.event_ids_max = 300;
  std::mt19937_64 random(3);
  std::vector<std::pair<std::uint64_t, int>> added;
  std::int64_t hour = 100;
  for (int count = 0; count < 3000; ++count) {
    hour += random() % 100 == 0 ? static_cast<std::int64_t>(random() % 10) : 0;
    const int number = static_cast<int>(random() % 400);
    if (add(number, hour)) added.emplace_back(position_, number);
    if (count % 500 != 499) continue;
    Deduplicator copy(settings_, 99);
    copy.restore(deduplicator_.arrival_ms(), deduplicator_.given_up(), deduplicator_.buckets());
    for (const auto& [position, kept] : added) {
      if (position < copy.buckets().front().first_position) continue;
      copy.restore_id(site_, id(kept), position);
    }
    ASSERT_EQ(copy.buckets(), deduplicator_.buckets());
    ASSERT_EQ(copy.count(), deduplicator_.count());
    for (int probe = 0; probe < 400; ++probe) {
      Deduplicator left = deduplicator_;
      Deduplicator right = copy;
      ASSERT_EQ(left.add(site_, id(probe), position_ + 1),
                right.add(site_, id(probe), position_ + 1));
    }
  }
}

}  // namespace
}  // namespace attune::etl
