// Single policies against what can be worked out otherwise.
#include "learn/bandit.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <gtest/gtest.h>

#include <numeric>

#include "learn/bandit_ridge.h"
#include "test_bandit.h"

namespace attune::learn {
namespace {

TEST(BanditTest, NamesAreReadBack) {
  for (const BanditKind kind : kBanditKinds) EXPECT_EQ(parse_bandit_kind(to_string(kind)), kind);
  EXPECT_EQ(parse_bandit_kind("ucb"), std::nullopt);
}

TEST(BanditTest, BadOptionsAreNamed) {
  const auto field = [](auto change) {
    BanditOptions options;
    change(options);
    const auto made = make_bandit(options);
    return made ? std::string("none") : made.error().field();
  };
  EXPECT_EQ(field([](BanditOptions&) {}), "none");
  EXPECT_EQ(field([](BanditOptions& o) { o.floor = 0; }), "floor");
  EXPECT_EQ(field([](BanditOptions& o) { o.floor = std::nan(""); }), "floor");
  EXPECT_EQ(field([](BanditOptions& o) { o.ridge = 0; }), "ridge");
  EXPECT_EQ(field([](BanditOptions& o) { o.draws = 0; }), "draws");
  EXPECT_EQ(field([](BanditOptions& o) { o.arms_max = 0; }), "arms_max");
  EXPECT_EQ(field([](BanditOptions& o) { o.context_size = o.feature_size = 30; }),
            "context_size");
}

TEST(BanditTest, ShermanMorrisonIsTheInverse) {
  constexpr std::size_t kSize = 6;
  Ridge often(kSize, 0.5);
  Ridge never(kSize, 0.5);
  Eigen::MatrixXd precision = 0.5 * Eigen::MatrixXd::Identity(kSize, kSize);
  Eigen::VectorXd sums = Eigen::VectorXd::Zero(kSize);
  Random random(1);
  std::vector<double> x(kSize);
  for (int i = 0; i < 3000; ++i) {
    for (double& number : x) number = 2 * random.uniform() - 1;
    const double reward = random.uniform();
    const double weight = 0.5 + random.uniform();
    often.add(x, reward, weight, 10);
    never.add(x, reward, weight, 1'000'000);
    const Eigen::Map<const Eigen::VectorXd> input(x.data(), kSize);
    precision += weight * input * input.transpose();
    sums += weight * reward * input;
    if (i != 1500) continue;
    often.decay(0.25);
    never.decay(0.25);
    precision = 0.25 * precision + 0.75 * 0.5 * Eigen::MatrixXd::Identity(kSize, kSize);
    sums *= 0.25;
  }
  const Eigen::VectorXd weights = precision.llt().solve(sums);
  const Eigen::Map<const Eigen::VectorXd> input(x.data(), kSize);
  for (const Ridge* ridge : {&often, &never}) {
    EXPECT_NEAR(ridge->predict(x), weights.dot(input), 1e-10);
    EXPECT_NEAR(ridge->variance(x), input.dot(precision.llt().solve(input)), 1e-12);
  }
}

/// The hybrid model is one ridge regression in which each arm has its own copy of the context.
TEST(BanditTest, HybridLinUcbIsOneLargeRegression) {
  BanditOptions options = small_options(BanditKind::lin_ucb_hybrid);
  options.alpha = 0.7;
  const auto bandit = std::move(*make_bandit(options));
  constexpr std::size_t kArms = 4;
  constexpr std::size_t kSize = 12 + kArms * 3;
  Ridge large(kSize, options.ridge);
  const auto wide = [&](const Situation& in, std::size_t arm, std::size_t of) {
    std::vector<double> x;
    for (const float a : in.context) {
      for (const float b : in.features[of]) {
        x.push_back(static_cast<double>(a) * static_cast<double>(b));
      }
    }
    x.resize(kSize);
    for (std::size_t i = 0; i < 3; ++i) x[12 + arm * 3 + i] = static_cast<double>(in.context[i]);
    return x;
  };
  Random random(2);
  for (int i = 0; i < 200; ++i) {
    const Situation in = make_situation(random, kArms);
    const std::size_t arm = random.below(kArms);
    const double reward = random.uniform();
    const double weight = 0.5 + random.uniform();
    ASSERT_TRUE(bandit->update({.arm = in.arms[arm].key,
                                .context = in.context,
                                .features = in.features[arm],
                                .reward = reward,
                                .weight = weight}));
    large.add(wide(in, arm, arm), reward, weight, 1);
    if (i == 120) {
      bandit->decay(0.3);
      large.decay(0.3);
    }
  }
  const Situation in = make_situation(random, kArms);
  BanditScores scores;
  ASSERT_TRUE(bandit->score(in.context, in.arms, 1, scores));
  for (std::size_t arm = 0; arm < kArms; ++arm) {
    const auto x = wide(in, arm, arm);
    EXPECT_NEAR(scores.means[arm], large.predict(x), 1e-9);
    EXPECT_NEAR(scores.ranks[arm], large.predict(x) + 0.7 * std::sqrt(large.variance(x)), 1e-9);
  }
}

TEST(BanditTest, LinUcbIsMeanPlusWidthOfItsOwnArm) {
  BanditOptions options = small_options(BanditKind::lin_ucb);
  options.alpha = 2;
  const auto bandit = std::move(*make_bandit(options));
  const std::vector<float> context{1, 0, 0};
  const std::vector<float> features{1, 0, 0, 0};
  for (const double reward : {1.0, 0.0, 1.0}) {
    ASSERT_TRUE(bandit->update(
        {.arm = 5, .context = context, .features = features, .reward = reward}));
  }
  const BanditArm arms[] = {{5, features}, {6, features}};
  BanditScores scores;
  ASSERT_TRUE(bandit->score(context, arms, 1, scores));
  EXPECT_NEAR(scores.means[0], 2.0 / 4, 1e-12);  // b = 2, A = 1 + 3
  EXPECT_NEAR(scores.ranks[0], 0.5 + 2 * std::sqrt(1.0 / 4), 1e-12);
  EXPECT_NEAR(scores.ranks[1], 0 + 2 * 1, 1e-12);
}

TEST(BanditTest, BetaDrawsHaveTheMomentsOfTheirDistribution) {
  BanditOptions options = small_options(BanditKind::thompson_beta);
  options.draws = 10'000;
  options.prior_clicks = 0.5;
  options.prior_misses = 4;
  const auto bandit = std::move(*make_bandit(options));
  const std::vector<float> context{1, 0, 0};
  const std::vector<float> features{1, 0, 0, 0};
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(bandit->update({.arm = 1,
                                .context = context,
                                .features = features,
                                .reward = i % 4 == 0 ? 1.0 : 0.0}));
  }
  const BanditArm arms[] = {{1, features}, {2, features}};
  BanditScores scores;
  ASSERT_TRUE(bandit->score(context, arms, 3, scores));
  const double shapes[2][2] = {{5.5, 19}, {0.5, 4}};
  for (std::size_t arm = 0; arm < 2; ++arm) {
    double sum = 0;
    double squares = 0;
    for (std::size_t row = 0; row < scores.rows; ++row) {
      const double value = scores.ranks[row * 2 + arm];
      sum += value;
      squares += value * value;
    }
    const double a = shapes[arm][0];
    const double b = shapes[arm][1];
    const double mean = sum / 10'000;
    const double variance = a * b / ((a + b) * (a + b) * (a + b + 1));
    EXPECT_NEAR(scores.means[arm], a / (a + b), 1e-12);
    EXPECT_NEAR(mean, a / (a + b), 5 * std::sqrt(variance / 10'000));
    EXPECT_NEAR(squares / 10'000 - mean * mean, variance, 0.1 * variance);
  }
}

TEST(BanditTest, LinearThompsonDrawsHaveThePosteriorsCovariance) {
  BanditOptions options = small_options(BanditKind::thompson_linear);
  options.draws = 10'000;
  options.spread = 0.5;
  const auto bandit = std::move(*make_bandit(options));
  Ridge ridge(12, options.ridge);
  Random random(4);
  std::vector<double> z;
  const auto product = [&](const Situation& in, std::size_t arm) {
    z.clear();
    for (const float a : in.context) {
      for (const float b : in.features[arm]) {
        z.push_back(static_cast<double>(a) * static_cast<double>(b));
      }
    }
    return std::span<const double>(z);
  };
  for (int i = 0; i < 50; ++i) {
    const Situation in = make_situation(random, 1);
    const double reward = random.uniform();
    ASSERT_TRUE(bandit->update(
        {.arm = 1, .context = in.context, .features = in.features[0], .reward = reward}));
    ridge.add(product(in, 0), reward, 1, 1);
  }
  // More candidates than weights: the covariance is singular.
  const Situation in = make_situation(random, 15);
  BanditScores scores;
  ASSERT_TRUE(bandit->score(in.context, in.arms, 5, scores));
  for (std::size_t arm = 0; arm < 15; ++arm) {
    double sum = 0;
    double squares = 0;
    for (std::size_t row = 0; row < scores.rows; ++row) {
      const double value = scores.ranks[row * 15 + arm] - scores.means[arm];
      sum += value;
      squares += value * value;
    }
    const double variance = 0.25 * ridge.variance(product(in, arm));
    EXPECT_NEAR(scores.means[arm], ridge.predict(product(in, arm)), 1e-10);
    EXPECT_NEAR(sum / 10'000, 0, 5 * std::sqrt(variance / 10'000));
    EXPECT_NEAR(squares / 10'000, variance, 0.1 * variance);
  }
}

TEST(BanditTest, LogisticMeansAreAtTheMinimum) {
  BanditOptions options = small_options(BanditKind::thompson_logistic);
  options.context_size = 1;
  options.feature_size = 3;
  options.batch = 200;
  options.ridge = 0.5;
  const auto bandit = std::move(*make_bandit(options));
  Random random(6);
  std::vector<std::vector<float>> inputs;
  std::vector<double> rewards;
  const std::vector<float> context{1};
  for (int i = 0; i < 120; ++i) {
    const auto number = [&] { return static_cast<float>(4 * random.uniform() - 2); };
    inputs.push_back({1, number(), number()});
    const double liking = 2 * static_cast<double>(inputs.back()[1]) - 1;
    rewards.push_back(random.uniform() < 1 / (1 + std::exp(-liking)) ? 1 : 0);
    ASSERT_TRUE(bandit->update({.arm = 1,
                                .context = context,
                                .features = inputs.back(),
                                .reward = rewards.back()}));
  }
  // At the minimum the gradient, ridge w - sum (y - p) x, is 0; w comes from three predictions.
  const auto logit = [&](std::vector<float> at) {
    const BanditArm arm{1, at};
    BanditScores scores;
    EXPECT_TRUE(bandit->score(context, {&arm, 1}, 1, scores));
    return std::log(scores.means[0] / (1 - scores.means[0]));
  };
  const double w[] = {logit({1, 0, 0}), logit({0, 1, 0}), logit({0, 0, 1})};
  double gradient[3] = {};
  for (int j = 0; j < 3; ++j) gradient[j] = 0.5 * w[j];
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    double value = 0;
    for (std::size_t j = 0; j < 3; ++j) value += w[j] * static_cast<double>(inputs[i][j]);
    const double rest = rewards[i] - 1 / (1 + std::exp(-value));
    for (std::size_t j = 0; j < 3; ++j) gradient[j] -= rest * static_cast<double>(inputs[i][j]);
  }
  for (const double slope : gradient) EXPECT_NEAR(slope, 0, 1e-7);
  EXPECT_GT(w[1], 1);
}

TEST(BanditTest, ACorrectionBeyondTheOpenBatchesSaysSo) {
  const auto bandit = small_bandit(BanditKind::thompson_logistic);
  const std::vector<float> context{1, 0.5F, 0};
  const std::vector<float> features{1, 0.25F, 0, 0};
  const BanditExample first{.arm = 1, .context = context, .features = features};
  ASSERT_TRUE(bandit->update(first));
  teach(*bandit, 1, 100);
  const std::string before = bytes_of(*bandit);
  const auto done = bandit->correct(first, 1, 0);
  ASSERT_TRUE(done);
  EXPECT_FALSE(*done);
  EXPECT_EQ(bytes_of(*bandit), before);
}

TEST(BanditTest, SquareCbWeighsGapsInversely) {
  BanditScores scores;
  scores.means = scores.ranks = {0.5, 0.3, 0.5, 0.1};
  scores.rows = 1;
  scores.gamma = 20;
  scores.floor = 0.1;
  const std::size_t left[] = {0, 1, 2, 3};
  std::vector<double> p;
  bandit_probabilities(scores, left, p);
  EXPECT_NEAR(p[1], 0.9 / (4 + 20 * 0.2) + 0.025, 1e-12);
  EXPECT_NEAR(p[2], 0.9 / 4 + 0.025, 1e-12);
  EXPECT_NEAR(p[3], 0.9 / (4 + 20 * 0.4) + 0.025, 1e-12);
  EXPECT_NEAR(p[0], 1 - p[1] - p[2] - p[3], 1e-12);
}

TEST(BanditTest, SharesOfPosteriorDrawsAreTheProbabilities) {
  BanditScores scores;
  scores.means = {0, 0, 0};
  scores.ranks = {1, 2, 3, 3, 2, 1, 0, 2, 2, 5, 5, 5};  // best: c; a; b or c; all
  scores.rows = 4;
  scores.floor = 0.2;
  const std::size_t left[] = {0, 1, 2};
  std::vector<double> p;
  bandit_probabilities(scores, left, p);
  EXPECT_NEAR(p[0], 0.8 * (1 + 1.0 / 3) / 4 + 0.2 / 3, 1e-12);
  EXPECT_NEAR(p[1], 0.8 * (0.5 + 1.0 / 3) / 4 + 0.2 / 3, 1e-12);
  EXPECT_NEAR(p[2], 0.8 * (1 + 0.5 + 1.0 / 3) / 4 + 0.2 / 3, 1e-12);
  const std::size_t two[] = {1, 2};
  bandit_probabilities(scores, two, p);
  EXPECT_NEAR(p[0], 0.8 * (1 + 0.5 + 0.5) / 4 + 0.1, 1e-12);
}

}  // namespace
}  // namespace attune::learn
