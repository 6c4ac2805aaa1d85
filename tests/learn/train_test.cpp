#include "learn/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "learn/child_process.h"
#include "learn/registry.h"
#include "learn/site_data.h"
#include "learn/shadow.h"
#include "learn/site_model.h"
#include "learn/worker_protocol.h"
#include "store/column_batch.h"
#include "store/duckdb/duckdb_store.h"
#include "test_log.h"

namespace attune::learn {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNowMs = 1'795'255'200'000;
constexpr std::int64_t kHourMs = 3'600'000;

class TrainTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("ATTUNE_TEST_WORKER");
    auto opened = store::open_duckdb({});
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
    const auto migrated = store_->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
    session_ = *store_->session();
    options_.data_dir = folder_.path();
    options_.site = site_;
    options_.worker_program = ATTUNE_TRAIN_WORKER;
    options_.params = published_params();
  }
  void TearDown() override { ::unsetenv("ATTUNE_TEST_WORKER"); }

  struct Row {
    std::string session;
    std::string item;
    std::int64_t time_ms = 0;
    std::string type = "VIEW";
    std::string visitor = "v";
  };
  void add(const std::vector<Row>& rows, const Uuid& site) {
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& user = batch.add_int64("user_id");
    auto& product = batch.add_int64("product_id");
    auto& type = batch.add_text("interaction_type");
    auto& session = batch.add_text("session_id");
    auto& time = batch.add_timestamp("timestamp");
    auto& site_id = batch.add_text("site_id");
    auto& visitor = batch.add_text("visitor_id");
    auto& item = batch.add_text("item_id");
    for (const Row& row : rows) {
      id.push(next_id_++);
      user.push(stable_id(site.text(), row.visitor));
      product.push(stable_id(site.text(), row.item));
      type.push(row.type);
      session.push(row.session);
      time.push(store::Timestamp::from_ms(row.time_ms));
      site_id.push(site.text());
      visitor.push(row.visitor);
      item.push(row.item);
    }
    const auto added = session_->append("user_product_interactions", batch);
    ASSERT_TRUE(added) << added.error().message();
  }
  /// Visits with structure (or without): a model beats popularity on the first kind only.
  void add_visits(std::size_t count, bool structured, const Uuid& site,
                  std::int64_t end_ms = kNowMs) {
    Random random(7);
    std::vector<Row> rows;
    for (std::size_t v = 0; v < count; ++v) {
      const std::size_t home = random.below(30);
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t item = structured ? (home + i) % 30 : random.below(30);
        const auto ago = static_cast<std::int64_t>((count - v) * 60'000 - i * 1000);
        rows.push_back({fmt::format("s{}", v), fmt::format("item-{:02}", item), end_ms - ago});
      }
    }
    add(rows, site);
  }
  std::vector<std::string> files_of_site() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_ / ("models/" + site_.text()))) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  std::int64_t count(const std::string& what) {
    const auto rows = session_->query_text("select count(*) from ml_models where " + what);
    return rows ? std::get<std::int64_t>(rows->rows[0][0]) : -1;
  }

  TestFolder folder_;
  ManualClock clock_{kNowMs};
  Uuid site_ = *Uuid::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479");
  Uuid other_site_ = *Uuid::parse("a47ac10b-58cc-4372-a567-0e02b2c3d479");
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
  TrainOptions options_;
  std::int64_t next_id_ = 1;
};

TEST_F(TrainTest, AModelBetterThanPopularityGoesIntoProduction) {
  add_visits(300, true, site_);
  add_visits(50, false, other_site_);
  std::vector<std::string> stages;
  int first = 0;
  options_.first_model = [&] { ++first; };
  const auto report = train_site(*store_, clock_, options_, [&](std::string_view stage, double) {
    if (stages.empty() || stages.back() != stage) stages.emplace_back(stage);
  });
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->promoted) << report->verdict;
  EXPECT_EQ(first, 1);
  EXPECT_EQ(report->sessions, 300U) << "the other site's visits are not in it";
  EXPECT_GT(report->held_out.model.mrr, report->held_out.popularity.mrr);
  EXPECT_GT(report->held_out.mrr_gain.low, 0);
  EXPECT_THAT(stages, testing::Contains("training"));
  const auto active = active_model(*session_, site_);
  ASSERT_TRUE(active && *active);
  EXPECT_EQ((*active)->version, report->version);
  const auto model = load_site_model(real_file_system(), (*active)->artefact_path);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ((*model)->site_id, site_.text());
  EXPECT_EQ(files_of_site().size(), 1U) << "export and temporary model are gone";
  EXPECT_FALSE(*active_model(*session_, other_site_));
  const auto row = session_->query_text(
      "select hyperparameters->>'m', metrics->>'predictions', training_data_period->>'end', "
      "algorithm, "
      "length(artifact_sha256), artifact_size_bytes > 0, deployed_at is not null, name, status "
      "from ml_models");
  ASSERT_TRUE(row) << row.error().message();
  EXPECT_EQ(row->rows[0][0], store::Value(std::string("500")));
  EXPECT_EQ(row->rows[0][1], store::Value(fmt::format("{}", report->held_out.predictions)));
  EXPECT_EQ(row->rows[0][2], store::Value(std::string("2026-11-21T09:59:03Z")));
  EXPECT_EQ(row->rows[0][4], store::Value(std::int64_t{64}));
  EXPECT_EQ(row->rows[0][5], store::Value(true));
  EXPECT_EQ(row->rows[0][6], store::Value(true));
  EXPECT_EQ(row->rows[0][7], store::Value(std::string("sequential")));
  EXPECT_EQ(row->rows[0][8], store::Value(std::string("production")));
  EXPECT_THAT(to_json(*report), HasSubstr("\"promoted\":true"));
}

TEST_F(TrainTest, AModelNoBetterThanPopularityIsArchived) {
  add_visits(300, false, site_);
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->promoted);
  EXPECT_THAT(report->verdict, HasSubstr("popularity"));
  EXPECT_FALSE(*active_model(*session_, site_));
  EXPECT_EQ(count("status = 'archived' and not is_active and deployed_at is null"), 1);
}

TEST_F(TrainTest, AWorseModelDoesNotReplaceAGoodOne) {
  add_visits(300, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  clock_.advance_ms(kHourMs);
  options_.params = *parse_params("popularity:half_life_days=9");
  const auto worse = train_site(*store_, clock_, options_);
  ASSERT_TRUE(worse) << worse.error().message();
  EXPECT_FALSE(worse->promoted) << "popularity cannot beat popularity";
  EXPECT_EQ((*active_model(*session_, site_))->version, good->version);
}

TEST_F(TrainTest, AModelWorseThanTheParametersInProductionIsArchived) {
  add_visits(300, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  EXPECT_LT(good->held_out.present.mrr, 0) << "nothing was in production";
  clock_.advance_ms(kHourMs);
  const auto same = train_site(*store_, clock_, options_);
  ASSERT_TRUE(same && same->promoted);
  EXPECT_LT(same->held_out.present.mrr, 0) << "the same parameters";
  clock_.advance_ms(kHourMs);
  options_.params = *parse_params("published:m=1,k=1");
  const auto worse = train_site(*store_, clock_, options_);
  ASSERT_TRUE(worse) << worse.error().message();
  EXPECT_GT(worse->held_out.model.mrr, worse->held_out.popularity.mrr);
  EXPECT_DOUBLE_EQ(worse->held_out.present.mrr, same->held_out.model.mrr);
  EXPECT_FALSE(worse->promoted) << worse->verdict;
  EXPECT_THAT(worse->verdict, HasSubstr("worse than with the parameters in production"));
  EXPECT_EQ((*active_model(*session_, site_))->version, same->version);
  EXPECT_THAT(to_json(*worse), HasSubstr("\"present\":{\"mrr_20\""));
}

TEST_F(TrainTest, RollsBackToTheModelBefore) {
  EXPECT_EQ(rollback_model(*store_, clock_, site_).error().code(), ErrorCode::failed_precondition);
  add_visits(300, true, site_);
  std::vector<std::string> versions;
  for (int i = 0; i < 3; ++i) {
    clock_.advance_ms(kHourMs);
    const auto report = train_site(*store_, clock_, options_);
    ASSERT_TRUE(report && report->promoted);
    versions.push_back(report->version);
  }
  // The second one's file is damaged, so rolling back goes on to the first.
  std::ofstream(folder_ / fmt::format("models/{}/sequential-{}.model", site_.text(), versions[1]),
                std::ios::app)
      << "x";
  const auto back = rollback_model(*store_, clock_, site_);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->version, versions[0]);
  EXPECT_EQ((*active_model(*session_, site_))->version, versions[0]);
  EXPECT_EQ(count("status = 'production'"), 1);
  EXPECT_EQ(rollback_model(*store_, clock_, site_).error().code(), ErrorCode::failed_precondition);
}

TEST_F(TrainTest, StrategiesHaveTheirOwnProductionModels) {
  add_visits(300, true, site_);
  options_.params = *parse_params("popularity:half_life_days=9");
  const auto popular = train_site(*store_, clock_, options_);
  ASSERT_TRUE(popular) << popular.error().message();
  EXPECT_EQ(popular->strategy, "popular");
  EXPECT_FALSE(popular->promoted);
  const auto trained = train_strategies(*store_, clock_, options_, {"sequential"});
  ASSERT_TRUE(trained) << trained.error().message();
  ASSERT_EQ(trained->trained.size(), 1U);
  const std::string sequential = trained->trained[0].version;
  // A person may overrule the gate; the other strategy's model stays where it is.
  const auto promoted = promote_model(*store_, clock_, site_, "popular", popular->version);
  ASSERT_TRUE(promoted) << promoted.error().message();
  const auto active = active_models(*session_, site_);
  ASSERT_TRUE(active);
  ASSERT_EQ(active->size(), 2U);
  EXPECT_EQ((*active)[0].strategy, "popular");
  EXPECT_EQ((*active)[0].version, popular->version);
  EXPECT_EQ((*active)[1].strategy, "sequential");
  EXPECT_EQ((*active)[1].version, sequential);
  EXPECT_EQ(promote_model(*store_, clock_, site_, "sequential", popular->version).error().code(),
            ErrorCode::not_found);
  const auto unknown = train_strategies(*store_, clock_, options_, {"telepathy"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("sequential"));
}

TEST_F(TrainTest, AModelInTheShadowTakesOverAfterEnoughRequests) {
  add_visits(200, true, site_);
  options_.shadow = true;
  const auto first = train_site(*store_, clock_, options_);
  ASSERT_TRUE(first && first->promoted) << "nothing to stand in the shadow of";
  clock_.advance_ms(1000);
  const auto second = train_site(*store_, clock_, options_);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_TRUE(second->shadowed);
  EXPECT_FALSE(second->promoted);
  EXPECT_THAT(second->verdict, HasSubstr("in the shadow"));
  EXPECT_EQ((*active_model(*session_, site_))->version, first->version);
  const auto shadows = shadow_models(*session_, site_);
  ASSERT_TRUE(shadows && shadows->size() == 1) << shadows.error().message();
  EXPECT_EQ(shadows->front().version, second->version);

  const ShadowRule rule{.requests = 100};
  ShadowCounts counted{.strategy = "sequential", .version = second->version};
  counted.requests = 60;
  counted.overlap = 45;
  counted.answer_us = 600;
  counted.present_us = 1200;
  ShadowCounts other = counted;
  other.version = first->version;
  ASSERT_TRUE(tend_shadows(*store_, clock_, site_, std::array{counted, other}, rule));
  EXPECT_EQ(count("status = 'validating' and (metrics -> 'shadow' ->> 'requests') = '60' and "
                  "cast(metrics -> 'shadow' ->> 'overlap_10' as double) = 0.75 and "
                  "cast(metrics -> 'shadow' ->> 'answer_us' as double) = 10"),
            1);
  ASSERT_TRUE(tend_shadows(*store_, clock_, site_, std::array{counted}, rule));
  EXPECT_EQ((*active_model(*session_, site_))->version, second->version);
  EXPECT_TRUE(shadow_models(*session_, site_)->empty());
  EXPECT_EQ((*rollback_model(*store_, clock_, site_)).version, first->version);
}

TEST_F(TrainTest, AModelInTheShadowTakesOverByTimeOrByHandOrGivesWay) {
  add_visits(200, true, site_);
  options_.shadow = true;
  const auto train = [&] {
    clock_.advance_ms(1000);
    return train_site(*store_, clock_, options_)->version;
  };
  train();
  const std::string given_up = train();
  const std::string by_time = train();
  EXPECT_EQ(count("status = 'archived' and version = '" + given_up + "'"), 1);
  EXPECT_EQ(count("status = 'validating'"), 1);
  ASSERT_TRUE(tend_shadows(*store_, clock_, site_, {}, {.ms = kHourMs}));
  EXPECT_NE((*active_model(*session_, site_))->version, by_time);
  clock_.advance_ms(kHourMs);
  ASSERT_TRUE(tend_shadows(*store_, clock_, site_, {}, {.ms = kHourMs}));
  EXPECT_EQ((*active_model(*session_, site_))->version, by_time);
  const std::string by_hand = train();
  ASSERT_TRUE(promote_model(*store_, clock_, site_, "sequential", by_hand));
  EXPECT_TRUE(shadow_models(*session_, site_)->empty());
  // What a killed training left is no model in the shadow, and the next training forgets it.
  const std::string left = train();
  ASSERT_TRUE(session_->execute(
      "learn/model_metrics",
      std::array{store::Value(site_), store::Value(std::string("sequential")), store::Value(left),
                 store::Value(store::Json{"{}"})}));
  EXPECT_TRUE(shadow_models(*session_, site_)->empty());
  train();
  EXPECT_EQ(count("version = '" + left + "'"), 0);
}

TEST_F(TrainTest, ABlendWithoutItsProgramSaysSo) {
  add_visits(100, true, site_);
  options_.neural_program = "/nowhere/attune-neural";
  const auto trained = train_strategies(*store_, clock_, options_, {"blend"});
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(trained.error().message(), HasSubstr("the blend need the program attune-neural"));
  EXPECT_EQ(count("true"), 0);
}

#ifdef ATTUNE_NEURAL
TEST_F(TrainTest, ABlendIsTrainedByItsProgramAndServes) {
  add_visits(600, true, site_);
  options_.neural_program = ATTUNE_NEURAL;
  const auto trained = train_strategies(*store_, clock_, options_, {"blend"});
  ASSERT_TRUE(trained) << trained.error().message();
  EXPECT_TRUE(trained->trained.front().promoted) << trained->trained.front().verdict;
  const auto active = active_model(*session_, site_, "blend");
  ASSERT_TRUE(active && *active);
  const auto model = load_site_model(real_file_system(), (*active)->artefact_path);
  ASSERT_TRUE(model) << model.error().message();
  Scratch scratch;
  const ItemIndex visit[] = {3, 4};
  EXPECT_EQ((*model)->model->recommend(visit, {}, scratch).front().item, 5U);
  clock_.advance_ms(1000);
  const auto all = train_strategies(*store_, clock_, options_, {});  // what serves is kept fresh
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(all->trained.back().strategy, "blend");
  EXPECT_NE((*active_model(*session_, site_, "blend"))->version, (*active)->version);
}
#endif

TEST_F(TrainTest, AFileOfAnotherModelIsNotPromoted) {
  add_visits(300, true, site_);
  const auto first = train_site(*store_, clock_, options_);
  clock_.advance_ms(kHourMs);
  const auto second = train_site(*store_, clock_, options_);
  ASSERT_TRUE(first && second && second->promoted);
  const auto path = [&](const std::string& version) {
    return folder_ / fmt::format("models/{}/sequential-{}.model", site_.text(), version);
  };
  std::filesystem::copy_file(path(second->version), path(first->version),
                             std::filesystem::copy_options::overwrite_existing);
  const auto promoted = promote_model(*store_, clock_, site_, "sequential", first->version);
  ASSERT_FALSE(promoted);
  EXPECT_EQ(promoted.error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ((*active_model(*session_, site_))->version, second->version);
}

TEST_F(TrainTest, WhatAKilledTrainingLeftIsClearedAway) {
  add_visits(300, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  ASSERT_TRUE(begin_training(*session_, site_, "sequential", "blend", kNowMs));
  EXPECT_EQ(count("status = 'training'"), 1);
  const std::string folder = folder_ / ("models/" + site_.text());
  std::ofstream(folder + "/export-1.tmp") << "half";
  std::ofstream(folder + "/sequential-20260101-000000-12345678.model") << "nobody's";
  clock_.advance_ms(kHourMs);
  ASSERT_TRUE(train_site(*store_, clock_, options_));
  EXPECT_EQ(files_of_site().size(), 2U);
  EXPECT_EQ(count("status in ('training', 'validating')"), 0);
}

TEST_F(TrainTest, OldArtefactsAreRemovedAndNoted) {
  add_visits(120, true, site_);
  for (int i = 0; i < 13; ++i) {
    clock_.advance_ms(kHourMs);
    ASSERT_TRUE(train_site(*store_, clock_, options_));
  }
  EXPECT_EQ(files_of_site().size(), 11U);  // ten archived ones and the one in production
  EXPECT_EQ(count("artifact_path is null"), 2);
  EXPECT_EQ(count("true"), 13);
}

TEST_F(TrainTest, ASiteWithoutVisitsGetsAClearError) {
  auto report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::failed_precondition);
  EXPECT_THAT(report.error().message(), HasSubstr("0 visits"));
  add({{"one", "a", kNowMs - 5}, {"one", "a", kNowMs - 4, "CART_ADD"}, {"two", "b", kNowMs - 3}},
      site_);
  report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report) << "visits with one item teach nothing";
  EXPECT_EQ(count("true"), 0);
}

TEST_F(TrainTest, WithoutReturningPeopleTheVerdictSaysWhatWasJudged) {
  add_visits(300, true, site_);   // all of one person
  options_.params = *parse_params("ials:factors=8,epochs=2");
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(report->verdict, HasSubstr("MRR@20"));
  EXPECT_THAT(report->verdict, HasSubstr("people came back and 50 are needed"));
}

TEST_F(TrainTest, TooLittleHeldOutDataIsNotEnoughToPromote) {
  add_visits(6, true, site_);
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->promoted);
  EXPECT_THAT(report->verdict, HasSubstr("held-out"));
}

TEST_F(TrainTest, ABadWorkerChangesNothing) {
  add_visits(100, true, site_);
  const auto good = train_site(*store_, clock_, options_);
  ASSERT_TRUE(good && good->promoted);
  clock_.advance_ms(kHourMs);
  const auto expect_failure = [&](ErrorCode code, const char* hint) {
    const auto report = train_site(*store_, clock_, options_);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code(), code) << report.error().message();
    EXPECT_THAT(report.error().message(), HasSubstr(hint));
    EXPECT_EQ((*active_model(*session_, site_))->version, good->version);
    EXPECT_EQ(files_of_site().size(), 1U) << "nothing is left behind";
  };
  ::setenv("ATTUNE_TEST_WORKER", "crash", 1);
  expect_failure(ErrorCode::internal, "about to fall over");
  ::setenv("ATTUNE_TEST_WORKER", "garbage", 1);
  expect_failure(ErrorCode::internal, "nonsense");
  ::setenv("ATTUNE_TEST_WORKER", "sleep", 1);
  options_.worker_seconds_max = 0;
  expect_failure(ErrorCode::resource_exhausted, "longer than");
  options_.worker_seconds_max = 600;
  options_.stop_requested = [] { return true; };
  expect_failure(ErrorCode::failed_precondition, "asked to stop");
  options_.worker_program = "/nowhere/attune";
  options_.stop_requested = nullptr;
  expect_failure(ErrorCode::unavailable, "/nowhere/attune");
}

#ifndef ATTUNE_SANITIZED
TEST_F(TrainTest, AWorkerOutOfMemorySaysSo) {
  add_visits(2000, true, site_);
  options_.worker_memory_bytes_max = 1 << 20;
  const auto report = train_site(*store_, clock_, options_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::resource_exhausted) << report.error().message();
}
#endif

TEST_F(TrainTest, SiteDataHasCatalogueVisitsAndPurchases) {
  const auto sql = session_->query_text("select 1");
  ASSERT_TRUE(sql);
  const std::int64_t hour = kNowMs / kHourMs * kHourMs;
  add({{"s1", "mug", hour - 1000, "VIEW", "ann"},
       {"s1", "mug", hour - 900, "CART_ADD", "ann"},
       {"s2", "mug", hour - 800, "VIEW", "bob"},
       {"s2", "mug", hour - 700, "PURCHASE", "bob"},
       {"s3", "hat", hour - 30 * kHourMs, "VIEW", "cy"},
       {"s3", "hat", hour + 5, "REMOVE_CART", "cy"},
       {"s4", "mug", hour + 10, "VIEW", "dan"}},
      site_);
  const auto data = load_site_data(*session_, site_, kNowMs);
  ASSERT_TRUE(data) << data.error().message();
  EXPECT_EQ(data->counted_until_ms, hour) << "the hour of the newest interaction is not counted";
  std::map<std::string, ItemVisits> visits;
  for (const ItemVisits& each : data->visits) visits[each.item_id] = each;
  EXPECT_EQ(visits["mug"].week, 2U);
  EXPECT_DOUBLE_EQ(visits["mug"].decayed, 2) << "the day has not ended";
  EXPECT_EQ(visits["hat"].week, 1U);
  const double age_days = static_cast<double>(hour % (24 * kHourMs)) / (24.0 * kHourMs);
  EXPECT_NEAR(visits["hat"].decayed, std::exp2(-age_days / 7), 1e-9) << "yesterday, by its end";
  ASSERT_EQ(data->purchases.size(), 1U);
  EXPECT_EQ(data->purchases[0].item_id, "mug");
  EXPECT_EQ(data->purchases[0].user_id, stable_id(site_.text(), "bob"));
  ASSERT_EQ(data->histories.size(), 4U) << "who was seen last comes first";
  EXPECT_EQ(data->histories[0].user_id, stable_id(site_.text(), "dan"));
  EXPECT_EQ(data->histories[3].user_id, stable_id(site_.text(), "cy"));
  ASSERT_EQ(data->histories[3].items.size(), 1U) << "what was taken back is none";
  EXPECT_EQ(data->history_item_ids[data->histories[3].items[0]], "hat");
  EXPECT_EQ(data->histories[1].items.size(), 1U) << "each item once";
  const auto few = load_site_data(*session_, site_, kNowMs, {.history_people_max = 2});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->histories.size(), 2U);
  const auto none = load_site_data(*session_, other_site_, kNowMs);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->visits.empty() && none->purchases.empty() && none->products.empty());
}

TEST(HeldOutTest, HoldsOutTheLastDaysOrAFifth) {
  const SessionLog short_log = random_log({.visits = 100});  // less than a day
  const HeldOut fifth = measure_held_out({short_log, {}}, published_params());
  EXPECT_EQ(fifth.from_ms, short_log.end_ms(80));
  const SessionLog long_log = random_log({.visits = 2000});  // ten minutes apart: 14 days
  const HeldOut day = measure_held_out({long_log, {}}, published_params());
  EXPECT_NEAR(static_cast<double>(long_log.end_ms(1999) - day.from_ms), 86'400'000.0, 600'000.0);
  EXPECT_GE(day.predictions, 200U);
  EXPECT_EQ(measure_held_out({slice(short_log, 0, 1), {}}, published_params()).predictions, 0U);
}

TEST(WorkerProtocolTest, ResultsComeBackExactly) {
  WorkerResult result{"v1", "stan", {}};
  result.held_out.model.mrr = 1.0 / 3;
  result.held_out.predictions = 12345678901;
  result.held_out.mrr_gain = {-0.1, 1e-17};
  const auto again = parse_result_line(to_line(result));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->held_out.model.mrr, 1.0 / 3);
  EXPECT_EQ(again->held_out.predictions, 12345678901U);
  EXPECT_EQ(again->held_out.mrr_gain.high, 1e-17);
  EXPECT_FALSE(parse_result_line("result v1 stan 0.5"));
}

TEST(ChildProcessTest, HearsLinesAndTheEnd) {
  std::vector<std::string> lines;
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", "echo one; echo two; echo sorry >&2; exit 3"};
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  const auto ended = run_child(options);
  ASSERT_TRUE(ended);
  EXPECT_THAT(lines, testing::ElementsAre("one", "two"));
  EXPECT_EQ(ended->code, 3);
  EXPECT_EQ(ended->error_text, "sorry\n");
}

TEST(ChildProcessTest, PassesOnNoDescriptors) {
  TestFolder folder;
  std::ofstream held(folder / "held");
  std::string count;
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", "ls /proc/self/fd | wc -l"};
  options.on_line = [&](std::string_view line) { count = line; };
  ASSERT_TRUE(run_child(options));
  EXPECT_EQ(count, "4");  // three standard ones, and the folder that ls reads
}

}  // namespace
}  // namespace attune::learn
