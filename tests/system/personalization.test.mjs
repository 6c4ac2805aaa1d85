// What docs/personalization.md walks through: every table of campaign personalization is filled by
// the product itself, from what a marketer says, what platforms report and what visitors do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { adminPassword, attune, browserHeaders, query, seeded, serve, sourceDir, temporaryFolder, waitFor } from './attune.mjs';

const dayMs = 24 * 3_600_000;
const day = (ago) => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10);

async function logIn(server) {
  const login = await fetch(`${server.url}/api/v1/login`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password: adminPassword }) });
  const { csrf_token: csrf } = await login.json();
  const headers = { cookie: login.headers.get('set-cookie').split(';')[0], 'x-csrf-token': csrf };
  return async (method, where, body, type = 'application/json') => {
    const answer = await fetch(`${server.url}/api/v1${where}`, {
      method, headers: { ...headers, 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${where}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

async function finished(call, job) {
  const ended = await waitFor('the job', async () => {
    const now = await call('GET', `/jobs/${job.id}`);
    return now.state === 'running' ? null : now;
  }, { timeoutMs: 120_000, everyMs: 200 });
  assert.equal(ended.state, 'done', JSON.stringify(ended));
  return ended;
}

/** 48 campaigns of a fortnight each; those on Instagram are clicked twice as often. */
async function pastCampaigns(call, random) {
  const lines = ['campaign,day,platform,audience,impressions,clicks,conversions,revenue,spend,currency'];
  for (let n = 0; n < 48; ++n) {
    const platform = ['Instagram', 'Facebook'][n % 2];
    await call('POST', '/campaigns', {
      name: `Campaign ${n}`, objective: n % 3 === 0 ? 'Traffic' : 'Sales', platform, currency: 'EUR', status: 'completed',
      start_date: day(200 - n), end_date: day(187 - n) });
    for (let d = 0; d < 14; ++d) {
      const impressions = 1800 + Math.floor(400 * random());
      const clicks = Math.round(impressions * (platform === 'Instagram' ? 0.04 : 0.02) * (0.9 + 0.2 * random()));
      const orders = Math.round(clicks * 0.05);
      lines.push([`Campaign ${n}`, day(200 - n - d), platform, n % 4 < 2 ? 'students' : 'parents', impressions, clicks, orders,
        (orders * 40).toFixed(2), (clicks * 0.5).toFixed(2), 'EUR'].join(','));
    }
  }
  return lines;
}

/** A test of two buttons, run to its end. */
async function runTest(call, server, site, key, random) {
  const made = await call('POST', '/ab_tests', {
    name: 'Red button', site_id: site, primary_metric: 'bought', engine: 'sequential',
    design: { metrics: [{ name: 'bought', kind: 'conversion', event: 'purchase' }] } });
  for (const id of ['old', 'red']) {
    await call('POST', '/test_variations', { ab_test_id: made.id, variation_id: id, name: id, is_control: id === 'old', traffic_percentage: 50 });
  }
  await call('POST', `/ab_tests/${made.id}/start`, { reason: 'the season begins' });
  const people = Array.from({ length: 800 }, (_, n) => ({ id: `v-${n}`, variation: n % 2 === 0 ? 'old' : 'red' }));
  const exposed = await fetch(`${server.url}/api/v1/sites/${site}/exposures`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(people.map(({ id, variation }) => ({ test: 'red-button', variation, visitor_id: id }))) });
  assert.equal((await exposed.json()).accepted, 800);
  const orders = people.filter(({ variation }) => random() < (variation === 'red' ? 0.3 : 0.1)).map(({ id }) => ({
    site, type: 'purchase', visitor_id: id, session_id: id, url: 'https://shop.example/', order_id: `o-${id}`, revenue: 20, currency: 'EUR' }));
  await send(server, orders);
  await waitFor('the orders in the results', async () => {
    const now = await call('POST', `/ab_tests/${made.id}/refresh`, {});
    return now.variations.reduce((sum, each) => sum + each.conversions, 0) === orders.length;
  }, { timeoutMs: 60_000, everyMs: 500 });
  await call('POST', `/ab_tests/${made.id}/complete`, { reason: 'red sells better', winner: 'red' });
  return made;
}

async function send(server, events) {
  for (let at = 0; at < events.length; at += 100) {
    const sent = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(events.slice(at, at + 100)) });
    assert.equal(sent.status, 200, await sent.text());
  }
}

/** Visitors of a page with a slot; the second template is clicked by most, the first by few. */
async function visitSlot(server, site, templates, random) {
  const shown = new Map(templates.map((id) => [id, 0]));
  const clicks = new Map(templates.map((id) => [id, 0]));
  for (let n = 0; n < 60; ++n) {
    const answer = await fetch(`${server.url}/api/v1/sites/${site}/content?slot=hero&visitor=c-${n}&session=c-${n}`, { headers: browserHeaders });
    assert.equal(answer.status, 200);
    const [slot] = (await answer.json()).slots;
    const id = slot.item_id.replace('content:', '');
    assert.match(slot.content, /<p>(Hello|Welcome back)/);
    const event = { site, visitor_id: `c-${n}`, session_id: `c-${n}`, url: 'https://shop.example/', decision_id: slot.decision_id, items: [{ id: slot.item_id }] };
    const events = [{ ...event, type: 'recommendation_shown' }];
    shown.set(id, shown.get(id) + 1);
    if (random() < (id === templates[1] ? 0.8 : 0.1)) {
      events.push({ ...event, type: 'recommendation_click' });
      clicks.set(id, clicks.get(id) + 1);
    }
    await send(server, events);
  }
  return { shown, clicks };
}

test('the walk of docs/personalization.md fills all ten tables', { timeout: 400_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('personalization');
  const data = path.join(folder, 'data');
  const random = seeded(11);
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  const key = (await attune(['key', 'add', '--data', data, '--site', site, '--scope', 'write'])).trim().split(/\s+/).at(-1);
  const server = await serve(data, { args: ['--empty'] });
  const call = await logIn(server);

  await t.test('a marketer describes themselves: meta_user_profiles', async () => {
    await call('POST', '/meta_user_profiles', {
      business_size: 'SMB', industry: 'retail', monthly_budget: 5000, primary_objective: 'Sales', brand_voice: 'Playful', risk_tolerance: 0.4 });
  });

  await t.test('platforms report; campaigns are recommended: campaign_recommendations', async () => {
    const lines = await pastCampaigns(call, random);
    const imported = await call('POST', '/campaign_stats_import', lines.join('\n'), 'text/csv');
    assert.deepEqual(imported, { rows: 48 * 14, errors: [] });
    await call('POST', '/campaign_advice', { margin: 0.5, roi_target: 0.1, most: 4 });
    const { campaign_recommendations: advice } = await call('GET', '/campaign_recommendations');
    assert.ok(advice.length > 0 && advice.length <= 4);
    for (const each of advice) {
      const { low, high } = each.prediction_intervals.ctr;
      assert.ok(low < each.predicted_ctr && each.predicted_ctr < high, JSON.stringify(each.prediction_intervals));
      assert.equal(each.basis, 'tenant_history');
      assert.notEqual(each.reasoning, '');
    }
  });

  await t.test('a campaign is personalized: campaign_personalization_settings', async () => {
    const { campaigns: [campaign] } = await call('GET', '/campaigns?limit=1');
    await call('POST', '/campaign_personalization_settings', { campaign_id: campaign.id });
  });

  let tested;
  await t.test('a test is run to its end: ab_tests, test_variations, test_results', async () => {
    tested = await runTest(call, server, site, key, random);
    const { test_results: [result] } = await call('GET', `/test_results?ab_test_id=${tested.id}`);
    assert.equal(result.winning_variation, 'red');
    assert.match(result.significance_status, /^(Highly )?Significant$/);
    const { test_variations: arms } = await call('GET', `/test_variations?ab_test_id=${tested.id}`);
    assert.equal(arms.reduce((sum, arm) => sum + arm.impressions, 0), 800);
  });

  await t.test('it is learned from: learning_insights, performance_patterns', async () => {
    await finished(call, await call('POST', '/learning_insights/find', ''));
    const { performance_patterns: patterns } = await call('GET', '/performance_patterns');
    const platform = patterns.find((each) => JSON.stringify(each.conditions).includes('Instagram'));
    assert.ok(platform, JSON.stringify(patterns.map((each) => each.name)));
    assert.ok(platform.p_value < 0.05);
    const { meta_user_profiles: [profile] } = await call('GET', '/meta_user_profiles');
    const { platforms } = profile.learned_preferences;
    assert.deepEqual(platforms.map((each) => [each.platform, each.campaigns]), [['Instagram', 24], ['Facebook', 24]]);
    assert.ok(platforms[0].ctr_low > platforms[1].ctr_high && platforms[0].ctr_low < 0.04 && 0.04 < platforms[0].ctr_high, JSON.stringify(platforms));
    assert.equal(profile.campaign_history.campaigns, 48);
    assert.ok(profile.performance_patterns.patterns.length > 0);
    const { learning_insights: insights } = await call('GET', '/learning_insights');
    const experiment = insights.find((each) => each.basis === 'experiment');
    assert.match(experiment.title, /Red button|red/i);
    assert.ok(insights.some((each) => each.basis === 'observational' && /associated with/.test(each.description)));
  });

  await t.test('content is chosen for visitors: content_templates, personalized_content', async () => {
    const templates = [];
    for (const [name, text] of [['hello', 'Hello'], ['welcome', 'Welcome back']]) {
      templates.push((await call('POST', '/content_templates', {
        name, template_type: 'web_block', base_prompt: `<p>${text}, {{ visitor.segment }} <a href="/sale">Sale</a></p>` })).id);
    }
    await call('PUT', `/sites/${site}/slots/hero`, { templates });
    const { shown, clicks } = await visitSlot(server, site, templates, random);
    const contents = await waitFor('what the slot earned', async () => {
      await call('POST', `/sites/${site}/content/refresh`);
      const { personalized_content: rows } = await call('GET', '/personalized_content');
      const total = rows.reduce((sum, row) => sum + row.impressions, 0);
      const clicked = rows.reduce((sum, row) => sum + row.clicks, 0);
      return total === 60 && clicked === [...clicks.values()].reduce((a, b) => a + b, 0) ? rows : null;
    }, { timeoutMs: 60_000, everyMs: 300 });
    for (const id of templates) {
      const own = contents.filter((row) => row.template_id === id);
      assert.equal(own.reduce((sum, row) => sum + row.impressions, 0), shown.get(id));
      assert.equal(own.reduce((sum, row) => sum + row.clicks, 0), clicks.get(id));
    }
    const stored = await call('GET', `/content_templates/${templates[1]}`);
    assert.equal(stored.usage_count, shown.get(templates[1]));
  });

  await t.test('every table the document names holds rows', async () => {
    const text = readFileSync(path.join(sourceDir, 'docs/personalization.md'), 'utf8');
    const tables = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    assert.equal(tables.length, 10);
    for (const table of tables) {
      assert.ok(Number((await query(data, `select count(*) as n from ${table}`))[0].n) > 0, table);
    }
  });
  await server.stop();
  await remove();
});
