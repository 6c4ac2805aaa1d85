#include "decide/draw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

namespace attune::decide {
namespace {

const std::vector<double> kScores{1.0, 0.97, 0.97, 0.9, 0.6, 0.3, 0.0};

/// Upper tail of a chi-square variable, by Wilson and Hilferty's normal approximation.
double chi_square_tail(double value, double degrees) {
  const double z =
      (std::cbrt(value / degrees) - (1 - 2 / (9 * degrees))) / std::sqrt(2 / (9 * degrees));
  return 0.5 * std::erfc(z / std::sqrt(2));
}

TEST(DrawTest, ProbabilitiesAreThoseOfTheFormula) {
  std::vector<double> p;
  slot_probabilities(kScores, {.exploration = 0.1, .temperature = 0.05}, p);
  double sum = 0;
  for (const double score : kScores) sum += std::exp((score - 1) / 0.05);
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(p[i], 0.9 * std::exp((kScores[i] - 1) / 0.05) / sum + 0.1 / 7, 1e-15);
  }
  EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
}

TEST(DrawTest, EveryCandidateHasItsFloor) {
  for (const double temperature : {0.0, 1e-300, 1e-4, 0.02, 10.0}) {
    for (const double exploration : {0.0, 0.05, 1.0}) {
      std::vector<double> p;
      slot_probabilities(kScores, {exploration, temperature}, p);
      EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
      for (const double share : p) {
        EXPECT_GE(share, exploration / 7 * (1 - 1e-15));
        EXPECT_TRUE(std::isfinite(share));
      }
    }
  }
}

TEST(DrawTest, WithoutExplorationAndTemperatureTheListIsTheRanking) {
  Random random(1);
  DrawScratch scratch;
  std::vector<Drawn> list;
  draw_list(kScores, 7, {.exploration = 0, .temperature = 0}, random, scratch, list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(list[i].candidate, i);
    EXPECT_EQ(list[i].propensity, 1);
  }
}

TEST(DrawTest, TheSameSeedDrawsTheSameList) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random first(seed);
    Random second(seed);
    DrawScratch scratch;
    std::vector<Drawn> a;
    std::vector<Drawn> b;
    draw_list(kScores, 5, {.exploration = 0.5, .temperature = 0.1}, first, scratch, a);
    draw_list(kScores, 5, {.exploration = 0.5, .temperature = 0.1}, second, scratch, b);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(a[i].candidate, b[i].candidate);
      EXPECT_EQ(a[i].propensity, b[i].propensity);
    }
  }
}

TEST(DrawTest, TheLastOfTheListIsCertain) {
  Random random(3);
  DrawScratch scratch;
  std::vector<Drawn> list;
  draw_list(kScores, 7, {.exploration = 0.3, .temperature = 0.1}, random, scratch, list);
  EXPECT_DOUBLE_EQ(list.back().propensity, 1);
}

// Logged probabilities against frequencies. The first slot: one test of 6 degrees of freedom. The
// second slot given the first: one test for each of the 7 firsts, 5 degrees of freedom each. Every
// test rejects a true null at 1e-6, so all of them together raise a false alarm at most 8 times in
// a million seeds, and the seed is fixed.
TEST(DrawTest, FrequenciesFollowTheLoggedProbabilities) {
  constexpr int kDraws = 200'000;
  const DrawOptions options{.exploration = 0.2, .temperature = 0.3};
  Random random(2026);
  DrawScratch scratch;
  std::vector<Drawn> list;
  std::map<std::size_t, double> first_counts;
  std::map<std::size_t, double> first_probability;
  std::map<std::pair<std::size_t, std::size_t>, double> pair_counts;
  std::map<std::pair<std::size_t, std::size_t>, double> pair_probability;
  for (int i = 0; i < kDraws; ++i) {
    draw_list(kScores, 2, options, random, scratch, list);
    ++first_counts[list[0].candidate];
    first_probability[list[0].candidate] = list[0].propensity;
    ++pair_counts[{list[0].candidate, list[1].candidate}];
    pair_probability[{list[0].candidate, list[1].candidate}] = list[1].propensity;
  }
  ASSERT_EQ(first_counts.size(), 7U) << "every candidate is explored";
  double chi_square = 0;
  double total = 0;
  for (const auto& [candidate, count] : first_counts) {
    const double expected = kDraws * first_probability[candidate];
    chi_square += (count - expected) * (count - expected) / expected;
    total += first_probability[candidate];
  }
  EXPECT_NEAR(total, 1, 1e-12);
  EXPECT_GT(chi_square_tail(chi_square, 6), 1e-6) << "chi-square " << chi_square;
  for (std::size_t first = 0; first < 7; ++first) {
    chi_square = 0;
    total = 0;
    for (std::size_t second = 0; second < 7; ++second) {
      if (second == first) continue;
      const double expected = first_counts[first] * pair_probability[{first, second}];
      ASSERT_GT(expected, 50) << "too few draws for this test";
      const double count = pair_counts[{first, second}];
      chi_square += (count - expected) * (count - expected) / expected;
      total += pair_probability[{first, second}];
    }
    EXPECT_NEAR(total, 1, 1e-12);
    EXPECT_GT(chi_square_tail(chi_square, 5), 1e-6)
        << "after " << first << " chi-square " << chi_square;
  }
}

// The test above must be able to fail: probabilities that are off by a tenth are found out.
TEST(DrawTest, TheChiSquareTestFindsProbabilitiesThatAreOff) {
  Random random(5);
  DrawScratch scratch;
  std::vector<Drawn> list;
  double hits = 0;
  constexpr double kDraws = 200'000;
  double p = 0;
  for (int i = 0; i < static_cast<int>(kDraws); ++i) {
    draw_list(kScores, 1, {.exploration = 0.2, .temperature = 0.3}, random, scratch, list);
    if (list[0].candidate == 0) {
      ++hits;
      p = list[0].propensity;
    }
  }
  const double off = p * 1.1;
  const double chi_square = std::pow(hits - kDraws * off, 2) / (kDraws * off) +
                            std::pow(kDraws - hits - kDraws * (1 - off), 2) / (kDraws * (1 - off));
  EXPECT_LT(chi_square_tail(chi_square, 1), 1e-6);
}

}  // namespace
}  // namespace attune::decide
