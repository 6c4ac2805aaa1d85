// What the models of related items compute, on data where it can be worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "learn/models.h"
#include "learn/nearest.h"
#include "learn/person_items.h"
#include "learn/popularity_model.h"
#include "test_log.h"

namespace attune::learn {
namespace {

/// Forty buyers of a mug; the first 31 also buy a saucer; all others look at hats.
SessionLog shop_log() {
  SessionLogBuilder builder;
  for (int person = 1; person <= 200; ++person) {
    const std::int64_t at = kTestStartMs + person * 3'600'000;
    const std::string visit = fmt::format("visit-{:03}", person);
    builder.add(visit, person <= 40 ? "mug" : "hat", at, ClickKind::view, person);
    if (person > 40) continue;
    builder.add(visit, "mug", at + 1000, ClickKind::purchase, person);
    // On another day: what a person buys counts, not what a visit holds.
    const std::string later = fmt::format("later-{:03}", person);
    if (person <= 31) builder.add(later, "saucer", at + 90'000'000, ClickKind::purchase, person);
    if (person == 40) builder.add(later, "hat", at + 90'000'000, ClickKind::view, person);
  }
  return std::move(*builder.build({.merge_repeats = true}));
}

ItemIndex item(const SessionLog& log, std::string_view id) { return log.find(id); }

TEST(ItemToItemTest, NamesHowManyBuyersAlsoBought) {
  const SessionLog log = shop_log();
  const auto model = train_recommender(log, *parse_params("item_to_item"));
  Scratch scratch;
  const std::vector<ItemIndex> visit{item(log, "mug")};
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 1U) << "one hat by 40 people is less than chance";
  EXPECT_EQ(answer[0].item, item(log, "saucer"));
  const Cause cause = model->cause(answer[0].item, scratch);
  EXPECT_EQ(cause.kind, Cause::Kind::bought_together);
  EXPECT_EQ(cause.via, item(log, "mug"));
  EXPECT_EQ(cause.count, 31U);
  EXPECT_EQ(cause.of, 40U);
}

TEST(ItemToItemTest, ChanceIsNoRelation) {
  // Two items that a tenth of all people take, independently of each other.
  SessionLogBuilder builder;
  Random random(5);
  for (int v = 0; v < 2000; ++v) {
    const std::string visit = fmt::format("v{:04}", v);
    if (random.below(10) == 0) builder.add(visit, "a", kTestStartMs + v * 1000);
    if (random.below(10) == 0) builder.add(visit, "b", kTestStartMs + v * 1000 + 1);
    builder.add(visit, "c", kTestStartMs + v * 1000 + 2);
  }
  const SessionLog log = std::move(*builder.build());
  const auto model = train_recommender(log, *parse_params("item_to_item"));
  Scratch scratch;
  const std::vector<ItemIndex> visit{item(log, "a")};
  EXPECT_TRUE(model->recommend(visit, {}, scratch).empty());
}

TEST(PersonItemsTest, CountsThePersonNotTheVisit) {
  const SessionLog log = shop_log();
  const PreferenceMatrix bought = person_items(log, ClickKind::purchase, 100);
  const PreferenceMatrix people = by_item(bought);
  EXPECT_EQ(people.row(item(log, "mug")).size(), 40U);
  EXPECT_EQ(people.row(item(log, "saucer")).size(), 31U);
  EXPECT_EQ(people.row(item(log, "hat")).size(), 0U);
  const PreferenceMatrix newest = person_items(log, ClickKind::view, 1);
  EXPECT_EQ(by_item(newest).row(item(log, "saucer")).size(), 31U) << "the newest of each is kept";
  EXPECT_EQ(most_taken(bought, 1), std::vector<ItemIndex>{item(log, "mug")});
}

/// The walk's shares of time by power iteration over a dense matrix: another way to the same.
TEST(GraphTest, PushesToTheStationaryShares) {
  const SessionLog log = log_of({"ab", "bc", "bd", "ad"});
  const double restart = 0.3;
  const auto model = train_recommender(
      log, *parse_params("graph:restart=0.3,residue=0.000001,popularity_power=0,category_share=0,"
                         "brand_share=0"));
  constexpr std::size_t kItems = 4;
  constexpr std::size_t kNodes = 8;
  std::vector<std::vector<double>> step(kNodes, std::vector<double>(kNodes));
  for (std::size_t v = 0; v < 4; ++v) {
    for (const ItemIndex i : log.session(v)) {
      step[kItems + v][i] = 0.5;
      step[i][kItems + v] = 1;
    }
  }
  for (std::size_t i = 0; i < kItems; ++i) {
    double all = 0;
    for (const double each : step[i]) all += each;
    for (double& each : step[i]) each /= all;
  }
  std::vector<double> share(kNodes);
  share[0] = 1;
  for (int round = 0; round < 300; ++round) {
    std::vector<double> next(kNodes);
    next[0] = restart;
    for (std::size_t from = 0; from < kNodes; ++from) {
      for (std::size_t to = 0; to < kNodes; ++to) {
        next[to] += (1 - restart) * share[from] * step[from][to];
      }
    }
    share = next;
  }
  Scratch scratch;
  const std::vector<ItemIndex> visit{0};
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 3U);
  for (const ScoredItem& found : answer) EXPECT_NEAR(found.score, share[found.item], 1e-4);
}

TEST(GraphTest, CategoriesLeadToItemsNobodyVisited) {
  const SessionLog log = with_items(log_of({"ab", "ab", "cd"}), {"n"});
  Catalogue catalogue;
  for (const char* id : {"a", "n"}) {
    catalogue.push_back({.id = id, .name = "", .category = "cups", .brand = "", .price = 1,
                         .labels = {}, .embedding = {}});
  }
  const auto model = train_recommender(log, *parse_params("graph"), catalogue);
  Scratch scratch;
  const std::vector<ItemIndex> visit{item(log, "a")};
  std::set<ItemIndex> found;
  for (const ScoredItem& each : model->recommend(visit, {}, scratch)) found.insert(each.item);
  EXPECT_TRUE(found.contains(item(log, "n")));
  EXPECT_TRUE(found.contains(item(log, "b")));
  EXPECT_FALSE(found.contains(item(log, "d")));
}

TEST(ContentTest, FindsWhatIsAlikeAmongItemsNobodyVisited) {
  const SessionLog log = with_items(log_of({"ab"}), {"c", "d", "e"});
  const auto described = [](const char* id, const char* name, const char* category) {
    return CatalogueItem{.id = id, .name = name, .category = category, .brand = "", .price = 1,
                         .labels = {}, .embedding = {}};
  };
  const Catalogue catalogue{
      described("a", "Blue mug", "cups"), described("b", "Red hat", "hats"),
      described("c", "MUG, green", "cups"), described("d", "Green cap", "hats"),
      described("e", "", "")};
  const auto model = train_recommender(log, *parse_params("content"), catalogue);
  Scratch scratch;
  const std::vector<ItemIndex> visit{item(log, "a")};
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer[0].item, item(log, "c"));
  EXPECT_EQ(model->cause(answer[0].item, scratch).kind, Cause::Kind::similar);
}

TEST(ContentTest, EmbeddingsCountBesideWords) {
  Catalogue catalogue;
  for (const char* id : {"a", "b", "c"}) {
    catalogue.push_back({.id = id, .name = "", .category = "", .brand = "", .price = 1,
                         .labels = {}, .embedding = {1, 0, 0, 0}});
  }
  catalogue[1].embedding = {0.9F, 0.1F, 0, 0};
  catalogue[2].embedding = {-1, 0, 0, 0};
  const SessionLog log = log_of({"abc"});
  const auto model = train_recommender(log, *parse_params("content"), catalogue);
  Scratch scratch;
  const std::vector<ItemIndex> visit{0};
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 1U) << "what points the other way is not alike";
  EXPECT_EQ(answer[0].item, 1U);
}

TEST(NearestTest, TheSmallWorldFindsNearlyAllTheNearest) {
  constexpr std::size_t kCount = 3000;
  constexpr std::size_t kWanted = 10;
  UnitVectors vectors{16, {}};
  Random random(11);
  for (std::size_t i = 0; i < kCount; ++i) {
    std::vector<float> vector;
    double squares = 0;
    for (std::size_t k = 0; k < vectors.dimension; ++k) {
      vector.push_back(static_cast<float>(random.uniform() - 0.5));
      squares += static_cast<double>(vector.back()) * vector.back();
    }
    for (const float value : vector) {
      vectors.values.push_back(value / static_cast<float>(std::sqrt(squares)));
    }
  }
  const auto exact = nearest_of_all(vectors, kWanted, kCount);
  const auto quick = nearest_of_all(vectors, kWanted, 0);
  EXPECT_EQ(quick, nearest_of_all(vectors, kWanted, 0)) << "the same each time";
  std::size_t found = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::set<std::uint32_t> best;
    for (const auto& each : exact[i]) best.insert(each.first);
    for (const auto& each : quick[i]) found += best.contains(each.first) ? 1 : 0;
  }
  EXPECT_GT(static_cast<double>(found) / (kCount * kWanted), 0.95);
}

TEST(TrendingTest, WhatIsNewlySoughtComesFirst) {
  SessionLogBuilder builder;
  int visit = 0;
  const auto look = [&](const char* what, std::int64_t hours_ago) {
    builder.add(fmt::format("v{:05}", visit++), what, kTestStartMs - hours_ago * 3'600'000);
  };
  for (int hour = 0; hour < 1000; ++hour) {
    for (int i = 0; i < 5; ++i) look("always", hour);
    if (hour < 10) look("newly", hour);
    if (hour > 900) look("once", hour);
  }
  const SessionLog log = std::move(*builder.build());
  const auto popular = train_recommender(log, *parse_params("popularity"));
  const auto trending = train_recommender(log, *parse_params("trending"));
  Scratch scratch;
  EXPECT_EQ(popular->recommend({}, {}, scratch)[0].item, item(log, "always"));
  const auto answer = trending->recommend({}, {}, scratch);
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(answer[0].item, item(log, "newly"));
  for (const ScoredItem& found : answer) EXPECT_NE(found.item, item(log, "once"));
}

TEST(CatalogueTest, ReadsLabelsOfAnyShape) {
  CatalogueItem read;
  read_labels(R"(["wool", "warm"])", read);
  EXPECT_THAT(read.labels, testing::ElementsAre("wool", "warm"));
  read = {};
  read_labels(R"({"colour": "red", "sizes": [1, 2], "vector": [0.5, 1, -1, 0, 3],)"
              R"( "deep": {"x": "y"}})",
              read);
  EXPECT_THAT(read.labels, testing::ElementsAre("colour:red", "sizes:1", "sizes:2", "deep:x:y"));
  EXPECT_THAT(read.embedding, testing::ElementsAre(0.5F, 1, -1, 0, 3));
  read = {};
  for (const char* bad : {"", "{", "null", "[1,2,", "[[[[", "true"}) read_labels(bad, read);
  EXPECT_TRUE(read.labels.empty());
}

}  // namespace
}  // namespace attune::learn
