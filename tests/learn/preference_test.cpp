#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/random.h"
#include "learn/preference_evaluation.h"
#include "learn/preference_models.h"
#include "test_log.h"

namespace attune::learn {
namespace {

using testing::DoubleNear;
using testing::FloatNear;
using testing::HasSubstr;

PreferenceMatrix matrix_of(std::uint32_t items, const std::vector<std::vector<ItemIndex>>& rows) {
  PreferenceMatrix matrix;
  matrix.item_count = items;
  for (const auto& row : rows) matrix.add(row);
  return matrix;
}

std::vector<float> scores_of(const PreferenceModel& model, const std::vector<ItemIndex>& history) {
  std::vector<float> scores(model.item_count());
  model.score(history, scores);
  return scores;
}

/// People of two tastes: even items, or odd ones.
PreferenceMatrix two_tastes(std::uint64_t seed, std::size_t people, std::uint32_t items) {
  Random random(seed);
  PreferenceMatrix matrix;
  matrix.item_count = items;
  for (std::size_t u = 0; u < people; ++u) {
    std::vector<ItemIndex> row;
    for (ItemIndex i = 0; i < items; ++i) {
      if (random.uniform() < (i % 2 == u % 2 ? 0.4 : 0.02)) row.push_back(i);
    }
    matrix.add(row);
  }
  return matrix;
}

TEST(PreferenceMatrixTest, CountsAnItemOnceAndKnowsItsOwn) {
  const PreferenceMatrix matrix = matrix_of(3, {{2, 0, 2}, {}, {7, 1}});
  EXPECT_EQ(matrix.items, (std::vector<ItemIndex>{0, 2, 1}));
  EXPECT_EQ(matrix.begins, (std::vector<std::uint32_t>{0, 2, 2, 3}));
}

TEST(EaseTest, IsWhatTheFormulaSays) {
  // X'X = [[2,1],[1,1]]; with lambda 1: G = [[3,1],[1,2]], P = 1/5 [[2,-1],[-1,3]].
  const auto model = train_ease(matrix_of(2, {{0, 1}, {0}}), {.lambda = 1});
  ASSERT_TRUE(model);
  // B_01 = -P_01 / P_11 = 1/3, B_10 = -P_10 / P_00 = 1/2.
  const auto of_first = scores_of(**model, {0});
  EXPECT_THAT(of_first[0], FloatNear(0, 1e-6F));
  EXPECT_THAT(of_first[1], FloatNear(1.0F / 3, 1e-6F));
  EXPECT_THAT(scores_of(**model, {1})[0], FloatNear(0.5F, 1e-6F));
}

TEST(EaseTest, SaysWhatItCannotDo) {
  const PreferenceMatrix matrix = two_tastes(1, 10, 20);
  EXPECT_EQ(train_ease(matrix, {.lambda = 0}).error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(train_ease(matrix, {.items_max = 19}).error().code(), ErrorCode::resource_exhausted);
}

/// The objective, written out plainly.
double objective(const PreferenceMatrix& taken, const std::vector<std::vector<double>>& people,
                 const std::vector<std::vector<double>>& items, double unobserved, double lambda) {
  std::vector<double> of_item(taken.item_count);
  for (const ItemIndex item : taken.items) of_item[item] += 1;
  double sum = 0;
  for (std::size_t u = 0; u < people.size(); ++u) {
    const auto row = taken.row(u);
    for (std::size_t i = 0; i < items.size(); ++i) {
      double score = 0;
      for (std::size_t k = 0; k < people[u].size(); ++k) score += people[u][k] * items[i][k];
      sum += unobserved * score * score;
      if (std::ranges::binary_search(row, i)) sum += (score - 1) * (score - 1);
    }
    for (const double w : people[u]) {
      sum += lambda * (static_cast<double>(row.size()) + unobserved * taken.item_count) * w * w;
    }
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const double h : items[i]) {
      sum += lambda * (of_item[i] + unobserved * static_cast<double>(people.size())) * h * h;
    }
  }
  return sum;
}

TEST(IalsTest, FoldInIsTheMinimumForAPerson) {
  // One factor: for who took S, w = sum h / (sum h^2 + a0 sum_all h^2 + ridge) for h of S. Ratios
  // of scores are ratios of h; the size of w is what is checked.
  const PreferenceMatrix taken = two_tastes(3, 40, 6);
  const IalsParams params{.factors = 1, .epochs = 30, .unobserved = 0.5, .lambda = 0.01};
  const auto model = train_ials(taken, params);
  ASSERT_TRUE(model);
  const auto one = scores_of(**model, {0});
  const auto two = scores_of(**model, {0, 2});
  // h up to a common factor c: score_i = w h_i. From score sets with known S solve for c.
  std::vector<double> h(one.begin(), one.end());   // h = one / w1
  double all = 0;
  for (const double each : h) all += each * each;
  const auto ridge = [&](double count) { return 0.01 * (count + 0.5 * 6); };
  // With h' = h / w1:  w1 = h'_0 / (h'_0^2 + a0 all' + ridge)  gives  w1^2.
  const double squared = (h[0] - h[0] * h[0] - 0.5 * all) / ridge(1);
  ASSERT_GT(squared, 0);
  const double w1 = std::sqrt(squared);
  const double sum = (h[0] + h[2]) / w1;
  const double squares = (h[0] * h[0] + h[2] * h[2] + 0.5 * all) / squared;
  const double w2 = sum / (squares + ridge(2));
  EXPECT_THAT(two[4], FloatNear(static_cast<float>(w2 * h[4] / w1), 1e-4F));
}

TEST(IalsTest, BlocksFindWhatTheWholeSolveFinds) {
  const PreferenceMatrix taken = two_tastes(5, 120, 40);
  IalsParams params{.factors = 16, .epochs = 40, .unobserved = 0.3, .lambda = 0.02};
  const auto whole = train_ials(taken, params);
  params.block = 4;
  const auto blocks = train_ials(taken, params);
  ASSERT_TRUE(whole && blocks);
  const std::vector<ItemIndex> history{0, 2, 6};
  const auto a = scores_of(**whole, history);
  const auto b = scores_of(**blocks, history);
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += std::pow(a[i] - b[i], 2);
    size += std::pow(a[i], 2);
  }
  // Two minima of one objective need not be equal, but they are alike.
  EXPECT_LT(error, 0.05 * size);
}

TEST(IalsTest, TheObjectiveFallsWithEveryEpoch) {
  // People's factors are not kept: a person's scores are w_u h_i, so the objective without ridge is
  // what can be seen from outside; with a tiny ridge it is the objective.
  const PreferenceMatrix taken = two_tastes(7, 60, 20);
  double before = 1e300;
  for (const std::uint32_t epochs : {1U, 2U, 4U, 16U}) {
    const auto model =
        train_ials(taken, {.factors = 4, .epochs = epochs, .unobserved = 0.2, .lambda = 1e-6});
    ASSERT_TRUE(model);
    // Scores as one "factor" each: people are unit vectors of scores.
    double sum = 0;
    for (std::size_t u = 0; u < taken.user_count(); ++u) {
      const auto row = taken.row(u);
      const auto scores = scores_of(**model, {row.begin(), row.end()});
      std::vector<std::vector<double>> one_item(taken.item_count);
      for (std::size_t i = 0; i < scores.size(); ++i) one_item[i] = {scores[i]};
      sum += objective(matrix_of(taken.item_count, {{row.begin(), row.end()}}), {{1.0}}, one_item,
                       0.2, 0);
    }
    EXPECT_LE(sum, before * 1.0001) << epochs;
    before = sum;
  }
}

TEST(IalsTest, ThreadsDoNotChangeTheResultAndTheSeedDecides) {
  const PreferenceMatrix taken = two_tastes(9, 80, 30);
  const auto with = [&](unsigned threads, std::uint64_t seed) {
    const auto model =
        train_ials(taken, {.factors = 8, .epochs = 3, .seed = seed, .threads = threads});
    return scores_of(**model, {1, 3});
  };
  EXPECT_EQ(with(1, 1), with(3, 1));
  EXPECT_NE(with(1, 1), with(1, 2));
  EXPECT_EQ(train_ials(taken, {.factors = 0}).error().code(), ErrorCode::invalid_argument);
}

TEST(PreferenceModelsTest, NobodyAndNothingAreAnswered) {
  const std::vector<ItemIndex> nothing;
  for (const PreferenceMatrix& taken :
       {matrix_of(3, {}), matrix_of(3, {nothing}), matrix_of(3, {{1}})}) {
    const auto ease = train_ease(taken, {});
    const auto ials = train_ials(taken, {.factors = 64, .epochs = 2, .block = 16});
    ASSERT_TRUE(ease && ials);
    const auto popular = count_popularity(taken);
    for (const PreferenceModel* model : {ease->get(), ials->get(), popular.get()}) {
      for (const float score : scores_of(*model, {})) EXPECT_TRUE(std::isfinite(score));
      for (const float score : scores_of(*model, {0, 2})) EXPECT_TRUE(std::isfinite(score));
    }
  }
}

TEST(PreferenceEvaluationTest, MeasuresByHand) {
  // Ranked by popularity without the history {0}: 1, 2, 3. Targets 2 and 3.
  const PreferenceMatrix taken = matrix_of(4, {{1, 2, 3}, {1, 2}, {1}});
  const auto result = measure(*count_popularity(taken), {{{0}, {2, 3}}}, {.resamples = 10});
  EXPECT_DOUBLE_EQ(result.quality.recall20, 1);
  const double ideal = 1 + 1 / std::log2(3.0);
  EXPECT_THAT(result.quality.ndcg100, DoubleNear((1 / std::log2(3.0) + 0.5) / ideal, 1e-12));
  EXPECT_DOUBLE_EQ(result.coverage, 0.75);
  const auto none = measure(*count_popularity(taken), {{{2}, {0}}}, {.resamples = 0});
  EXPECT_DOUBLE_EQ(none.quality.recall50, 1);   // the last of three, but there are only three
}

TEST(PreferenceEvaluationTest, TasteBeatsPopularity) {
  const auto split = hold_out(two_tastes(11, 600, 100), {.people = 200});
  ASSERT_TRUE(split);
  EXPECT_EQ(split->people.size(), 200U);
  const BootstrapOptions bootstrap{.resamples = 200};
  const auto popular = measure(*count_popularity(split->train), split->people, bootstrap);
  const auto ease = measure(**train_ease(split->train, {.lambda = 50}), split->people, bootstrap);
  const auto ials = measure(**train_ials(split->train, {.factors = 8}), split->people, bootstrap);
  EXPECT_GT(ease.recall20.low, popular.recall20.high);
  EXPECT_GT(ials.recall20.low, popular.recall20.high);
}

TEST(PreferenceEvaluationTest, ReadsAFileAndRefusesWhatItCannotUse) {
  const TestFolder folder;
  const std::string path = folder.path() + "/pairs.csv";
  std::ofstream(path) << "who,what\n" << [] {
    std::string lines;
    const PreferenceMatrix taken = two_tastes(13, 60, 30);
    for (std::size_t u = 0; u < taken.user_count(); ++u) {
      for (const ItemIndex item : taken.row(u)) lines += fmt::format("u{},i{}\n", u, item);
    }
    return lines;
  }();
  PeopleEvaluation what;
  what.log_path = path;
  what.bootstrap.resamples = 50;
  EXPECT_THAT(evaluate_people(what).error().message(), HasSubstr("no column user_id"));
  what.user_column = "who";
  what.item_column = "what";
  for (const char* model : {"popular", "ease:lambda=20", "ials:factors=4,epochs=3"}) {
    what.model = model;
    const auto report = evaluate_people(what);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->users, 60U);
    EXPECT_GT(report->model.people, 20U);   // of 30: some have fewer than five items
    EXPECT_THAT(to_text(*report), HasSubstr("Recall@20"));
  }
  for (const char* model : {"bert", "ease:factors=3", "ials:factors", "ials:epochs=-1"}) {
    what.model = model;
    EXPECT_EQ(evaluate_people(what).error().code(), ErrorCode::invalid_argument) << model;
  }
  what.model = "ease";
  what.hold_out.items_min = 100;
  EXPECT_EQ(evaluate_people(what).error().code(), ErrorCode::failed_precondition);
}

}  // namespace
}  // namespace attune::learn
