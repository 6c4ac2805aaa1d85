// A test as a shop runs it: planned, started over the API, fed by simulated visitors, read and
// concluded. What nobody may change while it runs is refused, and a bad entry loses no other.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { adminPassword, attune, browserHeaders, query, seeded, serve, temporaryFolder, waitFor } from './attune.mjs';

const visitors = 1200;

async function logIn(server) {
  const login = await fetch(`${server.url}/api/v1/login`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password: adminPassword }) });
  const { csrf_token: csrf } = await login.json();
  const headers = { cookie: login.headers.get('set-cookie').split(';')[0], 'x-csrf-token': csrf, 'content-type': 'application/json' };
  return async (method, where, body) => {
    const answer = await fetch(`${server.url}/api/v1${where}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
}

test('a test is planned, started, fed by visitors, read and concluded', { timeout: 240_000 }, async () => {
  const { folder, remove } = await temporaryFolder('experiment');
  const data = path.join(folder, 'data');
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  const server = await serve(data, { args: ['--empty'] });
  const call = await logIn(server);
  const good = async (method, where, body, status = 200) => {
    const answer = await call(method, where, body);
    assert.equal(answer.status, status, `${method} ${where}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const plan = await good('POST', '/ab_tests/plan', { mean: 0.1, lift: 0.5, people_per_day: 200 });
  assert.ok(plan.people_per_variation > 500 && plan.people_per_variation < 1200, JSON.stringify(plan));
  assert.equal(plan.days, Math.ceil(plan.people / 200));

  await good('POST', '/meta_user_profiles', { industry: 'retail' }, 201);
  const made = await good('POST', '/ab_tests', {
    name: 'Red button', site_id: site, primary_metric: 'bought', engine: 'sequential', sample_size: plan.people,
    design: { metrics: [
      { name: 'bought', kind: 'conversion', event: 'purchase' },
      { name: 'value', kind: 'revenue', winsor: { cap: 200 } },
      { name: 'left', kind: 'conversion', event: 'complaint', higher_is_better: false },
      { name: 'spent', kind: 'revenue', winsor: { quantile: 0.9, ignore_zeros: true } },
      { name: 'typical order', kind: 'quantile', event: 'purchase', property: 'revenue', quantile: 0.5, per: 'event' }] },
    guardrail_metrics: [{ metric: 'left', margin: 0.5 }] }, 201);
  const of = `/ab_tests/${made.id}`;
  for (const [id, share] of [['old', 50], ['red', 40]]) {
    await good('POST', '/test_variations', { ab_test_id: made.id, variation_id: id, name: id, is_control: id === 'old', traffic_percentage: share }, 201);
  }
  const unfit = await call('POST', `${of}/start`);
  assert.equal(unfit.status, 400);
  assert.equal(unfit.body.error.field, 'traffic_percentage');
  assert.match(unfit.body.error.message, /sums to 90/);
  const { test_variations: [second] } = await good('GET', `/test_variations?ab_test_id=${made.id}`);
  assert.equal((await call('GET', `${of}/results`)).status, 409);
  await good('PATCH', `/test_variations/${second.id}`, { traffic_percentage: second.variation_id === 'red' ? 50 : 60 });
  const started = await good('POST', `${of}/start`, { reason: 'the season begins' });
  assert.equal(started.status, 'Active');
  assert.equal(started.test_key, 'red-button');
  const locked = await call('PATCH', of, { primary_metric: 'value' });
  assert.equal(locked.status, 409);
  assert.equal(locked.body.error.field, 'primary_metric');

  // Half of the visitors see each button; the red one sells better. Their ids are not all ASCII.
  const random = seeded(7);
  const key = (await attune(['key', 'add', '--data', data, '--site', site, '--scope', 'write'])).trim().split(/\s+/).at(-1);
  const people = Array.from({ length: visitors }, (_, n) => ({ id: `käufer-${n}`, variation: n % 2 === 0 ? 'old' : 'red' }));
  const exposures = people.map(({ id, variation }, n) => ({ test: 'red-button', variation, visitor_id: id, attributes: { device: n % 3 === 0 ? 'mobile' : 'desktop' } }));
  exposures.push({ test: 'red-button', variation: 'red', visitor_id: people[0].id });  // sees both: counts nowhere
  exposures.push({ test: 'red-button', variation: 'blue', visitor_id: 'x' }, { test: 'green', variation: 'red', visitor_id: 'x' }, { variation: 'red' });
  let accepted = 0;
  const rejected = [];
  for (let at = 0; at < exposures.length; at += 1000) {
    const answer = await fetch(`${server.url}/api/v1/sites/${site}/exposures`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(exposures.slice(at, at + 1000)) });
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    accepted += body.accepted;
    rejected.push(...body.rejected);
  }
  assert.equal(accepted, visitors + 1);
  assert.deepEqual(rejected.map((each) => each.field), ['variation', 'test', 'test']);

  const events = people.filter(({ variation }) => random() < (variation === 'red' ? 0.3 : 0.1)).map(({ id }, n) => ({
    site, type: 'purchase', visitor_id: id, session_id: id, url: 'https://shop.example/', order_id: `o-${id}`, revenue: 20 + (n * 7) % 50, currency: 'EUR', items: [{ id: 'p', price: 20 }] }));
  for (let at = 0; at < events.length; at += 100) {
    const sent = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(events.slice(at, at + 100)) });
    assert.equal(sent.status, 200, await sent.text());
  }

  const verdict = await waitFor('all purchases in the results', async () => {
    const now = await good('POST', `${of}/refresh`);
    const counted = now.variations.reduce((sum, each) => sum + each.conversions, 0);
    return counted >= events.length - 1 ? now : null;
  }, { timeoutMs: 60_000, everyMs: 500 });
  assert.equal(verdict.units, visitors - 1);
  assert.equal(verdict.mixed, 1);
  assert.equal(verdict.srm.alarm, false);
  assert.equal(verdict.outcome, 'won', JSON.stringify(verdict.comparisons));
  assert.equal(verdict.winner, 'red');
  assert.ok(verdict.comparisons[0].lift_low > 0 && verdict.comparisons[0].lift > 1);
  assert.equal(verdict.dimensions[0].dimension, 'device');
  const [, , , spent, typical] = verdict.metrics;
  const sorted = (of) => of.map(({ revenue }) => revenue).sort((a, b) => a - b);
  const rank = (of, q) => sorted(of)[Math.max(1, Math.ceil(of.length * q)) - 1];
  const variationOf = new Map(people.slice(1).map(({ id, variation }) => [id, variation]));   // the first saw both
  const counted = events.filter((each) => variationOf.has(each.visitor_id));
  assert.equal(spent.winsor.cap, rank(counted, 0.9));
  for (const { id, mean, low, high, people: buyers } of typical.variations) {
    const mine = counted.filter((each) => variationOf.get(each.visitor_id) === id);
    assert.deepEqual([mean, buyers], [rank(mine, 0.5), mine.length]);
    assert.ok(low < mean && mean < high);
    const cut = mine.reduce((sum, { revenue }) => sum + Math.min(revenue, spent.winsor.cap), 0);
    assert.ok(Math.abs(spent.variations.find((each) => each.id === id).sum - cut) < 1e-6);
  }
  assert.ok(Number.isFinite(typical.comparisons[0].p_value));
  assert.equal(verdict.method, 'confidence sequence');
  assert.equal(verdict.projected_lift_shrunk.error, '0 finished tests of this metric; 10 are needed');
  const { duration_days: length, ...shown } = await good('GET', `${of}/results`);
  assert.ok(length >= verdict.duration_days);
  assert.deepEqual({ ...shown, duration_days: verdict.duration_days }, verdict);

  assert.equal((await call('POST', `${of}/complete`, {})).body.error.field, 'reason');
  const ended = await good('POST', `${of}/complete`, { reason: 'red sells better', winner: 'red' });
  assert.equal(ended.status, 'Completed');
  assert.equal(ended.winning_variation, 'red');
  assert.equal(ended.decided_by, 'admin');
  assert.equal(ended.significance_status, 'Highly Significant');
  assert.equal(ended.decision.outcome, 'won');
  const { test_results: results } = await good('GET', `/test_results?ab_test_id=${made.id}`);
  assert.equal(results.length, 1);
  assert.equal(results[0].winning_variation, 'red');
  assert.equal((await call('PATCH', `/test_results/${results[0].id}`, { p_value: 1 })).status, 409);
  const { test_variations: arms } = await good('GET', `/test_variations?ab_test_id=${made.id}`);
  assert.equal(arms.reduce((sum, arm) => sum + arm.impressions, 0), visitors - 1);
  assert.equal(Number((await query(data, 'select count(*) as n from test_statistic'))[0].n) > 0, true);
  await server.stop();
  await remove();
});
