// The contract that every recommender keeps, whatever it computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <thread>

#include "learn/bytes.h"
#include "learn/learned_blend.h"
#include "learn/models.h"
#ifdef ATTUNE_HAS_TREES
#include "neural/tree_trainer.h"
#endif
#include "test_log.h"

namespace attune::learn {
namespace {

std::string bytes_of(const Recommender& model) {
  ByteWriter out;
  model.write(out);
  return out.bytes();
}

/// Items of random_log with a category and brand of their neighbourhood, and a few words.
Catalogue catalogue_of(const SessionLog& log) {
  Catalogue catalogue;
  for (std::size_t i = 0; i < log.item_count(); ++i) {
    CatalogueItem item;
    item.id = log.item_ids[i];
    item.name = fmt::format("thing {} of row {}", i, i / 4);
    item.category = fmt::format("category {}", i / 8);
    item.brand = fmt::format("brand {}", i % 3);
    item.labels = {fmt::format("size:{}", i % 5)};
    catalogue.push_back(std::move(item));
  }
  return catalogue;
}

/// Trains the learned blend; where XGBoost is not installed, without trees.
std::unique_ptr<Recommender> train_blend(const SessionLog& log, const Catalogue& catalogue,
                                         const ModelParams& params) {
#ifdef ATTUNE_HAS_TREES
  return LearnedBlend::train(log, catalogue, params, neural::train_trees);
#else
  return LearnedBlend::train(log, catalogue, params,
                             [](const auto&, const auto&) { return TreeEnsemble(); });
#endif
}

class RecommenderContract : public testing::TestWithParam<const char*> {
 protected:
  ModelParams params() const { return *parse_params(GetParam()); }
  std::unique_ptr<Recommender> train(const SessionLog& log) const {
    return train_recommender(log, params(), catalogue_of(log), train_blend);
  }
  bool needs_visit() const {
    return params().algorithm != Algorithm::popularity && params().algorithm != Algorithm::trending;
  }
  bool is_session_model() const {
    const Algorithm algorithm = params().algorithm;
    return algorithm == Algorithm::neighbours || algorithm == Algorithm::transitions ||
           algorithm == Algorithm::blend;
  }
};

TEST_P(RecommenderContract, TrainsTheSameModelFromTheSameData) {
  const SessionLog log = random_log({});
  EXPECT_EQ(bytes_of(*train(log)), bytes_of(*train(log)));
}

TEST_P(RecommenderContract, AnswersTheSameWithAnyScratch) {
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

TEST_P(RecommenderContract, ScoresAreFinitePositiveAndFall) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  std::size_t answered = 0;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto answer = model->recommend(log.session(v), {.count = 15}, scratch);
    answered += answer.empty() ? 0 : 1;
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
  // A model that wants evidence, or knows only the items that most people took, may have none for a
  // few.
  EXPECT_GE(answered, is_session_model() ? log.session_count() : log.session_count() * 7 / 10);
}

TEST_P(RecommenderContract, AnswersTheSameFromManyThreads) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  std::vector<std::vector<ScoredItem>> expected;
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); ++v) {
    const auto answer = model->recommend(log.session(v), {}, scratch);
    expected.emplace_back(answer.begin(), answer.end());
  }
  std::vector<std::size_t> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&, t] {
        Scratch own;
        for (std::size_t v = t; v < log.session_count(); ++v) {
          const auto answer = model->recommend(log.session(v), {}, own);
          wrong[t] += std::ranges::equal(answer, expected[v]) ? 0 : 1;
        }
      });
    }
  }
  EXPECT_THAT(wrong, testing::Each(0U));
}

TEST_P(RecommenderContract, HistoryCounts) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  const std::span<const ItemIndex> before = log.session(7);
  const std::vector<ItemIndex> mixed{kNoItem, before.front(), 9999};
  const Query nobody(std::span<const ItemIndex>(), mixed);
  const bool answers = !model->recommend(nobody, {}, scratch).empty();
  EXPECT_EQ(answers, !is_session_model());   // sequential models look at the visit alone
  if (!needs_visit() || is_session_model()) return;
  const std::vector<ItemIndex> visit{log.session(50).back()};
  const auto alone = model->recommend(visit, {.count = 40}, scratch);
  const std::vector<ScoredItem> without(alone.begin(), alone.end());
  const auto with = model->recommend(Query(visit, before), {.count = 40}, scratch);
  EXPECT_FALSE(std::ranges::equal(with, without));
}

TEST_P(RecommenderContract, ExcludedItemsNeverAppear) {
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

TEST_P(RecommenderContract, AShorterAnswerIsTheHeadOfALongerOne) {
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

TEST_P(RecommenderContract, ComesBackFromBytesAsItWas) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  const std::string bytes = bytes_of(*model);
  ByteReader in(bytes);
  const auto again = read_recommender(in);
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

TEST_P(RecommenderContract, RefusesBytesCutAnywhere) {
  const std::string bytes = bytes_of(*train(random_log({.visits = 20, .items = 10})));
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(read_recommender(in)) << length;
  }
}

TEST_P(RecommenderContract, SurvivesAnyByteChanged) {
  // The artefact's checksum stands before this; even so no byte may lead outside of memory.
  const SessionLog log = random_log({.visits = 20, .items = 10});
  const std::string bytes = bytes_of(*train(log));
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string altered = bytes;
    altered[random.below(altered.size())] = static_cast<char>(random.next());
    ByteReader in(altered);
    const auto model = read_recommender(in);
    if (!model || (*model)->item_count() > 1000) continue;
    Scratch scratch;
    (void)(*model)->recommend(log.session(0), {}, scratch);
    (void)(*model)->cause(0, scratch);
  }
}

TEST_P(RecommenderContract, AnEmptyLogGivesEmptyAnswers) {
  const auto model = train(*SessionLogBuilder{}.build());
  Scratch scratch;
  EXPECT_EQ(model->item_count(), 0U);
  EXPECT_TRUE(model->recommend({}, {}, scratch).empty());
  const ItemIndex unknown[] = {5};
  EXPECT_TRUE(model->recommend(unknown, {}, scratch).empty());
}

TEST_P(RecommenderContract, OneVisitorsDataIsEnoughNotToBreak) {
  const SessionLog log = log_of({"abcab"});
  const auto model = train(log);
  Scratch scratch;
  const ItemIndex visit[] = {0};
  const auto answer = model->recommend(visit, {}, scratch);
  for (const ScoredItem& found : answer) EXPECT_NE(found.item, 0U);
  const bool answers_all = params().algorithm == Algorithm::popularity;
  EXPECT_EQ(model->recommend({}, {}, scratch).empty(), needs_visit() || !answers_all);
}

TEST_P(RecommenderContract, ItemsItNeverSawAreSkipped) {
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

TEST_P(RecommenderContract, CauseNamesAnItemOfTheVisit) {
  const SessionLog log = random_log({});
  const auto model = train(log);
  Scratch scratch;
  for (std::size_t v = 0; v < log.session_count(); v += 9) {
    const auto visit = log.session(v);
    const auto answer = model->recommend(visit, {}, scratch);
    for (const ScoredItem& found : answer) {
      const Cause cause = model->cause(found.item, scratch);
      if (!needs_visit()) {
        EXPECT_EQ(cause.via, kNoItem);
        continue;
      }
      ASSERT_EQ(std::count(visit.begin(), visit.end(), cause.via) > 0, true);
      const bool counted = cause.kind == Cause::Kind::visits ||
                           cause.kind == Cause::Kind::viewed_together ||
                           cause.kind == Cause::Kind::bought_together;
      EXPECT_EQ(cause.count >= 1U, counted);
      EXPECT_LE(cause.after, cause.count);
      if (cause.of > 0) {
        EXPECT_LE(cause.count, cause.of);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllModels, RecommenderContract,
                         testing::Values("popularity", "published", "default", "stan", "vsknn",
                                         "transitions", "transitions:t_steps=1", "blend",
                                         "neighbours:similarity=cosine,recency_days=1,distance=2,"
                                         "last_shared=true,backward=0.3,idf_added=1,k=7,m=11",
                                         "transitions:t_recency_days=0.01,t_last=4,t_kept=3",
                         "trending",
                         "item_to_item", "item_to_item:significance=0,lift_power=1,kept=7", "ials",
                         "ials:factors=5,epochs=3,items=20", "ease", "ease:items=25,kept=9",
                         "graph", "graph:category_share=0.3,brand_share=0.2,residue=0.01",
                         "content", "content:exact_items=0,kept=10",
                                         "lambdamart:trees=10", "lambdamart:trees=3,ease=true,"
                                         "candidates=7,decisions=40"),
                         [](const auto& tested) { return fmt::format("model{}", tested.index); });

}  // namespace
}  // namespace attune::learn
