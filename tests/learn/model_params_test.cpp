#include "learn/model_params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::learn {
namespace {

using testing::HasSubstr;

TEST(ModelParamsTest, TextReadsBackAsWritten) {
  for (const char* name :
       {"default", "published", "stan", "vsknn", "popularity", "transitions", "blend"}) {
    const auto params = parse_params(name);
    ASSERT_TRUE(params) << name;
    const auto again = parse_params(to_text(*params));
    ASSERT_TRUE(again) << to_text(*params);
    EXPECT_EQ(to_text(*again), to_text(*params));
  }
}

TEST(ModelParamsTest, KeysChangeThePreset) {
  const auto params = parse_params("published:m=1502,k=288,last=4,drop_seen=true,step=reciprocal");
  ASSERT_TRUE(params);
  EXPECT_EQ(params->neighbours.sampled_sessions, 1502U);
  EXPECT_EQ(params->neighbours.neighbours, 288U);
  EXPECT_EQ(params->neighbours.last_items, 4U);
  EXPECT_EQ(params->neighbours.step, StepDecay::reciprocal);
  EXPECT_TRUE(params->drop_seen);
}

TEST(ModelParamsTest, RefusesWhatItDoesNotKnowAndSaysWhatItDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"nonsense", "published"},         {"published:zz=1", "recency_days"},
      {"published:k", "key=value"},      {"published:k=0", "from 1 to"},
      {"published:k=1.5", "whole"},      {"published:k=ten", "whole"},
      {"published:idf_power=nan", "0"},  {"published:step=up", "reciprocal"},
      {"published:drop_seen=1", "true"}, {"popularity:k=5", "half_life_days"},
  };
  for (const auto& [text, hint] : cases) {
    const auto params = parse_params(text);
    ASSERT_FALSE(params) << text;
    EXPECT_EQ(params.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(params.error().message(), HasSubstr(hint));
  }
}

TEST(ModelParamsTest, JsonHasEveryParameterOfTheAlgorithm) {
  const std::string json = to_json(stan_params());
  EXPECT_THAT(json, HasSubstr("\"algorithm\":\"neighbours\""));
  EXPECT_THAT(json, HasSubstr("\"position\":\"exponential\""));
  EXPECT_THAT(json, HasSubstr("\"position_scale\":1.02"));
  EXPECT_THAT(json, testing::Not(HasSubstr("t_steps")));
}

}  // namespace
}  // namespace attune::learn
