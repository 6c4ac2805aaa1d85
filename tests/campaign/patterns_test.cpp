// Patterns in worlds whose truth is known: planted ones are found and told from their parts, and
// where labels mean nothing, next to nothing is reported.
#include "campaign/patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "experiment/proportion.h"

namespace attune::campaign {
namespace {

using Random = std::mt19937_64;

struct Shape {
  int campaigns = 200;
  int days = 10;
  double spread = 0.3;   // of a campaign's own rate
};

/// The rate of a row beyond its campaign's, as a factor.
using Uplift = std::function<double(const std::string& platform, const std::string& weekday,
                                    const std::string& audience)>;

const std::vector<std::string> kPlatforms{"Instagram", "Facebook", "TikTok"};
const std::vector<std::string> kWeekdays{"weekday", "weekend"};
const std::vector<std::string> kAudiences{"new", "returning", "lapsed", "all"};

PatternRows world(Random& random, const Shape& shape, const Uplift& uplift) {
  PatternRows rows;
  rows.attributes = {{"platform", kPlatforms, {}}, {"day", kWeekdays, {}},
                     {"audience", kAudiences, {}}};
  std::normal_distribution<double> own(0, shape.spread);
  for (int campaign = 0; campaign < shape.campaigns; ++campaign) {
    const double rate = 0.05 * std::exp(own(random));
    const auto platform = static_cast<std::uint16_t>(random() % kPlatforms.size());
    for (int day = 0; day < shape.days; ++day) {
      const auto weekday = static_cast<std::uint16_t>(day % 7 >= 5 ? 1 : 0);
      const auto audience = static_cast<std::uint16_t>(random() % kAudiences.size());
      const double factor = uplift(kPlatforms[platform], kWeekdays[weekday], kAudiences[audience]);
      std::binomial_distribution<int> clicks(1000, std::min(1.0, rate * factor));
      rows.attributes[0].of_row.push_back(platform);
      rows.attributes[1].of_row.push_back(weekday);
      rows.attributes[2].of_row.push_back(audience);
      rows.trials.push_back(1000);
      rows.successes.push_back(clicks(random));
      rows.group.push_back(static_cast<std::uint32_t>(campaign));
    }
  }
  return rows;
}

std::vector<std::string> described(const PatternRows& rows, const PatternSearch& search) {
  std::vector<std::string> texts;
  for (const Pattern& each : search.patterns) texts.push_back(describe(rows, each.conditions));
  return texts;
}

TEST(PatternsTest, FindsWhatWasPlanted) {
  Random random(7);
  const PatternRows rows =
      world(random, {}, [](const std::string& platform, const std::string& day, const auto&) {
        return platform == "Instagram" && day == "weekend" ? 1.6 : 1.0;
      });
  const PatternSearch search = find_patterns(rows).value();
  EXPECT_EQ(search.refusal, "");
  EXPECT_EQ(search.groups, 200U);
  ASSERT_FALSE(search.patterns.empty());
  EXPECT_THAT(described(rows, search),
              testing::Contains("platform is Instagram and day is weekend"));
  for (const Pattern& each : search.patterns) {
    EXPECT_LE(each.q_value, 0.05);
    EXPECT_GE(each.q_value, each.p_value);
    EXPECT_LE(each.low, each.difference);
    EXPECT_GE(each.high, each.difference);
    EXPECT_NEAR(each.difference, each.rate - each.rate_elsewhere, 1e-12);
    EXPECT_GE(each.groups, 10U);
  }
}

TEST(PatternsTest, AConditionThatAddsNothingIsLeftOut) {
  Random random(8);
  const PatternRows rows = world(random, {}, [](const auto&, const std::string& day, const auto&) {
    return day == "weekend" ? 0.6 : 1.0;
  });
  const PatternSearch search = find_patterns(rows).value();
  const std::vector<std::string> texts = described(rows, search);
  EXPECT_THAT(texts, testing::Contains("day is weekend"));
  EXPECT_THAT(texts, testing::Contains("day is weekday"));
  const auto longer = std::ranges::count_if(
      search.patterns, [](const Pattern& each) { return each.conditions.size() > 1; });
  EXPECT_LE(longer, 1) << testing::PrintToString(texts);
  for (const Pattern& each : search.patterns) {
    const bool is_weekend = describe(rows, each.conditions) == "day is weekend";
    EXPECT_TRUE(!is_weekend || each.difference < 0);
  }
}

TEST(PatternsTest, LabelsThatMeanNothingSayNothing) {
  Random random(9);
  constexpr int kWorlds = 400;
  int reported = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const PatternRows rows = world(random, {.campaigns = 80, .days = 7, .spread = 0.4},
                                   [](const auto&, const auto&, const auto&) { return 1.0; });
    PatternOptions options;
    options.seed = static_cast<std::uint64_t>(i);
    const PatternSearch search = find_patterns(rows, options).value();
    EXPECT_GT(search.candidates, 5U);
    reported += search.patterns.empty() ? 0 : 1;
  }
  // Wrongly red with a chance of at most 1e-6 when one in 20 searches reports something.
  const experiment::Interval rates =
      experiment::clopper_pearson_interval({kWorlds, static_cast<double>(reported)}, 2e-6).value();
  EXPECT_LE(rates.low, 0.05) << reported;
  RecordProperty("reported", reported);
}

TEST(PatternsTest, TooFewGroupsAreRefusedInWords) {
  Random random(10);
  const PatternRows rows = world(random, {.campaigns = 30, .days = 5},
                                 [](const auto&, const auto&, const auto&) { return 1.0; });
  const PatternSearch search = find_patterns(rows).value();
  EXPECT_TRUE(search.patterns.empty());
  EXPECT_THAT(search.refusal, testing::HasSubstr("30 groups, 40 are needed"));
  EXPECT_THAT(find_patterns({}).value().refusal, testing::HasSubstr("0 groups"));
}

TEST(PatternsTest, WrongRowsAreNamed) {
  Random random(11);
  const PatternRows good = world(random, {.campaigns = 50, .days = 2},
                                 [](const auto&, const auto&, const auto&) { return 1.0; });
  PatternRows rows = good;
  rows.successes[3] = 2000;
  EXPECT_THAT(find_patterns(rows).error().message(), testing::HasSubstr("row 3"));
  rows = good;
  rows.group.pop_back();
  EXPECT_EQ(find_patterns(rows).error().code(), ErrorCode::invalid_argument);
  rows = good;
  rows.attributes[1].of_row[0] = 9;
  EXPECT_EQ(find_patterns(rows).error().field(), "day");
  rows = good;
  rows.attributes.assign(kPatternAttributesMax + 1, good.attributes[0]);
  EXPECT_FALSE(find_patterns(rows));
}

TEST(PatternsTest, TheSameSeedGivesTheSameAnswer) {
  Random random(12);
  const PatternRows rows =
      world(random, {}, [](const std::string& platform, const auto&, const auto&) {
        return platform == "TikTok" ? 1.5 : 1.0;
      });
  const PatternSearch one = find_patterns(rows).value();
  const PatternSearch two = find_patterns(rows).value();
  ASSERT_EQ(one.patterns.size(), two.patterns.size());
  for (std::size_t i = 0; i < one.patterns.size(); ++i) {
    EXPECT_EQ(one.patterns[i].conditions, two.patterns[i].conditions);
    EXPECT_EQ(one.patterns[i].p_value, two.patterns[i].p_value);
  }
}

}  // namespace
}  // namespace attune::campaign
