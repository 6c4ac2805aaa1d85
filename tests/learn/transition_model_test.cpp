#include "learn/transition_model.h"

#include <gtest/gtest.h>

#include "learn/popularity_model.h"
#include "test_log.h"

namespace attune::learn {
namespace {

TEST(TransitionModelTest, AMarkovChainHoldsShares) {
  const SessionLog log = log_of({"ab", "ab", "ab", "ac"});
  const auto model = TransitionModel::train(log, {.steps = 1});
  const ItemIndex visit[] = {0};
  Scratch scratch;
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(log.item_ids[answer[0].item], "b");
  EXPECT_NEAR(answer[0].score, 0.75, 1e-6);
  EXPECT_NEAR(answer[1].score, 0.25, 1e-6);
}

TEST(TransitionModelTest, FartherStepsCountLess) {
  const SessionLog log = log_of({"abc"});
  const auto model = TransitionModel::train(log, {.steps = 2, .step = StepDecay::reciprocal});
  const ItemIndex visit[] = {0};
  Scratch scratch;
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_NEAR(answer[0].score, 2.0 / 3, 1e-6);
  EXPECT_NEAR(answer[1].score, 1.0 / 3, 1e-6);
}

TEST(TransitionModelTest, CauseCountsAVisitOnce) {
  const SessionLog log = log_of({"abab", "ab"});
  const auto model = TransitionModel::train(log, {.steps = 5});
  const ItemIndex visit[] = {0};
  Scratch scratch;
  (void)model->recommend(visit, {}, scratch);
  EXPECT_EQ(model->cause(log.find("b"), scratch).count, 2U);
}

TEST(PopularityModelTest, AVisitHalvesWithEachHalfLife) {
  SessionLogBuilder builder;
  builder.add("old", "a", kTestStartMs);
  builder.add("new", "b", kTestStartMs + 14 * 86'400'000LL);
  const SessionLog log = *builder.build();
  const auto model = PopularityModel::train(log, 7);
  Scratch scratch;
  const auto answer = model->recommend({}, {}, scratch);
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(log.item_ids[answer[0].item], "b");
  EXPECT_NEAR(answer[1].score / answer[0].score, 0.25, 1e-9);
}

TEST(PopularityModelTest, AnItemCountsOnceAVisit) {
  const SessionLog log = log_of({"aaaa", "b", "b"});
  const auto model = PopularityModel::train(log, 1000);
  Scratch scratch;
  EXPECT_EQ(log.item_ids[model->recommend({}, {}, scratch)[0].item], "b");
}

}  // namespace
}  // namespace attune::learn
