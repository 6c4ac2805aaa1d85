// The queries of the analytics source, word for word (docs/sources.md), on rows that its procedures
// made of a few raw events worked through by hand.
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "sources/matrix.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres_cluster.h"

namespace attune::etl {
namespace {

// S1 comes from an advertisement, looks, asks; S2 glances; S3 bounces from a search; S4 is there
// now. A visit of a hundred days ago, and a row that names no visitor.
constexpr const char* kEvents = R"(
create function put(type text, session text, visitor text, ago interval, path text, document jsonb)
returns void language sql as $$
  insert into events_log (
    event_type, session_id, visitor_id, site_id, timestamp, url, path, raw_event_data, created_at)
  values (type, session, visitor, 'shop', now() - ago, 'https://shop.example' || path, path,
    document, now() - ago)
$$;
select put('pageview', 'S0', 'v0', '100 days', '/old.html', '{}');
select put('pageview', 'S1', 'v1', '3:00:00', '/products.html',
  '{"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring", "title": "Products"}');
select put('click', 'S1', 'v1', '2:59:30', '/products.html',
  '{"element": {"tag": "a", "id": "ask"}}');
select put('pageview', 'S1', 'v1', '2:58:00', '/contact.html', '{}');
select put('form_submit', 'S1', 'v1', '2:57:20', '/contact.html',
  '{"form": {"id": "contact", "fields": {"name": "Ada", "password": "x", "cardNumber": "1"}}}');
select put('pageview', 'S2', 'v2', '2:00:00', '/products.html', '{}');
select put('pageview', 'S2', 'v2', '1:59:55', '/contact.html', '{}');
select put('pageview', 'S3', 'v3', '1:00:00', '/', '{"referrer": "https://www.google.com/"}');
select put('pageview', null, null, '0:50:00', '/', '{}');
select put('pageview', 'S4', 'v4', '0:10:00', '/products.html', '{}');
select put('batch', 'S4', 'v4', '0:09:00', '/products.html',
  '{"events": [{"type": "scroll", "scroll_percentage": 40},
    {"type": "page_visibility", "visibility": "hidden"}]}');
)";

class SourceQueries : public testing::Test {
 protected:
  void SetUp() override {
    const std::string binaries = store::newest_postgres();
    if (binaries.empty()) {
      GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
    }
    cluster_ = std::make_unique<store::Cluster>(binaries);
    const auto opened = store::open_postgres({.url = cluster_->url()});
    ASSERT_TRUE(opened) << opened.error().message();
    const auto migrated = (*opened)->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message();
  }
  std::string psql(const std::string& script) { return cluster_->feed(script).output; }

  std::unique_ptr<store::Cluster> cluster_;
};

TEST_F(SourceQueries, AnswerAsWorkedOutByHand) {
  psql(kEvents);
  const std::string unprocessed = sources::statement_named("analytics 33: unprocessed events");
  const std::string backlog = psql(unprocessed);
  for (const char* line : {"batch|1|", "click|1|", "form_submit|1|", "pageview|8|"}) {
    EXPECT_NE(backlog.find(line), std::string::npos) << line << " in " << backlog;
  }
  EXPECT_EQ(psql("CALL process_events_batch(batch_size := 4);"), "");
  EXPECT_EQ(psql("CALL process_events_batch(10000);"), "");
  EXPECT_EQ(psql(unprocessed), "");
  EXPECT_EQ(psql("select counted_as, events from etl_procedure_counts order by 1;"),
            "counted|11\nno_visitor|1\n");
  EXPECT_EQ(psql("select reason from etl_skipped_events;"), "no_visitor\n");

  EXPECT_EQ(psql("select session_id, duration_seconds, pageview_count, event_count, bounce, "
                 "entry_path, exit_path, referrer_type, session_end is null from user_sessions "
                 "order by session_id;"),
            "S0|0|1|0|t|/old.html|/old.html|direct|f\n"
            "S1|160|2|2|f|/products.html|/contact.html|paid|f\n"
            "S2|5|2|0|f|/products.html|/contact.html|direct|f\n"
            "S3|0|1|0|t|/|/|search|f\n"
            "S4|60|1|2|t|/products.html|/products.html|direct|t\n");
  // /products.html: 120 s of S1, 5 s of S2, 60 s of S4; /contact.html: 40 s of S1, S2 left.
  EXPECT_EQ(psql(sources::statement_named("analytics 16: sample query, top pages")),
            "/products.html|3|3|61.6666666666666667\n"
            "/contact.html|2|2|40.0000000000000000\n"
            "/|1|1|\n");
  EXPECT_EQ(psql(sources::statement_named("analytics 17: sample query, form funnel")),
            "4|3|2|1|0.50000000000000000000|0.50000000000000000000\n");
  EXPECT_EQ(psql(sources::statement_named("analytics 18: sample query, campaigns")),
            "google|cpc|spring|1|1|160.0000000000000000|2.0000000000000000|"
            "0.00000000000000000000\n");
  EXPECT_EQ(psql("select form_id, field_count, form_data from form_submissions;"),
            "contact|3|{\"name\": \"Ada\", \"password\": \"[redacted]\", \"cardNumber\": "
            "\"[redacted]\"}\n");

  EXPECT_EQ(psql("SELECT session_id, session_age > interval '9 minutes' FROM active_sessions;"),
            "S4|t\n");
  EXPECT_EQ(psql("SELECT path, total_views, unique_sessions, bounce_rate FROM page_performance "
                 "ORDER BY path;"),
            "/|1|1|0.00000000000000000000\n"
            "/contact.html|2|2|0.00000000000000000000\n"
            "/products.html|3|3|0.33333333333333333333\n");
  EXPECT_EQ(psql("SELECT referrer_type, sessions, unique_visitors, avg_session_duration, "
                 "avg_pages_per_session FROM traffic_sources ORDER BY 1;"),
            "direct|2|2|32.5000000000000000|1.5000000000000000\n"
            "paid|1|1|160.0000000000000000|2.0000000000000000\n"
            "search|1|1|0.00000000000000000000|1.00000000000000000000\n");
}

TEST_F(SourceQueries, MaintenanceKeepsWhatItShould) {
  psql(kEvents);
  EXPECT_EQ(psql("CALL process_events_batch(5000);"), "");
  EXPECT_EQ(psql(R"(CALL calculate_daily_metrics(
    start_date := CURRENT_DATE - 1,
    end_date := CURRENT_DATE
);)"),
            "");
  // The visit of a hundred days ago is of another day.
  EXPECT_EQ(psql("select sum(total_sessions), sum(total_pageviews), sum(total_events), "
                 "sum(bounced_sessions), sum(paid_sessions) from daily_site_metrics;"),
            "4|6|4|2|1\n");
  EXPECT_EQ(psql("CALL calculate_daily_metrics(start_date := '2025-06-01', end_date := "
                 "'2025-06-30');"),
            "");
  EXPECT_EQ(psql("CALL update_active_sessions();"), "");
  EXPECT_EQ(psql("select session_id, pageview_count, event_count from user_sessions "
                 "where session_end is null;"),
            "S4|1|2\n");
  // What follows S4 by half an hour of event time closes it; the clock on the wall does not.
  EXPECT_EQ(psql("insert into events_log (event_type, session_id, visitor_id, site_id, timestamp, "
                 "path, raw_event_data, created_at) values ('pageview', 'S5', 'v5', 'shop', now() "
                 "+ interval '21 minutes', '/', '{}', now() + interval '21 minutes');"
                 "CALL process_events_batch(1000);"
                 "select session_id from user_sessions where session_end is null;"),
            "S5\n");
  // Counts of an open session are worked out anew from its rows.
  EXPECT_EQ(psql("update user_sessions set pageview_count = 7, exit_path = '/x' where session_id = "
                 "'S5'; CALL update_active_sessions();"
                 "select pageview_count, exit_path from user_sessions where session_id = 'S5';"),
            "1|/\n");
  EXPECT_EQ(psql("CALL cleanup_processed_events(90);"), "");
  EXPECT_EQ(psql("select count(*), count(*) filter (where session_id = 'S0') from events_log;"),
            "11|0\n");
  EXPECT_EQ(psql("select count(*) from pageviews where session_id = 'S0';"), "1\n");
}

TEST_F(SourceQueries, RowsThatCannotBeUsedStopNobody) {
  EXPECT_EQ(psql(R"(insert into events_log (
    event_type, session_id, visitor_id, site_id, timestamp, path, raw_event_data) values
    ('pageview', 'A', 'v', 'shop', now(), '/', '[]'),
    ('pageview', 'A', 'v', 'shop', now(), '/', '"text"'),
    ('pageview', 'A', 'v', 'shop', now(), null, '{}'),
    ('pageview', 'A', 'v', 'shop', 'infinity', '/', '{}'),
    ('pageview', 'A', '', 'shop', now(), '/', '{"visitor_id": {"no": 1}}'),
    ('scroll', 'A', 'v', 'shop', now(), '/', '{"scroll_percentage": "much", "screen": {"w": 1},
      "element": 7, "device_pixel_ratio": 1e300, "utm_source": [1]}'),
    ('purchase', 'A', 'v', 'shop', now(), '/', '{"revenue": 1e300, "items": [{"id": {}}, 7, {
      "id": 5, "price": "x", "quantity": -1e99}, {"id": "p", "price": 1e99}], "decision_id": 3}'),
    ('form_submit', 'A', 'v', 'shop', now(), '/', '{"form": [1], "timestamp": "yesterday"}'),
    ('batch', 'A', 'v', 'shop', now(), '/', '{"events": "none"}'),
    ('batch', 'A', 'v', 'shop', now(), '/', '[{"type": "click", "timestamp": "2026-13-99T"},
      {"type": "click", "timestamp": 1e200}, {"visitor_id": "w"}, 5, {"type": "batch"},
      {"type": "click", "visitor_id": "w", "session_id": "B"}]');
    CALL process_events_batch();)"),
            "");
  EXPECT_EQ(psql("select counted_as, events from etl_procedure_counts order by 1;"),
            "bad_time|3\ncounted|6\nno_events|1\nno_type|2\nno_url|1\nno_visitor|1\n"
            "not_an_object|1\n");
  EXPECT_EQ(psql("select count(*) from events_log where processed_at is null;"), "0\n");
  EXPECT_EQ(psql("select revenue, item_count from orders;"), "900000000000000.0000|2\n");
  EXPECT_EQ(psql("select session_id, visitor_id from user_sessions order by 1;"), "A|v\nB|w\n");
  for (const char* call :
       {"CALL process_events_batch(0);", "CALL process_events_batch(null);",
        "CALL calculate_daily_metrics('2026-02-01', '2026-01-01');",
        "CALL cleanup_processed_events(0);"}) {
    EXPECT_NE(psql(call).find("give"), std::string::npos) << call;
  }
}

TEST_F(SourceQueries, ATextOfASlotIsClickedAndIsNoProduct) {
  EXPECT_EQ(psql(R"(insert into events_log (
    event_type, session_id, visitor_id, site_id, timestamp, path, raw_event_data) values
    ('recommendation_click', 'A', 'v', 'shop', now(), '/', '{"items": [{"id": "content:t1"}]}'),
    ('recommendation_click', 'A', 'w', 'shop', now(), '/',
      '{"items": [{"id": "content:t1"}, {"id": "p1"}]}'),
    ('pageview', 'A', 'w', 'shop', now(), '/', '{"items": [{"id": "content:t1"}, {"id": "p1"}]}');
    CALL process_events_batch();)"),
            "");
  EXPECT_EQ(psql("select visitor_id, item_id, interaction_type from user_product_interactions;"),
            "w|p1|CLICK\n");
  EXPECT_EQ(psql("select external_id from product;"), "p1\n");
  EXPECT_EQ(psql("select external_id from users order by 1;"), "v\nw\n");
  EXPECT_EQ(psql("select count(*) from user_events;"), "2\n");
}

TEST_F(SourceQueries, VisitorsWithoutSessionIdsAreTakenApartAfterHalfAnHour) {
  psql(R"(insert into events_log (event_type, visitor_id, site_id, timestamp, path, raw_event_data)
    select 'pageview', visitor, 'shop', '2026-03-01 12:00Z'::timestamptz + at::interval, '/', '{}'
    from (values
      ('joined', '0:00'), ('joined', '0:30'),
      ('parted', '0:00'), ('parted', '0:30:00.001'),
      -- Backwards: one after the other, not in one statement.
      ('back joined', '0:30'), ('back joined', '0:00'),
      ('back parted', '0:30:00.001'), ('back parted', '0:00'),
      -- In reach of both: the earlier one takes it.
      ('between', '0:00'), ('between', '0:50'), ('between', '0:25'), ('between', '0:40'),
      ('later', '0:00')
    ) as events (visitor, at);)");
  const std::string sessions =
      "select visitor_id, to_char(session_start at time zone 'UTC', 'HH24:MI'), pageview_count, "
      "session_end is null from user_sessions order by 1, 2;";
  EXPECT_EQ(psql("CALL process_events_batch(1000);" + sessions),
            "back joined|12:00|2|t\nback parted|12:00|1|f\nback parted|12:30|1|t\n"
            "between|12:00|3|t\nbetween|12:50|1|t\njoined|12:00|2|t\nlater|12:00|1|f\n"
            "parted|12:00|1|f\nparted|12:30|1|t\n");
  // The next batch finds the session that is there; one that is over opens again.
  psql("insert into events_log (event_type, visitor_id, site_id, timestamp, path, raw_event_data) "
       "values ('click', 'later', 'shop', '2026-03-01 12:30Z', '/', '{}');");
  EXPECT_EQ(psql("CALL process_events_batch(1000); select pageview_count, event_count, "
                 "duration_seconds, session_end is null from user_sessions where visitor_id = "
                 "'later';"),
            "1|1|1800|t\n");
}

TEST_F(SourceQueries, TwoCallersShareTheWorkAndTheSessions) {
  EXPECT_EQ(psql("insert into events_log (event_type, session_id, visitor_id, site_id, timestamp, "
                 "path, raw_event_data) select 'pageview', 's' || i % 7, 'v' || i % 7, 'shop', "
                 "now(), '/', '{}' from generate_series(1, 300) as i;"),
            "");
  std::string calls;
  for (int call = 0; call < 30; ++call) calls += "CALL process_events_batch(5);\n";
  std::string other;
  std::thread beside([&] { other = cluster_->feed(calls, "beside").output; });
  EXPECT_EQ(psql(calls), "");
  beside.join();
  EXPECT_EQ(other, "");
  EXPECT_EQ(psql("select count(*), sum(pageview_count) from user_sessions;"), "7|300\n");
  EXPECT_EQ(psql("select count(*) from pageviews;"), "300\n");
}

}  // namespace
}  // namespace attune::etl
