// XGBoost's trees against ours, and the strategy `blend` made of them.
#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"
#include "learn/bytes.h"
#include "learn/evaluation.h"
#include "learn/learned_blend.h"
#include "learn/models.h"
#include "learn/neural_child.h"
#include "learn/test_log.h"
#include "neural/tree_trainer.h"

namespace attune::neural {
namespace {

/// Decisions of ten candidates; the best is that of the highest sum of two features, where known.
learn::RankingData random_decisions(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  learn::RankingData data;
  data.feature_count = 5;
  for (std::size_t d = 0; d < count; ++d) {
    std::size_t best = 0;
    double best_sum = -1;
    for (std::size_t i = 0; i < 10; ++i) {
      double sum = 0;
      for (std::size_t f = 0; f < data.feature_count; ++f) {
        const bool missing = random.below(4) == 0;
        const double value = random.uniform();
        data.features.push_back(missing ? std::numeric_limits<float>::quiet_NaN()
                                        : static_cast<float>(value));
        if (!missing && f < 2) sum += value;
      }
      if (sum > best_sum) best = i;
      best_sum = std::max(best_sum, sum);
    }
    for (std::size_t i = 0; i < 10; ++i) data.labels.push_back(i == best ? 1 : 0);
    data.groups.push_back(10);
  }
  return data;
}

TEST(TreeTrainer, OurTreesSayWhatXgboostSays) {
  for (const std::uint32_t depth : {1U, 4U, 9U}) {
    const learn::RankingData data = random_decisions(400, depth);
    const XgboostModel model = train_xgboost(data, {.trees = 60, .depth = depth});
    const auto trees = learn::TreeEnsemble::from_xgboost(model.json);
    ASSERT_TRUE(trees) << trees.error().message();
    EXPECT_EQ(trees->tree_count(), 60U);
    ASSERT_EQ(model.predictions.size(), data.labels.size());
    for (std::size_t row = 0; row < data.labels.size(); ++row) {
      const auto features = std::span(data.features).subspan(row * 5, 5);
      ASSERT_NEAR(trees->score(features), model.predictions[row], 1e-6) << row;
    }
  }
}

TEST(TreeTrainer, LearnsWhatTheBestOneHasInCommon) {
  const learn::RankingData test = random_decisions(300, 9);
  const learn::TreeEnsemble trees = train_trees(random_decisions(1500, 8), {});
  std::size_t found = 0;
  for (std::size_t d = 0; d < test.groups.size(); ++d) {
    std::size_t best = 0;
    const auto score = [&](std::size_t i) {
      return trees.score(std::span(test.features).subspan((d * 10 + i) * 5, 5));
    };
    for (std::size_t i = 1; i < 10; ++i) {
      if (score(i) > score(best)) best = i;
    }
    found += test.labels[d * 10 + best] > 0 ? 1 : 0;
  }
  EXPECT_GT(found, 240U);
}

TEST(TreeTrainer, RefusesGroupsThatDoNotFit) {
  const learn::RankingData two_of_one{
      .feature_count = 2, .features = {0, 0}, .labels = {1}, .groups = {2}};
  EXPECT_ANY_THROW(train_xgboost(two_of_one, {}));
}

TEST(TreeTrainer, BlendIsTrainedInAChildProcess) {
  const learn::SessionLog log = learn::random_log({.visits = 600});
  const auto params = learn::parse_params("lambdamart:trees=20");
  ASSERT_TRUE(params);
  const auto made = learn::train_neural_model(log, *params, {.path = ATTUNE_NEURAL});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ((*made)->algorithm(), "lambdamart");
  const learn::NeuralTrainer trainer =
      [](const learn::SessionLog& of, const learn::Catalogue& catalogue,
         const learn::ModelParams& wanted) {
        return learn::LearnedBlend::train(of, catalogue, wanted, train_trees);
      };
  const auto here = learn::train_recommender(log, *params, {}, trainer);
  learn::ByteWriter first;
  (*made)->write(first);
  learn::ByteWriter second;
  here->write(second);
  EXPECT_EQ(first.bytes(), second.bytes());  // the same in any process
}

}  // namespace
}  // namespace attune::neural
