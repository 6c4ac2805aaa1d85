// Placements and rules, as answers show them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/hash.h"
#include "decide/decider.h"
#include "test_shop.h"

namespace attune::decide {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Upper tail of a chi-square variable, by Wilson and Hilferty's normal approximation.
double chi_square_tail(double value, double degrees) {
  const double z =
      (std::cbrt(value / degrees) - (1 - 2 / (9 * degrees))) / std::sqrt(2 / (9 * degrees));
  return 0.5 * std::erfc(z / std::sqrt(2));
}

class ChooserTest : public testing::Test {
 protected:
  ChooserTest() {
    home().name = "home";
    home().fallback = {"popular"};
    // Eight items, most visited first; odd ones are hats, even ones mugs; c, d, g, h are of acme.
    data_.counted_until_ms = kTestNowMs;
    for (int i = 0; i < 8; ++i) {
      learn::Product product;
      product.id = std::string(1, static_cast<char>('a' + i));
      product.name = "Blue " + product.id;
      product.category = i % 2 == 0 ? "hats" : "mugs";
      product.brand = i % 4 < 2 ? "plain" : "acme";
      product.price = 10 * (i + 1);
      data_.products.push_back(product);
      data_.visits.push_back({product.id, 80.0 - 10 * i, static_cast<std::uint32_t>(80 - 10 * i)});
    }
  }
  Placement& home() { return rules_.placements["home"]; }
  Rule& rule(RuleKind kind, const std::string& id = "r") {
    Rule made;
    made.id = id;
    made.name = "Rule " + id;
    made.kind = kind;
    rules_.rules.push_back(made);
    return rules_.rules.back();
  }
  void make(DeciderOptions options = {.exploration = 0, .temperature = 0},
            const SiteSnapshot::Models& models = {}) {
    decider_ =
        std::make_unique<Decider>(live_, &sink_, clock_, options, [this] { return seed_++; });
    decider_->publish(test_site(), SiteSnapshot::build(test_site(), data_, models));
    decider_->publish_rules(test_site(), std::make_shared<const SiteRules>(rules_));
  }
  Answer ask(Request request) {
    request.site = test_site();
    if (request.placement.empty()) request.placement = "home";
    auto answer = decider_->recommend(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    return answer ? std::move(*answer) : Answer{};
  }
  std::vector<std::string> ids(const Answer& answer) {
    std::vector<std::string> all;
    for (const AnswerItem& item : answer.items) all.push_back(item.item_id);
    return all;
  }
  std::vector<std::string> list(std::size_t count = 8) { return ids(ask({.count = count})); }

  LiveState live_;
  TestSink sink_;
  ManualClock clock_{kTestNowMs};
  SiteRules rules_;
  learn::SiteData data_;
  std::uint64_t seed_ = 1;
  std::unique_ptr<Decider> decider_;
};

TEST_F(ChooserTest, ThePlacementSaysHowMany) {
  home().count = 3;
  make();
  EXPECT_THAT(ids(ask({})), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ids(ask({.count = 2})), ElementsAre("a", "b"));
}

TEST_F(ChooserTest, BoostBuryExcludeOnlyIfAndPriceBand) {
  rule(RuleKind::boost, "1").when.items = {key_of("d")};  // .5 -> 1
  rule(RuleKind::bury, "2").when.items = {key_of("a")};
  rule(RuleKind::exclude, "3").when.brands = {hash64("acme")};
  rules_.rules[0].factor = 4;
  rules_.rules[1].factor = 10;
  make();
  EXPECT_THAT(list(), ElementsAre("b", "e", "f", "a")) << "c, d, g, h are of acme";
  rules_.rules[2].enabled = false;
  make();
  EXPECT_THAT(list(), ElementsAre("d", "b", "c", "e", "f", "g", "h", "a"));
  rule(RuleKind::only_if, "4").when.categories = {hash64("mugs")};
  make();
  EXPECT_THAT(list(), ElementsAre("d", "b", "f", "h"));
  Rule& band = rule(RuleKind::price_band, "5");
  band.price_min = 35;
  band.price_max = 70;
  make();
  EXPECT_THAT(list(), ElementsAre("d", "f"));
}

TEST_F(ChooserTest, APriceBandCanFollowTheItemOnThePage) {
  Rule& band = rule(RuleKind::price_band);
  band.price_relative = true;
  band.price_min = 0.5;
  band.price_max = 1.5;
  make();
  EXPECT_THAT(ids(ask({.item = "d"})), ElementsAre("b", "c", "e", "f")) << "20 to 60";
  EXPECT_EQ(list().size(), 8U) << "nothing to compare with";
}

TEST_F(ChooserTest, ARuleOfAnotherPlacementOrTimeDoesNothing) {
  rule(RuleKind::exclude, "1").placement = "cart";
  rule(RuleKind::exclude, "2").schedule.until_ms = kTestNowMs;
  rule(RuleKind::exclude, "3").enabled = false;
  make();
  EXPECT_EQ(list().size(), 8U);
  clock_.advance_ms(-1);
  EXPECT_EQ(ask({}).fallback, "rules_excluded_everything") << "the second one holds until then";
}

TEST_F(ChooserTest, RulesThatExcludeEverythingAreSaidToHaveBeenLeftOut) {
  rule(RuleKind::exclude);
  make();
  const Answer answer = ask({.count = 2});
  EXPECT_THAT(ids(answer), ElementsAre("a", "b"));
  EXPECT_EQ(answer.fallback, "rules_excluded_everything");
  EXPECT_EQ(decider_->counters().without_rules, 1U);
  EXPECT_THAT(sink_.decisions[0].factors_json, HasSubstr("rules_excluded_everything"));
}

TEST_F(ChooserTest, CapsHoldGivenTheSlotsAbove) {
  rule(RuleKind::cap, "1").cap = 1;
  make();
  EXPECT_THAT(list(), ElementsAre("a", "b")) << "one hat, one mug";
  rules_.rules[0].cap_by_brand = true;
  rules_.rules[0].cap = 2;
  make();
  EXPECT_THAT(list(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(ChooserTest, PinsAreShownInTheirSlotsAndNotDrawn) {
  Rule& first = rule(RuleKind::pin, "1");
  first.item = "g";
  first.slot = 2;
  Rule& taken = rule(RuleKind::pin, "2");
  taken.item = "h";
  taken.slot = 2;  // the first rule has it
  Rule& last = rule(RuleKind::pin, "3");
  last.item = "a";
  last.slot = 4;
  make({.exploration = 0.5, .temperature = 0.1});
  for (int i = 0; i < 50; ++i) {
    const Answer answer = ask({.count = 5});
    ASSERT_EQ(answer.items.size(), 5U);
    EXPECT_EQ(answer.items[1].item_id, "g");
    EXPECT_EQ(answer.items[3].item_id, "a");
    const auto shown = ids(answer);
    EXPECT_EQ(std::set<std::string>(shown.begin(), shown.end()).size(), 5U);
    for (const std::size_t slot : {std::size_t{1}, std::size_t{3}}) {
      EXPECT_TRUE(answer.items[slot].is_pinned);
      EXPECT_EQ(answer.items[slot].propensity, 1);
      EXPECT_EQ(answer.items[slot].strategy, "pinned");
      EXPECT_EQ(answer.items[slot].reason, slot == 1 ? "put here by the rule 'Rule 1'"
                                                     : "put here by the rule 'Rule 3'");
    }
    EXPECT_EQ(answer.eligible_count, 6U);
    EXPECT_EQ(sink_.decisions.back().items[1].strategy, "pinned");
  }
}

TEST_F(ChooserTest, FiltersHoldForPinsToo) {
  Rule& pin = rule(RuleKind::pin);
  pin.item = "g";
  data_.products[6].stock = 0;
  make();
  EXPECT_EQ(list(1), std::vector<std::string>{"a"});
  home().hide_out_of_stock = false;
  make();
  EXPECT_EQ(list(1), std::vector<std::string>{"g"});
  data_.products[6].hidden = true;
  make();
  EXPECT_EQ(list(1), std::vector<std::string>{"a"});
  pin.item = "f";
  make();
  EXPECT_EQ(ids(ask({.item = "f", .count = 1})), std::vector<std::string>{"a"}) << "on the page";
}

TEST_F(ChooserTest, FiltersAreThePlacements) {
  data_.purchases = {{key_of("ann"), "a", kTestNowMs}};
  make();
  apply(live_, {"ann", "s1", {"b"}});
  apply(live_, {"ann", "s1", {"c"}});
  EXPECT_THAT(ids(ask({.visitor = "ann", .count = 2})), ElementsAre("b", "d"));
  home().hide_seen = true;
  make();
  EXPECT_THAT(ids(ask({.visitor = "ann", .count = 2})), ElementsAre("d", "e"));
  home().hide_bought = false;
  make();
  EXPECT_THAT(ids(ask({.visitor = "ann", .count = 2})), ElementsAre("a", "d"));
}

TEST_F(ChooserTest, TypesAreThePlacements) {
  data_.products[4].type = "content";
  home().types = {"content"};
  make();
  EXPECT_EQ(list(), std::vector<std::string>{"e"});
  Request products;
  products.type = "product";
  products.site = test_site();
  products.placement = "home";
  const auto refused = decider_->recommend(products);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field(), "type");
}

TEST_F(ChooserTest, ATypeIsARequests) {
  data_.products[4].type = "content";
  make();
  EXPECT_THAT(ids(ask({.type = "content"})), ElementsAre("e"));
  EXPECT_EQ(sink_.decisions[0].context_json, R"({"type":"content"})");
  EXPECT_TRUE(ids(ask({.type = "offer"})).empty()) << "nothing else in its place";
  const auto products = ids(ask({.type = "product"}));
  EXPECT_EQ(std::count(products.begin(), products.end(), "e"), 0);
  EXPECT_EQ(products.size(), data_.products.size() - 1);
  rule(RuleKind::exclude).when.types = {attribute_hash("content")};
  make();
  EXPECT_EQ(ask({.type = "content"}).fallback, "rules_excluded_everything");
}

TEST_F(ChooserTest, AnArticleNobodyReadIsFoundAmongManyProducts) {
  for (int i = 0; i < 12'000; ++i) {
    learn::Product product;
    product.id = "p" + std::to_string(i);
    data_.products.push_back(product);
  }
  data_.products.back().type = "content";
  make();
  EXPECT_THAT(ids(ask({.type = "content"})), ElementsAre(data_.products.back().id));
}

TEST_F(ChooserTest, DiversityPrefersWhatIsUnlikeTheSlotsAbove) {
  make();
  EXPECT_THAT(list(4), ElementsAre("a", "b", "c", "d"));
  home().diversity = 0.9;
  make();
  // After a (hats, plain, 10) nothing of d (mugs, acme, 40) is alike; then the least alike ones.
  const auto diverse = list(2);
  EXPECT_THAT(diverse, ElementsAre("a", "d"));
}

TEST_F(ChooserTest, ACategoryAndASearchRestrictTheAnswer) {
  make();
  EXPECT_THAT(ids(ask({.category = "mugs"})), ElementsAre("b", "d", "f", "h"));
  EXPECT_EQ(ask({.category = "mugs"}).items[0].reason, "popular this week: 70 visits");
  EXPECT_THAT(ids(ask({.query = "ACME mugs", .count = 2})), ElementsAre("d", "h"));
  const Answer nothing = ask({.query = "umbrella", .count = 2});
  EXPECT_EQ(nothing.fallback, "nothing_matches");
  EXPECT_THAT(ids(nothing), ElementsAre("a", "b"));
  EXPECT_EQ(ask({.category = "umbrellas"}).fallback, "nothing_matches");
  EXPECT_EQ(sink_.decisions[0].context_json, R"({"category":"mugs"})");
}

TEST_F(ChooserTest, WhatIsPopularInACategoryNeedNotBePopularOfAll) {
  make({.exploration = 0, .temperature = 0, .popular_items_max = 2});
  const Answer answer = ask({.category = "mugs"});
  EXPECT_THAT(ids(answer), ElementsAre("b", "d", "f", "h")) << "only b is among the first two";
  EXPECT_EQ(answer.items[1].reason, "popular in mugs: 50 visits");
}

TEST_F(ChooserTest, APlacementAboutAnItemWantsOne) {
  const std::map<Context, std::string> fields{{Context::item, "item"},
                                              {Context::cart, "items"},
                                              {Context::category, "category"},
                                              {Context::search, "query"}};
  for (const auto& [context, field] : fields) {
    home().context = context;
    make();
    const auto answer = decider_->recommend({.site = test_site(), .placement = "home"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(answer.error().field(), field);
  }
  std::vector<std::string> cart(kCartItemsMax + 1, "a");
  const auto answer = decider_->recommend({.site = test_site(), .items = cart});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().field(), "items");
}

TEST_F(ChooserTest, StrategiesAreBlendedByWeight) {
  const auto next = model_of({"ab", "ab", "ab"}, learn::published_params());
  const auto other = model_of({"ah", "ah", "ah"}, learn::published_params());
  home().strategies = {{"sequential", 1}, {"item_to_item", 3}};
  home().fallback = {"popular"};
  make({.exploration = 0, .temperature = 0}, {{"sequential", next}, {"item_to_item", other}});
  const Answer answer = ask({.item = "a", .count = 3});
  EXPECT_THAT(ids(answer), ElementsAre("h", "b", "c"));
  EXPECT_DOUBLE_EQ(answer.items[0].score, 0.75);
  EXPECT_DOUBLE_EQ(answer.items[1].score, 0.25);
  EXPECT_EQ(answer.items[0].strategy, "item_to_item");
  EXPECT_EQ(answer.items[2].strategy, "popular") << "the fallback fills up";
  EXPECT_EQ(answer.model_version, other->version) << "of the strategy that weighs most";
  EXPECT_EQ(answer.fallback, "");
  EXPECT_THAT(sink_.decisions[0].factors_json, HasSubstr("\"sequential\":\"" + next->version));
}

TEST_F(ChooserTest, AColdItemGetsTheFallback) {
  home().strategies = {{"sequential", 1}};
  make({.exploration = 0, .temperature = 0},
       {{"sequential", model_of({"ab", "ab"}, learn::published_params())}});
  const Answer answer = ask({.item = "h", .count = 2});
  EXPECT_THAT(ids(answer), ElementsAre("a", "b"));
  EXPECT_EQ(answer.fallback, "cold");
}

TEST_F(ChooserTest, HistoryIsGivenToStrategiesWithoutAVisit) {
  home().strategies = {{"collaborative", 1}};
  data_.history_item_ids = {"a", "z"};
  data_.histories = {{key_of("ann"), {0, 1}}};
  struct HistoryModel final : learn::Recommender {
    std::string_view algorithm() const override { return "test"; }
    std::size_t item_count() const override { return 8; }
    std::span<const learn::ScoredItem> recommend(const learn::Query& query,
                                                 const learn::RecommendOptions&,
                                                 learn::Scratch& scratch) const override {
      scratch.ranked.clear();
      if (query.visit.empty() && query.history.size() == 1 && query.history[0] == 0) {
        scratch.ranked.push_back({7, 2.5});
      }
      return scratch.ranked;
    }
    learn::Cause cause(learn::ItemIndex, const learn::Scratch&) const override {
      using enum learn::Cause::Kind;
      return {.kind = bought_together, .via = 0, .count = 31, .after = 0, .of = 40};
    }
    void write(learn::ByteWriter&) const override {}
  };
  learn::SiteModel model;
  model.version = "v1";
  for (char id = 'a'; id <= 'h'; ++id) model.item_ids.emplace_back(1, id);
  model.model = std::make_unique<HistoryModel>();
  make({.exploration = 0, .temperature = 0},
       {{"collaborative", std::make_shared<const learn::SiteModel>(std::move(model))}});
  const Answer answer = ask({.visitor = "ann", .count = 1});
  ASSERT_EQ(answer.items.size(), 1U);
  EXPECT_EQ(answer.items[0].item_id, "h");
  EXPECT_EQ(answer.items[0].reason, "bought together with 'Blue a' by 31 of 40 buyers");
  EXPECT_EQ(answer.items[0].raw_score, 2.5);
  home().context = Context::session;
  make({.exploration = 0, .temperature = 0});
  EXPECT_EQ(ids(ask({.visitor = "ann", .count = 1})), std::vector<std::string>{"a"});
}

TEST_F(ChooserTest, StrategiesThatThereIsNoTimeForAreSkippedAndNamed) {
  home().strategies = {{"sequential", 1}, {"item_to_item", 1}, {"popular", 0.1}};
  home().budget_us = 0;
  const auto model = model_of({"ab", "ab"}, learn::published_params());
  make({.exploration = 0, .temperature = 0}, {{"sequential", model}, {"item_to_item", model}});
  const Answer answer = ask({.item = "a", .count = 1});
  EXPECT_THAT(answer.skipped, ElementsAre("sequential", "item_to_item"));
  EXPECT_EQ(answer.items.size(), 1U);
  EXPECT_EQ(decider_->counters().skipped, 2U);
}

TEST_F(ChooserTest, TheControlGroupIsAStableShareOfVisitors) {
  home().strategies = {{"sequential", 1}};
  home().control_share = 0.3;
  make({.exploration = 0, .temperature = 0},
       {{"sequential", model_of({"hg", "hg"}, learn::published_params())}});
  int controls = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string visitor = fmt::format("v{}", i);
    const Answer answer = ask({.visitor = visitor, .item = "h", .count = 1});
    const bool is_control = answer.group == Group::control;
    ASSERT_EQ(ids(answer)[0], is_control ? "a" : "g");
    ASSERT_EQ(ask({.visitor = visitor, .count = 1}).group, answer.group);
    EXPECT_THAT(sink_.decisions.back().factors_json,
                HasSubstr(is_control ? R"("group":"control")" : R"("group":"treatment")"));
    controls += is_control ? 1 : 0;
  }
  // Binomial(2000, 0.3): five standard deviations are 102.5.
  EXPECT_NEAR(controls, 600, 103);
  EXPECT_EQ(ask({.visitor = "v1", .preview = true}).group, Group::none);
}

TEST_F(ChooserTest, AControlGroupThatGetsNothingIsRecordedAsWithheld) {
  home().control_share = 0.9;
  home().control_gets_none = true;
  make();
  bool seen = false;
  for (int i = 0; i < 20; ++i) {
    const Answer answer = ask({.visitor = fmt::format("v{}", i), .count = 2});
    if (answer.group != Group::control) continue;
    seen = true;
    EXPECT_TRUE(answer.items.empty());
    ASSERT_EQ(sink_.decisions.back().items.size(), 2U);
    EXPECT_EQ(sink_.decisions.back().items[0].strategy, "withheld");
  }
  EXPECT_TRUE(seen);
}

TEST_F(ChooserTest, APreviewSaysWhatEachRuleDidAndUsesTheDraft) {
  make();
  rule(RuleKind::exclude, "1").when.brands = {hash64("acme")};
  rule(RuleKind::boost, "2").when.categories = {hash64("mugs")};
  rule(RuleKind::exclude, "3").enabled = false;
  const Answer answer = ask({.count = 3,
                             .preview = true,
                             .draft = std::make_shared<const SiteRules>(rules_)});
  EXPECT_THAT(ids(answer), ElementsAre("b", "a", "f"));
  ASSERT_EQ(answer.rules.size(), 3U);
  EXPECT_EQ(answer.rules[0].item_count, 4U);
  EXPECT_THAT(answer.rules[0].items, testing::UnorderedElementsAre("c", "d", "g", "h"));
  EXPECT_THAT(answer.rules[1].items, testing::UnorderedElementsAre("b", "f"));
  EXPECT_FALSE(answer.rules[2].is_active);
  EXPECT_TRUE(sink_.decisions.empty());
  EXPECT_EQ(list().size(), 8U) << "the draft is not in service";
}

// Propensities as logged, with rules, diversity, caps and a pin: the first two drawn slots.
// Two tests of at most 7 and 42 degrees of freedom, each rejecting a true null once in a million
// seeds.
TEST_F(ChooserTest, ShownItemsFollowTheirPropensitiesWithRulesAndDiversity) {
  home().diversity = 0.3;
  Rule& boost = rule(RuleKind::boost, "1");
  boost.when.categories = {hash64("mugs")};
  boost.factor = 1.2;
  rule(RuleKind::cap, "2").cap = 1;
  rules_.rules.back().when.brands = {hash64("acme")};
  Rule& pin = rule(RuleKind::pin, "3");
  pin.item = "c";
  pin.slot = 2;
  make({.exploration = 0.2, .temperature = 0.3});
  constexpr int kAnswers = 40'000;
  std::map<std::string, double> first;
  std::map<std::string, double> p_first;
  std::map<std::string, double> pairs;
  std::map<std::string, double> p_pair;
  for (int i = 0; i < kAnswers; ++i) {
    const Answer answer = ask({.count = 3, .preview = true});
    ASSERT_EQ(answer.items.size(), 3U);
    ASSERT_TRUE(answer.items[1].is_pinned);
    const std::string a = answer.items[0].item_id;
    const std::string pair = a + answer.items[2].item_id;
    ++first[a];
    p_first[a] = answer.items[0].propensity;
    ++pairs[pair];
    const double p = answer.items[0].propensity * answer.items[2].propensity;
    if (p_pair.contains(pair)) {
      ASSERT_DOUBLE_EQ(p_pair[pair], p) << "given the slots above";
    }
    p_pair[pair] = p;
  }
  const auto check = [&](std::map<std::string, double>& count,
                         const std::map<std::string, double>& p) {
    double chi_square = 0;
    double total = 0;
    for (const auto& [id, share] : p) {
      chi_square += std::pow(count[id] - kAnswers * share, 2) / (kAnswers * share);
      total += share;
    }
    EXPECT_NEAR(total, 1, 1e-9);
    EXPECT_GT(chi_square_tail(chi_square, static_cast<double>(p.size()) - 1), 1e-6);
  };
  check(first, p_first);
  check(pairs, p_pair);
  EXPECT_EQ(first.size(), 7U) << "every item but the pinned one";
  for (const auto& [pair, count] : pairs) {
    EXPECT_NE(pair[1], 'g') << "the pinned c fills the cap of hats of acme";
    EXPECT_TRUE(pair != "dh" && pair != "hd") << "one mug of acme";
  }
}

}  // namespace
}  // namespace attune::decide
