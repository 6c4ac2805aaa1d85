// Statistics in by file, recommendations out, and what became of them: on both engines.
#include "campaign/advice_store.h"

#include <fmt/format.h>

#include "account_fixture.h"

namespace attune::campaign {
namespace {

using testing::HasSubstr;

class AdviceStoreTest : public AccountFixture {
 protected:
  Desk desk() { return {accounts_store_, *session_, ours_, clock_.now_ms()}; }
  Uuid add_campaign(const std::string& name, const std::string& platform) {
    return id_of(must(accounts_store_.create(
        *session_, table("campaigns"), ours_,
        set(table("campaigns"), {{"name", name}, {"objective", std::string("Sales")},
                                 {"platform", platform}, {"currency", std::string("EUR")}}))));
  }
  std::vector<Row> proposals(const std::string& status) {
    std::vector<Row> found;
    const Table& t = table("campaign_recommendations");
    for (const Row& row : account_rows(t.name, ours_)) {
      if (at(t, row, "implementation_status") == Value(status)) found.push_back(row);
    }
    return found;
  }
};

TEST_P(AdviceStoreTest, StoresAFileWholeOrNotAtAll) {
  add_campaign("spring", "Instagram");
  const std::string header = "campaign,day,impressions,clicks,revenue,currency\n";
  const StatsImport bad = must(import_stats(
      desk(), header + "spring,2026-01-05,10,1,2.5,EUR\nautumn,2026-01-05,10,1,2.5,EUR\n"
                       "spring,2026-02-30,10,1,,\nspring,2026-01-06,1,2,,\n"
                       "spring,2026-01-07,10,1,-3,\nspring,2026-01-08,10,1,1,USD\n"
                       "spring,2026-01-05,10,1,2.5,EUR\nspring,2026-01-09\n"));
  EXPECT_EQ(bad.rows, 0);
  std::vector<std::string> all;
  for (const LineError& each : bad.errors) {
    all.push_back(std::to_string(each.line) + " " + each.message);
  }
  EXPECT_THAT(all, testing::ElementsAre(
                       HasSubstr("3 the account has no campaign \"autumn\""),
                       HasSubstr("4 day must be"), HasSubstr("5 clicks are more"),
                       HasSubstr("6 revenue must be"), HasSubstr("7 the currency is USD"),
                       HasSubstr("8 another row"), HasSubstr("9 has 2 values")));
  EXPECT_TRUE(account_rows("campaign_stats_daily", ours_).empty());
  EXPECT_EQ(must(import_stats(desk(), header + "spring,2026-01-05,10,1,2.5,EUR\r\n")).rows, 1);
  // The same row again replaces it.
  EXPECT_EQ(must(import_stats(desk(), header + "spring,2026-01-05,20,3,4,EUR\n")).rows, 1);
  const auto rows = account_rows("campaign_stats_daily", ours_);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(at(table("campaign_stats_daily"), rows[0], "clicks"), Value{std::int64_t{3}});
  for (const char* wrong : {"", "campaign,day,clicks\n", "campaign,day,impressions,clicks,x\n",
                            "campaign,day,day,impressions,clicks\n"}) {
    const auto refused = import_stats(desk(), wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
  }
}

TEST_P(AdviceStoreTest, StoresManyRowsInOneTransaction) {
  add_campaign("spring", "Instagram");
  add_campaign("autumn", "Facebook");
  const auto file = [](int clicks) {
    std::string csv = "campaign,day,platform,audience,impressions,clicks\n";
    for (int day = 0; day < 14; ++day) {
      for (const char* place : {"a", "b", ""}) {
        for (const char* name : {"spring", "autumn"}) {
          csv += fmt::format("{},2026-02-{:02},{},{},100,{}\n", name, day + 1, place, place,
                             clicks);
        }
      }
    }
    return csv;
  };
  EXPECT_EQ(must(import_stats(desk(), file(1))).rows, 84);
  // All of them again, and one more; the other account's rows are not in the way.
  EXPECT_EQ(must(import_stats(desk(), file(2) + "spring,2026-03-01,a,a,100,2\n")).rows, 85);
  const Table& t = table("campaign_stats_daily");
  const auto rows = account_rows(t.name, ours_);
  ASSERT_EQ(rows.size(), 85U);
  for (const Row& row : rows) EXPECT_EQ(at(t, row, "clicks"), Value{std::int64_t{2}});
  // What the table would refuse is refused before anything is stored.
  const StatsImport bad = must(import_stats(
      desk(), file(3) + "spring,2026-03-02," + std::string(60, 'x') + ",,100,3\n"));
  ASSERT_EQ(bad.errors.size(), 1U);
  EXPECT_EQ(bad.errors[0].line, 86U);
  EXPECT_THAT(bad.errors[0].message, HasSubstr("platform"));
  EXPECT_EQ(at(t, account_rows(t.name, ours_)[0], "clicks"), Value{std::int64_t{2}});
}

TEST_P(AdviceStoreTest, StoresMoreRowsThanAStatementTakes) {
  add_campaign("spring", "Instagram");
  add_campaign("autumn", "Facebook");
  // The audience begins with a quote, a backslash and a letter of two bytes: it arrives as it is.
  const auto file = [](int clicks, double revenue) {
    std::string csv = "campaign,day,audience,impressions,clicks,revenue,spend\n";
    for (int day = 0; day < 28; ++day) {
      for (int audience = 0; audience < 100; ++audience) {
        for (const char* name : {"spring", "autumn"}) {
          csv += fmt::format("{},2026-02-{:02},\"\"\"\\é{}\",100,{},{},0.00006\n", name, day + 1,
                             audience, clicks, revenue);
        }
      }
    }
    return csv;
  };
  const auto sums = [&] {
    return must(session_->query_text(
                    "select count(*), count(distinct id), cast(sum(clicks) as bigint), "
                    "cast(sum(revenue) as double precision), cast(sum(spend) as double precision), "
                    "count(case when audience = '\"\\é7' then 1 end), "
                    "count(case when updated_at > created_at then 1 end) "
                    "from campaign_stats_daily"))
        .rows.at(0);
  };
  const auto all = [](std::int64_t clicks, double revenue, std::int64_t changed) {
    return std::vector<Value>{std::int64_t{5600}, std::int64_t{5600}, clicks, revenue, 0.56,
                              std::int64_t{56}, changed};
  };
  EXPECT_EQ(must(import_stats(desk(), file(1, 0.12348))).rows, 5600);
  EXPECT_EQ(sums(), all(5600, 691.6, 0));   // money has four digits
  clock_.advance_ms(1000);
  EXPECT_EQ(must(import_stats(desk(), file(2, 3.5))).rows, 5600);
  EXPECT_EQ(sums(), all(11200, 19600, 5600));
}

TEST_P(AdviceStoreTest, ProposesAndMeasures) {
  EXPECT_EQ(propose_campaigns(desk(), {}).error().code(), ErrorCode::failed_precondition);
  make(table("meta_user_profiles"), ours_);
  EXPECT_EQ(must(propose_campaigns(desk(), {})), 0);
  std::string csv = "campaign,day,impressions,clicks,conversions,revenue,spend\n";
  for (int i = 0; i < 12; ++i) {
    const bool is_good = i % 2 == 0;
    add_campaign("c" + std::to_string(i), is_good ? "Instagram" : "Facebook");
    csv += "c" + std::to_string(i) + (is_good ? ",2026-01-05,10000,300,30,900,300\n"
                                              : ",2026-01-05,10000,100,5,150,300\n");
  }
  ASSERT_EQ(must(import_stats(desk(), csv)).rows, 12);
  EXPECT_EQ(must(propose_campaigns(desk(), {})), 2);
  clock_.advance_ms(1000);
  EXPECT_EQ(must(propose_campaigns(desk(), {})), 2);
  EXPECT_EQ(proposals("expired").size(), 2U);
  const Table& t = table("campaign_recommendations");
  const auto rows = proposals("proposed");
  ASSERT_EQ(rows.size(), 2U);
  const Row& best = at(t, rows[0], "name") == Value(std::string("Sales, Instagram")) ? rows[0]
                                                                                     : rows[1];
  EXPECT_EQ(at(t, best, "name"), Value(std::string("Sales, Instagram")));
  EXPECT_GT(std::get<double>(at(t, best, "confidence_score")), 0.8);
  EXPECT_EQ(at(t, best, "n"), Value(std::int64_t{6}));
  EXPECT_EQ(at(t, best, "basis"), Value(std::string("tenant_history")));
  EXPECT_THAT(std::get<std::string>(at(t, best, "reasoning")), HasSubstr("6 past campaign(s)"));
  // It is followed, and its campaign does as those before.
  const Uuid campaign = add_campaign("followed", "Instagram");
  must(accounts_store_.update(*session_, t, ours_, id_of(best),
                              set(t, {{"implementation_status", std::string("implemented")},
                                      {"implemented_campaign_id", campaign}})));
  EXPECT_EQ(must(note_actuals(desk())), 0);
  must(import_stats(desk(), "campaign,day,impressions,clicks,conversions,revenue,spend\n"
                            "followed,2026-02-05,10000,300,30,900,300\n"));
  EXPECT_EQ(must(note_actuals(desk())), 1);
  const Calibration made = must(calibration_of(desk()));
  EXPECT_EQ(made.ctr.count, 1);
  EXPECT_EQ(made.ctr.held, 1);
  EXPECT_EQ(made.roi.held, 1);
  EXPECT_EQ(made.judged, 1);
  EXPECT_LT(made.brier, 0.1);
}

TEST_P(AdviceStoreTest, AReturnIsMeasuredByTheMarginAndTargetOfItsPrediction) {
  make(table("meta_user_profiles"), ours_);
  const std::string header = "campaign,day,impressions,clicks,conversions,revenue,spend\n";
  std::string csv = header;
  for (int i = 0; i < 8; ++i) {
    add_campaign("c" + std::to_string(i), "Instagram");
    csv += "c" + std::to_string(i) + ",2026-01-05,100000,3000,300,9000,3000\n";
  }
  must(import_stats(desk(), csv));
  // 9000 of revenue earns 3600 for 3000 of spend: a return of 0.2, far below the target.
  ASSERT_EQ(must(propose_campaigns(desk(), {.margin = 0.4, .roi_target = 2})), 1);
  const Table& t = table("campaign_recommendations");
  const Row made = proposals("proposed").at(0);
  EXPECT_LT(std::get<double>(at(t, made, "confidence_score")), 0.2);
  const Uuid campaign = add_campaign("followed", "Instagram");
  must(accounts_store_.update(*session_, t, ours_, id_of(made),
                              set(t, {{"implementation_status", std::string("implemented")},
                                      {"implemented_campaign_id", campaign}})));
  must(import_stats(desk(), header + "followed,2026-02-05,100000,3000,300,9000,3000\n"));
  ASSERT_EQ(must(note_actuals(desk())), 1);
  const Row measured = proposals("implemented").at(0);
  EXPECT_NEAR(std::get<double>(at(t, measured, "actual_roi")), 0.2, 1e-9);
  const Calibration calibration = must(calibration_of(desk()));
  EXPECT_EQ(calibration.roi.held, 1);
  EXPECT_LT(calibration.brier, 0.05);   // it was said not to reach the target, and did not
}

TEST_P(AdviceStoreTest, EngagementsArePredictedWhereAPlatformTellsThem) {
  make(table("meta_user_profiles"), ours_);
  const std::string header = "campaign,day,impressions,clicks,engagements\n";
  std::string csv = header;
  for (int i = 0; i < 8; ++i) {
    add_campaign("c" + std::to_string(i), "Instagram");
    csv += "c" + std::to_string(i) + ",2026-01-05,20000,300," + std::to_string(980 + 5 * i) + "\n";
  }
  add_campaign("silent", "Instagram");
  must(import_stats(desk(), csv + "silent,2026-01-05,20000,300,\n"));
  ASSERT_EQ(must(propose_campaigns(desk(), {})), 1);
  const Table& t = table("campaign_recommendations");
  const Row made = proposals("proposed").at(0);
  // The one that tells none counts for nothing, not for none.
  EXPECT_NEAR(std::get<double>(at(t, made, "predicted_engagement")), 0.05, 0.002);
  const Uuid campaign = add_campaign("followed", "Instagram");
  must(accounts_store_.update(*session_, t, ours_, id_of(made),
                              set(t, {{"implementation_status", std::string("implemented")},
                                      {"implemented_campaign_id", campaign}})));
  must(import_stats(desk(), header + "followed,2026-02-05,20000,300,1000\n"));
  ASSERT_EQ(must(note_actuals(desk())), 1);
  EXPECT_EQ(at(t, proposals("implemented").at(0), "actual_engagement"), Value(0.05));
  const Calibration calibration = must(calibration_of(desk()));
  EXPECT_EQ(calibration.engagement.count, 1);
  EXPECT_EQ(calibration.engagement.held, 1);
  // A second file changes the rows of the first, to unknown too.
  must(import_stats(desk(), header + "followed,2026-02-05,20000,300,\n"));
  EXPECT_EQ(must(note_actuals(desk())), 1);
  const StatsImport bad = must(import_stats(desk(), header + "c0,2026-03-05,10,1,2.5\n"));
  ASSERT_EQ(bad.errors.size(), 1U);
  EXPECT_THAT(bad.errors[0].message, HasSubstr("engagements must be a whole number"));
}

TEST_P(AdviceStoreTest, TheClockAsksAgainAsItWasAsked) {
  make(table("meta_user_profiles"), ours_);
  const std::string header = "campaign,day,impressions,clicks,conversions,revenue,spend\n";
  std::string csv = header;
  for (int i = 0; i < 8; ++i) {
    add_campaign("c" + std::to_string(i), i % 2 == 0 ? "Instagram" : "Facebook");
    csv += "c" + std::to_string(i) + ",2026-01-05,10000,300,30,900,300\n";
  }
  must(import_stats(desk(), csv));
  // Nobody asked for proposals: there are none to renew.
  AdviceRefresh made = must(refresh_advice(desk()));
  EXPECT_EQ(made.proposed, 0);
  EXPECT_TRUE(account_rows("campaign_recommendations", ours_).empty());
  clock_.advance_ms(1000);
  must(propose_campaigns(desk(), {.margin = 0.25, .most = 1}));
  const Table& t = table("campaign_recommendations");
  const Row first = proposals("proposed").at(0);
  // No new numbers: what was proposed stays.
  clock_.advance_ms(1000);
  EXPECT_EQ(must(refresh_advice(desk())).proposed, 0);
  EXPECT_EQ(id_of(proposals("proposed").at(0)), id_of(first));
  const Uuid campaign = add_campaign("followed", "Instagram");
  must(accounts_store_.update(*session_, t, ours_, id_of(first),
                              set(t, {{"implementation_status", std::string("implemented")},
                                      {"implemented_campaign_id", campaign}})));
  must(import_stats(desk(), header + "followed,2026-02-05,10000,200,20,600,300\n"));
  clock_.advance_ms(1000);
  made = must(refresh_advice(desk()));
  EXPECT_EQ(made.measured, 1);
  EXPECT_EQ(made.proposed, 1);
  EXPECT_EQ(at(t, proposals("implemented").at(0), "actual_ctr"), Value(0.02));
  // With the margin of the first time: 3 x 0.25 earned by one spent, less 1.
  const Row next = proposals("proposed").at(0);
  EXPECT_LT(std::get<double>(at(t, next, "predicted_roi")), 0);
  // Again, and nothing is written.
  const Value updated = proposals("implemented").at(0).back();
  clock_.advance_ms(1000);
  made = must(refresh_advice(desk()));
  EXPECT_EQ(made.measured, 1);
  EXPECT_EQ(made.proposed, 0);
  EXPECT_EQ(proposals("implemented").at(0).back(), updated);
}

INSTANTIATE_TEST_SUITE_P(Engines, AdviceStoreTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
