#include "neural/sequence_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learn/bytes.h"
#include "learn/evaluation.h"
#include "learn/neural_child.h"
#include "learn/test_log.h"
#include "learn/train.h"

namespace attune::neural {
namespace {

using learn::ItemIndex;
using learn::ModelParams;
using learn::NeuralParams;

NeuralParams small_params() {
  return {.dimension = 16, .length = 8, .dropout = 0, .negatives = 0, .rate = 0.01, .batch = 32,
          .epochs = 10, .patience = 0};
}

ModelParams model_params(const NeuralParams& neural) {
  ModelParams params;
  params.algorithm = learn::Algorithm::neural;
  params.neural = neural;
  return params;
}

std::string bytes_of(const learn::Recommender& model) {
  learn::ByteWriter out;
  model.write(out);
  return out.bytes();
}

class ForwardPass : public testing::TestWithParam<NeuralParams> {};

TEST_P(ForwardPass, OfEigenGivesTheLogitsOfTorch) {
  const std::vector<std::vector<ItemIndex>> visits{
      {3}, {0, 1}, {7, 7, 2, 40, 11}, {5, 4, 3, 2, 1, 0}};
  for (const auto& visit : visits) {
    const ReferencePass reference = reference_pass(50, GetParam(), visit);
    const auto model = learn::NeuralModel::make(reference.weights);
    ASSERT_TRUE(model) << model.error().message();
    learn::Scratch scratch;
    ASSERT_TRUE((*model)->logits(visit, scratch));
    double largest = 0;
    for (std::size_t i = 0; i < reference.logits.size(); ++i) {
      largest = std::max(largest, std::fabs(double(reference.logits[i])));
      ASSERT_NEAR(scratch.dense[i], reference.logits[i], 1e-4) << "item " << i;
    }
    EXPECT_GT(largest, 0.1) << "logits that are all zero would prove nothing";
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ForwardPass,
                         testing::Values(NeuralParams{.dimension = 8, .length = 6},
                                         NeuralParams{.dimension = 64, .blocks = 2, .heads = 4,
                                                      .length = 20, .seed = 2},
                                         NeuralParams{.dimension = 12, .blocks = 3, .heads = 3,
                                                      .length = 6, .scale = 10, .seed = 3}),
                         [](const auto& shape) { return fmt::format("shape{}", shape.index); });

class Losses : public testing::TestWithParam<NeuralParams> {};

TEST_P(Losses, LearnWhatFollowsWhat) {
  // Items come in a fixed circle, so that the next one is certain and popularity knows nothing.
  learn::SessionLogBuilder builder;
  Random random(5);
  for (int v = 0; v < 300; ++v) {
    const std::size_t start = random.below(30);
    for (std::size_t i = 0; i < 5; ++i) {
      builder.add(fmt::format("v{:04}", v), fmt::format("i{:02}", (start + i) % 30),
                  learn::kTestStartMs + v * 60'000 + static_cast<std::int64_t>(i));
    }
  }
  const learn::SessionLog log = *builder.build();
  prepare_libtorch();
  const auto model = train_sequence_model(log, GetParam());
  learn::Scratch scratch;
  int right = 0;
  for (ItemIndex item = 0; item < 30; ++item) {
    const std::vector<ItemIndex> visit{(item + 29) % 30, item};
    const auto answer = model->recommend(visit, {.count = 1}, scratch);
    right += !answer.empty() && answer.front().item == (item + 1) % 30 ? 1 : 0;
  }
  EXPECT_GE(right, 29) << "of 30";
}

NeuralParams with(NeuralParams params, std::uint32_t negatives, double calibration, double scale) {
  params.negatives = negatives;
  params.calibration = calibration;
  if (calibration > 0) params.epochs *= 4;  // its gradients are smaller
  params.scale = scale;
  return params;
}

INSTANTIATE_TEST_SUITE_P(All, Losses,
                         testing::Values(small_params(), with(small_params(), 16, 0, 0),
                                         with(small_params(), 16, 0.75, 0),
                                         with(small_params(), 0, 0, 12)),
                         [](const auto& loss) { return fmt::format("loss{}", loss.index); });

TEST(SequenceTrainerTest, TheSameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  const learn::SessionLog log = learn::random_log({.visits = 60, .items = 20});
  NeuralParams params = small_params();
  params.dropout = 0.3;
  params.negatives = 8;
  params.patience = 1;
  const std::string first = bytes_of(*train_sequence_model(log, params));
  EXPECT_EQ(bytes_of(*train_sequence_model(log, params)), first);
  params.seed = 2;
  EXPECT_NE(bytes_of(*train_sequence_model(log, params)), first);
}

TEST(SequenceTrainerTest, AnEmptyLogGivesAModelThatAnswersNothing) {
  const auto model = train_sequence_model(*learn::SessionLogBuilder{}.build(), small_params());
  learn::Scratch scratch;
  EXPECT_EQ(model->item_count(), 0U);
  EXPECT_TRUE(model->recommend({}, {}, scratch).empty());
}

TEST(SequenceTrainerTest, StepsThatAreNotFiniteLeaveTheWeightsFinite) {
  NeuralParams params = small_params();
  params.rate = 1;
  params.epochs = 3;
  const auto model = train_sequence_model(learn::random_log({.visits = 60}), params);
  EXPECT_EQ(model->algorithm(), "neural");
}

TEST(NeuralChildTest, TrainsWhatIsTrainedInProcess) {
  const learn::SessionLog log = learn::random_log({.visits = 60, .items = 20});
  const auto made = learn::train_neural_model(log, model_params(small_params()),
                                              {.path = ATTUNE_NEURAL});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(bytes_of(**made), bytes_of(*train_sequence_model(log, small_params())));
}

TEST(NeuralChildTest, SaysThatTheMemoryWasNotEnough) {
  NeuralParams params = small_params();
  params.dimension = 1024;
  params.blocks = 8;
  const auto made = learn::train_neural_model(
      learn::random_log({.visits = 60}), model_params(params),
      {.path = ATTUNE_NEURAL, .memory_bytes_max = 300ULL << 20});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::resource_exhausted) << made.error().message();
}

}  // namespace
}  // namespace attune::neural
