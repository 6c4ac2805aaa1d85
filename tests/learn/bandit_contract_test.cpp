// What every policy keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <numeric>

#include "test_bandit.h"

namespace attune::learn {
namespace {

class BanditContractTest : public testing::TestWithParam<BanditKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, BanditContractTest, testing::ValuesIn(kBanditKinds),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

BanditScores score(const Bandit& bandit, const Situation& in, std::uint64_t seed = 7) {
  BanditScores scores;
  const auto done = bandit.score(in.context, in.arms, seed, scores);
  EXPECT_TRUE(done) << done.error().message();
  return scores;
}

TEST_P(BanditContractTest, TheSameExamplesGiveTheSameBytesAndAnswers) {
  const auto a = small_bandit(GetParam());
  const auto b = small_bandit(GetParam());
  teach(*a, 1, 100);
  teach(*b, 1, 100);
  EXPECT_EQ(bytes_of(*a), bytes_of(*b));
  Random random(2);
  const Situation in = make_situation(random, 8);
  EXPECT_EQ(score(*a, in).ranks, score(*b, in).ranks);
}

TEST_P(BanditContractTest, ProbabilitiesAreFiniteAboveTheFloorAndSumToOne) {
  const auto bandit = small_bandit(GetParam());
  Random random(3);
  for (int round = 0; round < 30; ++round) {
    const Situation in = make_situation(random, 1 + random.below(9));
    const BanditScores scores = score(*bandit, in, random.next());
    for (const double mean : scores.means) EXPECT_TRUE(std::isfinite(mean));
    std::vector<std::size_t> left(in.arms.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    std::vector<double> p;
    while (!left.empty()) {
      bandit_probabilities(scores, left, p);
      ASSERT_EQ(p.size(), left.size());
      EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
      const double floor = bandit->options().floor / static_cast<double>(left.size());
      for (const double share : p) EXPECT_GE(share, floor * (1 - 1e-12));
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(random.below(left.size())));
    }
    teach(*bandit, random.next(), 5);
  }
}

TEST_P(BanditContractTest, WrittenAndReadItIsTheSameAndLearnsTheSame) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 4, 77);
  bandit->decay(0.9);
  teach(*bandit, 5, 13);
  const std::string bytes = bytes_of(*bandit);
  ByteReader in(bytes);
  const auto read = read_bandit(in);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(bytes_of(**read), bytes);
  EXPECT_EQ((*read)->updates(), 90U);
  for (Bandit* of : {bandit.get(), read->get()}) {
    teach(*of, 6, 20);
    of->decay(0.5);
    teach(*of, 7, 3);
  }
  EXPECT_EQ(bytes_of(**read), bytes_of(*bandit));
}

TEST_P(BanditContractTest, ACloneIsIndependent) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 4, 40);
  const std::string before = bytes_of(*bandit);
  const auto clone = bandit->clone();
  teach(*clone, 5, 10);
  EXPECT_EQ(bytes_of(*bandit), before);
  EXPECT_NE(bytes_of(*clone), before);
}

TEST_P(BanditContractTest, CutBytesAreRefused) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 8, 30);
  const std::string bytes = bytes_of(*bandit);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    const auto read = read_bandit(in);
    ASSERT_FALSE(read) << length;
    EXPECT_EQ(read.error().code(), ErrorCode::data_loss);
  }
}

TEST_P(BanditContractTest, AlteredBytesAreRefusedOrGiveFiniteAnswers) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 8, 30);
  const std::string bytes = bytes_of(*bandit);
  Random random(9);
  const Situation in = make_situation(random, 5);
  for (int round = 0; round < 400; ++round) {
    std::string altered = bytes;
    altered[random.below(altered.size())] ^= static_cast<char>(1U << random.below(8));
    ByteReader reader(altered);
    const auto read = read_bandit(reader);
    if (!read || (*read)->options().context_size != 3 || (*read)->options().feature_size != 4) {
      continue;
    }
    BanditScores scores;
    ASSERT_TRUE((*read)->score(in.context, in.arms, 1, scores));
    std::vector<BanditSlot> list;
    Random draw(1);
    draw_bandit_list(scores, in.arms.size(), {}, draw, list);
    EXPECT_EQ(list.size(), in.arms.size());
  }
}

TEST_P(BanditContractTest, OneArmIsCertainAndNoneIsAnEmptyAnswer) {
  const auto bandit = small_bandit(GetParam());
  Random random(10);
  const Situation one = make_situation(random, 1);
  std::vector<BanditSlot> list;
  draw_bandit_list(score(*bandit, one), 1, {}, random, list);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_DOUBLE_EQ(list[0].propensity, 1);
  const Situation none = make_situation(random, 0);
  const BanditScores scores = score(*bandit, none);
  EXPECT_TRUE(scores.means.empty());
  draw_bandit_list(scores, 0, {}, random, list);
  EXPECT_TRUE(list.empty());
}

TEST(BanditStartTest, WithoutKnowledgeAllCandidatesAreAlike) {
  for (const BanditKind kind : {BanditKind::lin_ucb, BanditKind::greedy,
                                BanditKind::epsilon_greedy, BanditKind::square_cb}) {
    const auto bandit = small_bandit(kind);
    Random random(10);
    const Situation in = make_situation(random, 5);
    const std::size_t left[] = {0, 1, 2, 3, 4};
    std::vector<double> p;
    bandit_probabilities(score(*bandit, in), left, p);
    for (const double share : p) EXPECT_NEAR(share, 0.2, 1e-12);
  }
}

TEST_P(BanditContractTest, BadNumbersAreRefusedByNameAndChangeNothing) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 11, 10);
  const std::string before = bytes_of(*bandit);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const std::vector<float> context{1, 0, 0};
  const std::vector<float> features{1, 0, 0, 0};
  const auto field_of = [&](const BanditExample& example) {
    const auto done = bandit->update(example);
    EXPECT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
    return done ? "" : done.error().field();
  };
  for (const float bad : {kNan, kInfinite, -kInfinite, 1001.0F}) {
    const std::vector<float> bad_context{1, bad, 0};
    const std::vector<float> bad_features{1, 0, bad, 0};
    EXPECT_EQ(field_of({.arm = 1, .context = bad_context, .features = features}), "context");
    EXPECT_EQ(field_of({.arm = 1, .context = context, .features = bad_features}), "features");
    const BanditArm arm{1, bad_features};
    BanditScores scores;
    EXPECT_EQ(bandit->score(context, {&arm, 1}, 1, scores).error().field(), "features");
    EXPECT_EQ(bandit->score(bad_context, {}, 1, scores).error().field(), "context");
  }
  const std::vector<float> longer{1, 0, 0, 0, 0};
  EXPECT_EQ(field_of({.arm = 1, .context = longer, .features = features}), "context");
  EXPECT_EQ(field_of({.arm = 1, .context = context, .features = context}), "features");
  for (const double bad : {std::nan(""), 1e9, -1e9, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(field_of({.arm = 1, .context = context, .features = features, .reward = bad}),
              "reward");
  }
  for (const double bad : {0.0, -1.0, std::nan(""), 1e9}) {
    EXPECT_EQ(field_of({.arm = 1, .context = context, .features = features, .weight = bad}),
              "weight");
  }
  EXPECT_EQ(bytes_of(*bandit), before);
}

TEST_P(BanditContractTest, ArmsAreBoundedAndTheLeastUpdatedOneGoes) {
  BanditOptions options = small_options(GetParam());
  options.arms_max = 3;
  const auto bandit = std::move(*make_bandit(options));
  const std::vector<float> context{1, 0, 0};
  const std::vector<float> features{1, 0, 0, 0};
  for (const ArmKey arm : {1, 1, 2, 3, 3, 4, 4, 4}) {
    ASSERT_TRUE(bandit->update({.arm = arm, .context = context, .features = features}));
  }
  std::map<ArmKey, std::uint64_t> updates;
  for (const BanditArmState& arm : bandit->arms()) updates[arm.key] = arm.updates;
  EXPECT_EQ(updates, (std::map<ArmKey, std::uint64_t>{{1, 2}, {3, 2}, {4, 3}}));
}

TEST_P(BanditContractTest, LoggedProbabilitiesAreTheFrequencies) {
  const auto bandit = small_bandit(GetParam());
  teach(*bandit, 12, 60);
  Random random(13);
  const Situation in = make_situation(random, 5);
  const BanditScores scores = score(*bandit, in);
  // Lists of three slots of which the second is pinned to candidate 4: all ordered pairs of the
  // others, by the product of their two logged probabilities. False alarms: 1 in a million.
  constexpr std::size_t kPinned[] = {kNotPinned, 4};
  constexpr int kDraws = 40'000;
  std::map<std::pair<std::size_t, std::size_t>, std::pair<double, double>> seen;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<BanditSlot> list;
    draw_bandit_list(scores, 3, kPinned, random, list);
    ASSERT_EQ(list.size(), 3U);
    ASSERT_TRUE(list[1].pinned && list[1].candidate == 4 && list[1].propensity == 1);
    auto& [count, expected] = seen[{list[0].candidate, list[2].candidate}];
    count += 1;
    expected = kDraws * list[0].propensity * list[2].propensity;
  }
  double chi_square = 0;
  double expected_rest = kDraws;
  double cells = 0;
  double seen_rest = kDraws;
  for (const auto& [pair, cell] : seen) {
    EXPECT_NE(pair.first, pair.second);
    if (cell.second < 5) continue;
    chi_square += (cell.first - cell.second) * (cell.first - cell.second) / cell.second;
    expected_rest -= cell.second;
    seen_rest -= cell.first;
    cells += 1;
  }
  if (expected_rest > 5) {
    chi_square += (seen_rest - expected_rest) * (seen_rest - expected_rest) / expected_rest;
    cells += 1;
  }
  ASSERT_GT(cells, 2);
  EXPECT_GT(chi_square_tail(chi_square, cells - 1), 1e-6) << chi_square << " in " << cells;
}

TEST_P(BanditContractTest, ACorrectedRewardIsTheTrueOne) {
  const auto truth = small_bandit(GetParam());
  const auto late = small_bandit(GetParam());
  Random random(14);
  std::vector<Situation> situations;
  for (int i = 0; i < 16; ++i) situations.push_back(make_situation(random, 1));
  const auto example = [&](std::size_t i, double reward) {
    const Situation& in = situations[i];
    return BanditExample{.arm = static_cast<ArmKey>(i % 3),
                         .context = in.context,
                         .features = in.features[0],
                         .reward = reward};
  };
  double log_decay = 0;
  for (std::size_t i = 0; i < situations.size(); ++i) {
    const double reward = i % 4 == 1 ? 1 : 0;
    ASSERT_TRUE(truth->update(example(i, reward)));
    ASSERT_TRUE(late->update(example(i, i == 9 ? 0 : reward)));
    if (i == 9) log_decay = late->log_decay();
    if (i == 5 || i == 12) {
      truth->decay(0.8);
      late->decay(0.8);
    }
  }
  const auto done = late->correct(example(9, 0), 1, log_decay);
  ASSERT_TRUE(done && *done);
  const Situation in = make_situation(random, 6);
  const BanditScores a = score(*truth, in);
  const BanditScores b = score(*late, in);
  for (std::size_t i = 0; i < a.ranks.size(); ++i) EXPECT_NEAR(a.ranks[i], b.ranks[i], 1e-10);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(truth->arms()[i].reward, late->arms()[i].reward, 1e-12);
  }
}

/// All but the two that do not look at features.
TEST(BanditStartTest, LearnsWhatIsLiked) {
  for (const BanditKind kind :
       {BanditKind::lin_ucb_hybrid, BanditKind::thompson_linear, BanditKind::thompson_logistic,
        BanditKind::greedy, BanditKind::epsilon_greedy, BanditKind::square_cb}) {
    const auto bandit = small_bandit(kind);
    teach(*bandit, 15, 4000);
    Situation in;
    in.context = {1, 0.5F, 0};
    in.features = {{1, 0.5F, 0, 0}, {1, -0.5F, 0, 0}};
    in.arms = {{100, in.features[0]}, {101, in.features[1]}};
    const BanditScores scores = score(*bandit, in);
    // Click rates of 0.62 and 0.08, which a straight line can only follow halfway.
    EXPECT_GT(scores.means[0], scores.means[1] + 0.2) << to_string(kind);
  }
}

}  // namespace
}  // namespace attune::learn
