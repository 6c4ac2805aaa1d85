// What the statistics of a test promise, counted in simulated worlds whose truth is known: false
// alarms under daily peeking, power, coverage of intervals, alarms of a mismatch, reward of a
// bandit, patterns where there are none.
//
//   promises_bench --worlds 20000 --seed 1
//
// A rate is printed with its 99 % interval of Clopper and Pearson; "kept" says that the interval
// reaches into what was promised, so a promise that holds is called broken at most once in 100.
// A row marked "shown" promises nothing: it is what a careless method does in the same worlds.
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "campaign/patterns.h"
#include "experiment/bandit_weights.h"
#include "experiment/effect.h"
#include "experiment/power.h"
#include "experiment/proportion.h"
#include "experiment/sequential.h"
#include "experiment/srm.h"

namespace attune::experiment {
namespace {

using Random = std::mt19937_64;

constexpr double kAlpha = 0.05;
constexpr int kDays = 28;
constexpr double kUnitsADay = 250;   // of an arm

struct Options {
  int worlds = 20'000;
  std::uint64_t seed = 1;
};

/// Shares of worlds that keep a promise; low above high: nothing is promised.
struct Promised {
  double low = 0;
  double high = 1;
};
constexpr Promised kNothing{.low = 1, .high = 0};

bool is_broken = false;

void print_row(const std::string& what, const Promised& promised, int worlds, int hits) {
  const Interval rates =
      clopper_pearson_interval({static_cast<double>(worlds), static_cast<double>(hits)}, 0.01)
          .value();
  const bool kept = rates.low <= promised.high && rates.high >= promised.low;
  const bool promises = promised.low <= promised.high;
  if (promises && !kept) is_broken = true;
  const std::string text =
      promises ? fmt::format("{:.1f} to {:.1f} %", 100 * promised.low, 100 * promised.high) : "";
  fmt::print("| {} | {} | {:.2f} % | {:.2f} to {:.2f} % | {} |\n", what, text,
             100.0 * hits / worlds, 100 * rates.low, 100 * rates.high,
             !promises ? "shown" : kept ? "kept" : "broken");
  std::fflush(stdout);
}

double binomial(Random& random, double count, double rate) {
  std::binomial_distribution<long> law(static_cast<long>(count), rate);
  return static_cast<double>(law(random));
}

Moments conversion_arm(Random& random, double count, double rate) {
  return moments_of(ProportionSums{count, binomial(random, count, rate)}).value();
}

/// Money of `count` people: most spend nothing, the others a log-normal sum.
void add_revenue(Random& random, MeanSums& sums, int count, double uplift = 1) {
  std::lognormal_distribution<double> spent(3, 0.8);
  const double buyers = binomial(random, count, 0.08);
  for (int i = 0; i < static_cast<int>(buyers); ++i) sums.add(uplift * spent(random));
  sums.count += count - buyers;
}

struct Looks {
  bool sequence = false, mixture = false, naive = false;

  void look(const Moments& control, const Moments& treatment) {
    const auto effect = effect_of(control, treatment, Scale::absolute);
    if (!effect) return;
    const UnitVariances variances{control.variance, treatment.variance};
    sequence |= confidence_sequence(*effect, {}).value().p_value < kAlpha;
    mixture |= msprt(*effect, variances, kAlpha).value().p_value < kAlpha;
    naive |= t_test(*effect, {}).value().p_value < kAlpha;
  }
};

void print_looks(const std::string& metric, int worlds, const std::function<Looks()>& world) {
  int sequence = 0, mixture = 0, naive = 0;
  for (int i = 0; i < worlds; ++i) {
    const Looks looks = world();
    sequence += looks.sequence ? 1 : 0;
    mixture += looks.mixture ? 1 : 0;
    naive += looks.naive ? 1 : 0;
  }
  const std::string what = fmt::format("A/A, {}, {} daily looks: ", metric, kDays);
  const Promised bound{.low = 0, .high = kAlpha};
  print_row(what + "confidence sequence alarms", bound, worlds, sequence);
  print_row(what + "mSPRT alarms", bound, worlds, mixture);
  print_row(what + "a fixed test at every look alarms", kNothing, worlds, naive);
}

void peeking(const Options& options) {
  Random random(options.seed);
  print_looks("conversions", options.worlds, [&] {
    ProportionSums a, b;
    Looks looks;
    for (int day = 0; day < kDays; ++day) {
      a += {kUnitsADay, binomial(random, kUnitsADay, 0.05)};
      b += {kUnitsADay, binomial(random, kUnitsADay, 0.05)};
      const auto control = moments_of(a), treatment = moments_of(b);
      if (control && treatment) looks.look(*control, *treatment);
    }
    return looks;
  });
  print_looks("revenue", options.worlds / 4, [&] {
    MeanSums a, b;
    Looks looks;
    for (int day = 0; day < kDays; ++day) {
      add_revenue(random, a, static_cast<int>(kUnitsADay));
      add_revenue(random, b, static_cast<int>(kUnitsADay));
      const auto control = moments_of(a), treatment = moments_of(b);
      if (control && treatment) looks.look(*control, *treatment);
    }
    return looks;
  });
}

/// Does the planner's number of people find the lift as often as it says?
void planning(const Options& options) {
  Random random(options.seed + 1);
  constexpr double kRate = 0.05;
  for (const double lift : {0.1, 0.2}) {
    for (const double power : {0.8, 0.9}) {
      Plan plan{.mean = kRate, .variance = kRate * (1 - kRate), .count_per_arm = 1, .alpha = kAlpha,
                .tuned_count = {}};
      const double count = count_per_arm_for(plan, lift, power).value();
      plan.tuned_count = 2 * count;
      const double tuned_count = *plan.tuned_count;
      const double longer = count_per_arm_for(plan, lift, power).value();
      int fixed = 0, at_end = 0, on_the_way = 0;
      for (int i = 0; i < options.worlds; ++i) {
        const Effect effect = effect_of(conversion_arm(random, count, kRate),
                                        conversion_arm(random, count, kRate * (1 + lift)),
                                        Scale::relative).value();
        fixed += t_test(effect, {}).value().p_value < kAlpha ? 1 : 0;
        ProportionSums a, b;
        bool found = false;
        for (int look = 0; look < 20; ++look) {
          const double step = std::round(longer / 20);
          a += {step, binomial(random, step, kRate)};
          b += {step, binomial(random, step, kRate * (1 + lift))};
          const auto control = moments_of(a), treatment = moments_of(b);
          if (!control || !treatment) continue;
          SequentialOptions sequential;
          sequential.tuned_count = tuned_count;
          const auto now = effect_of(*control, *treatment, Scale::relative);
          const bool sure = now && confidence_sequence(*now, sequential).value().p_value < kAlpha;
          found |= sure;
          if (look == 19) at_end += sure ? 1 : 0;
        }
        on_the_way += found ? 1 : 0;
      }
      const std::string what = fmt::format("lift {:.0f} %, planned power {:.0f} %", 100 * lift,
                                           100 * power);
      print_row(fmt::format("{}: fixed test of {:.0f} an arm finds it", what, count),
                {.low = power - 0.02, .high = power + 0.02}, options.worlds, fixed);
      print_row(fmt::format("{}: confidence sequence of {:.0f} an arm finds it at its end", what,
                            longer),
                kNothing, options.worlds, at_end);
      print_row(fmt::format("{}: the same at one of 20 looks", what),
                {.low = power, .high = 1}, options.worlds, on_the_way);
    }
  }
}

void coverage_of_rates(const Options& options) {
  Random random(options.seed + 2);
  const Promised fixed_bound{.low = 0.94, .high = 0.96};
  int fixed = 0, sequence = 0, always = 0;
  constexpr double kRate = 0.08;
  constexpr double kLift = 0.1;
  for (int i = 0; i < options.worlds; ++i) {
    ProportionSums a, b;
    bool held = true;
    for (int day = 0; day < kDays; ++day) {
      a += {kUnitsADay, binomial(random, kUnitsADay, kRate)};
      b += {kUnitsADay, binomial(random, kUnitsADay, kRate * (1 + kLift))};
      const auto control = moments_of(a), treatment = moments_of(b);
      if (!control || !treatment) continue;
      const Effect effect = effect_of(*control, *treatment, Scale::relative).value();
      const bool holds = confidence_sequence(effect, {}).value().interval.holds(kLift);
      held &= holds;
      if (day + 1 < kDays) continue;
      sequence += holds ? 1 : 0;
      fixed += t_test(effect, {}).value().interval.holds(kLift) ? 1 : 0;
    }
    always += held ? 1 : 0;
  }
  print_row("95 % interval of a relative lift of conversions holds the truth", fixed_bound,
            options.worlds, fixed);
  print_row("the sequence's interval at the end", {.low = 0.95, .high = 1}, options.worlds,
            sequence);
  print_row("the sequence's intervals on all days at once", {.low = 0.95, .high = 1},
            options.worlds, always);
}

void coverage_of_means(const Options& options) {
  Random random(options.seed + 3);
  std::normal_distribution<double> normal(0, 1);
  std::poisson_distribution<int> more_views(3);
  const Promised bound{.low = 0.94, .high = 0.96};
  const int worlds = options.worlds / 4;
  constexpr int kUnits = 3000;
  constexpr double kClickRate = 0.2;
  int revenue = 0, cuped = 0, ratio = 0;
  for (int i = 0; i < worlds; ++i) {
    MeanSums a, b;
    add_revenue(random, a, 4 * kUnits);
    add_revenue(random, b, 4 * kUnits, 1.1);
    const Effect money =
        effect_of(moments_of(a).value(), moments_of(b).value(), Scale::relative).value();
    revenue += t_test(money, {}).value().interval.holds(0.1) ? 1 : 0;
    PairSums before[2], clicks[2];
    for (int arm = 0; arm < 2; ++arm) {
      for (int unit = 0; unit < kUnits; ++unit) {
        const double known = 5 + normal(random);
        before[arm].add((1 + 0.02 * arm) * (10 + 0.8 * known + 0.6 * normal(random)), known);
        const double views = 1 + more_views(random);
        clicks[arm].add(binomial(random, views, kClickRate * (1 + 0.05 * arm)), views);
      }
    }
    PairSums both = before[0];
    both += before[1];
    const CupedArms arms{paired_moments(before[0]).value(), paired_moments(before[1]).value(),
                         cuped_theta(paired_moments(both).value())};
    cuped += t_test(cuped_effect(arms, Scale::relative).value(), {}).value().interval.holds(0.02);
    const Effect share = effect_of(ratio_moments(clicks[0]).value(),
                                   ratio_moments(clicks[1]).value(), Scale::relative).value();
    ratio += t_test(share, {}).value().interval.holds(0.05) ? 1 : 0;
  }
  print_row("the same of revenue", bound, worlds, revenue);
  print_row("the same with CUPED", bound, worlds, cuped);
  print_row("the same of a ratio (clicks by views)", bound, worlds, ratio);
}

void mismatch(const Options& options) {
  Random random(options.seed + 4);
  const int worlds = options.worlds * 10;
  int alarms = 0, over_periods = 0, pooled = 0;
  for (int i = 0; i < worlds; ++i) {
    const double first = binomial(random, 1e5, 0.5);
    const SrmArm arms[] = {{first, 50}, {1e5 - first, 50}};
    alarms += srm_test(arms).value().p_value < kSrmAlarm ? 1 : 0;
    std::vector<std::vector<SrmArm>> periods;
    double sum = 0;
    for (const double share : {0.5, 0.7, 0.9}) {
      const double units = binomial(random, 2000, share);
      periods.push_back({{units, share}, {2000 - units, 1 - share}});
      sum += units;
    }
    over_periods += srm_test_over_periods(periods).value().p_value < kSrmAlarm ? 1 : 0;
    const SrmArm now[] = {{sum, 0.9}, {6000 - sum, 0.1}};
    pooled += srm_test(now).value().p_value < kSrmAlarm ? 1 : 0;
  }
  print_row("mismatch alarm, 50 to 50 as it should be", {.low = kSrmAlarm, .high = kSrmAlarm},
            worlds, alarms);
  print_row("mismatch alarm of a bandit, weights by period", {.low = 0, .high = kSrmAlarm}, worlds,
            over_periods);
  print_row("the same without periods", kNothing, worlds, pooled);
}

/// Conversions of 20,000 visitors in daily batches, of those a split in equal parts would have had.
double bandit_gain(Random& random, const std::vector<double>& rates, bool top_two) {
  std::vector<ProportionSums> arms(rates.size());
  std::vector<double> weights(rates.size(), 1.0 / static_cast<double>(rates.size()));
  double mean = 0, gain = 0;
  for (const double rate : rates) mean += rate / static_cast<double>(rates.size());
  for (int batch = 0; batch < 40; ++batch) {
    std::vector<ArmBelief> beliefs;
    for (std::size_t k = 0; k < rates.size(); ++k) {
      const double units = std::round(500 * weights[k]);
      arms[k] += {units, binomial(random, units, rates[k])};
      gain += units * (rates[k] - mean);   // expected conversions: the same for every draw
      const auto moments = moments_of(arms[k]);
      if (const auto belief = moments ? arm_belief(*moments) : tl::make_unexpected(moments.error());
          belief)
        beliefs.push_back(*belief);
    }
    if (beliefs.size() < rates.size()) continue;
    weights = with_floor(top_two ? top_two_probabilities(beliefs, Better::higher).value()
                                 : best_arm_probabilities(beliefs, Better::higher).value(),
                         kWeightFloor);
  }
  return gain;
}

void bandits(const Options& options) {
  Random random(options.seed + 5);
  const int worlds = options.worlds / 10;
  for (const bool top_two : {false, true}) {
    const std::string kind = top_two ? "top-two weights" : "Thompson's weights";
    int won = 0;
    double gained = 0, even = 0;
    const std::vector<double> rates{0.05, 0.055, 0.07, 0.05};
    for (int i = 0; i < worlds; ++i) {
      const double gain = bandit_gain(random, rates, top_two);
      won += gain > 0 ? 1 : 0;
      gained += gain;
      for (const double rate : rates) even += 5000 * rate;
    }
    print_row(fmt::format("bandit of 4 arms, {}: more conversions than a fixed split ({:+.1f} % on "
                          "average)", kind, 100 * gained / even),
              {.low = 0.9, .high = 1}, worlds, won);
  }
}

/// Days of 100 campaigns with rates of their own, some attributes, and clicks that follow none of
/// them: the labels are dealt to the campaigns' days at random.
campaign::PatternRows shuffled_campaigns(Random& random) {
  campaign::PatternRows rows;
  for (int a = 0; a < 6; ++a) {
    campaign::PatternRows::Attribute attribute{fmt::format("a{}", a), {}, {}};
    for (int v = 0; v < 2 + a; ++v) attribute.values.push_back(fmt::format("{}", v));
    rows.attributes.push_back(std::move(attribute));
  }
  std::normal_distribution<double> own(0, 0.4);
  for (std::uint32_t group = 0; group < 100; ++group) {
    const double rate = 0.05 * std::exp(own(random));
    std::vector<std::uint16_t> of_campaign;
    for (const auto& attribute : rows.attributes) {
      of_campaign.push_back(static_cast<std::uint16_t>(random() % attribute.values.size()));
    }
    for (int day = 0; day < 10; ++day) {
      for (std::size_t a = 0; a < rows.attributes.size(); ++a) {
        auto& attribute = rows.attributes[a];
        const auto of_day = static_cast<std::uint16_t>(random() % attribute.values.size());
        attribute.of_row.push_back(a < 3 ? of_campaign[a] : of_day);
      }
      rows.trials.push_back(500);
      rows.successes.push_back(binomial(random, 500, rate));
      rows.group.push_back(group);
    }
  }
  return rows;
}

void patterns(const Options& options) {
  Random random(options.seed + 6);
  const int worlds = options.worlds / 10;
  int reported = 0;
  for (int i = 0; i < worlds; ++i) {
    const auto found = campaign::find_patterns(shuffled_campaigns(random), {.seed = random()});
    reported += found.value().patterns.empty() ? 0 : 1;
  }
  print_row("search for patterns where labels mean nothing: reports any",
            {.low = 0, .high = kAlpha}, worlds, reported);
}

int run(const Options& options) {
  fmt::print("{} worlds (revenue, CUPED and ratios a quarter, mismatches ten times, bandits and "
             "patterns a tenth as many), seed {}\n\n", options.worlds, options.seed);
  fmt::print("| what | promised | counted | 99 % | |\n|---|---|---|---|---|\n");
  peeking(options);
  planning(options);
  coverage_of_rates(options);
  coverage_of_means(options);
  mismatch(options);
  bandits(options);
  patterns(options);
  return is_broken ? 1 : 0;
}

}  // namespace
}  // namespace attune::experiment

int main(int argc, char** argv) {
  CLI::App app("Promises of the statistics, counted in simulated worlds.");
  attune::experiment::Options options;
  app.add_option("--worlds", options.worlds, "simulated tests of each kind")
      ->check(CLI::Range(100, 10'000'000));
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, argc, argv);
  return attune::experiment::run(options);
}
