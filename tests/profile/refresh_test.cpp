// Profiles and feature vectors by their definitions, on both engines, from the same rows.
#include "profile/refresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "migration/engines.h"

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

class RefreshTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !store::Engines::has_postgres()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    const store::SqlCatalog own(GetParam());
    for (const auto& [path, file] : own.files()) files_.add(path, file.text);
    const bool duckdb = GetParam() == Engine::duckdb;
    std::string rows = std::string(kRows) + (duckdb ? kDuckdbVisits : kPostgresVisits);
    const std::string quoted = "'" + site_.text() + "'";
    for (std::size_t at = 0; (at = rows.find("SITE", at)) != std::string::npos;) {
      rows.replace(at, 4, quoted);
    }
    files_.add("t/rows", rows);
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
    files_.add("t/leave", "delete from user_product_interactions where user_id = 12; "
                          "delete from users where id = 12");
    files_.add("t/leave_visits", duckdb ? "delete from user_sessions_cold where session_id = 's2'"
                                        : "delete from user_sessions where session_id = 's2'");
    store_ = store::Engines::fresh(files_.catalog());
    must(store_->migrate());
    session_ = must(store_->session());
    must(session_->execute("t/rows"));
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

INSTANTIATE_TEST_SUITE_P(Engines, RefreshTest, testing::Values(Engine::duckdb, Engine::postgres),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace attune::profile
