#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "site_fixture.h"

namespace attune::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

class ListsTest : public SiteFixture {
 protected:
  ListsTest() {
    now_ms_ = at("2026-11-21 11:00:00");
    add(Visit{.session = "a1",
              .visitor = "ann",
              .events = {{.at_ms = at("2026-11-20 09:00:00"), .path = "/a", .title = "Old"},
                         {.at_ms = at("2026-11-20 09:00:10"), .path = "/b"},
                         {.at_ms = at("2026-11-20 09:00:40"), .path = "/a", .title = "New"}},
              .referrer_type = "search",
              .platform = "Google",
              .referrer = "https://www.Google.com/search?q=x"});
    add(Visit{.session = "b1",
              .visitor = "bob",
              .events = {{.at_ms = at("2026-11-20 12:30:00"), .path = "/a", .title = "Newest"}},
              .referrer_type = "search",
              .platform = "Google",
              .referrer = "https://google.com"});
    add(Visit{.session = "b2",
              .visitor = "bob",
              .events = {{.at_ms = at("2026-11-20 18:00:00"), .path = "/c"}},
              .referrer_type = "referral",
              .platform = "blog.example",
              .referrer = "http://blog.example:8080/post"});
    add(Visit{.session = "c1",
              .visitor = "cid",
              .events = {{.at_ms = at("2026-11-20 19:00:00"), .path = "/b"}},
              .referrer_type = "internal",
              .referrer = "https://shop.example/"});
    add(Visit{.session = "d1", .visitor = "dee", .events = {
        {.at_ms = at("2026-11-20 20:00:00"), .path = "/b"},
        {.at_ms = at("2026-11-20 20:00:20"), .type = "click", .path = "/b"}},
        .referrer = "no address",
              .utm_source = "letter"});
    add(Visit{.session = "e1",
              .visitor = "eve",
              .events = {{.at_ms = at("2026-11-21 00:00:00"), .path = "/d"}}});
  }

  Range yesterday() { return range({.period = "yesterday"}); }
  std::vector<std::string> paths(PageSort sort) {
    std::vector<std::string> all;
    for (const PageRow& row : must(pages(*session_, site_, yesterday(), sort, 10)).rows)
      all.push_back(row.path);
    return all;
  }
};

TEST_F(ListsTest, PagesHaveTheirNumbersAndTheLatestTitle) {
  const Pages answer = must(pages(*session_, site_, yesterday(), PageSort::pageviews, 10));
  EXPECT_EQ(answer.total, 3);
  ASSERT_EQ(answer.rows.size(), 3U);
  const PageRow& a = answer.rows[0];
  EXPECT_EQ(a.path, "/a");
  EXPECT_EQ(a.title, "Newest");
  EXPECT_EQ(a.visitors, 2);
  EXPECT_EQ(a.pageviews, 3);
  EXPECT_THAT(a.avg_time_on_page_seconds,
              Optional(DoubleEq(10)));   // of the one view where it is known
  EXPECT_EQ(a.entries, 2);
  const PageRow& b = answer.rows[1];
  EXPECT_EQ(b.path, "/b");
  EXPECT_EQ(b.title, "");
  EXPECT_EQ(b.visitors, 3);
  EXPECT_THAT(b.avg_time_on_page_seconds, Optional(DoubleEq(25)));
  EXPECT_EQ(b.entries, 2);
  EXPECT_EQ(answer.rows[2].path, "/c");
  EXPECT_FALSE(answer.rows[2].avg_time_on_page_seconds);
}

TEST_F(ListsTest, PagesAreSortedAsAsked) {
  EXPECT_THAT(paths(PageSort::visitors), ElementsAre("/b", "/a", "/c"));
  EXPECT_THAT(paths(PageSort::pageviews), ElementsAre("/a", "/b", "/c"));
  EXPECT_THAT(paths(PageSort::time), ElementsAre("/b", "/a", "/c"));
  EXPECT_THAT(paths(PageSort::entries), ElementsAre("/a", "/b", "/c"));
}

TEST_F(ListsTest, LimitCutsRowsAndNotTheTotal) {
  const Pages answer = must(pages(*session_, site_, yesterday(), PageSort::visitors, 1));
  EXPECT_EQ(answer.rows.size(), 1U);
  EXPECT_EQ(answer.total, 3);
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, kListRowsMax + 1}) {
    const auto refused = pages(*session_, site_, yesterday(), PageSort::visitors, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field(), "limit");
    EXPECT_FALSE(sources(*session_, site_, yesterday(), SourceKind::type, bad));
    EXPECT_FALSE(referrers(*session_, site_, yesterday(), bad));
  }
}

TEST_F(ListsTest, EveryVisitHasATypeAndAPlatform) {
  const Sources types = must(sources(*session_, site_, yesterday(), SourceKind::type, 10));
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> found;
  for (const SourceRow& row : types.rows) found.emplace_back(row.name, row.visitors, row.sessions);
  EXPECT_THAT(found, ElementsAre(std::tuple("search", 2, 2), std::tuple("direct", 1, 1),
                                 std::tuple("internal", 1, 1), std::tuple("referral", 1, 1)));
  EXPECT_EQ(types.total, 4);
  EXPECT_THAT(types.rows[0].bounce_rate, Optional(DoubleEq(0.5)));
  EXPECT_THAT(types.rows[1].bounce_rate, Optional(DoubleEq(0)));
  std::vector<std::string> names;
  for (const SourceRow& row :
       must(sources(*session_, site_, yesterday(), SourceKind::platform, 10)).rows)
    names.push_back(row.name);
  EXPECT_THAT(names, ElementsAre("Google", "blog.example", "direct", "internal"));
}

TEST_F(ListsTest, CampaignTagsListOnlyVisitsThatCarryThem) {
  const Sources tagged = must(sources(*session_, site_, yesterday(), SourceKind::utm_source, 10));
  ASSERT_EQ(tagged.rows.size(), 1U);
  EXPECT_EQ(tagged.rows[0].name, "letter");
  EXPECT_THAT(must(sources(*session_, site_, yesterday(), SourceKind::utm_medium, 10)).rows,
              IsEmpty());
  EXPECT_EQ(must(sources(*session_, site_, yesterday(), SourceKind::utm_campaign, 10)).total, 0);
}

TEST_F(ListsTest, ReferrersAreHostsWithoutWwwAndPortAndOwnPages) {
  const Referrers answer = must(referrers(*session_, site_, yesterday(), 10));
  ASSERT_EQ(answer.rows.size(), 2U);
  EXPECT_EQ(answer.total, 2);
  EXPECT_EQ(answer.rows[0].host, "google.com");
  EXPECT_EQ(answer.rows[0].type, "search");
  EXPECT_EQ(answer.rows[0].visitors, 2);
  EXPECT_EQ(answer.rows[1].host, "blog.example");
}

TEST_F(ListsTest, EmptySiteHasEmptyLists) {
  site_.id = must(Uuid::parse("11111111-2222-4333-8444-555555555555"));
  EXPECT_THAT(must(pages(*session_, site_, yesterday(), PageSort::visitors, 10)).rows, IsEmpty());
  EXPECT_THAT(must(sources(*session_, site_, yesterday(), SourceKind::type, 10)).rows, IsEmpty());
  EXPECT_THAT(must(referrers(*session_, site_, yesterday(), 10)).rows, IsEmpty());
}

TEST_F(ListsTest, NamesAreReadAndWrongOnesRefused) {
  EXPECT_EQ(must(parse_page_sort("")), PageSort::visitors);
  EXPECT_EQ(must(parse_page_sort("entries")), PageSort::entries);
  EXPECT_EQ(parse_page_sort("path").error().field(), "sort");
  EXPECT_EQ(must(parse_source_kind("")), SourceKind::type);
  EXPECT_EQ(must(parse_source_kind("utm_campaign")), SourceKind::utm_campaign);
  EXPECT_EQ(parse_source_kind("utm_id").error().field(), "by");
}

}  // namespace
}  // namespace attune::report
