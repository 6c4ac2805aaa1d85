#include "learn/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/random.h"
#include "learn/models.h"
#include "learn/tune.h"
#include "test_log.h"

namespace attune::learn {
namespace {

using testing::HasSubstr;

TEST(EvaluationTest, MeasuresByHand) {
  // a is followed by b three times and by c once: from a the chain ranks b, c; from b nothing.
  const SessionLog train = log_of({"ab", "ab", "ab", "ac"});
  const SessionLog test = log_of({"ab", "ac", "az", "abc"});  // z is unknown: one click left out
  ModelParams params;
  params.algorithm = Algorithm::transitions;
  params.transitions.steps = 1;
  const Evaluation e = train_and_evaluate(params, train, test, {.resamples = 100});
  EXPECT_EQ(e.clicks_unknown, 1U);
  EXPECT_EQ(e.sessions, 3U);
  ASSERT_EQ(e.hits.size(), 4U);
  EXPECT_EQ(e.hits[0].rank, 1U);  // a -> b
  EXPECT_EQ(e.hits[1].rank, 2U);  // a -> c
  EXPECT_EQ(e.hits[2].rank, 1U);  // a -> b of the third visit
  EXPECT_EQ(e.hits[3].rank, 0U);  // b -> c: never seen
  EXPECT_DOUBLE_EQ(e.quality.hit_rate, 0.75);
  EXPECT_DOUBLE_EQ(e.quality.mrr, (1 + 0.5 + 1) / 4);
  EXPECT_DOUBLE_EQ(e.quality.ndcg, (1 + 1 / std::log2(3) + 1) / 4);
  EXPECT_DOUBLE_EQ(e.lists.coverage, 2.0 / 3);
  // Popularity a 4, b 3, c 1 clicks -> 1, 2/3, 0; recommended b, c three times.
  EXPECT_NEAR(e.lists.popularity, (3 * (2.0 / 3) + 3 * 0) / 6, 1e-12);
}

TEST(ListMeasuresTest, MeasuresByHand) {
  const SessionLog train = log_of({"aaab", "aacd"});  // a 5 of 8 clicks, b, c, d one each
  Catalogue catalogue;
  for (const char* id : {"a", "b", "c", "d"}) {
    catalogue.push_back({.id = id, .name = "", .category = *id < 'c' ? "x" : "y", .brand = "",
                         .price = 1, .labels = {}, .embedding = {}});
  }
  ListMeasures measures(train, catalogue, 4);
  const std::vector<ScoredItem> first{{0, 3}, {2, 2}};
  const std::vector<ScoredItem> second{{0, 3}};
  const std::vector<ItemIndex> seen{1};
  const std::vector<ItemIndex> rest{2, 3, 2};
  measures.add(first, seen, rest);
  measures.add(second, seen, seen);
  const ListQuality mean = measures.mean();
  EXPECT_DOUBLE_EQ(mean.precision, (1.0 / 4 + 0) / 2);
  EXPECT_DOUBLE_EQ(mean.recall, (1.0 / 2 + 0) / 2);
  EXPECT_DOUBLE_EQ(mean.map, (1.0 / 2 / 2 + 0) / 2);   // c at place 2; two items followed
  EXPECT_DOUBLE_EQ(mean.coverage, 2.0 / 4);
  // Recommended 0, 0, 1, 2 times: (2*3-5)*1 + (2*4-5)*2 = 7 of 4 * 3.
  EXPECT_DOUBLE_EQ(mean.gini, 7.0 / 12);
  EXPECT_DOUBLE_EQ(mean.popularity, 2.0 / 3);
  EXPECT_DOUBLE_EQ(mean.novelty, (2 * -std::log2(5.0 / 8) + 3) / 3);
  EXPECT_DOUBLE_EQ(mean.diversity, 1) << "the one list with two items has two categories";
  // The visit is all x; the lists are half and all x.
  EXPECT_DOUBLE_EQ(mean.calibration, -std::log(0.99 * 0.5 + 0.01) / 2);
  EXPECT_TRUE(mean.has_categories);
}

TEST(EvaluationTest, IntervalsAreRepeatableAndHoldTheMean) {
  const SessionLog log = random_log({.visits = 300});
  const SessionLog train = slice(log, 0, 240);
  const SessionLog test = slice(log, 240, 300);
  const Evaluation first = train_and_evaluate(default_params(), train, test, {.seed = 5});
  const Evaluation second = train_and_evaluate(default_params(), train, test, {.seed = 5});
  EXPECT_EQ(first.by_session.mrr.low, second.by_session.mrr.low);
  EXPECT_LT(first.by_session.mrr.low, first.quality.mrr);
  EXPECT_GT(first.by_session.mrr.high, first.quality.mrr);
  EXPECT_LT(first.by_prediction.hit_rate.low, first.by_prediction.hit_rate.high);
}

TEST(EvaluationTest, ABootstrapByVisitIsWiderWhenVisitsAreAlike) {
  // 50 visits of 20 predictions that are all hits or all misses.
  std::vector<Hit> hits;
  for (std::uint32_t v = 0; v < 50; ++v) {
    for (int i = 0; i < 20; ++i) hits.push_back({v, v % 2});
  }
  Evaluation all{};
  all.hits = hits;
  all.quality = mean_quality(hits);
  Evaluation none{};
  for (const Hit& hit : hits) none.hits.push_back({hit.session, 0});
  const auto comparison = compare(all, none, {});
  ASSERT_TRUE(comparison);
  const double by_visit = comparison->by_session.mrr.high - comparison->by_session.mrr.low;
  const double by_prediction =
      comparison->by_prediction.mrr.high - comparison->by_prediction.mrr.low;
  // Standard errors are 0.5 / sqrt(50) and 0.5 / sqrt(1000): a factor of sqrt(20) = 4.47.
  EXPECT_NEAR(by_visit / by_prediction, std::sqrt(20), 0.7);
  EXPECT_NEAR(by_visit, 2 * 1.96 * 0.5 / std::sqrt(50), 0.03);
}

TEST(EvaluationTest, IntervalsCoverTheTruthAsOftenAsTheySay) {
  // 400 experiments of 200 coin flips with p = 0.6. Coverage of a 95 % interval over 400 has a
  // standard error of 1.1 %, so below 91 % happens by chance with probability 1e-3; the seed is
  // fixed.
  Random random(11);
  int covered = 0;
  for (int experiment = 0; experiment < 400; ++experiment) {
    Evaluation coin{};
    Evaluation zero{};
    for (std::uint32_t i = 0; i < 200; ++i) {
      coin.hits.push_back({i, random.uniform() < 0.6 ? 1U : 0U});
      zero.hits.push_back({i, 0});
    }
    coin.quality = mean_quality(coin.hits);
    const auto comparison =
        compare(coin, zero, {.resamples = 400, .seed = 1 + static_cast<std::uint64_t>(experiment)});
    const Interval& interval = comparison->by_session.hit_rate;
    covered += interval.low <= 0.6 && 0.6 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 364);
}

TEST(EvaluationTest, ComparesOnlyTheSamePredictions) {
  Evaluation first{};
  first.hits = {{0, 1}, {1, 1}};
  Evaluation second{};
  second.hits = {{0, 1}, {2, 1}};
  EXPECT_EQ(compare(first, second, {}).error().code(), ErrorCode::invalid_argument);
  second.hits.pop_back();
  EXPECT_FALSE(compare(first, second, {}));
}

TEST(EvaluationTest, AModelIsNotBetterThanItself) {
  const SessionLog log = random_log({});
  const Evaluation e = train_and_evaluate(default_params(), log, log, {});
  const auto comparison = compare(e, e, {});
  EXPECT_EQ(comparison->difference.mrr, 0);
  EXPECT_EQ(comparison->mrr_not_better, 1);
}

class EvaluateSessionsTest : public testing::Test {
 protected:
  void write(const std::string& name, const SessionLog& log) {
    std::ofstream file(folder_ / name);
    file << "SessionId\tItemId\tTime\n";
    for (std::size_t v = 0; v < log.session_count(); ++v) {
      for (std::size_t i = log.begins[v]; i < log.begins[v + 1]; ++i) {
        file << name << v << '\t' << log.item_ids[log.items[i]] << '\t' << log.times_ms[i] / 1000
             << '\n';
      }
    }
  }
  TestFolder folder_;
};

TEST_F(EvaluateSessionsTest, ReportsModelBaselineAndComparison) {
  const SessionLog log = random_log({.visits = 400});
  write("train", slice(log, 0, 350));
  write("test", slice(log, 350, 400));
  EvaluateOptions options;
  options.train_path = folder_ / "train";
  options.test_path = folder_ / "test";
  options.compare_with = "transitions:t_steps=1";
  double last = -1;
  const auto report = evaluate_sessions(options, [&](std::string_view, double done) {
    EXPECT_GE(done, last);
    last = done;
  });
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->train_sessions, 350U);
  EXPECT_GT(report->model.quality.mrr, report->baseline.quality.mrr);
  ASSERT_EQ(report->comparison.size(), 1U);
  EXPECT_NEAR(report->comparison[0].difference.mrr,
              report->model.quality.mrr - report->other[0].quality.mrr, 1e-12);
  for (const char* part :
       {"HR@20", "MRR@20", "NDCG@20", "coverage", "p99", "popularity baseline"}) {
    EXPECT_THAT(to_text(*report), HasSubstr(part));
  }
  for (const char* part :
       {"\"hr\":", "\"mrr\":", "\"ndcg\":", "\"latency_us\":", "\"difference\":"}) {
    EXPECT_THAT(to_json(*report), HasSubstr(part));
  }
}

TEST_F(EvaluateSessionsTest, RefusesWhatCannotBeMeasured) {
  write("train", log_of({"ab"}));
  write("test", log_of({"xy"}));
  EvaluateOptions options;
  options.train_path = folder_ / "train";
  options.test_path = folder_ / "test";
  EXPECT_EQ(evaluate_sessions(options).error().code(), ErrorCode::failed_precondition);
  options.model = "magic";
  EXPECT_EQ(evaluate_sessions(options).error().code(), ErrorCode::invalid_argument);
  options.model = "default";
  options.test_path = folder_ / "missing";
  EXPECT_EQ(evaluate_sessions(options).error().code(), ErrorCode::not_found);
}

TEST_F(EvaluateSessionsTest, TuningIsRepeatableAndNeverWorseThanItsStart) {
  const SessionLog log = random_log({.visits = 300});
  write("train", slice(log, 0, 250));
  write("valid", slice(log, 250, 300));
  TuneOptions options;
  options.train_path = folder_ / "train";
  options.valid_path = folder_ / "valid";
  options.trials = 60;
  const auto first = tune_sessions(options);
  ASSERT_TRUE(first) << first.error().message();
  options.threads = 3;
  const auto second = tune_sessions(options);
  ASSERT_EQ(first->trials.size(), 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    ASSERT_EQ(to_text(first->trials[i].params), to_text(second->trials[i].params)) << i;
  }
  const SessionLog train = *read_session_file(options.train_path);
  const SessionLog valid = *read_session_file(options.valid_path);
  const Evaluation start = train_and_evaluate(published_params(), train, valid, {.resamples = 0});
  const Trial& best = first->trials.front();
  EXPECT_GE(best.objective, start.quality.hit_rate / 0.65 + start.quality.mrr / 0.335);
  const Evaluation again = train_and_evaluate(best.params, train, valid, {.resamples = 0});
  EXPECT_EQ(again.quality.mrr, best.quality.mrr);
}

// The anchors: numbers of an independent implementation; for VMIS also of the published evaluator.
TEST(BolSessionsTest, ModelsReachThePublishedNumbers) {
  const std::string train_path = test_data("bol_sessions/train.txt");
  if (train_path.empty()) GTEST_SKIP() << "bol_sessions not found; set ATTUNE_TEST_DATA";
  const SessionLog train = *read_session_file(train_path);
  const SessionLog test = *read_session_file(test_data("bol_sessions/test.txt"));
  const Evaluation published =
      train_and_evaluate(published_params(), train, test, {.resamples = 0});
  ASSERT_EQ(published.hits.size(), 931U);
  EXPECT_EQ(published.clicks_unknown, 0U);
  EXPECT_NEAR(published.quality.hit_rate, 0.640, 0.002);
  EXPECT_NEAR(published.quality.mrr, 0.3316, 0.001);  // ties are ordered by item id here
  struct Anchor {
    const char* model;
    double hit_rate;
    double mrr;
  };
  for (const Anchor& anchor : {Anchor{"published:m=1502,k=288,last=4", 0.6617, 0.3434},
                               Anchor{"stan", 0.6434, 0.2455}, Anchor{"vsknn", 0.6584, 0.2244}}) {
    const Evaluation e =
        train_and_evaluate(*parse_params(anchor.model), train, test, {.resamples = 0});
    EXPECT_NEAR(e.quality.hit_rate, anchor.hit_rate, 0.0015) << anchor.model;
    EXPECT_NEAR(e.quality.mrr, anchor.mrr, 0.001) << anchor.model;
  }
  const Evaluation ours = train_and_evaluate(default_params(), train, test, {.resamples = 0});
  EXPECT_GE(ours.quality.hit_rate, 0.65);
  EXPECT_GE(ours.quality.mrr, 0.335);
}

}  // namespace
}  // namespace attune::learn
