// A placement's bandit, from the answer to what it learns of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "decide/bandit_book.h"
#include "decide/decider.h"
#include "test_shop.h"

namespace attune::decide {
namespace {

using learn::BanditKind;

/// Upper tail of a chi-square variable, by Wilson and Hilferty's normal approximation.
double chi_square_tail(double value, double degrees) {
  const double z =
      (std::cbrt(value / degrees) - (1 - 2 / (9 * degrees))) / std::sqrt(2 / (9 * degrees));
  return 0.5 * std::erfc(z / std::sqrt(2));
}

/// Eight items, most visited first; odd ones are hats, even ones mugs.
class BanditDrawTest : public testing::Test {
 protected:
  BanditDrawTest() {
    home().name = "home";
    home().fallback = {"popular"};
    home().bandit = BanditKind::thompson_linear;
    data_.counted_until_ms = kTestNowMs;
    for (int i = 0; i < 8; ++i) {
      learn::Product product;
      product.id = std::string(1, static_cast<char>('a' + i));
      product.category = i % 2 == 0 ? "hats" : "mugs";
      product.price = 10 * (i + 1);
      data_.products.push_back(product);
      data_.visits.push_back({product.id, 80.0 - 10 * i, static_cast<std::uint32_t>(80 - 10 * i)});
    }
  }
  Placement& home() { return rules_.placements["home"]; }
  void make() {
    DeciderOptions options;
    options.bandits = &book_;
    decider_ =
        std::make_unique<Decider>(live_, &sink_, clock_, options, [this] { return seed_++; });
    decider_->publish(test_site(), SiteSnapshot::build(test_site(), data_, nullptr));
    decider_->publish_rules(test_site(), std::make_shared<const SiteRules>(rules_));
  }
  Answer ask(std::size_t count, bool preview = false) {
    const auto answer = decider_->recommend({.site = test_site(),
                                             .visitor = "v",
                                             .session = "s",
                                             .count = count,
                                             .placement = "home",
                                             .preview = preview});
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    return answer ? *answer : Answer{};
  }
  void click(const Uuid& decision, const std::string& item, std::int64_t at_ms) {
    event::Event made = event_of({.visitor = "v",
                                  .session = "s",
                                  .items = {item},
                                  .time_ms = at_ms,
                                  .kind = event::Kind::recommendation_click});
    made.decision_id = decision;
    std::string body;
    event::encode(made, body);
    event::EventView view;
    ASSERT_TRUE(event::decode(body, view));
    book_.take(view);
  }

  LiveState live_;
  TestSink sink_;
  ManualClock clock_{kTestNowMs};
  BanditBook book_;
  SiteRules rules_;
  learn::SiteData data_;
  std::uint64_t seed_ = 1;
  std::unique_ptr<Decider> decider_;
};

TEST_F(BanditDrawTest, TheLoopClosesAndWhatIsClickedComesFirst) {
  make();
  Random random(1);
  int first = 0;
  for (int i = 0; i < 1500; ++i) {
    clock_.advance_ms(10'000);
    const Answer answer = ask(3);
    ASSERT_TRUE(answer.decision_id);
    ASSERT_EQ(sink_.decisions.size(), 1U);
    book_.take(sink_.decisions[0]);  // as the feed does
    sink_.decisions.clear();
    for (const AnswerItem& item : answer.items) {
      // The cheap ones are liked, and the dear ones, least visited, much more.
      if (random.uniform() < (item.item_id >= "g" ? 0.5 : 0.1)) {
        click(*answer.decision_id, item.item_id, clock_.now_ms() + 500);
      }
    }
    book_.publish();
    if (i >= 1000 && answer.items[0].item_id >= "g") ++first;
  }
  EXPECT_GT(first, 400) << "of 500; popularity would have shown a";
  const auto status = book_.status(test_site());
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0].counters.decisions, 1500U);
  EXPECT_EQ(book_.refused(), 0U);
  EXPECT_GT(status[0].given_up, 0);
}

TEST_F(BanditDrawTest, LoggedProbabilitiesAreTheFrequenciesAPinnedSlotAside) {
  // A policy without posterior draws, so that a candidate's probability is the same each time.
  home().bandit = BanditKind::square_cb;
  Rule pin;
  pin.id = "p";
  pin.name = "Pin";
  pin.kind = RuleKind::pin;
  pin.item = "c";
  pin.slot = 2;
  rules_.rules.push_back(pin);
  make();
  for (int i = 0; i < 40; ++i) {
    const Answer answer = ask(4);
    book_.take(sink_.decisions.back());
    for (const AnswerItem& item : answer.items) {
      if (item.item_id < "c") click(*answer.decision_id, item.item_id, clock_.now_ms() + 1);
    }
  }
  book_.advance(kTestNowMs + 3'600'000);
  book_.publish();
  constexpr int kDraws = 20'000;
  std::map<std::string, std::pair<double, double>> seen;  // first and third slot
  for (int i = 0; i < kDraws; ++i) {
    const Answer answer = ask(3, true);
    ASSERT_EQ(answer.items.size(), 3U);
    EXPECT_TRUE(answer.items[1].is_pinned);
    EXPECT_EQ(answer.items[1].propensity, 1);
    auto& [count, expected] = seen[answer.items[0].item_id + answer.items[2].item_id];
    count += 1;
    expected = kDraws * answer.items[0].propensity * answer.items[2].propensity;
  }
  // False alarms: 1 in a million.
  double chi_square = 0;
  double cells = 0;
  for (const auto& [pair, cell] : seen) {
    if (cell.second < 5) continue;
    chi_square += (cell.first - cell.second) * (cell.first - cell.second) / cell.second;
    cells += 1;
  }
  ASSERT_GT(cells, 10);
  EXPECT_GT(chi_square_tail(chi_square, cells), 1e-6) << chi_square << " in " << cells;
}

TEST_F(BanditDrawTest, WithPosteriorDrawsEveryItemsWeightsSumToTheAnswers) {
  make();
  std::map<std::string, double> weights;
  std::map<std::string, double> squares;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    const AnswerItem item = ask(1, true).items.at(0);
    weights[item.item_id] += 1 / item.propensity;
    squares[item.item_id] += 1 / (item.propensity * item.propensity);
  }
  ASSERT_EQ(weights.size(), 8U);
  for (const auto& [item, weight] : weights) {
    const double deviation = std::sqrt(squares[item] - weight * weight / kDraws);
    EXPECT_NEAR(weight, kDraws, 5.5 * deviation) << item;
  }
}

TEST_F(BanditDrawTest, TheTraceHoldsWhatIsNeededAndTheBlendsProbabilities) {
  make();
  const Answer answer = ask(3);
  const auto trace = read_trace(sink_.decisions.at(0).factors_json);
  ASSERT_TRUE(trace && *trace);
  EXPECT_EQ((*trace)->placement, "home");
  EXPECT_EQ((*trace)->kind, BanditKind::thompson_linear);
  ASSERT_EQ((*trace)->features.size(), 3U);
  ASSERT_EQ((*trace)->blend.size(), 3U);
  for (const double probability : (*trace)->blend) {
    EXPECT_GT(probability, 0);
    EXPECT_LE(probability, 1);
  }
  home().bandit.reset();
  make();
  const Answer plain = ask(3);
  const auto none = read_trace(sink_.decisions.at(1).factors_json);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

}  // namespace
}  // namespace attune::decide
