// What a content slot shows: the probabilities are those that the records say, the holdout is drawn
// evenly and always the same visitors, and what is clicked is learned.
#include "decide/content_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "decide/bandit_book.h"

namespace attune::decide {
namespace {

class Recorder final : public event::DecisionSink {
 public:
  Result<void> record(const event::Decision& decision) override {
    decisions.push_back(decision);
    return {};
  }
  std::vector<event::Decision> decisions;
};

class ContentChoiceTest : public ::testing::Test {
 protected:
  ContentRequest request(const std::string& visitor) {
    ContentRequest made;
    made.site = *Uuid::parse("00000000-0000-4000-8000-00000000000a");
    made.slot = "hero";
    made.visitor = visitor;
    made.templates = {"content:a", "content:b", "content:c"};
    return made;
  }
  ManualClock clock_{1'795'000'000'000};
  BanditBook book_;
  Recorder recorder_;
  ContentChooser chooser_{book_, &recorder_, clock_};
};

TEST_F(ContentChoiceTest, DrawsByTheProbabilitiesThatItRecords) {
  const Decider::VisitorView nobody;
  std::map<std::string, double> drawn;
  std::map<std::string, double> expected;
  constexpr int kCount = 4000;
  for (int i = 0; i < kCount; ++i) {
    ContentRequest asked = request("v" + std::to_string(i));
    asked.policy = learn::BanditKind::square_cb;
    const ContentChoice choice = chooser_.choose(asked, nobody, static_cast<std::uint64_t>(i));
    double sum = 0;
    for (std::size_t at = 0; at < 3; ++at) {
      sum += choice.probabilities[at];
      EXPECT_GE(choice.probabilities[at], asked.floor / 3 - 1e-12);
      expected[asked.templates[at]] += choice.probabilities[at];
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    drawn[asked.templates[choice.chosen]] += 1;
    const event::Decision& kept = recorder_.decisions.back();
    ASSERT_EQ(kept.items.size(), 1U);
    EXPECT_EQ(kept.items[0].item_id, asked.templates[choice.chosen]);
    EXPECT_EQ(kept.items[0].propensity, choice.probabilities[choice.chosen]);
    EXPECT_EQ(kept.type, "content");
    EXPECT_EQ(kept.placement, "slot:hero");
    EXPECT_EQ(kept.eligible_count, 3U);
  }
  // Five standard deviations of a binomial count: one false alarm in a million.
  for (const auto& [item, count] : expected) {
    EXPECT_NEAR(drawn[item], count, 5 * std::sqrt(count)) << item;
  }
}

TEST_F(ContentChoiceTest, HoldsTheSameVisitorsOutAndDrawsEvenlyForThem) {
  const Decider::VisitorView nobody;
  int held = 0;
  for (int i = 0; i < 4000; ++i) {
    const ContentRequest asked = request("v" + std::to_string(i));
    const ContentChoice choice = chooser_.choose(asked, nobody, static_cast<std::uint64_t>(i));
    EXPECT_EQ(choice.is_holdout, is_held_out(asked));
    if (!choice.is_holdout) continue;
    ++held;
    for (const double each : choice.probabilities) EXPECT_NEAR(each, 1.0 / 3, 1e-12);
    EXPECT_EQ(recorder_.decisions.back().items[0].strategy, "uniform");
  }
  // 5 % of 4,000 within five standard deviations (14).
  EXPECT_NEAR(held, 200, 70);
  ContentRequest nobody_held = request("v1");
  nobody_held.holdout_share = 0;
  EXPECT_FALSE(is_held_out(nobody_held));
}

TEST_F(ContentChoiceTest, LearnsWhatIsClicked) {
  const Decider::VisitorView nobody;
  const auto share_of_b = [&] {
    ContentRequest asked = request("someone");
    asked.holdout_share = 0;
    asked.preview = true;
    return chooser_.choose(asked, nobody, 5).probabilities[1];
  };
  const double before = share_of_b();
  for (int i = 0; i < 400; ++i) {
    clock_.advance_ms(10'000);
    ContentRequest asked = request("v" + std::to_string(i));
    asked.holdout_share = 0;
    const ContentChoice choice = chooser_.choose(asked, nobody, static_cast<std::uint64_t>(i));
    ASSERT_TRUE(choice.decision_id);
    book_.take(recorder_.decisions.back());
    if (choice.chosen == 1) {   // only b is ever clicked
      event::EventView click;
      click.site = asked.site;
      click.kind = event::Kind::recommendation_click;
      click.visitor_id = asked.visitor;
      click.decision_id = *choice.decision_id;
      click.timestamp_ms = click.received_ms = clock_.now_ms() + 1000;
      event::ItemView item;
      item.id = "content:b";
      click.items.push_back(item);
      book_.take(click);
    }
  }
  clock_.advance_ms(3'600'000);
  book_.advance(clock_.now_ms());
  book_.publish();
  EXPECT_EQ(book_.refused(), 0U);
  EXPECT_LT(before, 0.7);
  EXPECT_GT(share_of_b(), 0.9);
}

TEST_F(ContentChoiceTest, RecordsNothingOfAPreview) {
  ContentRequest asked = request("v");
  asked.preview = true;
  const ContentChoice choice = chooser_.choose(asked, {}, 1);
  EXPECT_FALSE(choice.decision_id);
  EXPECT_TRUE(recorder_.decisions.empty());
  EXPECT_EQ(choice.segment, "new");
}

}  // namespace
}  // namespace attune::decide
