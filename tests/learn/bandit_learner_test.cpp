#include "learn/bandit_learner.h"

#include <gtest/gtest.h>

#include "test_bandit.h"

namespace attune::learn {
namespace {

constexpr std::int64_t kMinute = 60'000;

Uuid id_of(std::size_t number) {
  Uuid id{};
  id.bytes[0] = static_cast<std::uint8_t>(number);
  id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

BanditLearner make_learner(BanditKind kind, BanditLearnerOptions options = {}) {
  BanditOptions of = small_options(kind);
  of.arms_max = 50;
  of.batches_open = 100;
  return std::move(*BanditLearner::make(std::move(*make_bandit(of)), options));
}

void show(BanditLearner& learner, std::size_t number, std::int64_t at_ms, const Situation& in) {
  std::vector<BanditImpression> items;
  for (const BanditArm& arm : in.arms) items.push_back({arm.key, arm.features});
  ASSERT_TRUE(learner.decided(id_of(number), at_ms, in.context, items));
}

std::string bytes_of(const BanditLearner& learner) {
  ByteWriter out;
  learner.write(out);
  return out.bytes();
}

TEST(BanditLearnerTest, AClickTeachesAtOnceAndAMissWhenTheWindowHasPassed) {
  BanditLearner learner = make_learner(BanditKind::thompson_beta);
  Random random(1);
  show(learner, 1, 1000, make_situation(random, 3));
  learner.advance(1000 + 30 * kMinute);
  EXPECT_EQ(learner.bandit().updates(), 0U);  // an unmatured impression is unknown
  EXPECT_TRUE(learner.clicked(id_of(1), 101, 1000 + kMinute));
  EXPECT_EQ(learner.bandit().updates(), 1U);
  EXPECT_FALSE(learner.clicked(id_of(1), 101, 1000 + kMinute));  // the second click of an item
  learner.advance(1001 + 30 * kMinute);
  EXPECT_EQ(learner.bandit().updates(), 3U);
  EXPECT_EQ(learner.counters().clicks, 1U);
  EXPECT_EQ(learner.counters().misses, 2U);
}

TEST(BanditLearnerTest, CartsAndPurchasesEarnTheirWeightsOnce) {
  BanditLearnerOptions options;
  options.rewards = {.click = 1, .cart = 1, .purchase = 1, .revenue = 1, .revenue_max = 50};
  BanditLearner learner = make_learner(BanditKind::thompson_beta, options);
  Random random(1);
  show(learner, 1, 1000, make_situation(random, 3));
  show(learner, 2, 2000, make_situation(random, 3));
  const auto reward = [&] {
    for (const BanditArmState& arm : learner.bandit().arms()) {
      if (arm.key == 101) return arm.reward;
    }
    return -1.0;
  };
  EXPECT_FALSE(learner.followed(7, 101, BanditOutcome::cart, 0)) << "it was not clicked";
  EXPECT_TRUE(learner.clicked(id_of(1), 101, 1000 + kMinute, 7));
  EXPECT_DOUBLE_EQ(reward(), 0.25);
  EXPECT_FALSE(learner.followed(8, 101, BanditOutcome::cart, 0)) << "somebody else";
  EXPECT_TRUE(learner.followed(7, 101, BanditOutcome::cart, 0));
  EXPECT_FALSE(learner.followed(7, 101, BanditOutcome::cart, 0)) << "once";
  EXPECT_DOUBLE_EQ(reward(), 0.5);

  const std::string bytes = bytes_of(learner);
  ByteReader in(bytes);
  auto again = BanditLearner::read(in);  // a restart in between
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(bytes_of(*again), bytes);
  learner = std::move(*again);
  EXPECT_TRUE(learner.followed(7, 101, BanditOutcome::purchase, 25));
  EXPECT_DOUBLE_EQ(reward(), 0.5 + 0.25 + 0.125);
  EXPECT_EQ(learner.bandit().updates(), 1U) << "one choice, put right";

  // The newest list in which they clicked it gets the credit, a click that came late too.
  learner.advance(2000 + 31 * kMinute);
  EXPECT_TRUE(learner.clicked(id_of(2), 101, 2000 + kMinute, 7));
  EXPECT_DOUBLE_EQ(reward(), 0.875 + 0.25);
  EXPECT_TRUE(learner.followed(7, 101, BanditOutcome::purchase, 1000));
  EXPECT_DOUBLE_EQ(reward(), 0.875 + 0.25 + 0.5) << "revenue is capped";
  learner.advance(2000 + 73 * 60 * kMinute);
  EXPECT_FALSE(learner.followed(7, 101, BanditOutcome::cart, 0)) << "forgotten";
}

TEST(BanditLearnerTest, RewardsWithoutAWeightAreRefused) {
  BanditLearner learner = make_learner(BanditKind::thompson_beta);
  BanditLearnerOptions options;
  for (const BanditRewards bad :
       {BanditRewards{.click = 0}, BanditRewards{.click = -1}, BanditRewards{.purchase = 1e9},
        BanditRewards{.revenue_max = 0}}) {
    options.rewards = bad;
    EXPECT_EQ(learner.set_options(options).error().code(), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(learner.options().rewards, BanditRewards{});
}

TEST(BanditLearnerTest, ClicksThatBelongToNothingTeachNothing) {
  BanditLearner learner = make_learner(BanditKind::thompson_beta);
  Random random(1);
  show(learner, 1, 1000, make_situation(random, 3));
  EXPECT_FALSE(learner.clicked(id_of(2), 101, 2000));               // no such decision
  EXPECT_FALSE(learner.clicked(id_of(1), 7, 2000));                 // not in its list
  EXPECT_FALSE(learner.clicked(id_of(1), 101, 1001 + 30 * kMinute));  // after its window
  EXPECT_EQ(learner.counters().unknown, 3U);
  EXPECT_EQ(learner.bandit().updates(), 0U);
}

TEST(BanditLearnerTest, WhereTheSiteSaysWhatWasVisibleOnlyThatCanBeAMiss) {
  BanditLearner learner = make_learner(BanditKind::thompson_beta);
  Random random(1);
  show(learner, 1, 1000, make_situation(random, 3));  // before any report: counts in full
  learner.advance(1001 + 30 * kMinute);
  EXPECT_EQ(learner.counters().misses, 3U);
  const std::int64_t later = 1001 + 31 * kMinute;
  for (std::size_t number : {2U, 3U, 4U}) show(learner, number, later, make_situation(random, 3));
  learner.shown(id_of(2), 100);
  learner.shown(id_of(2), 102);
  learner.clicked(id_of(3), 101, later + 5);  // was clicked, so it was seen
  learner.advance(later + 1 + 30 * kMinute);
  EXPECT_EQ(learner.counters().misses, 3U + 2 + 2);  // nothing of 4: it never came into view
  EXPECT_EQ(learner.counters().unseen, 1U + 3);
  // A late click of what was thought unseen teaches.
  EXPECT_TRUE(learner.clicked(id_of(4), 100, later + 5));
}

class BanditLateTest : public testing::TestWithParam<BanditKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, BanditLateTest, testing::ValuesIn(kBanditKinds),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

/// The same clicks, once on time and once hours late: what was learned must be the same.
TEST_P(BanditLateTest, LateClicksLeadToTheStateOfTheTruth) {
  // What ages between a click and its correction ages by the same factor in sums over examples; a
  // logistic fit depends on the order, so it is held to the truth without ageing.
  const bool is_sum = GetParam() != BanditKind::thompson_logistic;
  const BanditLearnerOptions options{.half_life_ms = is_sum ? 24 * 60 * kMinute : 0};
  BanditLearner truth = make_learner(GetParam(), options);
  BanditLearner late = make_learner(GetParam(), options);
  Random random(2);
  std::vector<Situation> shown;
  constexpr std::size_t kDecisions = 60;
  for (std::size_t i = 0; i < kDecisions; ++i) shown.push_back(make_situation(random, 1));
  // One decision in ten minutes, each matured before the next ones are shown in both, so that
  // the order of the examples is the same.
  const auto at_ms = [](std::size_t i) {
    return 1'000'000'000 + static_cast<std::int64_t>(i) * 31 * kMinute;
  };
  const auto is_click = [](std::size_t i) { return i % 5 == 2; };
  for (std::size_t i = 0; i < kDecisions; ++i) {
    for (BanditLearner* learner : {&truth, &late}) {
      learner->advance(at_ms(i));
      show(*learner, i, at_ms(i), shown[i]);
    }
    if (is_click(i)) truth.clicked(id_of(i), 100, at_ms(i) + kMinute);
    const auto past = [&](std::size_t back) { return i >= back && is_click(i - back); };
    if (past(7)) {
      EXPECT_TRUE(late.clicked(id_of(i - 7), 100, at_ms(i - 7) + kMinute));
    }
  }
  for (BanditLearner* learner : {&truth, &late}) learner->advance(at_ms(kDecisions));
  for (std::size_t i = kDecisions - 7; i < kDecisions; ++i) {
    if (is_click(i)) {
      EXPECT_TRUE(late.clicked(id_of(i), 100, at_ms(i) + kMinute));
    }
  }
  EXPECT_EQ(truth.counters().clicks, 12U);
  EXPECT_EQ(late.counters().corrected, 12U);
  EXPECT_EQ(truth.bandit().updates(), kDecisions);
  EXPECT_EQ(late.bandit().updates(), kDecisions);
  BanditScores a;
  BanditScores b;
  const Situation in = make_situation(random, 5);
  ASSERT_TRUE(truth.bandit().score(in.context, in.arms, 3, a));
  ASSERT_TRUE(late.bandit().score(in.context, in.arms, 3, b));
  for (std::size_t i = 0; i < a.ranks.size(); ++i) EXPECT_NEAR(a.ranks[i], b.ranks[i], 1e-9);
}

TEST(BanditLearnerTest, WhatIsRememberedIsBounded) {
  BanditLearner learner = make_learner(BanditKind::greedy, {.decisions_max = 10});
  Random random(3);
  for (std::size_t i = 0; i < 25; ++i) show(learner, i, 1000, make_situation(random, 2));
  EXPECT_EQ(learner.remembered(), 10U);
  EXPECT_EQ(learner.counters().dropped, 30U);  // not matured: unknown, not a miss
  learner.advance(1001 + 30 * kMinute);
  EXPECT_EQ(learner.counters().misses, 20U);
  learner.advance(1001 + 72 * 60 * kMinute);
  EXPECT_EQ(learner.remembered(), 0U);
  EXPECT_EQ(learner.counters().dropped, 30U);
}

TEST(BanditLearnerTest, WrittenAndReadItGoesOnTheSame) {
  for (const BanditKind kind : kBanditKinds) {
    BanditLearner learner = make_learner(kind, {.half_life_ms = 1000 * kMinute});
    Random random(4);
    const auto go = [&](BanditLearner& of, std::size_t from, std::size_t to, std::uint64_t seed) {
      Random numbers(seed);
      for (std::size_t i = from; i < to; ++i) {
        const std::int64_t at_ms = 5000 + static_cast<std::int64_t>(i) * 5 * kMinute;
        of.advance(at_ms);
        show(of, i, at_ms, make_situation(numbers, 3));
        if (i % 2 == 0) of.clicked(id_of(i), 101, at_ms + 10);
        if (i >= 9) of.clicked(id_of(i - 9), 102, at_ms - 45 * kMinute + 10);
      }
    };
    go(learner, 0, 30, 5);
    const std::string bytes = bytes_of(learner);
    ByteReader in(bytes);
    auto read = BanditLearner::read(in);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(bytes_of(*read), bytes);
    go(learner, 30, 50, 6);
    go(*read, 30, 50, 6);
    EXPECT_EQ(bytes_of(*read), bytes_of(learner)) << to_string(kind);
    for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50) {
      ByteReader cut(std::string_view(bytes).substr(0, length));
      EXPECT_FALSE(BanditLearner::read(cut)) << length;
    }
  }
}

TEST(BanditLearnerTest, BadNumbersAreRefusedWhenShown) {
  BanditLearner learner = make_learner(BanditKind::lin_ucb);
  const std::vector<float> context{1, std::nanf(""), 0};
  const std::vector<float> features{1, 0, 0, 0};
  const BanditImpression item{1, features};
  const auto done = learner.decided(id_of(1), 1, context, {&item, 1});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().field(), "context");
  EXPECT_EQ(learner.remembered(), 0U);
}

TEST(BanditLearnerTest, BadOptionsAreNamed) {
  auto bandit = [] { return small_bandit(BanditKind::greedy); };
  EXPECT_EQ(BanditLearner::make(bandit(), {.window_ms = 0}).error().field(), "window_ms");
  EXPECT_EQ(BanditLearner::make(bandit(), {.correct_ms = 5}).error().field(), "correct_ms");
  EXPECT_EQ(BanditLearner::make(bandit(), {.decisions_max = 0}).error().field(), "decisions_max");
  EXPECT_EQ(BanditLearner::make(bandit(), {.half_life_ms = -1}).error().field(), "half_life_ms");
}

}  // namespace
}  // namespace attune::learn
