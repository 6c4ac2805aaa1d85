#include "store/statement_times.h"

#include <gtest/gtest.h>

#include "store/swappable_store.h"
#include "test_store.h"

namespace attune::store {
namespace {

TEST(StatementTimesTest, AddsUpAndGivesTheLongestFirst) {
  StatementTimes times;
  times.add("a", 10, true);
  times.add("b", 40, false);
  times.add("a", 25, true);
  times.add("c", 1, true);
  const auto longest = times.longest(2);
  ASSERT_EQ(longest.size(), 2U);
  EXPECT_EQ(longest[0].file, "b");
  EXPECT_EQ(longest[0].errors, 1);
  EXPECT_EQ(longest[1].file, "a");
  EXPECT_EQ(longest[1].calls, 2);
  EXPECT_EQ(longest[1].total_us, 35);
  EXPECT_EQ(longest[1].max_us, 25);
}

TEST(StatementTimesTest, AStoreKnowsThoseOfItsSessions) {
  const auto store = must(SwappableStore::make([] { return open_duckdb({}); }));
  must(store->migrate());
  {
    const auto session = must(store->session());
    must(session->query("store/migrations_list", {}));
    EXPECT_FALSE(session->query("store/no_such_file", {}));
  }
  const auto all = store->times().longest(10);
  ASSERT_EQ(all.size(), 2U);
  for (const StatementTime& each : all) {
    EXPECT_EQ(each.calls, 1);
    EXPECT_EQ(each.errors, each.file == "store/no_such_file" ? 1 : 0);
  }
}

}  // namespace
}  // namespace attune::store
