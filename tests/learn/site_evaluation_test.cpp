#include "learn/site_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <algorithm>
#include <set>

#include "learn/evaluation.h"
#include "learn/held_out.h"
#include "test_people.h"

namespace attune::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Visits of people, letters of items; one visit a day.
SessionLog log_of_people(const std::vector<std::pair<int, std::string_view>>& visits) {
  SessionLogBuilder builder;
  std::int64_t visit = 0;
  for (const auto& [person, letters] : visits) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      builder.add(fmt::format("visit-{:04}", visit), letters.substr(i, 1),
                  kTestStartMs + visit * 86'400'000 + static_cast<std::int64_t>(i) * 60'000,
                  ClickKind::view, person);
    }
    ++visit;
  }
  return std::move(*builder.build());
}

std::string letters(const SessionLog& log, std::span<const ItemIndex> items) {
  std::string text;
  for (const ItemIndex item : items) text += log.item_ids[item];
  return text;
}

TEST(ProtocolTest, NextItemsOfTheNewestVisits) {
  const SessionLog log = log_of_people(
      {{1, "abc"}, {2, "bcd"}, {1, "cda"}, {2, "dab"}, {1, "axbc"}});   // the last fifth
  const auto split = split_visits(log, Protocol::next_item);
  ASSERT_TRUE(split) << split.error().message();
  EXPECT_EQ(split->train.session_count(), 4U);
  EXPECT_EQ(split->train.item_ids, log.item_ids) << "numbers stay";
  ASSERT_EQ(split->cases.size(), 2U) << "x is not known to training";
  EXPECT_EQ(split->units, 1U);
  EXPECT_EQ(letters(log, split->cases[0].visit), "a");
  EXPECT_EQ(letters(log, split->cases[0].history), "bcda") << "person 1, each item where newest";
  EXPECT_EQ(letters(log, split->cases[0].next), "b");
  EXPECT_EQ(letters(log, split->cases[0].rest), "bc");
  EXPECT_EQ(letters(log, split->cases[1].visit), "ab");
}

TEST(ProtocolTest, TheLastItemOfEachPersonIsLeftOut) {
  const SessionLog log = log_of_people({{1, "ab"}, {2, "bc"}, {1, "cd"}, {3, "d"}, {4, "ax"}});
  const auto split = split_visits(log, Protocol::leave_one_out);
  ASSERT_TRUE(split) << split.error().message();
  // 1 loses d (3 has one), 2 loses c; 3 has nothing before its d; nobody else took x of 4.
  EXPECT_EQ(split->train.click_count(), log.click_count() - 3);
  ASSERT_EQ(split->cases.size(), 2U);
  EXPECT_EQ(letters(log, split->cases[0].visit), "c");
  EXPECT_EQ(letters(log, split->cases[0].history), "ab");
  EXPECT_EQ(letters(log, split->cases[0].next), "d");
  EXPECT_EQ(letters(log, split->cases[1].next), "c");
}

TEST(ProtocolTest, ReturningPeopleAreAskedForWhatIsNewToThem) {
  const SessionLog log = log_of_people({{1, "abc"}, {2, "bcd"}, {3, "cd"}, {2, "dab"}, {1, "abd"}});
  const auto split = split_visits(log, Protocol::time);
  ASSERT_TRUE(split) << split.error().message();
  ASSERT_EQ(split->cases.size(), 1U);
  EXPECT_TRUE(split->cases[0].visit.empty());
  EXPECT_EQ(letters(log, split->cases[0].history), "abc");
  EXPECT_EQ(letters(log, split->cases[0].next), "d");
}

TEST(ProtocolTest, StrongGeneralizationHidesAFifthOfNewPeople) {
  std::vector<std::pair<int, std::string_view>> visits;
  for (int person = 1; person <= 10; ++person) {
    visits.emplace_back(person, "abcde");
    visits.emplace_back(person, "fghij");
  }
  const SessionLog log = log_of_people(visits);
  const auto split = split_visits(log, Protocol::strong);
  ASSERT_TRUE(split) << split.error().message();
  EXPECT_EQ(split->train.session_count(), 10U) << "half of the people";
  ASSERT_EQ(split->cases.size(), 5U);
  std::set<std::string> hidden;
  for (const Case& one : split->cases) {
    EXPECT_EQ(one.history.size(), 8U);
    ASSERT_EQ(one.rest.size(), 2U);
    EXPECT_EQ(std::ranges::find(one.history, one.rest[0]), one.history.end());
    hidden.insert(letters(log, one.rest));
  }
  EXPECT_GT(hidden.size(), 1U) << "drawn anew for each";
  const auto few = split_visits(log, Protocol::strong, {.people_max = 2});
  EXPECT_EQ(few->cases.size(), 2U);
}

TEST(ProtocolTest, TooMuchIsAskedInPart) {
  const SessionLog log = random_log({.visits = 1000});
  const auto all = split_visits(log, Protocol::next_item);
  const auto part = split_visits(log, Protocol::next_item, {.cases_max = 100});
  ASSERT_TRUE(all && part);
  EXPECT_GT(all->cases.size(), 200U);
  EXPECT_LT(part->cases.size(), 150U);
  EXPECT_GT(part->cases.size(), 50U);
}

TEST(ProtocolTest, SaysWhatIsMissing) {
  const SessionLog one = log_of_people({{1, "abc"}, {1, "abd"}});
  for (const Protocol protocol : {Protocol::leave_one_out, Protocol::strong}) {
    const auto split = split_visits(one, protocol);
    ASSERT_FALSE(split) << to_string(protocol);
    EXPECT_EQ(split.error().code(), ErrorCode::failed_precondition);
    EXPECT_THAT(split.error().message(), HasSubstr("2 visits"));
    EXPECT_THAT(split.error().message(), HasSubstr("people"));
  }
  EXPECT_FALSE(split_visits(log_of_people({{1, "abc"}, {2, "abc"}}), Protocol::time));
  EXPECT_FALSE(split_visits(log_of({"abc"}), Protocol::next_item));
  EXPECT_FALSE(parse_protocol("guess"));
  EXPECT_EQ(*parse_protocol("leave-one-out"), Protocol::leave_one_out);
}

const StrategyQuality* find(const SiteEvaluation& evaluation, std::string_view strategy) {
  for (const StrategyQuality& each : evaluation.strategies) {
    if (each.strategy == strategy) return &each;
  }
  return nullptr;
}

double value(const StrategyQuality& quality, Measure measure) {
  return quality.means[static_cast<std::size_t>(measure)].value;
}

TEST(SiteEvaluationTest, AgreesWithTheEvaluationOfVisits) {
  const TrainingData data = data_of_people();
  SiteEvaluationOptions options;
  options.strategies = {"item_to_item"};
  const auto evaluation = evaluate_strategies(data, options);
  ASSERT_TRUE(evaluation) << evaluation.error().message();
  const StrategyQuality* found = find(*evaluation, "item_to_item");
  ASSERT_NE(found, nullptr);
  const std::size_t begin = held_out_begin(data.log);
  const Evaluation same = train_and_evaluate(found->params, slice(data.log, 0, begin),
                                             slice(data.log, begin, data.log.session_count()),
                                             {.resamples = 0}, {}, data.catalogue);
  EXPECT_EQ(evaluation->questions, same.hits.size());
  EXPECT_EQ(evaluation->units, same.sessions);
  EXPECT_NEAR(value(*found, Measure::hit_rate), same.quality.hit_rate, 1e-12);
  EXPECT_NEAR(value(*found, Measure::mrr), same.quality.mrr, 1e-12);
  EXPECT_NEAR(value(*found, Measure::ndcg), same.quality.ndcg, 1e-12);
  EXPECT_NEAR(value(*found, Measure::precision), same.lists.precision, 1e-12);
  EXPECT_NEAR(value(*found, Measure::recall), same.lists.recall, 1e-12);
  EXPECT_NEAR(value(*found, Measure::map), same.lists.map, 1e-12);
  EXPECT_NEAR(value(*found, Measure::diversity), same.lists.diversity, 1e-12);
  EXPECT_NEAR(value(*found, Measure::calibration), same.lists.calibration, 1e-12);
  EXPECT_NEAR(found->gini, same.lists.gini, 1e-12);
}

TEST(SiteEvaluationTest, AllStrategiesAnswerAndTheBestComesFirst) {
  const TrainingData data = data_of_people();
  for (const Protocol protocol : {Protocol::next_item, Protocol::leave_one_out, Protocol::time,
                                  Protocol::strong}) {
    SiteEvaluationOptions options;
    options.protocol = protocol;
    options.bootstrap.resamples = 200;
    const auto evaluation = evaluate_strategies(data, options);
    ASSERT_TRUE(evaluation) << to_string(protocol) << ": " << evaluation.error().message();
    const std::size_t all = asks_of_people(protocol) ? 7 : 8;
    ASSERT_EQ(evaluation->strategies.size(), all) << to_string(protocol);
    EXPECT_EQ(evaluation->left_out.size(), 8 - all);
    ASSERT_EQ(evaluation->leads.size(), all - 1);
    for (const Lead& lead : evaluation->leads) {
      const auto& by = lead.differences[static_cast<std::size_t>(evaluation->judged_by)];
      EXPECT_GE(by.value, 0) << lead.strategy;
      EXPECT_LE(by.interval.low, by.value);
      EXPECT_GE(by.interval.high, by.value);
    }
    const StrategyQuality* popular = find(*evaluation, "popular");
    const StrategyQuality* ease = find(*evaluation, "ease");
    ASSERT_TRUE(popular != nullptr && ease != nullptr);
    EXPECT_GT(value(*ease, evaluation->judged_by), 2 * value(*popular, evaluation->judged_by))
        << "people keep to ten items, " << to_string(protocol);
    EXPECT_EQ(popular->answered, 1);
    const std::string text = to_text(*evaluation);
    const auto json = boost::json::parse(to_json(*evaluation));
    EXPECT_EQ(json.at("strategies").as_array().size(), all);
    for (const StrategyQuality& each : evaluation->strategies) {
      EXPECT_THAT(text, HasSubstr(each.strategy));
    }
    for (const char* part : {"precision", "recall", "MAP", "HR@20", "Gini", "novelty", "diversity",
                             "calibration", "coverage"}) {
      EXPECT_THAT(text, HasSubstr(part));
    }
  }
}

TEST(SiteEvaluationTest, RefusesWhatAStrategyCannotAnswer) {
  SiteEvaluationOptions options;
  options.strategies = {"sequential"};
  options.protocol = Protocol::strong;
  const auto of_people = evaluate_strategies(data_of_people(), options);
  ASSERT_FALSE(of_people);
  EXPECT_EQ(of_people.error().code(), ErrorCode::invalid_argument);
  options.strategies = {"telepathy"};
  EXPECT_THAT(evaluate_strategies(data_of_people(), options).error().message(),
              HasSubstr("sequential"));
}

}  // namespace
}  // namespace attune::learn
