// Somebody who knows only the source documents points psql at a database that the demo has filled: the
// reading queries of the documents answer, with rows. docs/schema.md has the matrix of all statements.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serve, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null
  : startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements', autovacuum_naptime: '1s' } });
after(() => cluster?.remove());

const queries = {
  'top pages': `SELECT
      path,
      COUNT(DISTINCT visitor_id) as unique_visitors,
      COUNT(*) as total_pageviews,
      AVG(time_on_page_seconds) as avg_time_on_page
    FROM pageviews
    WHERE view_timestamp > NOW() - INTERVAL '7 days'
    GROUP BY path
    ORDER BY unique_visitors DESC
    LIMIT 10`,
  'form funnel': `WITH funnel AS (
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
      COUNT(*) FILTER (WHERE viewed_contact)::DECIMAL / COUNT(*) as contact_rate
    FROM funnel`,
  'campaigns': `SELECT
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
    ORDER BY sessions DESC`,
  'active sessions': 'SELECT * FROM active_sessions',
  'page performance': 'SELECT * FROM page_performance',
  'traffic sources': 'SELECT * FROM traffic_sources',
  'days': 'SELECT * FROM daily_site_metrics',
  'table sizes': `SELECT
      schemaname,
      tablename,
      pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) as size
    FROM pg_tables
    WHERE schemaname = 'public'
    ORDER BY pg_total_relation_size(schemaname||'.'||tablename) DESC`,
  'largest tables (translated)': `SELECT
      tablename,
      pg_size_pretty(pg_total_relation_size(tablename::text)) as size
    FROM pg_tables
    WHERE schemaname = 'public'
    ORDER BY pg_total_relation_size(tablename::text) DESC`,
  'slow queries (translated)': `SELECT query, calls, total_exec_time, mean_exec_time, rows
    FROM pg_stat_statements
    ORDER BY total_exec_time DESC
    LIMIT 10`,
  'index usage (translated)': `SELECT relname, indexrelname, idx_scan, idx_tup_read, idx_tup_fetch
    FROM pg_stat_user_indexes
    ORDER BY idx_scan DESC`,
  'missing indexes': `SELECT
      schemaname,
      tablename,
      attname,
      n_distinct,
      correlation
    FROM pg_stats
    WHERE tablename IN ('events_log', 'pageviews', 'user_sessions')
    ORDER BY tablename, attname`,
  'interactions': 'SELECT * FROM user_product_interactions ORDER BY id DESC LIMIT 1',
  'interactions counted': 'SELECT COUNT(*) FROM user_product_interactions HAVING COUNT(*) > 0',
  'recommendations': 'SELECT * FROM recommendations ORDER BY shown_at DESC LIMIT 1',
};

test('the reading queries of the sources answer after the demo ran', { skip, timeout: 240_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('sources', { database: false });
  const database = cluster.createDatabase();
  cluster.psql(database, 'create extension pg_stat_statements');
  const server = await serve(folder, { args: ['--database', cluster.url(database)] });
  const count = (sql) => Number(cluster.psql(database, sql));
  await waitFor('the past of the demo', async () => count('select count(*) from events_log') > 50_000, { timeoutMs: 120_000 });
  await waitFor('days', async () => count('select count(*) from daily_site_metrics') >= 14, { timeoutMs: 60_000 });
  await waitFor('a session of now', async () => count('select count(*) from active_sessions') > 0, { timeoutMs: 60_000 });
  cluster.psql(database, 'analyze');
  for (const [name, sql] of Object.entries(queries)) {
    await t.test(name, () => assert.notEqual(cluster.psql(database, sql), '', 'no row'));
  }
  assert.equal(await server.stop(), 0);
  await remove();
});
