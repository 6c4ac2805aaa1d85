#include "learn/neighbour_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "test_log.h"

namespace attune::learn {
namespace {

/// VMIS-kNN as its formulas say, without an index: the yardstick. Only what published_params()
/// switches on.
std::map<ItemIndex, double> plain_vmis(const SessionLog& log, std::span<const ItemIndex> visit,
                                       const NeighbourParams& params) {
  std::vector<ItemIndex> tail(visit.begin(), visit.end());
  if (tail.size() > params.last_items) tail.erase(tail.begin(), tail.end() - params.last_items);
  const auto length = static_cast<double>(tail.size());
  struct Session {
    std::size_t number;
    double similarity = 0;
  };
  std::vector<Session> sessions;  // newest first
  for (std::size_t v = log.session_count(); v-- > 0;) {
    const std::set<ItemIndex> items(log.session(v).begin(), log.session(v).end());
    Session session{v};
    std::set<ItemIndex> counted;
    for (std::size_t back = 0; back < tail.size(); ++back) {
      const ItemIndex item = tail[tail.size() - 1 - back];
      if (!items.count(item) || !counted.insert(item).second) continue;
      session.similarity += (length - static_cast<double>(back)) / length;
    }
    if (session.similarity > 0 && sessions.size() < params.sampled_sessions)
      sessions.push_back(session);
  }
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const Session& a, const Session& b) { return a.similarity > b.similarity; });
  if (sessions.size() > params.neighbours) sessions.resize(params.neighbours);
  std::map<ItemIndex, double> scores;
  for (const Session& session : sessions) {
    const std::set<ItemIndex> items(log.session(session.number).begin(),
                                    log.session(session.number).end());
    std::size_t step = 1;
    while (!items.count(tail[tail.size() - step])) ++step;
    const double weight = std::max(0.0, 1 - 0.1 * static_cast<double>(step));
    for (const ItemIndex item : items) {
      const auto clicks = std::count(log.items.begin(), log.items.end(), item);
      const double idf =
          std::log(static_cast<double>(log.click_count()) / static_cast<double>(clicks));
      scores[item] += session.similarity * weight * idf;
    }
  }
  return scores;
}

TEST(NeighbourModelTest, EqualsThePlainFormulasOnRandomVisits) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const SessionLog log = random_log({.visits = 150, .items = 30, .seed = seed});
    const NeighbourParams params{.last_items = static_cast<std::uint32_t>(1 + seed),
                                 .sampled_sessions = 25,
                                 .neighbours = 10};
    const auto model = NeighbourModel::train(log, params);
    Scratch scratch;
    for (std::size_t v = 0; v < log.session_count(); v += 3) {
      const auto visit = log.session(v);
      const auto expected = plain_vmis(log, visit, params);
      const auto answer = model->recommend(visit, {.count = 1000, .drop_current = false}, scratch);
      ASSERT_EQ(answer.size(), expected.size()) << "seed " << seed << " visit " << v;
      for (const ScoredItem& found : answer) {
        ASSERT_NEAR(found.score, expected.at(found.item), 1e-5)
            << "seed " << seed << " visit " << v;
      }
    }
  }
}

TEST(NeighbourModelTest, TheNewestSessionsAreSampled) {
  // Ten old visits go from a to b, two new ones from a to c.
  const SessionLog log =
      log_of({"ab", "ab", "ab", "ab", "ab", "ab", "ab", "ab", "ab", "ab", "ac", "ac"});
  const ItemIndex visit[] = {0};
  Scratch scratch;
  const auto all = NeighbourModel::train(log, {.sampled_sessions = 100, .idf_power = 0});
  EXPECT_EQ(log.item_ids[all->recommend(visit, {}, scratch)[0].item], "b");
  const auto few = NeighbourModel::train(log, {.sampled_sessions = 2, .idf_power = 0});
  const auto answer = few->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(log.item_ids[answer[0].item], "c");
}

TEST(NeighbourModelTest, RecencyMakesNewVisitsCount) {
  SessionLogBuilder builder;
  for (int v = 0; v < 3; ++v) {
    builder.add(fmt::format("old{}", v), "a", kTestStartMs);
    builder.add(fmt::format("old{}", v), "b", kTestStartMs + 1000);
  }
  builder.add("new", "a", kTestStartMs + 10 * 86'400'000LL);
  builder.add("new", "c", kTestStartMs + 10 * 86'400'000LL + 1000);
  const SessionLog log = *builder.build();
  const ItemIndex visit[] = {0};
  Scratch scratch;
  const auto without = NeighbourModel::train(log, {.idf_power = 0});
  EXPECT_EQ(log.item_ids[without->recommend(visit, {}, scratch)[0].item], "b");
  const auto with = NeighbourModel::train(log, {.recency_days = 2, .idf_power = 0});
  const auto answer = with->recommend(visit, {}, scratch);
  EXPECT_EQ(log.item_ids[answer[0].item], "c");
  EXPECT_NEAR(answer[1].score / answer[0].score, 3 * std::exp(-5.0), 1e-6);
}

TEST(NeighbourModelTest, ItemsBehindTheSharedOneCountLess) {
  const SessionLog log = log_of({"bac"});
  const ItemIndex visit[] = {0};
  Scratch scratch;
  const auto model = NeighbourModel::train(log, {.backward_weight = 0.25, .idf_power = 0});
  const auto answer = model->recommend(visit, {}, scratch);
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(log.item_ids[answer[0].item], "c");
  EXPECT_NEAR(answer[1].score / answer[0].score, 0.25, 1e-9);
}

TEST(NeighbourModelTest, CauseCountsTheVisitsBehindAnItem) {
  const SessionLog log = log_of({"ab", "ab", "ba", "xb", "ac"});
  const ItemIndex visit[] = {0};
  const auto model = NeighbourModel::train(log, {});
  Scratch scratch;
  (void)model->recommend(visit, {}, scratch);
  const Cause cause = model->cause(log.find("b"), scratch);
  EXPECT_EQ(cause.via, log.find("a"));
  EXPECT_EQ(cause.count, 3U);
  EXPECT_EQ(cause.after, 2U);
  EXPECT_EQ(model->cause(log.find("x"), scratch).count, 0U);
}

}  // namespace
}  // namespace attune::learn
