#include "decide/bandit_evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "decide/bandit_book.h"
#include "learn/bandit_features.h"
#include "test_shop.h"

namespace attune::decide {
namespace {

/// Decisions of a bandit among 4 candidates, of which number 3 is clicked most, in two slots.
std::vector<LoggedItem> make_log(std::size_t decisions) {
  constexpr double kDraws[] = {0.4, 0.3, 0.2, 0.1};
  constexpr double kClicks[] = {0.05, 0.1, 0.2, 0.6};
  constexpr double kBlend[] = {0.1, 0.1, 0.2, 0.6};
  Random random(1);
  std::vector<LoggedItem> log;
  for (std::size_t i = 0; i < decisions; ++i) {
    std::vector<std::size_t> left{0, 1, 2, 3};
    BanditTrace trace{.placement = "home"};
    trace.context.assign(learn::kBanditContextSize, 0);
    const std::size_t first = log.size();
    for (std::int64_t rank = 1; rank <= 2; ++rank) {
      double mass = 0;
      double blend = 0;
      for (const std::size_t candidate : left) {
        mass += kDraws[candidate];
        blend += kBlend[candidate];
      }
      double rest = random.uniform() * mass;
      std::size_t at = 0;
      while (at + 1 < left.size() && rest >= kDraws[left[at]]) rest -= kDraws[left[at++]];
      LoggedItem item;
      item.decision.bytes = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
      item.rank = rank;
      item.propensity = kDraws[left[at]] / mass;
      item.clicked = random.uniform() < kClicks[left[at]];
      item.eligible_count = 4;
      trace.features.emplace_back();
      trace.blend.push_back(kBlend[left[at]] / blend);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
      log.push_back(item);
    }
    JsonWriter out(log[first].factors_json);
    out.begin_object();
    out.key("bandit");
    write_trace(trace, out);
    out.end_object();
  }
  return log;
}

double value_of(const learn::OffPolicyReport& report, std::string_view name) {
  return std::ranges::find(report.estimates, name, &learn::Estimate::name)->value;
}

TEST(BanditEvaluationTest, ValuesOfOtherPoliciesAreFound) {
  const auto log = make_log(20'000);
  const learn::OffPolicyOptions options{.bootstrap = {.resamples = 0}};
  const auto blend = seen_from_policy(log, "blend");
  ASSERT_TRUE(blend);
  const auto report = evaluate_off_policy(*blend, options);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conclusive());
  // The second slot keeps the logging policy's first one, as each slot is one choice. First slot
  // 0.1 * 0.05 + 0.1 * 0.1 + 0.2 * 0.2 + 0.6 * 0.6 = 0.415; second, over what the log's first draw
  // leaves, 0.4247.
  for (const char* name : {"IPS", "SNIPS", "DR", "SNDR"}) {
    EXPECT_NEAR(value_of(*report, name), (0.415 + 0.4247) / 2, 0.012) << name;
  }
  const auto uniform = seen_from_policy(log, "uniform");
  ASSERT_TRUE(uniform);
  const auto evenly = evaluate_off_policy(*uniform, options);
  ASSERT_TRUE(evenly);
  // First slot 0.2375; second 0.4 * 0.3 + 0.3 * 0.2833 + 0.2 * 0.25 + 0.1 * 0.1167 = 0.2667.
  EXPECT_NEAR(value_of(*evenly, "DR"), (0.2375 + 0.2667) / 2, 0.012);
  EXPECT_NEAR(evenly->support.mean_weight, 1, 0.02);
}

TEST(BanditEvaluationTest, WithoutABanditTheBlendIsWhatWasLogged) {
  auto log = make_log(10);
  for (LoggedItem& item : log) item.factors_json.clear();
  const auto seen = seen_from_policy(log, "blend");
  ASSERT_TRUE(seen);
  for (const learn::LoggedChoice& choice : *seen) EXPECT_EQ(choice.target, choice.propensity);
}

TEST(BanditEvaluationTest, OtherPoliciesAndEmptyLogsAreRefused) {
  EXPECT_EQ(seen_from_policy(make_log(1), "best").error().field(), "policy");
  EXPECT_EQ(seen_from_policy({}, "uniform").error().code(), ErrorCode::failed_precondition);
}

}  // namespace
}  // namespace attune::decide
