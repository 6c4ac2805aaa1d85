// The contract of all recommenders, and what a neural model refuses. Weights are drawn, not
// trained: libtorch is needed for neither.
#include "learn/neural_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "learn/bytes.h"
#include "learn/evaluation.h"
#include "learn/neural_child.h"
#include "test_log.h"

namespace attune::learn {
namespace {

std::vector<float> drawn(std::size_t count, Random& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(random.uniform() - 0.5);
  return numbers;
}

struct Shape {
  std::size_t items = 40;
  std::uint32_t heads = 2;
  std::size_t blocks = 2;
  float scale = 0;
};

NeuralWeights drawn_weights(const Shape& shape) {
  constexpr std::size_t d = 8;
  Random random(1);
  NeuralWeights w;
  w.dimension = d;
  w.heads = shape.heads;
  w.length = 5;
  w.scale = shape.scale;
  w.items = drawn(shape.items * d, random);
  w.positions = drawn(5 * d, random);
  for (std::size_t b = 0; b < shape.blocks; ++b) {
    w.blocks.push_back({.norm1_scale = drawn(d, random),
                        .norm1_shift = drawn(d, random),
                        .qkv = drawn(3 * d * d, random),
                        .qkv_bias = drawn(3 * d, random),
                        .out = drawn(d * d, random),
                        .out_bias = drawn(d, random),
                        .norm2_scale = drawn(d, random),
                        .norm2_shift = drawn(d, random),
                        .up = drawn(2 * d * d, random),
                        .up_bias = drawn(2 * d, random),
                        .down = drawn(2 * d * d, random),
                        .down_bias = drawn(d, random)});
  }
  w.norm_scale = drawn(d, random);
  w.norm_shift = drawn(d, random);
  return w;
}

std::unique_ptr<NeuralModel> model_of(const Shape& shape) {
  return std::move(*NeuralModel::make(drawn_weights(shape)));
}

std::string bytes_of(const Recommender& model) {
  ByteWriter out;
  model.write(out);
  return out.bytes();
}

std::vector<ScoredItem> answer_of(const Recommender& model, const Query& query,
                                  const RecommendOptions& options) {
  Scratch scratch;
  const auto answer = model.recommend(query, options, scratch);
  return {answer.begin(), answer.end()};
}

class NeuralModelContract : public testing::TestWithParam<Shape> {};

TEST_P(NeuralModelContract, ScoresArePositiveAndFallAndNoItemComesTwice) {
  const auto model = model_of(GetParam());
  const SessionLog log = random_log({});
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto visit = log.session(v);
    const auto answer = answer_of(*model, visit, {.count = 15});
    ASSERT_EQ(answer.size(), 15U);
    EXPECT_EQ(answer.front().score, 1);
    std::set<ItemIndex> seen;
    for (std::size_t i = 0; i < answer.size(); ++i) {
      ASSERT_TRUE(std::isfinite(answer[i].score) && answer[i].score > 0);
      ASSERT_TRUE(seen.insert(answer[i].item).second);
      ASSERT_NE(answer[i].item, visit.back());
      ASSERT_GE(answer[i == 0 ? 0 : i - 1].score, answer[i].score);
    }
    for (const ScoredItem& found : answer_of(*model, visit, {.count = 100, .drop_seen = true})) {
      ASSERT_EQ(std::count(visit.begin(), visit.end(), found.item), 0);
    }
  }
}

TEST_P(NeuralModelContract, AShortAnswerIsTheHeadOfALongOne) {
  const auto model = model_of(GetParam());
  const std::vector<ItemIndex> visit{3, 9, 1};
  const auto long_one = answer_of(*model, visit, {.count = 39});
  const auto short_one = answer_of(*model, visit, {.count = 7});
  ASSERT_EQ(long_one.size(), 39U);
  EXPECT_TRUE(std::equal(short_one.begin(), short_one.end(), long_one.begin()));
}

TEST_P(NeuralModelContract, AnswersTheSameWithAUsedScratch) {
  const auto model = model_of(GetParam());
  const auto larger = model_of({.items = 90});
  Scratch used;
  for (ItemIndex i = 0; i < 40; ++i) {
    const std::vector<ItemIndex> visit{i, (i * 7) % 40};
    (void)larger->recommend(visit, {}, used);
    const auto again = model->recommend(visit, {}, used);
    const auto expected = answer_of(*model, visit, {});
    ASSERT_TRUE(std::equal(again.begin(), again.end(), expected.begin(), expected.end()));
  }
}

TEST_P(NeuralModelContract, ItemsItNeverSawAreSkippedAndHistoryStandsInForAnEmptyVisit) {
  const auto model = model_of(GetParam());
  const std::vector<ItemIndex> known{4};
  const std::vector<ItemIndex> mixed{9999, 4, kNoItem};
  const std::vector<ItemIndex> none;
  const RecommendOptions all{.drop_current = false};
  EXPECT_EQ(answer_of(*model, mixed, all), answer_of(*model, known, all));
  EXPECT_EQ(answer_of(*model, Query(none, known), all), answer_of(*model, known, all));
  EXPECT_TRUE(answer_of(*model, Query(), all).empty());
}

TEST_P(NeuralModelContract, ComesBackFromBytesAsItWas) {
  const auto model = model_of(GetParam());
  const std::string bytes = bytes_of(*model);
  ByteReader in(bytes);
  const auto again = read_recommender(in);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(bytes_of(**again), bytes);
  const std::vector<ItemIndex> visit{1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(answer_of(**again, visit, {}), answer_of(*model, visit, {}));
}

TEST_P(NeuralModelContract, RefusesBytesCutAnywhere) {
  const std::string bytes = bytes_of(*model_of(GetParam()));
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(read_recommender(in)) << length;
  }
}

TEST_P(NeuralModelContract, SurvivesAnyByteChanged) {
  const std::string bytes = bytes_of(*model_of(GetParam()));
  const std::vector<ItemIndex> visit{1, 2, 3};
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string altered = bytes;
    // The first half of the changes hits the header, where the sizes are.
    const std::size_t range = i % 2 == 0 ? 64 : altered.size();
    altered[random.below(range)] = static_cast<char>(random.next());
    ByteReader in(altered);
    const auto model = read_recommender(in);
    if (!model || (*model)->item_count() > 1000) continue;
    Scratch scratch;
    for (const ScoredItem& found : (*model)->recommend(visit, {}, scratch)) {
      ASSERT_TRUE(std::isfinite(found.score));
    }
    (void)(*model)->cause(0, scratch);
  }
}

TEST_P(NeuralModelContract, CauseNamesAnItemOfTheVisit) {
  const auto model = model_of(GetParam());
  const std::vector<ItemIndex> visit{3, 9, 1};
  Scratch scratch;
  for (const ScoredItem& found : model->recommend(visit, {}, scratch)) {
    const Cause cause = model->cause(found.item, scratch);
    EXPECT_EQ(cause.kind, Cause::Kind::taken_together);
    EXPECT_EQ(std::count(visit.begin(), visit.end(), cause.via), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, NeuralModelContract,
                         testing::Values(Shape{}, Shape{.heads = 1, .blocks = 1, .scale = 9}),
                         [](const auto& shape) { return fmt::format("shape{}", shape.index); });

TEST(NeuralModelTest, AModelWithoutItemsAnswersNothing) {
  const auto model = model_of({.items = 0});
  const std::vector<ItemIndex> visit{5};
  EXPECT_TRUE(answer_of(*model, visit, {}).empty());
}

TEST(NeuralModelTest, RefusesWeightsThatDoNotFitOrAreNotFinite) {
  NeuralWeights weights = drawn_weights({});
  weights.blocks[1].up.pop_back();
  EXPECT_EQ(NeuralModel::make(weights).error().code(), ErrorCode::data_loss);
  weights = drawn_weights({.heads = 3});
  EXPECT_FALSE(NeuralModel::make(weights));
  weights = drawn_weights({});
  weights.items[7] = std::nanf("");
  EXPECT_FALSE(NeuralModel::make(weights));
}

TEST(NeuralChildTest, SaysWhatIsMissingWithoutTheProgram) {
  ModelParams params;
  params.algorithm = Algorithm::neural;
  const auto made = train_neural_model(random_log({}), params, {.path = "/nowhere/attune-neural"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::failed_precondition);
  EXPECT_NE(made.error().message().find("need the program attune-neural"), std::string::npos);
}

TEST(NeuralParamsTest, HeadsMustDivideTheDimension) {
  EXPECT_TRUE(parse_params("neural:dimension=12,heads=3"));
  EXPECT_EQ(parse_params("neural:dimension=12,heads=5").error().code(),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace attune::learn
