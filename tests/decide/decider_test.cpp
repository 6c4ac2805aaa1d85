#include "decide/decider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "decide/depth.h"
#include "test_shop.h"

namespace attune::decide {
namespace {

using testing::HasSubstr;

class DeciderTest : public testing::Test {
 protected:
  // Exploration off unless a test is about it.
  void make(DeciderOptions options = {.exploration = 0, .temperature = 0}) {
    decider_ =
        std::make_unique<Decider>(live_, &sink_, clock_, options, [this] { return seed_++; });
  }
  void publish(learn::SiteData data, std::shared_ptr<const learn::SiteModel> model = nullptr) {
    decider_->publish(test_site(), SiteSnapshot::build(test_site(), data, std::move(model)));
  }
  Answer ask(Request request) {
    request.site = test_site();
    auto answer = decider_->recommend(request);
    EXPECT_TRUE(answer);
    return answer ? std::move(*answer) : Answer{};
  }
  static std::vector<std::string> ids(const Answer& answer) {
    std::vector<std::string> all;
    for (const AnswerItem& item : answer.items) all.push_back(item.item_id);
    return all;
  }
  static learn::Product product(const std::string& id) {
    learn::Product made;
    made.id = id;
    made.name = "Blue " + id;
    made.url = "/" + id;
    made.image = "/" + id + ".png";
    made.price = 9.5;
    return made;
  }
  /// a leads to b most often, then to c; d to e; z is what everybody looks at.
  static std::shared_ptr<const learn::SiteModel> shop_model() {
    return model_of({"ab", "ab", "ab", "ac", "ac", "de", "z", "z", "az"},
                    learn::published_params());
  }

  LiveState live_;
  TestSink sink_;
  ManualClock clock_{kTestNowMs};
  std::atomic<std::uint64_t> seed_{1};
  std::unique_ptr<Decider> decider_;
};

TEST_F(DeciderTest, AnUnknownSiteGetsAnEmptyAnswer) {
  make();
  const Answer answer = ask({.visitor = "ann"});
  EXPECT_TRUE(answer.items.empty());
  EXPECT_FALSE(answer.decision_id);
  EXPECT_TRUE(sink_.decisions.empty());
}

TEST_F(DeciderTest, RefusesACountOutOfRange) {
  make();
  for (const std::size_t count : {std::size_t{0}, kDepthMax + 1}) {
    const auto answer = decider_->recommend({.site = test_site(), .count = count});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(answer.error().field(), "n");
  }
  EXPECT_TRUE(decider_->recommend({.site = test_site(), .count = kDepthMax}));
}

TEST_F(DeciderTest, WhatTheVisitLookedAtLeadsToTheAnswer) {
  make();
  learn::SiteData data;
  data.products = {product("a"), product("b")};
  publish(data, shop_model());
  apply(live_, {"ann", "s1", {"a"}});
  const Answer answer = ask({.session = "s1", .count = 3});
  EXPECT_THAT(ids(answer), testing::ElementsAre("b", "c", "z"));
  const AnswerItem& first = answer.items[0];
  EXPECT_EQ(first.strategy, "sequential");
  EXPECT_EQ(first.reason, "3 similar visits that looked at 'Blue a' went on to this");
  EXPECT_EQ(first.rank, 1U);
  EXPECT_GT(first.score, 0.9);
  EXPECT_LE(first.score, 1);
  EXPECT_TRUE(first.in_catalogue);
  EXPECT_EQ(first.name, "Blue b");
  EXPECT_EQ(first.url, "/b");
  EXPECT_EQ(first.price, 9.5);
  EXPECT_EQ(answer.items[1].reason, "2 similar visits that looked at 'Blue a' went on to this");
  EXPECT_EQ(answer.items[2].reason, "1 similar visit that looked at 'Blue a' went on to this");
  EXPECT_FALSE(answer.items[1].in_catalogue);
}

TEST_F(DeciderTest, TheItemOnThePageCountsAsTheNewest) {
  make();
  publish({}, shop_model());
  apply(live_, {"ann", "s1", {"a"}});
  EXPECT_EQ(ids(ask({.session = "s1", .item = "d", .count = 1})), std::vector<std::string>{"e"});
  EXPECT_EQ(ids(ask({.item = "d", .count = 1})), std::vector<std::string>{"e"});
  for (const std::string& id : ids(ask({.item = "b", .count = 10}))) EXPECT_NE(id, "b");
}

TEST_F(DeciderTest, ColdVisitorsGetWhatIsPopular) {
  make();
  apply(live_, {"ann", "s1", {"hat"}});
  apply(live_, {"bob", "s2", {"mug"}});
  apply(live_, {"cy", "s3", {"mug"}});
  decider_->refresh_popular();
  const Answer answer = ask({.visitor = "new", .count = 5});
  EXPECT_THAT(ids(answer), testing::ElementsAre("mug", "hat"));
  EXPECT_EQ(answer.items[0].strategy, "popular");
  EXPECT_EQ(answer.items[0].reason, "popular this week: 2 visits");
  EXPECT_EQ(answer.items[0].name, "The mug") << "never catalogued, known from events";
  EXPECT_FALSE(answer.items[0].in_catalogue);
  EXPECT_EQ(answer.model_version, "popularity");
  EXPECT_EQ(decider_->counters().cold, 1U);
}

TEST_F(DeciderTest, StoreAndStreamCountEachVisitOnce) {
  make();
  learn::SiteData data;
  data.counted_until_ms = kTestNowMs / kTestHourMs * kTestHourMs;
  data.visits = {{"mug", 5, 5}, {"hat", 40 * std::exp2(-3.0 / 7), 40}, {"old", 7, 0}};
  apply(live_, {"a", "s1", {"mug"}, data.counted_until_ms - 1});  // the store has this one
  apply(live_, {"b", "s2", {"mug"}, data.counted_until_ms + 1});
  publish(data);
  const Answer answer = ask({.count = 5});
  std::map<std::string, std::string> reasons;
  for (const AnswerItem& item : answer.items) reasons[item.item_id] = item.reason;
  EXPECT_EQ(reasons["mug"], "popular this week: 6 visits");
  EXPECT_EQ(reasons["hat"], "popular this week: 40 visits");
  EXPECT_EQ(reasons["old"], "popular here, though not lately");
  EXPECT_EQ(answer.items[0].item_id, "hat");
}

TEST_F(DeciderTest, CountsOfAnotherYearAreNotThisWeeks) {
  make();
  learn::SiteData data;
  data.counted_until_ms = kTestNowMs - 1000 * 86'400'000LL;
  data.visits = {{"mug", 5, 5}};
  publish(data);
  const Answer answer = ask({.count = 5});
  ASSERT_EQ(answer.items.size(), 1U);
  EXPECT_EQ(answer.items[0].reason, "popular here, though not lately");
}

TEST_F(DeciderTest, ANewShopShowsItsCatalogue) {
  make();
  learn::SiteData data;
  data.products = {product("mug"), product("hat")};
  publish(data);
  const Answer answer = ask({.count = 5});
  EXPECT_THAT(ids(answer), testing::UnorderedElementsAre("mug", "hat"));
  EXPECT_EQ(answer.items[0].strategy, "catalogue");
  EXPECT_EQ(answer.items[0].reason, "from the catalogue: no visits yet");
}

TEST_F(DeciderTest, RulesHoldWithEveryStrategy) {
  make({.exploration = 1});  // even when everything is drawn at random
  learn::SiteData data;
  for (const char* id :
       {"a", "b", "c", "d", "e", "hidden", "gone", "bought", "user-bought", "new"}) {
    data.products.push_back(product(id));
  }
  data.products[5].hidden = true;
  data.products[6].stock = 0;
  data.products[9].stock = 3;
  data.counted_until_ms = kTestNowMs;
  for (const char* id : {"hidden", "gone", "bought", "user-bought"})
    data.visits.push_back({id, 100, 100});
  data.purchases = {{key_of("ann"), "bought", kTestNowMs},
                    {key_of("user-1"), "user-bought", kTestNowMs}};
  publish(data, shop_model());
  apply(live_, {"ann", "s1", {"c"}, kTestNowMs, event::Kind::purchase, "user-1"});
  apply(live_, {"ann", "s1", {"a"}, kTestNowMs + 1});
  decider_->refresh_popular();
  std::set<std::string> shown;
  for (int i = 0; i < 300; ++i) {
    const Answer answer = ask({.session = "s1", .item = i % 2 == 0 ? "e" : "", .count = 6});
    std::set<std::string> once;
    for (const std::string& id : ids(answer)) {
      EXPECT_TRUE(once.insert(id).second) << id << " twice";
      shown.insert(id);
      if (i % 2 == 0) {
        EXPECT_NE(id, "e") << "on the page";
      } else {
        EXPECT_NE(id, "a") << "looked at last";
      }
    }
  }
  EXPECT_THAT(shown, testing::UnorderedElementsAre("a", "b", "d", "e", "z", "new"));
}

TEST_F(DeciderTest, ARequestMayExcludeItemsAndAskForCategories) {
  make();
  learn::SiteData data;
  data.products = {product("b"), product("c"), product("f"), product("g")};
  for (auto& [index, category] : std::vector<std::pair<std::size_t, std::string>>{
           {0, "tea"}, {1, "tea"}, {2, "tea"}, {3, "pots"}}) {
    data.products[index].category = category;
  }
  data.products[1].further_categories = {"sale", "new"};
  data.products[2].further_categories = {"sale"};
  publish(data, shop_model());
  apply(live_, {"ann", "s1", {"a"}});
  EXPECT_THAT(ids(ask({.session = "s1", .count = 9, .excluded = {"b", "g", "none"}})),
              testing::ElementsAre("c", "z", "f"));
  EXPECT_THAT(ids(ask({.session = "s1", .count = 9, .categories = {"tea"}})),
              testing::UnorderedElementsAre("b", "c", "f"));
  EXPECT_THAT(ids(ask({.session = "s1", .count = 9, .categories = {"sale", "tea"}})),
              testing::UnorderedElementsAre("c", "f"));
  EXPECT_THAT(ids(ask({.session = "s1", .count = 9, .excluded = {"c"}, .categories = {"sale"}})),
              testing::ElementsAre("f"));
  EXPECT_TRUE(ids(ask({.session = "s1", .count = 9, .categories = {"shoes"}})).empty());
}

TEST_F(DeciderTest, ADecisionIsRecordedAsAnswered) {
  make({.exploration = 0.3, .temperature = 0.1});
  publish({}, shop_model());
  apply(live_, {"ann", "s1", {"a"}});
  const Answer answer =
      ask({.visitor = "ann", .session = "s1", .item = "a", .count = 2, .placement = "cart"});
  ASSERT_EQ(sink_.decisions.size(), 1U);
  const event::Decision& decision = sink_.decisions[0];
  EXPECT_EQ(decision.decision_id, *answer.decision_id);
  EXPECT_EQ(decision.site, test_site());
  EXPECT_EQ(decision.decided_ms, kTestNowMs);
  EXPECT_EQ(decision.session_id, "s1");
  EXPECT_EQ(decision.visitor_id, "ann");
  EXPECT_EQ(decision.placement, "cart");
  EXPECT_EQ(decision.context_json, R"({"item":"a"})");
  EXPECT_EQ(decision.model_version, answer.model_version);
  EXPECT_THAT(decision.factors_json, HasSubstr(R"("exploration":0.3)"));
  EXPECT_THAT(decision.factors_json, HasSubstr(R"("visit":["a"])"));
  EXPECT_EQ(decision.eligible_count, answer.eligible_count);
  EXPECT_EQ(decision.eligible_hash, hash64("b") + hash64("c") + hash64("z"));
  EXPECT_EQ(decision.seed, answer.seed);
  ASSERT_EQ(decision.items.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(decision.items[i].item_id, answer.items[i].item_id);
    EXPECT_EQ(decision.items[i].propensity, answer.items[i].propensity);
    EXPECT_EQ(decision.items[i].reason, answer.items[i].reason);
    EXPECT_EQ(decision.items[i].rank, i + 1);
  }
}

TEST_F(DeciderTest, TheItemsNameCannotBreakTheContext) {
  make();
  learn::SiteData data;
  data.products = {product("mug")};
  publish(data);
  (void)ask({.item = "a\"b\\\n", .count = 1});
  ASSERT_EQ(sink_.decisions.size(), 1U);
  EXPECT_EQ(sink_.decisions[0].context_json, R"({"item":"a\"b\\\n"})");
}

TEST_F(DeciderTest, APreviewIsNotRecorded) {
  make();
  publish({}, shop_model());
  const Answer answer = ask({.item = "a", .preview = true});
  EXPECT_FALSE(answer.items.empty());
  EXPECT_FALSE(answer.decision_id);
  EXPECT_TRUE(sink_.decisions.empty());
}

TEST_F(DeciderTest, WithoutTheJournalTheAnswerHasNoDecisionId) {
  make();
  publish({}, shop_model());
  sink_.is_down = true;
  const Answer answer = ask({.item = "a"});
  EXPECT_FALSE(answer.items.empty());
  EXPECT_FALSE(answer.decision_id);
  EXPECT_EQ(decider_->counters().unrecorded, 1U);
  EXPECT_EQ(decider_->counters().recorded, 0U);
}

TEST_F(DeciderTest, SeedAndSnapshotGiveTheAnswer) {
  make({.exploration = 0.5, .temperature = 0.3});
  publish({}, shop_model());
  std::set<std::vector<std::string>> lists;
  for (int i = 0; i < 50; ++i) {
    seed_ = static_cast<std::uint64_t>(i);
    const Answer first = ask({.item = "a", .count = 3});
    seed_ = static_cast<std::uint64_t>(i);
    const Answer second = ask({.item = "a", .count = 3});
    EXPECT_EQ(ids(first), ids(second));
    for (std::size_t k = 0; k < first.items.size(); ++k) {
      EXPECT_EQ(first.items[k].propensity, second.items[k].propensity);
    }
    lists.insert(ids(first));
  }
  EXPECT_GT(lists.size(), 2U);
}

// Propensities as a site's owner would audit them: of the answers, not of the draw alone. One test
// of the first slot with 2 degrees of freedom: chi-square above 27.6 has probability 1e-6, the
// false-alarm rate over seeds.
TEST_F(DeciderTest, ShownItemsFollowTheirLoggedPropensities) {
  make({.exploration = 0.2, .temperature = 0.3});
  publish({}, shop_model());
  std::map<std::string, double> count;
  std::map<std::string, double> propensity;
  constexpr double kAnswers = 20'000;
  for (int i = 0; i < static_cast<int>(kAnswers); ++i) {
    const Answer answer = ask({.item = "a", .count = 1, .preview = true});
    ++count[answer.items[0].item_id];
    propensity[answer.items[0].item_id] = answer.items[0].propensity;
  }
  ASSERT_EQ(count.size(), 3U);
  double chi_square = 0;
  double total = 0;
  for (const auto& [id, p] : propensity) {
    chi_square += std::pow(count[id] - kAnswers * p, 2) / (kAnswers * p);
    total += p;
  }
  EXPECT_NEAR(total, 1, 1e-12);
  EXPECT_LT(chi_square, 27.6);
}

TEST_F(DeciderTest, ANewSnapshotServesAtOnce) {
  make();
  publish({}, shop_model());
  EXPECT_EQ(ids(ask({.item = "a", .count = 1})), std::vector<std::string>{"b"});
  const auto second = model_of({"ad", "ad"}, learn::published_params());
  publish({}, second);
  const Answer answer = ask({.item = "a", .count = 1});
  EXPECT_EQ(ids(answer), std::vector<std::string>{"d"});
  EXPECT_EQ(answer.model_version, second->version);
}

TEST_F(DeciderTest, ADeletedSiteIsForgotten) {
  make();
  publish({}, shop_model());
  apply(live_, {"ann", "s1", {"a"}});
  decider_->forget(test_site());
  EXPECT_EQ(decider_->snapshot(test_site()), nullptr);
  decider_->refresh_popular();
  EXPECT_TRUE(ask({.item = "a"}).items.empty());
}

TEST_F(DeciderTest, OneSiteCannotSeeAnothers) {
  make();
  publish({}, shop_model());
  TestEvent elsewhere{"ann", "s1", {"secret"}};
  elsewhere.site = test_site(2);
  apply(live_, elsewhere);
  decider_->refresh_popular();
  for (const std::string& id : ids(ask({.visitor = "ann", .session = "s1", .count = 100}))) {
    EXPECT_NE(id, "secret");
  }
  const auto other = decider_->recommend({.site = test_site(2), .item = "a", .count = 100});
  ASSERT_TRUE(other);
  EXPECT_EQ(ids(*other), std::vector<std::string>{"secret"});
}

TEST_F(DeciderTest, AnswersWhileEverythingChanges) {
  make({.exploration = 0.1});
  apply(live_, {"ann", "s1", {"d"}});
  publish({}, shop_model());
  std::atomic<bool> done{false};
  std::vector<std::jthread> askers;
  for (int i = 0; i < 2; ++i) {
    askers.emplace_back([&] {
      while (!done) {
        const auto answer = decider_->recommend(
            {.site = test_site(), .session = "s1", .count = 5, .preview = true});
        ASSERT_TRUE(answer);
        ASSERT_FALSE(answer->items.empty());
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    apply(live_, {"ann", "s1", {i % 2 == 0 ? "a" : "d"}, kTestNowMs + i});
    if (i % 20 == 0) publish({}, shop_model());
    decider_->refresh_popular();
  }
  done = true;
}

}  // namespace
}  // namespace attune::decide
