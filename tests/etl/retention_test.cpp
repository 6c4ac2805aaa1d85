// Limits of age, and the marks that keep a replay from bringing rows back.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "etl/retention.h"
#include "etl/settings.h"
#include "etl/table_dump.h"
#include "store/column_batch.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

constexpr std::int64_t kNowMs = 1'790'000'000'000;
constexpr DefaultLimits kDefaults{
    .raw_events = {.archive_after_days = std::nullopt, .delete_after_days = 90},
    .interactions = {.archive_after_days = 183, .delete_after_days = 366}};

/// Raw events received on each of 100 days, those of the last three not yet taken in.
void fill(store::Session& session, const std::string& site) {
  store::ColumnBatch batch;
  auto& id = batch.add_int64("id");
  auto& type = batch.add_text("event_type");
  auto& of_site = batch.add_text("site_id");
  auto& timestamp = batch.add_timestamp("timestamp");
  auto& created = batch.add_timestamp("created_at");
  auto& raw = batch.add_json("raw_event_data");
  auto& processed = batch.add_timestamp("processed_at");
  constexpr std::int64_t kForeign = std::int64_t{1} << 62;
  for (int day = 0; day < 100; ++day) {
    const auto at = store::Timestamp::from_ms(kNowMs - (day + 1) * kDayMs + 1000);
    id.push(kForeign + stable_id("test", site) % 1'000'000 * 100 + day);
    type.push("pageview");
    of_site.push(site);
    timestamp.push(store::Timestamp::from_ms(0));   // happened long ago: that does not count
    created.push(at);
    raw.push("{}");
    processed.push_if(day < 97, at);
  }
  const auto done = session.append("events_log", batch);
  ASSERT_TRUE(done) << done.error().message();
}

std::int64_t count(store::Session& session, const std::string& site) {
  const auto rows =
      session.query_text("select count(*) from events_log where site_id = '" + site + "'");
  return std::get<std::int64_t>(rows->rows.at(0).at(0));
}

void check_limits(store::Store& store) {
  auto session = std::move(*store.session());
  fill(*session, "a");
  fill(*session, "b");
  Limits month{.archive_after_days = std::nullopt, .delete_after_days = 30};
  ASSERT_TRUE(set_limits(*session, "b", kRawEvents, month, kNowMs));
  auto rules = store::must(RetentionRules::load(*session, kDefaults));
  EXPECT_EQ(rules.of("a", kInteractions).archive_after_days, 183);
  EXPECT_EQ(rules.of("b", kRawEvents).delete_after_days, 30);

  const auto removed = store::must(apply_retention(*session, {"", "a", "b"}, rules, kNowMs));
  ASSERT_EQ(removed.size(), 2U);
  EXPECT_EQ(removed[0].rows, 7);   // of ten that are too old, three were never taken in
  EXPECT_EQ(removed[1].rows, 67);
  EXPECT_EQ(count(*session, "a"), 93);
  EXPECT_EQ(count(*session, "b"), 33);

  // Nothing to do leaves the marks as they are; a run that reaches further replaces them.
  EXPECT_TRUE(store::must(apply_retention(*session, {"a"}, rules, kNowMs)).empty());
  month.delete_after_days = std::nullopt;
  ASSERT_TRUE(set_limits(*session, "b", kRawEvents, month, kNowMs));
  rules = store::must(RetentionRules::load(*session, kDefaults));
  EXPECT_EQ(store::must(apply_retention(*session, {"a", "b"}, rules, kNowMs + kDayMs)).size(), 1U);
  auto marks = store::must(load_marks(*session));
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].rows, 8);
  EXPECT_EQ(marks[0].before, store::Timestamp::from_ms(kNowMs - 89 * kDayMs));
  EXPECT_EQ(marks[1].rows, 67);
  EXPECT_EQ(marks[1].table, kRawEvents);

  // What people put in since is not what a replay brings back.
  fill(*session, "old");
  TakenOut theirs = marks[0];
  theirs.site = "old";
  theirs.before = store::Timestamp::from_ms(kNowMs);
  ASSERT_TRUE(mark(*session, theirs, kNowMs));
  ASSERT_TRUE(apply_marks(*session));
  EXPECT_EQ(count(*session, "old"), 100);

  // A limit that grew: the former mark reaches further back and stays.
  TakenOut taken = marks[1];
  taken.before = store::Timestamp::from_ms(kNowMs - 60 * kDayMs);
  taken.before_id = 500;
  taken.rows = 5;
  ASSERT_TRUE(mark(*session, taken, kNowMs));
  EXPECT_EQ(store::must(load_marks(*session)).size(), 4U);
  ASSERT_TRUE(mark(*session, taken, kNowMs));
  marks = store::must(load_marks(*session));
  ASSERT_EQ(marks.size(), 4U);
  EXPECT_EQ(marks[1].rows, 10);

  EXPECT_EQ(store::must(remove_raw_events(*session, {"a", "b"},
                                          store::Timestamp::from_ms(kNowMs), kNowMs)),
            89 + 30);
  EXPECT_EQ(count(*session, "a"), 3);
}

TEST(RetentionTest, EachSiteKeepsItsOwnLimits) {
  const auto store = memory_store();
  check_limits(*store);
}

TEST(RetentionPostgresTest, EachSiteKeepsItsOwnLimits) {
  store::Cluster cluster(store::newest_postgres());
  const auto store = store::must(store::open_postgres({.url = cluster.url()}));
  ASSERT_TRUE(store->migrate());
  check_limits(*store);
  {
    auto session = std::move(*store->session());
    fill(*session, "c");
  }
  // The procedure of the source does the same, and says so.
  const auto said = cluster.feed(
      "update events_log set created_at = now() - interval '40 days' where site_id = 'c';"
      "call cleanup_processed_events(30);"
      "select row_count, action, before_at < now() from retention_mark where site_id = 'c';");
  EXPECT_EQ(said.output, "97|removed|t\n");
}

}  // namespace
}  // namespace attune::etl
