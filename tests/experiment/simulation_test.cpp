// Do the tests keep what they promise? Seeded worlds with a known truth, counted by exact binomial
// bounds: each check alarms on a correct program with a chance of at most 5e-8, all of this file
// below 1e-6.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "experiment/bandit_weights.h"
#include "experiment/effect.h"
#include "experiment/power.h"
#include "experiment/proportion.h"
#include "experiment/sequential.h"
#include "experiment/shrinkage.h"
#include "experiment/srm.h"

namespace attune::experiment {
namespace {

constexpr double kFalseAlarm = 5e-8;
constexpr std::uint64_t kSeed = 20240501;

using Random = std::mt19937_64;

/// Which rates are compatible with what was counted; Clopper and Pearson hold for every true rate.
Interval possible_rates(double trials, double hits) {
  const Interval rates = clopper_pearson_interval({trials, hits}, kFalseAlarm).value();
  testing::Test::RecordProperty("seed", static_cast<int>(kSeed));
  return rates;
}

double conversions(Random& random, double count, double rate) {
  std::binomial_distribution<long> law(static_cast<long>(count), rate);
  return static_cast<double>(law(random));
}

struct World {
  double count = 1000;  // units of an arm
  double control = 0.1;
  double treatment = 0.1;
};

Effect simulated(Random& random, const World& world) {
  const auto arm = [&](double rate) {
    return moments_of(ProportionSums{world.count, conversions(random, world.count, rate)}).value();
  };
  const Moments control = arm(world.control);
  return effect_of(control, arm(world.treatment), Scale::relative).value();
}

/// `units` values of N(1, 1), added to the sums.
void add_units(Random& random, MeanSums& sums, int units) {
  std::normal_distribution<double> law(1, 1);
  for (int i = 0; i < units; ++i) sums.add(law(random));
}

TEST(StatisticsSimulationTest, WelchRaisesFalseAlarmsAtItsRate) {
  Random random(kSeed);
  constexpr int kWorlds = 4000;
  int alarms = 0;
  for (int i = 0; i < kWorlds; ++i) {
    MeanSums a;
    MeanSums b;
    add_units(random, a, 50);
    add_units(random, b, 150);
    const Effect effect =
        effect_of(moments_of(a).value(), moments_of(b).value(), Scale::absolute).value();
    alarms += t_test(effect, {}).value().p_value < 0.05 ? 1 : 0;
  }
  EXPECT_TRUE(possible_rates(kWorlds, alarms).holds(0.05)) << alarms;
}

TEST(StatisticsSimulationTest, DailyPeekingIsSafeWithTheSequenceAndNotWithTheFixedTest) {
  Random random(kSeed + 1);
  constexpr int kWorlds = 1000;
  constexpr int kDays = 20;
  int sequential = 0;
  int naive = 0;
  int mixture = 0;
  for (int world = 0; world < kWorlds; ++world) {
    MeanSums a;
    MeanSums b;
    bool stopped[3] = {false, false, false};
    for (int day = 0; day < kDays; ++day) {
      add_units(random, a, 50);
      add_units(random, b, 50);
      const Moments control = moments_of(a).value();
      const Moments treatment = moments_of(b).value();
      const Effect effect = effect_of(control, treatment, Scale::absolute).value();
      const UnitVariances variances{control.variance, treatment.variance};
      SequentialOptions options;
      options.tuned_count = 1000;
      stopped[0] |= confidence_sequence(effect, options).value().p_value < 0.05;
      stopped[1] |= t_test(effect, {}).value().p_value < 0.05;
      stopped[2] |= msprt(effect, variances, 0.05).value().p_value < 0.05;
    }
    sequential += stopped[0] ? 1 : 0;
    naive += stopped[1] ? 1 : 0;
    mixture += stopped[2] ? 1 : 0;
  }
  EXPECT_LE(possible_rates(kWorlds, sequential).low, 0.05) << sequential;
  EXPECT_LE(possible_rates(kWorlds, mixture).low, 0.05) << mixture;
  EXPECT_GT(possible_rates(kWorlds, naive).low, 0.05) << naive;
}

TEST(StatisticsSimulationTest, IntervalsCoverTheTrueLift) {
  Random random(kSeed + 2);
  constexpr int kWorlds = 4000;
  const World world{.count = 5000, .control = 0.1, .treatment = 0.115};
  const double lift = world.treatment / world.control - 1;
  int fixed = 0;
  int sequence = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const Effect effect = simulated(random, world);
    fixed += t_test(effect, {}).value().interval.holds(lift) ? 1 : 0;
    sequence += confidence_sequence(effect, {}).value().interval.holds(lift) ? 1 : 0;
  }
  const Interval rates = possible_rates(kWorlds, fixed);
  EXPECT_TRUE(rates.low <= 0.96 && rates.high >= 0.94) << fixed;
  EXPECT_GE(possible_rates(kWorlds, sequence).high, 0.95) << sequence;
}

TEST(StatisticsSimulationTest, QuantileIntervalsCover) {
  Random random(kSeed + 3);
  constexpr int kWorlds = 1000;
  const double truth = std::log(10.0);  // the 0.9 quantile of Exp(1)
  int covered = 0;
  std::exponential_distribution<double> law(1);
  for (int i = 0; i < kWorlds; ++i) {
    std::vector<double> values(1000);
    for (double& value : values) value = law(random);
    std::sort(values.begin(), values.end());
    const Moments moments = moments_of(quantile_of(values, 0.9).value()).value();
    covered += std::abs(moments.mean - truth) < 1.96 * moments.standard_error() ? 1 : 0;
  }
  const Interval rates = possible_rates(kWorlds, covered);
  EXPECT_TRUE(rates.low <= 0.97 && rates.high >= 0.93) << covered;
}

TEST(StatisticsSimulationTest, PowerIsWhatThePlannerSays) {
  Random random(kSeed + 4);
  constexpr int kWorlds = 4000;
  Plan plan{.mean = 0.1, .variance = 0.09, .count_per_arm = 1, .alpha = 0.05, .tuned_count = {}};
  const double count = count_per_arm_for(plan, 0.15, 0.8).value();
  const World world{.count = count, .control = 0.1, .treatment = 0.115};
  int found = 0;
  for (int i = 0; i < kWorlds; ++i) {
    found += t_test(simulated(random, world), {}).value().p_value < 0.05 ? 1 : 0;
  }
  const Interval rates = possible_rates(kWorlds, found);
  EXPECT_TRUE(rates.low <= 0.82 && rates.high >= 0.78) << found << " of " << kWorlds;
}

TEST(StatisticsSimulationTest, SequentialPlannerPromisesNoMoreThanIsKept) {
  Random random(kSeed + 5);
  constexpr int kWorlds = 2000;
  Plan plan{.mean = 0.1, .variance = 0.09, .count_per_arm = 1, .alpha = 0.05, .tuned_count = 5000};
  const double count = count_per_arm_for(plan, 0.15, 0.8).value();
  const World world{.count = count, .control = 0.1, .treatment = 0.115};
  int found = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const Interval interval = confidence_sequence(simulated(random, world), {}).value().interval;
    found += interval.holds(0) ? 0 : 1;
  }
  EXPECT_GE(possible_rates(kWorlds, found).high, 0.8) << found;
}

TEST(StatisticsSimulationTest, CupedNarrowsAsCorrelationSays) {
  Random random(kSeed + 6);
  constexpr int kWorlds = 1000;
  constexpr int kUnits = 200;
  constexpr double kCorrelation = 0.8;
  std::normal_distribution<double> law(0, 1);
  int covered = 0;
  double plain = 0;
  double adjusted = 0;
  for (int world = 0; world < kWorlds; ++world) {
    PairSums arms[2];
    for (PairSums& arm : arms) {
      for (int i = 0; i < kUnits; ++i) {
        const double before = law(random);
        const double noise = law(random) * std::sqrt(1 - kCorrelation * kCorrelation);
        arm.add(10 + kCorrelation * before + noise, before);
      }
    }
    PairSums both = arms[0];
    both += arms[1];
    const CupedArms cuped{paired_moments(arms[0]).value(), paired_moments(arms[1]).value(),
                          cuped_theta(paired_moments(both).value())};
    const Effect effect = cuped_effect(cuped, Scale::relative).value();
    covered += t_test(effect, {}).value().interval.holds(0) ? 1 : 0;
    adjusted += effect.variance;
    plain += effect_of(cuped.control.adjusted(0), cuped.treatment.adjusted(0), Scale::relative)
                 .value()
                 .variance;
  }
  const Interval rates = possible_rates(kWorlds, covered);
  EXPECT_TRUE(rates.low <= 0.96 && rates.high >= 0.94) << covered;
  // The mean of 1000 ratios lies 0.5 % around 1 - correlation^2; 5 % is over 6 standard errors.
  EXPECT_NEAR(adjusted / plain, 1 - kCorrelation * kCorrelation, 0.05 * 0.36);
}

TEST(StatisticsSimulationTest, SrmAlarmsAtItsRate) {
  Random random(kSeed + 7);
  constexpr int kWorlds = 20000;
  int alarms = 0;
  int broken = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const double first = conversions(random, 1e6, 0.5);
    const SrmArm arms[] = {{first, 50}, {1e6 - first, 50}};
    alarms += srm_test(arms).value().p_value < 0.01 ? 1 : 0;
    const SrmArm skewed[] = {{first, 51}, {1e6 - first, 49}};
    broken += srm_test(skewed).value().p_value < kSrmAlarm ? 1 : 0;
  }
  EXPECT_TRUE(possible_rates(kWorlds, alarms).holds(0.01)) << alarms;
  EXPECT_EQ(broken, kWorlds);
}

TEST(StatisticsSimulationTest, SrmOfABanditIsQuietOverPeriods) {
  Random random(kSeed + 8);
  constexpr int kWorlds = 5000;
  int alarms = 0;
  int summed = 0;
  for (int i = 0; i < kWorlds; ++i) {
    std::vector<std::vector<SrmArm>> periods;
    for (const double share : {0.5, 0.8, 0.95}) {
      const double first = conversions(random, 2000, share);
      periods.push_back({{first, share}, {2000 - first, 1 - share}});
    }
    alarms += srm_test_over_periods(periods).value().p_value < 0.01 ? 1 : 0;
    double first = 0;
    for (const auto& period : periods) first += period[0].units;
    const SrmArm now[] = {{first, 0.95}, {6000 - first, 0.05}};
    summed += srm_test(now).value().p_value < 0.01 ? 1 : 0;
  }
  EXPECT_LE(possible_rates(kWorlds, alarms).low, 0.01) << alarms;
  EXPECT_EQ(summed, kWorlds);
}

TEST(StatisticsSimulationTest, CorrectionForSelectionIsRightInTheMedian) {
  Random random(kSeed + 9);
  constexpr int kSelected = 4000;
  constexpr double kTruth = 1.5;
  std::normal_distribution<double> law(kTruth, 1);
  int above = 0;
  int naive_above = 0;
  int covered = 0;
  for (int selected = 0; selected < kSelected;) {
    Effect effect;
    effect.estimate = law(random);
    effect.variance = 1;
    const auto made = corrected_for_selection(effect, 0.05);
    if (!made) continue;
    ++selected;
    above += made->estimate > kTruth ? 1 : 0;
    naive_above += effect.estimate > kTruth ? 1 : 0;
    covered += made->interval.holds(kTruth) ? 1 : 0;
  }
  EXPECT_TRUE(possible_rates(kSelected, above).holds(0.5)) << above;
  EXPECT_GT(possible_rates(kSelected, naive_above).low, 0.9);
  EXPECT_TRUE(possible_rates(kSelected, covered).holds(0.95)) << covered;
}

TEST(StatisticsSimulationTest, ShrinkageBeatsTheRawLift) {
  Random random(kSeed + 10);
  std::normal_distribution<double> unit(0, 1);
  std::vector<double> truths;
  std::vector<Effect> effects;
  for (int i = 0; i < 500; ++i) {
    truths.push_back(0.01 + 0.02 * unit(random));
    Effect effect;
    effect.variance = 0.04 * 0.04;
    effect.estimate = truths.back() + 0.04 * unit(random);
    effects.push_back(effect);
  }
  const NormalPrior prior = fitted_prior(effects).value();
  double raw = 0;
  double kept = 0;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    raw += std::pow(effects[i].estimate - truths[i], 2);
    kept += std::pow(shrunk(effects[i], prior, 0.05).value().estimate - truths[i], 2);
  }
  // In expectation a fifth of the error is left; half is over 10 standard errors away.
  EXPECT_LT(kept, 0.5 * raw);
}

/// Rewards of 4000 visitors in batches of 200 by weights of the kind given, less those of a fixed
/// split.
double gain_over_fixed(Random& random, bool top_two) {
  const double rates[] = {0.05, 0.06, 0.12};
  ProportionSums arms[3];
  double reward = 0;
  std::vector<double> weights(3, 1.0 / 3);
  for (int batch = 0; batch < 20; ++batch) {
    for (int k = 0; k < 3; ++k) {
      const double units = std::round(200 * weights[static_cast<std::size_t>(k)]);
      const double hits = conversions(random, units, rates[k]);
      arms[k] += {units, hits};
      reward += hits - units * (rates[0] + rates[1] + rates[2]) / 3;
    }
    std::vector<ArmBelief> beliefs;
    for (const ProportionSums& arm : arms) {
      const auto moments = moments_of(arm);
      const auto belief = moments ? arm_belief(*moments) : tl::make_unexpected(moments.error());
      if (belief) beliefs.push_back(*belief);
    }
    if (beliefs.size() < 3) continue;
    weights = with_floor(top_two ? top_two_probabilities(beliefs, Better::higher).value()
                                 : best_arm_probabilities(beliefs, Better::higher).value(),
                         kWeightFloor);
  }
  return reward;
}

TEST(StatisticsSimulationTest, BanditEarnsMoreThanAFixedSplit) {
  Random random(kSeed + 11);
  for (const bool top_two : {false, true}) {
    int won = 0;
    constexpr int kWorlds = 200;
    for (int i = 0; i < kWorlds; ++i) won += gain_over_fixed(random, top_two) > 0 ? 1 : 0;
    EXPECT_GT(possible_rates(kWorlds, won).low, 0.5) << won;
  }
}

}  // namespace
}  // namespace attune::experiment
