#include "learn/tune_strategy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "learn/held_out.h"
#include "learn/site_evaluation.h"
#include "learn/strategy.h"
#include "learn/tuned_params.h"
#include "test_people.h"

namespace attune::learn {
namespace {

using testing::HasSubstr;

TEST(TuneStrategyTest, FindsNothingWorseThanTheDefaultAndTheSameAgain) {
  const TrainingData data = data_of_people();
  for (const std::string_view strategy : trained_strategies()) {
    const TuneStrategyOptions options{.strategy = std::string(strategy), .trials = 6};
    const auto tuned = tune_strategy(data, options);
    ASSERT_TRUE(tuned) << strategy << ": " << tuned.error().message();
    EXPECT_GE(tuned->value, tuned->default_value) << strategy;
    EXPECT_EQ(tuned->trials, 6U);
    EXPECT_EQ(strategy_of(tuned->params), strategy);
    EXPECT_EQ(*parse_params(to_text(tuned->params)), tuned->params);
    EXPECT_EQ(tune_strategy(data, options)->params, tuned->params) << "seeded";
  }
}

TEST(TuneStrategyTest, KnowsOnlyWhatIsNotHeldOut) {
  TrainingData data = data_of_people();
  const auto tuned = tune_strategy(data, {.strategy = "item_to_item", .trials = 4});
  ASSERT_TRUE(tuned) << tuned.error().message();
  for (std::size_t i = data.log.begins[held_out_begin(data.log)]; i < data.log.click_count(); ++i) {
    data.log.items[i] = 0;   // other clicks in the visits that the gate judges by
  }
  const auto again = tune_strategy(data, {.strategy = "item_to_item", .trials = 4});
  EXPECT_EQ(again->value, tuned->value);
  EXPECT_EQ(again->params, tuned->params);
}

TEST(TuneStrategyTest, EndsWhenNothingBetterIsFoundOrTimeIsUp) {
  const TrainingData data = data_of_people();
  const auto patient = tune_strategy({data.log, {}}, {.strategy = "content", .trials = 30});
  ASSERT_TRUE(patient) << patient.error().message();
  EXPECT_EQ(patient->trials, 11U) << "no catalogue, nothing to be better by";
  EXPECT_THAT(patient->stopped, HasSubstr("10 trials found nothing better"));
  EXPECT_FALSE(patient->is_better());
  const auto hurried = tune_strategy(data, {.strategy = "trending", .trials = 300, .seconds = 0});
  EXPECT_EQ(hurried->trials, 1U);
  EXPECT_THAT(hurried->stopped, HasSubstr("time"));
  EXPECT_EQ(tune_strategy(data, {.strategy = "neural"}).error().code(),
            ErrorCode::invalid_argument);
  EXPECT_EQ(tune_strategy({log_of({"ab", "cd"}), {}}, {.strategy = "graph"}).error().code(),
            ErrorCode::failed_precondition);
}

TEST(TunedParamsTest, AreUsedInPlaceOfTheDefaults) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  EXPECT_EQ(*params_for(files, folder.path(), "ease"), *default_params_of("ease"));
  std::ofstream(folder / "ease.params") << "ease:lambda=77";
  EXPECT_EQ(params_for(files, folder.path(), "ease")->ease.lambda, 77);
  EXPECT_EQ(*params_for(files, "", "ease"), *default_params_of("ease"));
  for (const char* text : {"graph:restart=0.2", "ease:lambda=-1", ""}) {
    std::ofstream(folder / "ease.params") << text;
    const auto params = params_for(files, folder.path(), "ease");
    ASSERT_FALSE(params) << text;
    EXPECT_EQ(params.error().code(), ErrorCode::failed_precondition);
    EXPECT_THAT(params.error().message(), HasSubstr("--reset"));
  }
}

TEST(HeldOutTest, StrategiesThatKnowPeopleAreMeasuredByPeople) {
  const TrainingData data = data_of_people(300, 1200);
  const HeldOut ease = measure_held_out(data, *default_params_of("ease"));
  EXPECT_GT(ease.people.people, 30U);
  EXPECT_GT(ease.people.ndcg, ease.people.popularity_ndcg);
  EXPECT_GT(ease.people.gain.low, 0);
  EXPECT_EQ(ease.people.not_better, 0);
  const HeldOut sequential = measure_held_out(data, *default_params_of("sequential"));
  EXPECT_EQ(sequential.people.people, 0U);
  EXPECT_GE(sequential.predictions, 200U);
  // Nobody comes back: by visits, as all.
  const HeldOut strangers = measure_held_out({random_log({}), {}}, *default_params_of("ease"));
  EXPECT_EQ(strangers.people.people, 0U);
  EXPECT_GT(strangers.predictions, 20U);
}

}  // namespace
}  // namespace attune::learn
