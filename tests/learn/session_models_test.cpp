// The contract that every session model keeps, whatever it computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "learn/bytes.h"
#include "learn/models.h"
#include "test_log.h"

namespace attune::learn {
namespace {

std::string bytes_of(const SessionModel& model) {
  ByteWriter out;
  model.write(out);
  return out.bytes();
}

class SessionModelContract : public testing::TestWithParam<const char*> {
 protected:
  ModelParams params() const { return *parse_params(GetParam()); }
  std::unique_ptr<SessionModel> train(const SessionLog& log) const {
    return train_model(log, params());
  }
  bool needs_visit() const { return params().algorithm != Algorithm::popularity; }
};

TEST_P(SessionModelContract, TrainsTheSameModelFromTheSameData) {
  const SessionLog log = random_log({});
  EXPECT_EQ(bytes_of(*train(log)), bytes_of(*train(log)));
}

TEST_P(SessionModelContract, AnswersTheSameWithAnyScratch) {
  const SessionLog log = random_log({});
  const SessionLog other = random_log({.visits = 500, .items = 90, .seed = 2});
  const auto model = train(log);
  const auto other_model = train(other);
  Scratch used;
  for (std::size_t v = 0; v < other.session_count(); v += 7) {
    (void)other_model->recommend(other.session(v), {}, used);
  }
  for (std::size_t v = 0; v < log.session_count(); v += 5) {
    Scratch fresh;
    const auto first = model->recommend(log.session(v), {}, fresh);
    const auto second = model->recommend(log.session(v), {}, used);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin(), second.end()));
  }
}

TEST_P(SessionModelContract, ScoresAreFinitePositiveAndFall) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto answer = model->recommend(log.session(v), {.count = 15}, scratch);
    ASSERT_FALSE(answer.empty());
    ASSERT_LE(answer.size(), 15U);
    std::set<ItemIndex> seen;
    for (std::size_t i = 0; i < answer.size(); ++i) {
      ASSERT_TRUE(std::isfinite(answer[i].score));
      ASSERT_GT(answer[i].score, 0);
      ASSERT_LT(answer[i].item, log.item_count());
      ASSERT_TRUE(seen.insert(answer[i].item).second) << "an item twice";
      if (i == 0) continue;
      ASSERT_GE(answer[i - 1].score, answer[i].score);
      if (answer[i - 1].score == answer[i].score) {
        ASSERT_LT(answer[i - 1].item, answer[i].item);
      }
    }
  }
}

TEST_P(SessionModelContract, ExcludedItemsNeverAppear) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto visit = log.session(v);
    for (const ScoredItem& found : model->recommend(visit, {.count = 100}, scratch)) {
      ASSERT_NE(found.item, visit.back());
    }
    for (const ScoredItem& found :
         model->recommend(visit, {.count = 100, .drop_seen = true}, scratch)) {
      ASSERT_EQ(std::count(visit.begin(), visit.end(), found.item), 0);
    }
  }
}

TEST_P(SessionModelContract, AShorterAnswerIsTheHeadOfALongerOne) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  for (std::size_t v = 0; v < 20; ++v) {
    const auto answer = model->recommend(log.session(v), {.count = 12}, scratch);
    const std::vector<ScoredItem> longer(answer.begin(), answer.end());
    const auto shorter = model->recommend(log.session(v), {.count = 5}, scratch);
    ASSERT_LE(shorter.size(), longer.size());
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  }
}

TEST_P(SessionModelContract, ComesBackFromBytesAsItWas) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  const std::string bytes = bytes_of(*model);
  ByteReader in(bytes);
  const auto again = read_model(in);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(bytes_of(**again), bytes);
  EXPECT_EQ((*again)->algorithm(), model->algorithm());
  Scratch first;
  Scratch second;
  for (std::size_t v = 0; v < log.session_count(); v += 3) {
    const auto a = model->recommend(log.session(v), {}, first);
    const auto b = (*again)->recommend(log.session(v), {}, second);
    ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

TEST_P(SessionModelContract, RefusesBytesCutAnywhere) {
  const std::string bytes = bytes_of(*train(random_log({.visits = 20, .items = 10})));
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(read_model(in)) << length;
  }
}

TEST_P(SessionModelContract, SurvivesAnyByteChanged) {
  // The artefact's checksum stands before this; even so no byte may lead outside of memory.
  const SessionLog log = random_log({.visits = 20, .items = 10});
  const std::string bytes = bytes_of(*train(log));
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string altered = bytes;
    altered[random.below(altered.size())] = static_cast<char>(random.next());
    ByteReader in(altered);
    const auto model = read_model(in);
    if (!model || (*model)->item_count() > 1000) continue;
    Scratch scratch;
    (void)(*model)->recommend(log.session(0), {}, scratch);
    (void)(*model)->support(0, scratch);
  }
}

TEST_P(SessionModelContract, AnEmptyLogGivesEmptyAnswers) {
  const auto model = train(*SessionLogBuilder{}.build());
  Scratch scratch;
  EXPECT_EQ(model->item_count(), 0U);
  EXPECT_TRUE(model->recommend({}, {}, scratch).empty());
  const ItemIndex unknown[] = {5};
  EXPECT_TRUE(model->recommend(unknown, {}, scratch).empty());
}

TEST_P(SessionModelContract, OneVisitorsDataIsEnoughNotToBreak) {
  const SessionLog log = log_of({"abcab"});
  const auto model = train(log);
  Scratch scratch;
  const ItemIndex visit[] = {0};
  const auto answer = model->recommend(visit, {}, scratch);
  for (const ScoredItem& found : answer) EXPECT_NE(found.item, 0U);
  EXPECT_EQ(model->recommend({}, {}, scratch).empty(), needs_visit());
}

TEST_P(SessionModelContract, ItemsItNeverSawAreSkipped) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  const std::vector<ItemIndex> known{log.session(0).front()};
  const std::vector<ItemIndex> mixed{9999, log.session(0).front(), kNoItem};
  const auto answer = model->recommend(known, {.drop_current = false}, scratch);
  const std::vector<ScoredItem> expected(answer.begin(), answer.end());
  const auto found = model->recommend(mixed, {.drop_current = false}, scratch);
  EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
}

TEST_P(SessionModelContract, SupportNamesAnItemOfTheVisit) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); v += 9) {
    const auto visit = log.session(v);
    const auto answer = model->recommend(visit, {}, scratch);
    for (const ScoredItem& found : answer) {
      const Support support = model->support(found.item, scratch);
      if (!needs_visit()) {
        EXPECT_EQ(support.via, kNoItem);
        continue;
      }
      ASSERT_EQ(std::count(visit.begin(), visit.end(), support.via) > 0, true);
      EXPECT_GE(support.visits, 1U);
      EXPECT_LE(support.visits_after, support.visits);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllModels, SessionModelContract,
                         testing::Values("popularity", "published", "default", "stan", "vsknn",
                                         "transitions", "transitions:t_steps=1", "blend",
                                         "neighbours:similarity=cosine,recency_days=1,distance=2,"
                                         "last_shared=true,backward=0.3,idf_added=1,k=7,m=11",
                                         "transitions:t_recency_days=0.01,t_last=4,t_kept=3"),
                         [](const auto& tested) { return fmt::format("model{}", tested.index); });

}  // namespace
}  // namespace attune::learn
