#include "neural/q_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/child_process.h"
#include "learn/simulator_interest.h"
#include "learn/simulator_long_term.h"
#include "learn/test_log.h"
#include "neural/sequence_trainer.h"

namespace attune::neural {
namespace {

using learn::QModel;
using learn::SlatePolicy;
using learn::SlateState;

double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) /
         static_cast<double>(numbers.size());
}

SlatePolicy policy_of(const QModel& model, std::size_t slate) {
  return [&model, slate](const SlateState& state) { return model.slate(state, slate); };
}

TEST(QModelTest, EigenGivesTheValuesOfTorch) {
  learn::InterestSimulator simulator;
  const SlateState& state = simulator.begin(9);
  const ReferenceValues reference = reference_values(simulator.shape(), {}, state);
  const auto model = QModel::make(reference.weights);
  ASSERT_TRUE(model) << model.error().message();
  std::vector<float> values(reference.values.size());
  model->score(state.person, state.items, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(values[i], reference.values[i], 1e-5) << i;
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_GT(*high - *low, 1e-3) << "values that are all the same would prove nothing";
}

TEST(QModelTest, ComesBackFromDiskAndRefusesWhatIsCut) {
  learn::InterestSimulator simulator;
  const SlateState& state = simulator.begin(9);
  const ReferenceValues reference = reference_values(simulator.shape(), {}, state);
  const learn::TestFolder folder;
  FileSystem& files = real_file_system();
  const auto model = QModel::make(reference.weights);
  ASSERT_TRUE(model->save(files, folder / "q"));
  const auto again = QModel::load(files, folder / "q");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->slate(state, 3), model->slate(state, 3));
  learn::QWeights cut = reference.weights;
  cut.advantage[1].bias.pop_back();
  EXPECT_EQ(QModel::make(cut).error().code(), ErrorCode::data_loss);
  cut = reference.weights;
  cut.value[0].weights[0] = std::nanf("");
  EXPECT_FALSE(QModel::make(cut));
}

TEST(QTrainerTest, BeatsTheBestMyopicPolicyWhereSatisfactionLasts) {
  prepare_libtorch();
  learn::LongTermSimulator simulator;
  const QModel model = train_q_model(simulator, {.hidden = 32, .steps = 2000, .batch = 32});
  // Sessions that training never saw; all policies meet the same people.
  const double learned = mean_of(play(simulator, policy_of(model, 1), 1, 100));
  const double myopic = mean_of(play(simulator, learn::long_term_myopic(), 1, 100));
  const double planned = mean_of(play(simulator, learn::long_term_planner({}), 1, 100));
  EXPECT_GT(learned, 1.2 * myopic);
  EXPECT_GT(learned, 0.8 * planned);
  EXPECT_LT(learned, 1.02 * planned) << "nothing can beat the planner by more than chance";
}

TEST(QTrainerTest, LearnsFromLoggedSessionsOfARandomPolicy) {
  prepare_libtorch();
  learn::LongTermSimulator simulator;
  learn::LoggedSteps log{.shape = simulator.shape(), .steps = {}};
  Random random(2);
  for (std::uint64_t seed = 1000; seed < 1060; ++seed) {
    simulator.begin(seed);
    while (!simulator.now().done) {
      learn::SlateStep step{.before = simulator.now(), .outcome = {}, .after = {}};
      const std::uint32_t slate[] = {static_cast<std::uint32_t>(random.below(10))};
      step.outcome = simulator.show(slate);
      step.after = simulator.now();
      log.steps.push_back(std::move(step));
    }
  }
  const QModel model = train_q_model(log, {.hidden = 32, .steps = 2000, .batch = 32});
  EXPECT_GT(mean_of(play(simulator, policy_of(model, 1), 1, 100)),
            1.1 * mean_of(play(simulator, learn::long_term_myopic(), 1, 100)));
}

TEST(QTrainerTest, TheSameSeedGivesTheSameModel) {
  prepare_libtorch();
  learn::InterestSimulator simulator;
  const QParams params{.hidden = 8, .steps = 100, .batch = 8, .warm_up = 50};
  const QModel first = train_q_model(simulator, params);
  const QModel second = train_q_model(simulator, params);
  const SlateState state = simulator.begin(4);
  std::vector<float> a(state.appeals.size() + 1);
  std::vector<float> b(a.size());
  first.score(state.person, state.items, a);
  second.score(state.person, state.items, b);
  EXPECT_EQ(a, b);
}

learn::ChildExit run_neural(std::vector<std::string> arguments) {
  auto ended = learn::run_child({.program = ATTUNE_NEURAL,
                                 .arguments = std::move(arguments),
                                 .wait_ms_max = 120'000,
                                 .stop_requested = {},
                                 .on_line = {}});
  return ended ? *ended : learn::ChildExit{.code = -2, .signal = 0, .error_text = "not run"};
}

TEST(QWorkerTest, WritesAModelAndRefusesWhatItDoesNotKnow) {
  const learn::TestFolder folder;
  const auto made = run_neural({"q-train", "--simulator", "interest", "--out", folder / "q",
                                "--steps", "50", "--hidden", "8"});
  EXPECT_EQ(made.code, 0) << made.error_text;
  EXPECT_TRUE(QModel::load(real_file_system(), folder / "q"));
  EXPECT_EQ(run_neural({"q-train", "--simulator", "chess", "--out", "x"}).code, 1);
  EXPECT_EQ(run_neural({"q-train", "--out", folder / "q"}).code, 1);
  const auto missing = run_neural({"q-train", "--in", folder / "none", "--out", folder / "q2"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.error_text.find("none"), std::string::npos);
}

}  // namespace
}  // namespace attune::neural
