// The sample statements of the source documents, on DuckDB: those that run verbatim, and for the
// others the equivalent that docs/schema.md gives. The matrix there has a row for each of these.
#include <gtest/gtest.h>

#include "test_store.h"

namespace attune::store {
namespace {

struct Statement {
  const char* name;
  const char* sql;
};

class SourceStatementsTest : public testing::Test {
 protected:
  void run(std::span<const Statement> statements) {
    TestFiles files;
    const SqlCatalog own(Engine::duckdb);
    for (const auto& entry : own.files()) files.add(entry.first, entry.second.text);
    for (const Statement& each : statements) files.add(std::string("t/") + each.name, each.sql);
    const auto store = must(open_duckdb({}, files.catalog()));
    must(store->migrate());
    const auto session = must(store->session());
    for (const Statement& each : statements) {
      const auto done = session->execute(std::string("t/") + each.name);
      EXPECT_TRUE(done) << each.name << ": " << done.error().message();
    }
  }
};

constexpr Statement kVerbatim[] = {
    {"top_pages", R"(SELECT
    path,
    COUNT(DISTINCT visitor_id) as unique_visitors,
    COUNT(*) as total_pageviews,
    AVG(time_on_page_seconds) as avg_time_on_page
FROM pageviews
WHERE view_timestamp > NOW() - INTERVAL '7 days'
GROUP BY path
ORDER BY unique_visitors DESC
LIMIT 10;)"},
    {"form_funnel", R"(WITH funnel AS (
    SELECT
        session_id,
        BOOL_OR(path = '/products.html') as viewed_products,
        BOOL_OR(path = '/contact.html') as viewed_contact,
        BOOL_OR(event_type = 'form_submit') as submitted_form
    FROM pageviews p
    LEFT JOIN user_events e USING (session_id)
    WHERE p.view_timestamp > NOW() - INTERVAL '30 days'
    GROUP BY session_id
)
SELECT
    COUNT(*) as total_sessions,
    COUNT(*) FILTER (WHERE viewed_products) as products_viewers,
    COUNT(*) FILTER (WHERE viewed_contact) as contact_viewers,
    COUNT(*) FILTER (WHERE submitted_form) as form_submitters,
    COUNT(*) FILTER (WHERE viewed_contact)::DECIMAL / COUNT(*) as contact_rate,
    COUNT(*) FILTER (WHERE submitted_form)::DECIMAL / COUNT(*) FILTER (WHERE viewed_contact)
        as form_conversion_rate
FROM funnel;)"},
    {"campaigns", R"(SELECT
    utm_source,
    utm_medium,
    utm_campaign,
    COUNT(DISTINCT session_id) as sessions,
    COUNT(DISTINCT visitor_id) as unique_visitors,
    AVG(duration_seconds) as avg_session_duration,
    AVG(pageview_count) as avg_pages_per_session,
    AVG(CASE WHEN bounce THEN 1 ELSE 0 END) as bounce_rate
FROM user_sessions
WHERE session_start > NOW() - INTERVAL '30 days'
    AND utm_source IS NOT NULL
GROUP BY utm_source, utm_medium, utm_campaign
ORDER BY sessions DESC;)"},
    {"unprocessed", R"(SELECT
    event_type,
    COUNT(*) as unprocessed_count,
    MIN(created_at) as oldest_unprocessed
FROM events_log
WHERE processed_at IS NULL
GROUP BY event_type;)"},
    {"old_events", R"(DELETE FROM events_log
WHERE created_at < NOW() - INTERVAL '90 days'
AND processed_at IS NOT NULL;)"},
    {"analyze", "ANALYZE events_log;"},
    {"view_active_sessions", "SELECT * FROM active_sessions;"},
    {"view_page_performance", "SELECT * FROM page_performance;"},
    {"view_traffic_sources", "SELECT * FROM traffic_sources;"},
    {"interactions_count", "SELECT COUNT(*) FROM user_product_interactions;"},
    {"interactions_insert", R"(INSERT INTO user_product_interactions
(user_id, product_id, interaction_type, session_id, timestamp, reward)
VALUES (1, 1, 'VIEW', 'test-session-123', NOW(), 0.1);)"},
    {"interactions_last", "SELECT * FROM user_product_interactions ORDER BY id DESC LIMIT 1;"},
    {"interactions_clean",
     "DELETE FROM user_product_interactions WHERE session_id = 'test-session-123';"},
    {"describe", "DESCRIBE user_product_interactions;"},
};

constexpr Statement kTranslated[] = {
    // DATE_SUB(NOW(), INTERVAL 12 MONTH) is MySQL's.
    {"old_interactions", R"(delete from user_product_interactions
where timestamp < now() - interval '12 months';)"},
    // SHOW TABLES LIKE has no pattern here.
    {"show_tables", R"(select table_name
from information_schema.tables
where table_name like '%interactions%';)"},
    // pg_tables and information_schema.tables.data_length: sizes are kept elsewhere.
    {"table_sizes", R"(select table_name, estimated_size as table_rows
from duckdb_tables()
order by estimated_size desc;)"},
    // VACUUM ANALYZE, REINDEX: space is given back by checkpoints, there are no indexes to rebuild.
    {"vacuum", "vacuum analyze;"},
};

TEST_F(SourceStatementsTest, RunVerbatimWhereTheEngineCan) { run(kVerbatim); }

TEST_F(SourceStatementsTest, HaveAnEquivalentWhereItCannot) { run(kTranslated); }

}  // namespace
}  // namespace attune::store
