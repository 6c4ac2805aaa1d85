// Profiles and feature vectors by their definitions, on both engines, from the same rows.
#include "profile/refresh.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "migration/engines.h"
#include "profile/calibrate.h"

namespace attune::profile {
namespace {

using store::Engine;
using store::must;

// 2026-06-30T12:00:00Z
constexpr std::int64_t kNowMs = 1'782'820'800'000;

constexpr const char* kRows = R"(
insert into website (website_id, site_id, domain, name) values
  (SITE, SITE, 'a.example', 'A');
insert into users (id, site_id, external_id, is_known) values
  (11, SITE, 'anna', true),
  (12, SITE, 'v-bob', false);
insert into product (id, site_id, external_id, category, brand, price) values
  (21, SITE, 'tea', 'drinks', 'Leaf', 5),
  (22, SITE, 'coffee', 'drinks', 'Bean', 15),
  (23, SITE, 'book', 'books', 'Page', 20);
insert into user_product_interactions
  (id, user_id, product_id, interaction_type, timestamp, context, reward, site_id, item_id, price)
values
  (1, 11, 21, 'VIEW', '2026-06-29 13:00:00Z', '{"device_type": "mobile"}', 0.1,
    SITE, 'tea', null),
  (2, 11, 21, 'CART_ADD', '2026-06-29 13:01:00Z', '{"device_type": "mobile"}', 2,
    SITE, 'tea', null),
  (3, 11, 21, 'PURCHASE', '2026-06-29 13:02:00Z', '{"device_type": "mobile"}', 10,
    SITE, 'tea', 4),
  (4, 11, 23, 'VIEW', '2026-04-01 07:00:00Z', null, 0.1,
    SITE, 'book', null),
  (5, 11, 21, 'VIEW', '2026-06-29 12:50:00Z', '{"device_type": "mobile"}', 0.1,
    SITE, 'tea', null),
  (6, 11, 21, 'VIEW', '2026-06-29 12:40:00Z', '{"device_type": "mobile"}', 0.1,
    SITE, 'tea', null),
  (7, 12, 22, 'VIEW', '2026-03-01 10:00:00Z', null, 0.1,
    SITE, 'coffee', null);
insert into orders
  (id, site_id, order_id, session_id, visitor_id, user_id, order_timestamp, revenue)
values (3, SITE, 'o1', 's1', 'v1', 'anna', '2026-06-29 13:02:00Z', 9.5);
insert into user_events
  (id, session_id, visitor_id, site_id, event_type, event_timestamp, page_path, scroll_percentage)
values
  (31, 's1', 'v1', SITE, 'scroll', '2026-06-29 13:00:10Z', '/tea', 50),
  (32, 's1', 'v1', SITE, 'scroll', '2026-06-29 13:00:20Z', '/tea', 100),
  (33, 's1', 'v1', SITE, 'scroll', '2026-06-29 13:00:30Z', '/', 20);
)";

constexpr const char* kPostgresVisits = R"(
insert into user_sessions (session_id, visitor_id, site_id, session_start, session_end,
  duration_seconds, pageview_count, event_count, bounce, session_key, last_event_at, device_type,
  country, user_id)
values
  ('s1', 'v1', SITE, '2026-06-29 12:40:00Z', null, 1320, 3, 5,
    false, 1, '2026-06-29 13:02:00Z', 'mobile', 'NL', 'anna'),
  ('s0', 'v1', SITE, '2026-04-01 07:00:00Z',
    '2026-04-01 07:00:00Z', 0, 1, 0, true, 2, '2026-04-01 07:00:00Z', 'desktop', 'NL', 'anna'),
  ('s2', 'v-bob', SITE, '2026-03-01 10:00:00Z',
    '2026-03-01 10:00:00Z', 0, 1, 0, true, 3, '2026-03-01 10:00:00Z', 'unknown', null, null);
insert into pageviews (id, session_id, visitor_id, site_id, url, path, view_timestamp,
  time_on_page_seconds, session_key)
values
  (41, 's1', 'v1', SITE, 'u', '/', '2026-06-29 12:40:00Z', 30, 1),
  (42, 's1', 'v1', SITE, 'u', '/tea', '2026-06-29 13:00:00Z', 61, 1);
)";

// The same visits in the tables behind DuckDB's views.
constexpr const char* kDuckdbVisits = R"(
insert into user_sessions_cold (session_id, visitor_id, site_id, session_start, pageview_count,
  event_count, engaged_count, session_key, last_event_at, device_type, country, user_id, stream,
  referrer_type, lead_at, lead_position, last_position)
values
  ('s1', 'v1', SITE, '2026-06-29 12:40:00Z', 3, 5, 1, 1,
    '2026-06-29 13:02:00Z', 'mobile', 'NL', 'anna', 0, 'direct', '2026-06-29 12:40:00Z', 1, 1),
  ('s0', 'v1', SITE, '2026-04-01 07:00:00Z', 1, 0, 0, 2,
    '2026-04-01 07:00:00Z', 'desktop', 'NL', 'anna', 0, 'direct', '2026-04-01 07:00:00Z', 2, 2),
  ('s2', 'v-bob', SITE, '2026-03-01 10:00:00Z', 1, 0, 0, 3,
    '2026-03-01 10:00:00Z', 'unknown', null, null, 0, 'direct', '2026-03-01 10:00:00Z', 3, 3);
insert into pageviews_cold (id, session_id, visitor_id, site_id, url, path, view_timestamp,
  time_on_page_seconds, session_key, internal_referrer)
values
  (41, 's1', 'v1', SITE, 'u', '/', '2026-06-29 12:40:00Z', 30, 1,
    false),
  (42, 's1', 'v1', SITE, 'u', '/tea', '2026-06-29 13:00:00Z', 61,
    1, false);
)";

// Bob buys what is dear in its category.
constexpr const char* kPurchases = R"(
insert into user_product_interactions
  (id, user_id, product_id, interaction_type, timestamp, context, reward, site_id, item_id, price)
values
  (51, 12, 22, 'VIEW', '2026-03-01 10:01:00Z', null, 0.1, SITE, 'coffee', null),
  (52, 12, 22, 'VIEW', '2026-03-01 10:02:00Z', null, 0.1, SITE, 'coffee', null),
  (53, 12, 22, 'VIEW', '2026-03-01 10:03:00Z', null, 0.1, SITE, 'coffee', null),
  (54, 12, 22, 'PURCHASE', '2026-03-01 10:04:00Z', null, 10, SITE, 'coffee', 15);
)";

constexpr const char* kDiscounts = R"(
insert into user_product_interactions
  (id, user_id, product_id, interaction_type, timestamp, context, reward, site_id, item_id, price)
values
  (55, 12, 22, 'PURCHASE', '2026-03-01 10:05:00Z', null, 10, SITE, 'coffee', 14),
  (56, 12, 22, 'PURCHASE', '2026-03-01 10:06:00Z', null, 10, SITE, 'coffee', 14),
  (57, 12, 22, 'PURCHASE', '2026-03-01 10:07:00Z', null, 10, SITE, 'coffee', 14);
)";

constexpr const char* kProfiles = R"(
select
  user_id, lifecycle_stage, funnel_position, session_count, total_pageviews, total_events,
  total_purchases, cast(total_revenue as text), avg_session_duration, avg_time_on_page,
  avg_scroll_depth, cast(bounce_rate as text), replace(cast(favorite_categories as text), ' ', ''),
  replace(cast(favorite_products as text), ' ', ''), price_sensitivity,
  replace(cast(preferred_brands as text), ' ', ''), device_preference, created_at = updated_at
from user_profiles
order by user_id
)";

constexpr const char* kStages = R"(
select
  sessions.person,
  count(distinct
    floor(extract(epoch from (sessions.session_start - sessions.first_visit)) / 86400)),
  cast(max(floor(extract(epoch from (sessions.session_start - sessions.first_visit)) / 86400))
    as double precision),
  max(profiles.lifecycle_stage)
from (
  select
    visitor_id as person,
    session_start,
    min(session_start) over (partition by visitor_id) as first_visit
  from user_sessions
) as sessions
inner join user_profiles as profiles on profiles.user_id = sessions.person
where sessions.person like 'p%'
group by sessions.person
order by sessions.person
)";

/// Visits of 600 people who began 100 days ago, come at a rate of their own, and leave some day.
std::string visits_of_many(bool duckdb) {
  std::mt19937_64 random(11);
  std::string rows;
  int key = 1000;
  for (int person = 0; person < 600; ++person) {
    std::exponential_distribution<> wait(std::gamma_distribution<>(0.8, 0.2)(random) + 1e-9);
    for (double day = 0; day < 100; day += wait(random)) {
      const auto at_ms = kNowMs - 100 * 86'400'000LL + static_cast<std::int64_t>(day * 86'400'000);
      rows += fmt::format("{}('p{}-{}', 'p{}', SITE, to_timestamp({}.0), 1, 0, {}, "
                          "to_timestamp({}.0){})",
                          rows.empty() ? "" : ",\n", person, key, person, at_ms / 1000, key,
                          at_ms / 1000, duckdb ? ", 'mobile', 0, 0, 'direct', now(), 1, 1" : "");
      ++key;
      if (std::bernoulli_distribution(0.3)(random)) break;
    }
  }
  return std::string(duckdb ? "insert into user_sessions_cold (session_id, visitor_id, site_id, "
                              "session_start, pageview_count, event_count, session_key, "
                              "last_event_at, device_type, engaged_count, stream, "
                              "referrer_type, lead_at, lead_position, last_position) values "
                            : "insert into user_sessions (session_id, visitor_id, site_id, "
                              "session_start, pageview_count, event_count, session_key, "
                              "last_event_at) values ") +
         rows + ";";
}

class RefreshTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !store::Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    const store::SqlCatalog own(GetParam());
    for (const auto& [path, file] : own.files()) files_.add(path, file.text);
    const bool duckdb = GetParam() == Engine::duckdb;
    files_.add("t/rows", for_site(kRows) + for_site(duckdb ? kDuckdbVisits : kPostgresVisits));
    files_.add("t/many", for_site(visits_of_many(duckdb)));
    files_.add("t/buy", for_site(kPurchases));
    files_.add("t/stages", kStages);
    files_.add("t/note", for_site("insert into etl_dirty_people (site_id, person, position) values "
                                  "(SITE, 'v-bob', 0), (SITE, 'anna', 7), (SITE, 'anna', 9), "
                                  "(SITE, 'anna', 0)"));
    files_.add("t/updated", "select user_id, session_count, created_at < updated_at "
                            "from user_profiles order by user_id");
    files_.add("t/left", "select (select count(*) from profile_scope), "
                         "(select count(*) from etl_dirty_people), "
                         "(select count(*) from user_context_features)");
    files_.add("t/discounts", for_site(kDiscounts));
    files_.add("t/profiles", kProfiles);
    const std::string at =
        duckdb ? "cast(json_extract(feature_vector, '$.feature_vector[' || n || ']') as double)"
               : "cast(feature_vector -> 'feature_vector' ->> n::int as double precision)";
    const std::string series =
        duckdb ? "range(50) as numbers (n)" : "generate_series(0, 49) as numbers (n)";
    files_.add("t/vector", "select " + at + " as value from user_context_features cross join " +
                               series + " where user_id = 11 order by n");
    files_.add("t/parts",
               "select feature_vector ->> 'purchase_history' as bought, "
               "feature_vector ->> 'engagement' as engaged, "
               "feature_vector ->> 'recency' as recent, feature_vector ->> 'demographics' as who "
               "from user_context_features where user_id = 11");
    files_.add("t/drawn", duckdb ? "select sequence_name from duckdb_sequences() "
                                   "where last_value is not null"
                                 : "select 'a sequence' where false");
    files_.add("t/leave", "delete from user_product_interactions where user_id = 12; "
                          "delete from users where id = 12");
    files_.add("t/leave_visits", duckdb ? "delete from user_sessions_cold where session_id = 's2'"
                                        : "delete from user_sessions where session_id = 's2'");
    store_ = store::Engines::fresh(files_.catalog());
    must(store_->migrate());
    session_ = must(store_->session());
    must(session_->execute("t/rows"));
  }

  std::string for_site(std::string rows) const {
    const std::string quoted = "'" + site_.text() + "'";
    for (std::size_t at = 0; (at = rows.find("SITE", at)) != std::string::npos;) {
      rows.replace(at, 4, quoted);
    }
    return rows;
  }
  store::Rows ask(std::string_view file) { return must(session_->query(file, {})); }

  const Uuid site_ = *Uuid::parse("00000000-0000-4000-8000-000000000001");
  store::TestFiles files_{GetParam()};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Session> session_;
};

std::string text_of(const store::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* json = std::get_if<store::Json>(&value)) return json->text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  return "-";
}

std::string line_of(const std::vector<store::Value>& row) {
  std::string line;
  for (const store::Value& value : row) line += text_of(value) + " ";
  return line;
}

TEST_P(RefreshTest, EveryColumnIsWhatItsDefinitionSays) {
  const Refreshed done = must(refresh(*session_, site_, kNowMs));
  EXPECT_EQ(done.profiles, 2);
  EXPECT_EQ(done.features, 2);
  const store::Rows rows = ask("t/profiles");
  ASSERT_EQ(rows.rows.size(), 2U);
  EXPECT_EQ(line_of(rows.rows[0]),
            "anna active retention 2 4 5 1 9.5000 660 46 60 0.5000 [\"drinks\",\"books\"] "
            "[\"tea\",\"book\"] high [\"Leaf\",\"Page\"] desktop yes ");
  EXPECT_EQ(line_of(rows.rows[1]),
            "v-bob churned consideration 1 1 0 0 0.0000 0 - - 1.0000 [\"drinks\"] [\"coffee\"] - "
            "[\"Bean\"] - yes ");
}

TEST_P(RefreshTest, TheVectorHasFiftyNumbersInTheirPlaces) {
  must(refresh(*session_, site_, kNowMs));
  const store::Rows rows = ask("t/vector");
  ASSERT_EQ(rows.rows.size(), 50U);
  const auto at = [&](std::size_t number) { return std::get<double>(rows.rows[number - 1][0]); };
  EXPECT_NEAR(at(1), 4.0 / 6, 1e-6) << "views";
  EXPECT_NEAR(at(3), 1.0 / 6, 1e-6) << "cart";
  EXPECT_NEAR(at(8), std::log(5.0) / std::log(1001.0), 1e-6) << "views, logarithmic";
  EXPECT_NEAR(at(15), std::log(4.0) / std::log(1001.0), 1e-6) << "views of 30 days";
  EXPECT_NEAR(at(23), 1.0 / 6, 1e-6) << "06 to 12";
  EXPECT_NEAR(at(24), 5.0 / 6, 1e-6) << "12 to 18";
  EXPECT_NEAR(at(26), 5.0 / 6, 1e-6) << "Mondays";
  EXPECT_NEAR(at(28), 1.0 / 6, 1e-6) << "Wednesdays";
  EXPECT_NEAR(at(33), 1.0, 1e-6) << "less than a day ago";
  EXPECT_NEAR(at(40), std::log(10.5) / std::log(100001.0), 1e-6) << "order value";
  EXPECT_NEAR(at(41), 5.0 / 6, 1e-6) << "mobile";
  EXPECT_NEAR(at(44), 2.0 / 6, 1e-6) << "products";
  EXPECT_NEAR(at(47), 1.0, 1e-6) << "bought of what was put into the cart";
  EXPECT_NEAR(at(48), 0.25, 1e-6) << "put into the cart of what was seen";
  EXPECT_NEAR(at(49), 12.4 / 60, 1e-6) << "reward";
  EXPECT_NEAR(at(50), 1.0, 1e-6);
  const store::Rows parts = ask("t/parts");
  std::string all = line_of(parts.rows.at(0));
  std::erase(all, ' ');
  const std::string favorites = R"("favorite_categories":["drinks","books"])";
  EXPECT_THAT(all, testing::AllOf(testing::HasSubstr("\"total_orders\":1"),
                                  testing::HasSubstr(favorites),
                                  testing::HasSubstr("\"views_count\":4"),
                                  testing::HasSubstr("\"last_purchase_days\":0"),
                                  testing::HasSubstr("\"location\":\"NL\"")));
}

// A statement of many rows that draws from a sequence is a danger on DuckDB: decision 0004.
TEST_P(RefreshTest, NoSequenceIsDrawnFrom) {
  must(refresh(*session_, site_, kNowMs));
  EXPECT_TRUE(ask("t/drawn").rows.empty());
}

TEST_P(RefreshTest, AgainReplacesAndForgetsWhoIsGone) {
  must(refresh(*session_, site_, kNowMs));
  must(session_->execute("t/leave"));
  must(session_->execute("t/leave_visits"));
  const Refreshed again = must(refresh(*session_, site_, kNowMs + 1000));
  EXPECT_EQ(again.profiles, 1);
  EXPECT_EQ(again.features, 1);
  const store::Rows rows = ask("t/profiles");
  EXPECT_EQ(std::get<bool>(rows.rows.at(0).back()), false) << "created before, updated now";
}

TEST_P(RefreshTest, TheStageFollowsFromThePersonsOwnRhythm) {
  must(session_->execute("t/many"));
  must(refresh(*session_, site_, kNowMs));
  const auto calibration = must(load_calibration(*session_, site_));
  ASSERT_TRUE(calibration && calibration->fit) << "600 people are enough";
  EXPECT_EQ(calibration->detail, "");
  EXPECT_EQ(calibration->people, 602);
  std::map<std::string, int> stages;
  for (const auto& row : ask("t/stages").rows) {
    const std::int64_t repeats = std::get<std::int64_t>(row[1]) - 1;
    const std::string& stage = std::get<std::string>(row[3]);
    ++stages[stage];
    if (repeats == 0) {
      EXPECT_EQ(stage, "churned") << "a single visit goes by its age: 100 days";
      continue;
    }
    const double alive = probability_alive(calibration->fit->parameters, repeats,
                                           std::get<double>(row[2]), 100);
    const double to_bound = std::min(std::abs(alive - 0.5), std::abs(alive - 0.2));
    if (to_bound < 1e-9) continue;   // the last digit decides
    EXPECT_EQ(stage, alive >= 0.5 ? "active" : alive >= 0.2 ? "at_risk" : "churned")
        << std::get<std::string>(row[0]) << ": " << alive;
  }
  EXPECT_GT(stages["active"], 20);
  EXPECT_GT(stages["at_risk"], 5);
  EXPECT_GT(stages["churned"], 100);
}

TEST_P(RefreshTest, TooFewPeopleGoByFixedAges) {
  must(refresh(*session_, site_, kNowMs));
  const auto calibration = must(load_calibration(*session_, site_));
  ASSERT_TRUE(calibration);
  EXPECT_FALSE(calibration->fit);
  EXPECT_EQ(calibration->people, 2);
  EXPECT_EQ(calibration->returning, 1);
  EXPECT_THAT(calibration->detail, testing::HasSubstr("too few people"));
}

TEST_P(RefreshTest, DearTastesAreNotPriceSensitiveUntilTheyWaitForDiscounts) {
  const auto sensitivity = [&] {
    must(refresh(*session_, site_, kNowMs));
    return text_of(ask("t/profiles").rows.at(1).at(14));
  };
  must(session_->execute("t/buy"));
  EXPECT_EQ(sensitivity(), "low") << "the dearer half of the category, at full price";
  must(session_->execute("t/discounts"));
  EXPECT_EQ(sensitivity(), "high") << "three of four purchases below the list price";
}

TEST_P(RefreshTest, GoesOnInPartsUntilAllAreDone) {
  must(session_->execute("t/many"));
  std::vector<std::int64_t> steps;
  const auto count = [&](std::int64_t done, std::int64_t all) {
    EXPECT_EQ(all, 602);
    steps.push_back(done);
    return true;
  };
  const Refreshed parts =
      must(refresh(*session_, site_, kNowMs, {.people_max = 250, .progress = count}));
  EXPECT_THAT(steps, testing::ElementsAre(250, 500, 602));
  EXPECT_EQ(parts.profiles, 602);
  EXPECT_EQ(line_of(ask("t/left").rows.at(0)), "0 0 2 ") << "the scope and the list are empty";
  const auto stop = [&](std::int64_t, std::int64_t) { return false; };
  must(refresh(*session_, site_, kNowMs, {.people_max = 250, .progress = stop}));
  EXPECT_EQ(line_of(ask("t/left").rows.at(0)), "0 352 2 ") << "the others stay noted";
}

TEST_P(RefreshTest, NotedPeopleAreComputedAndTheOthersStay) {
  must(refresh(*session_, site_, kNowMs));
  must(session_->execute("t/note"));
  must(session_->execute("t/leave_visits"));
  EXPECT_EQ(must(refresh_dirty(*session_, site_, kNowMs + 1000, 1)), 1) << "anna, noted first";
  EXPECT_EQ(must(refresh_dirty(*session_, site_, kNowMs + 1000, 1)), 1) << "then bob, of a sweep";
  EXPECT_EQ(must(refresh_dirty(*session_, site_, kNowMs + 2000, 1)), 0) << "nobody is left";
  const store::Rows rows = ask("t/updated");
  ASSERT_EQ(rows.rows.size(), 2U);
  EXPECT_EQ(line_of(rows.rows[0]), "anna 2 yes ");
  EXPECT_EQ(line_of(rows.rows[1]), "v-bob 0 yes ") << "his only visit went";
  must(session_->execute("t/leave"));
  must(begin_sweep(*session_, site_, kNowMs + 3000));
  EXPECT_EQ(must(refresh_dirty(*session_, site_, kNowMs + 3000, 100)), 2);
  EXPECT_EQ(ask("t/updated").rows.size(), 1U) << "who has nothing any more has no profile";
  const store::Rows left = ask("t/left");
  EXPECT_EQ(line_of(left.rows.at(0)), "0 0 1 ") << "the scope and the list are empty";
}

INSTANTIATE_TEST_SUITE_P(Engines, RefreshTest, testing::Values(Engine::duckdb, Engine::postgres),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace attune::profile
