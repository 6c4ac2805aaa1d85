// No table is only a definition: after what docs/schema.md, section 10, names has run, every table that
// the catalogue has holds rows. The few that another test fills are listed there with it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { attune, browserHeaders, logIn, postgres, query, serve, sourceDir, temporaryFolder, waitFor } from './attune.mjs';

const dayMs = 24 * 3_600_000;
const read = (file) => readFileSync(path.join(sourceDir, file), 'utf8');
const here = 'tests/system/filled.test.mjs';

/** Section 10 of docs/schema.md: { table, by, proofs }. */
function listed() {
  const section = read('docs/schema.md').split(/^## 10\. .*$/m)[1].split(/^## /m)[0];
  return [...section.matchAll(/^\| (`.*?) \| (.*) \| (.*) \|$/gm)].flatMap(([, tables, by, proofs]) =>
    [...tables.matchAll(/`(\w+)`/g)].map((table) =>
      ({ table: table[1], by, proofs: [...proofs.matchAll(/`(.*?)`/g)].map((proof) => `tests/${proof[1]}`) })));
}

test('every table of the schema is listed with what fills it and a test that says its name', () => {
  const inSchema = new Set(['duckdb', 'postgres'].flatMap((engine) =>
    [...read(`sql/schema.${engine}.sql`).matchAll(/^--- table: (\w+)$/gm)].map((match) => match[1])));
  const rows = listed();
  assert.deepEqual(rows.map((row) => row.table).sort(), [...inSchema].sort());
  for (const { table, by, proofs } of rows) {
    assert.notEqual(by.trim(), '', table);
    assert.notDeepEqual(proofs, [], `${table}: name a test`);
    for (const proof of proofs) {
      assert.ok(existsSync(path.join(sourceDir, proof)), `${table}: there is no ${proof}`);
      assert.ok(proof === here || new RegExp(`\\b${table}\\b`).test(read(proof)), `${proof} does not mention ${table}`);
    }
  }
});

/** 400 days of visits with a page and three products each. */
function past() {
  return Array.from({ length: 400 }, (_, day) => [0, 1, 2, 3].map((n) => JSON.stringify({
    type: n === 0 ? 'pageview' : 'product_view', visitor_id: `past-${day % 7}`, session_id: `past-${day}`, url: `https://shop.example/p${(day + n) % 5}.html`,
    timestamp: new Date(Date.now() - (400 - day) * dayMs + n * 60_000).toISOString(), items: [{ id: `p${(day + n) % 5}`, price: 2 }] })))
    .flat().join('\n');
}

/** One row of each of an account's tables. */
async function fillAccount(call) {
  const make = async (table, body) => (await call('POST', `/${table}`, body)).id;
  await make('meta_user_profiles', { industry: 'retail' });
  const campaign = await make('campaigns', { name: 'Spring' });
  const template = await make('content_templates', { name: 'hello', template_type: 'email', base_prompt: 'Greet {name}' });
  const abTest = await make('ab_tests', { name: 'colour' });
  await make('campaign_stats_daily', { campaign_id: campaign, day: '2026-01-05', impressions: 10, clicks: 1 });
  await make('campaign_recommendations', { name: 'more of it', campaign_type: 'email' });
  await make('test_variations', { ab_test_id: abTest, variation_id: 'a', name: 'a', traffic_percentage: 50 });
  await make('test_results', { ab_test_id: abTest, p_value: 0.5 });
  await make('learning_insights', { insight_type: 'timing', title: 'Mondays', fingerprint: 'f' });
  await make('performance_patterns', { pattern_type: 'timing', name: 'Mondays', condition_hash: 'h', period_start: '2026-01-05' });
  await make('personalized_content', { template_id: template, content_type: 'email', context_hash: 'h' });
  await make('campaign_personalization_settings', { campaign_id: campaign });
}

/** A visitor who follows a recommendation and buys. */
async function followRecommendation(server, site, send) {
  const answer = await fetch(`${server.url}/api/v1/sites/${site}/recommendations?visitor=live&session=live&n=2`, { headers: browserHeaders });
  const decision = await answer.json();
  assert.ok(answer.ok && decision.items.length > 0, JSON.stringify(decision));
  const items = [{ id: decision.items[0].item_id ?? decision.items[0].id, price: 2 }];
  await send({ type: 'recommendation_shown', decision_id: decision.decision_id, items });
  await send({ type: 'recommendation_click', decision_id: decision.decision_id, items });
  await send({ type: 'purchase', order_id: 'o1', revenue: 2, currency: 'EUR', items });
}

/** Rows that others put into PostgreSQL, one of which nobody can use. */
function fillByHand(site) {
  const database = new URL(process.env.ATTUNE_STORE_URL.replace(':///', '://x/')).pathname.slice(1);
  postgres.psql(database, `insert into events_log
    (client_event_id, event_type, session_id, visitor_id, site_id, timestamp, path, raw_event_data)
    select true, 'pageview', 'hand', visitor, '${site}', now(), '/', '{}'
    from (values ('hand'), (null)) as visitors (visitor)`);
  postgres.psql(database, 'call process_events_batch()');
}

test('every table holds rows when what fills it has run', { timeout: 400_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('filled');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  const of = ['--data', data, '--site', site];
  await writeFile(file, past());
  await attune(['import', 'events', ...of, file]);
  await attune(['archive', '--data', data]);
  await attune(['maintain', '--data', data, 'daily']);
  await attune(['retention', ...of, '--table', 'events_log', '--days', '30']);
  await attune(['key', 'add', ...of, '--scope', 'read']);
  await attune(['erase', ...of, '--visitor', 'past-6']);
  await attune(['train', ...of]);

  const server = await serve(data, { args: ['--empty'] });
  const call = await logIn(server);
  await call('PUT', `/sites/${site}/products`, Array.from({ length: 5 }, (_, n) => ({ id: `p${n}`, name: `P ${n}`, category: 'tea', price: 2 })));
  await call('PUT', `/sites/${site}/rl-models`, { model_name: 'm', algorithm_type: 'DQN', version: '1' });
  await call('PUT', `/sites/${site}/placements/home`, { count: 4 });
  await call('PUT', `/sites/${site}/flags/new-shop`, { value_type: 'boolean', default_value: false });
  await call('PUT', `/sites/${site}/saved-groups/staff`, { members: ['ann'] });
  await call('POST', `/sites/${site}/sdk-connections`, { name: 'Phone' });
  await call('PUT', `/sites/${site}/windows`, { click_window_min: 20 });
  await call('POST', `/sites/${site}/rules`, { name: 'no p4', kind: 'exclude', when: { items: ['p4'] } });
  await fillAccount(call);
  const block = await call('POST', '/content_templates', { name: 'block', template_type: 'web_block', base_prompt: '<p>Hi {{ visitor.segment }}</p>' });
  await call('PUT', `/sites/${site}/slots/hero`, { templates: [block.id] });
  let sent = 0;
  const send = async (event) => {
    sent += 1;
    const answer = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify([{
      site, visitor_id: 'live', session_id: 'live', user_id: 'ann', url: 'https://shop.example/', ...event }]) });
    assert.equal(answer.status, 200, await answer.text());
  };
  const count = async (table) => Number((await query(data, `select count(*) as n from ${table}`))[0].n);
  await send({ type: 'pageview', event_id: '0b5ad1b8-6f06-4b3c-9f4b-3d1f6f2f1f10' });
  await send({ type: 'click', element: { tag: 'a', id: 'more' } });
  await send({ type: 'form_submit', form: { id: 'contact', fields: { topic: 'tea' } } });
  await followRecommendation(server, site, send);
  await waitFor('the order', async () => await count('orders') > 0);
  await waitFor('a day that is due', async () => {
    await send({ type: 'click' });
    return await count('etl_dirty_days') > 0;
  });
  await attune(['profiles', 'refresh', ...of]);
  await attune(['graph', 'refresh', ...of]);
  if (postgres) fillByHand(site);

  const tables = (await query(data, postgres
    ? "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition"
    : 'select table_name as name from duckdb_tables() where not internal')).map((row) => row.name);
  const elsewhere = listed().filter((row) => !row.proofs.includes(here)).map((row) => row.table);
  for (const table of tables.filter((name) => !elsewhere.includes(name) && name !== 'etl_dirty_days').sort()) {
    await t.test(table, async () => assert.ok(await count(table) > 0, 'no row'));
  }
  // docs/decisions/0004: on DuckDB only statements of single rows may draw from a sequence.
  if (!postgres) {
    const drawn = await query(data, 'select sequence_name as name from duckdb_sequences() where last_value is not null');
    const single = ['account_id_sequence', 'rl_model_metadata_id_sequence'];
    assert.deepEqual(drawn.map((row) => row.name).filter((name) => !single.includes(name)), []);
  }
  t.diagnostic(`${sent} events, ${tables.length} tables`);
  assert.equal(await server.stop(), 0);
  await remove();
});
