#include "learn/slate_environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/simulator_interest.h"
#include "learn/simulator_long_term.h"
#include "test_log.h"

namespace attune::learn {
namespace {

double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) /
         static_cast<double>(numbers.size());
}

TEST(BestSlateTest, IsWorthAsMuchAsTheBestOfAllSlates) {
  Random random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<float> values(7);
    std::vector<float> appeals(7);
    for (float& value : values) value = static_cast<float>(4 * random.uniform() - 2);
    for (float& appeal : appeals) appeal = static_cast<float>(0.05 + 3 * random.uniform());
    const auto null_value = static_cast<float>(2 * random.uniform() - 1);
    const auto null_appeal = round % 3 == 0 ? 0.0F : static_cast<float>(random.uniform());
    double best = -1e9;
    for (std::uint32_t a = 0; a < 7; ++a) {
      for (std::uint32_t b = a + 1; b < 7; ++b) {
        for (std::uint32_t c = b + 1; c < 7; ++c) {
          const std::uint32_t slate[] = {a, b, c};
          best = std::max(best, slate_value(slate, values, appeals, null_value, null_appeal));
        }
      }
    }
    const auto slate = best_slate(values, appeals, null_value, null_appeal, 3);
    ASSERT_EQ(slate.size(), 3U);
    ASSERT_NEAR(slate_value(slate, values, appeals, null_value, null_appeal), best, 1e-6);
  }
}

TEST(DrawChoiceTest, FollowsTheAppeals) {
  SlateState state;
  state.appeals = {1, 2, 5, 9};
  state.null_appeal = 2;
  const std::uint32_t slate[] = {2, 0};
  Random random(4);
  std::vector<int> counts(5);
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) ++counts[draw_choice(slate, state, random)];
  // Six deviations of a binomial: a false alarm once in 10^8 seeds.
  const auto expect = [&](std::size_t item, double p) {
    EXPECT_NEAR(counts[item], p * kDraws, 6 * std::sqrt(p * (1 - p) * kDraws)) << item;
  };
  expect(0, 1.0 / 8);
  expect(2, 5.0 / 8);
  expect(4, 2.0 / 8);
  EXPECT_EQ(counts[1] + counts[3], 0);
}

TEST(DrawChoiceTest, ChoosesSomethingWhenNothingHasNoAppeal) {
  SlateState state;
  state.appeals = {1, 1};
  const std::uint32_t slate[] = {1};
  Random random(1);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(draw_choice(slate, state, random), 1U);
}

TEST(LongTermSimulatorTest, TheSameSeedGivesTheSameSession) {
  LongTermSimulator simulator;
  const auto first = play(simulator, long_term_constant(0.3), 5, 10);
  EXPECT_EQ(play(simulator, long_term_constant(0.3), 5, 10), first);
  EXPECT_NE(play(simulator, long_term_constant(0.3), 15, 10), first);
}

TEST(LongTermSimulatorTest, ClickbaitPaysAtOnceAndCostsLater) {
  LongTermSimulator one_step({.steps = 1});
  EXPECT_GT(mean_of(play(one_step, long_term_myopic(), 1, 500)),
            1.2 * mean_of(play(one_step, long_term_constant(0), 1, 500)));
  LongTermSimulator session;
  EXPECT_LT(1.2 * mean_of(play(session, long_term_myopic(), 1, 100)),
            mean_of(play(session, long_term_constant(0), 1, 100)));
}

TEST(LongTermSimulatorTest, NoConstantPolicyBeatsThePlanner) {
  LongTermSimulator simulator;
  const double planned = mean_of(play(simulator, long_term_planner({}), 1, 200));
  for (const double clickbait : {0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0}) {
    EXPECT_GT(planned, mean_of(play(simulator, long_term_constant(clickbait), 1, 200)))
        << clickbait;
  }
}

TEST(InterestSimulatorTest, SessionsEndAndGoodItemsStretchThem) {
  InterestSimulator simulator;
  const auto shape = simulator.shape();
  const auto clicked_most = [&](const SlateState& state) {
    return most_appealing(state, shape.slate);
  };
  const auto good_first = [&](const SlateState& state) {
    std::vector<float> qualities;
    for (std::size_t i = 0; i < shape.candidates; ++i) {
      qualities.push_back(state.items[(i + 1) * shape.item_features - 1]);
    }
    return best_slate(qualities, state.appeals, -1, state.null_appeal, shape.slate);
  };
  const auto myopic = play(simulator, clicked_most, 1, 200);
  for (const double clicks : myopic) ASSERT_LE(clicks, 200);
  EXPECT_EQ(play(simulator, clicked_most, 1, 200), myopic);
  EXPECT_GT(mean_of(myopic), 5);
  EXPECT_GT(mean_of(play(simulator, good_first, 1, 200)), 1.05 * mean_of(myopic))
      << "there must be something to gain by looking ahead";
}

std::vector<SlateStep> some_steps(SlateEnvironment& environment) {
  std::vector<SlateStep> steps;
  environment.begin(3);
  while (!environment.now().done && steps.size() < 20) {
    SlateStep step{.before = environment.now(), .outcome = {}, .after = {}};
    step.outcome = environment.show(most_appealing(environment.now(), environment.shape().slate));
    step.after = environment.now();
    steps.push_back(step);
  }
  return steps;
}

TEST(SlateStepsTest, ComeBackFromDiskAsTheyWere) {
  InterestSimulator simulator;
  const auto steps = some_steps(simulator);
  const TestFolder folder;
  FileSystem& files = real_file_system();
  ASSERT_TRUE(save_steps(files, simulator.shape(), steps, folder / "steps"));
  const auto log = load_steps(files, folder / "steps");
  ASSERT_TRUE(log) << log.error().message();
  EXPECT_EQ(log->shape, simulator.shape());
  ASSERT_EQ(log->steps.size(), steps.size());
  EXPECT_EQ(log->steps.back().after.items, steps.back().after.items);
  EXPECT_EQ(log->steps.back().outcome.chosen, steps.back().outcome.chosen);
}

TEST(SlateStepsTest, RefusesStepsThatDoNotFitTheShapeOrAreNotFinite) {
  InterestSimulator simulator;
  const TestFolder folder;
  FileSystem& files = real_file_system();
  auto steps = some_steps(simulator);
  steps[1].outcome.reward = std::nan("");
  ASSERT_TRUE(save_steps(files, simulator.shape(), steps, folder / "nan"));
  EXPECT_EQ(load_steps(files, folder / "nan").error().code(), ErrorCode::data_loss);
  steps = some_steps(simulator);
  steps[2].before.person.pop_back();
  ASSERT_TRUE(save_steps(files, simulator.shape(), steps, folder / "short"));
  EXPECT_EQ(load_steps(files, folder / "short").error().code(), ErrorCode::data_loss);
}

}  // namespace
}  // namespace attune::learn
