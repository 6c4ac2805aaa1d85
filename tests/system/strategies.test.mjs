// Every strategy through a running server: trained, judged, served, rolled back, evaluated; and what
// is left in service when a model's file is damaged or the server is killed while it loads.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  adminPassword, attune, attuneBin, freePort, pause, query, seeded, serve, temporaryFolder, waitFor,
} from './attune.mjs';

const strategies = ['sequential', 'item_to_item', 'collaborative', 'ease', 'graph', 'content', 'trending'];
const env = { ATTUNE_RECOMMEND_TRAIN_EVERY_MIN: '0' };
const dayMs = 86_400_000;
const groups = 6;
const random = seeded(Number(process.env.SEED ?? 11));
const below = (count) => Math.floor(random() * count);

/** A shop whose people keep to one of six tastes, with things of two days ago that are in fashion. */
function shop() {
  const products = [];
  for (let group = 0; group < groups; group += 1) {
    for (let i = 0; i < 23; i += 1) {
      const id = i < 20 ? `g${group}-${i}` : `new${group}-${i}`;
      products.push({ id, name: `Thing ${id}`, category: `taste ${group}`, brand: `brand ${group}`, price: 5 + i });
    }
  }
  const events = [];
  const days = 12;
  const start = Date.now() - days * dayMs - 3_600_000;
  for (let day = 0; day < days; day += 1) {
    for (let person = 0; person < 120; person += 1) {
      if (random() > 0.8) continue;
      const group = person % groups;
      const begin = start + day * dayMs + below(20 * 3600) * 1000;
      const clicks = 4 + below(2);
      for (let i = 0; i < clicks; i += 1) {
        const fashion = day >= days - 2 && random() < 0.5;
        const id = fashion ? `new${group}-${20 + below(3)}` : `g${group}-${below(20)}`;
        events.push({
          type: 'product_view', visitor_id: `v${person}`, url: `https://shop.example/${id}`,
          timestamp: new Date(begin + i * 30_000).toISOString(), items: [{ id }] });
      }
    }
  }
  return { products, events };
}

let server;
let folder;
let remove;
let site;
let key;

async function api(method, rest, body) {
  const answer = await fetch(`${server.url}/api/v1/sites/${site}${rest}`, {
    method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${rest}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const onSite = (...args) => attune([...args, '--data', folder, '--site', 'shop.example']);

/** Strategy to version in production. */
async function inProduction() {
  const { models } = await api('GET', '/models');
  return Object.fromEntries(models.filter((model) => model.status === 'production')
    .map((model) => [model.strategy, model.version]));
}

/** What a placement with this strategy alone answers, and the version that answered. */
async function ask(strategy) {
  const answer = await api('GET', `/recommendations?placement=only-${strategy}&item=g1-3&visitor=v1&preview=1`);
  const source = answer.strategies.find((each) => each.strategy === strategy);
  return { version: source.model_version, state: source.state, named: source.items, items: answer.items };
}

const modelFolder = () => path.join(folder, 'models', site);
const fileOf = (strategy, version) => path.join(modelFolder(), `${strategy}-${version}.model`);

before(async () => {
  ({ folder, remove } = await temporaryFolder('strategies'));
  server = await serve(folder, { env });
  site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  key = (await onSite('key', 'add', '--scope', 'admin')).trim();
  const { products, events } = shop();
  await api('PUT', '/products', products);
  const file = path.join(folder, 'past.ndjson');
  writeFileSync(file, `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
  await onSite('import', 'events', file);
  for (const strategy of strategies) {
    await api('PUT', `/placements/only-${strategy}`,
      { strategies: { [strategy]: 1 }, fallback: [], hide_seen: false, count: 5 });
  }
});
after(async () => {
  await server?.stop();
  await remove();
});

test('every strategy is trained, promoted, and answers', { timeout: 600_000 }, async () => {
  const said = await onSite('train');
  const serving = await inProduction();
  assert.deepEqual(Object.keys(serving).sort(), [...strategies].sort(), said);
  assert.match(said, /collaborative: in production: NDCG@20 .* people who came back/);
  assert.match(said, /ease: in production: NDCG@20 .* people who came back/);
  for (const strategy of strategies) {
    const answer = await ask(strategy);
    assert.equal(answer.version, serving[strategy], strategy);
    assert.ok(answer.named > 0, `${strategy} names nothing: ${answer.state}`);
    assert.ok(answer.items.some((item) => item.strategy === strategy), strategy);
  }
});

test('a strategy is rolled back, and the other ones stay', { timeout: 600_000 }, async () => {
  const first = await inProduction();
  await pause(1100);   // versions begin with the second
  await onSite('train', '--strategy', 'item_to_item');
  await onSite('train', '--strategy', 'sequential');
  const second = await inProduction();
  assert.notEqual(second.item_to_item, first.item_to_item);
  assert.match(await onSite('models', 'rollback', '--strategy', 'item_to_item'), /serves item_to_item again/);
  assert.deepEqual(await inProduction(), { ...second, item_to_item: first.item_to_item });
  assert.equal((await ask('item_to_item')).version, first.item_to_item);
});

test('attune evaluate site measures all of them, by every protocol', { timeout: 600_000 }, async () => {
  const text = await onSite('evaluate', 'site');
  for (const strategy of [...strategies, 'popular']) {
    assert.match(text, new RegExp(`^${strategy} +0\\.\\d{4} \\[0\\.\\d{4}, 0\\.\\d{4}\\]`, 'm'));
  }
  for (const measure of ['MRR@20', 'NDCG@20', 'HR@20', 'precision@20', 'recall@20', 'MAP@20', 'coverage', 'Gini',
    'novelty', 'diversity', 'calibration', 'minus the other']) assert.ok(text.includes(measure), measure);
  for (const protocol of ['next-item', 'leave-one-out', 'time', 'strong']) {
    const report = JSON.parse(await onSite('evaluate', 'site', '--json', '--protocol', protocol, '--resamples', '100'));
    const ofPeople = protocol === 'time' || protocol === 'strong';
    assert.deepEqual(report.left_out, ofPeople ? ['sequential'] : []);
    assert.deepEqual(report.strategies.map((each) => each.strategy).sort(),
      [...strategies, 'popular'].filter((name) => !report.left_out.includes(name)).sort());
    const by = report.judged_by;
    for (const { [by]: { value, interval } } of report.strategies) {
      assert.ok(interval[0] <= value && value <= interval[1]);
      assert.ok(value <= report.strategies[0][by].value, 'the best comes first');
    }
    assert.equal(report.leads.length, report.strategies.length - 1);
    assert.ok(report.leads.every((lead) => lead[by].value >= 0));
  }
});

test('what a search finds is trained with, until it is forgotten', { timeout: 600_000 }, async () => {
  const report = JSON.parse(await onSite('tune', '--strategy', 'graph', '--trials', '12', '--json'));
  assert.ok(report.trials <= 12 && report.value >= report.default_value);
  assert.ok(report.better, 'the default restart is not the best of this shop');
  const file = path.join(modelFolder(), 'graph.params');
  assert.equal(readFileSync(file, 'utf8'), report.params);
  const parametersOf = async (strategy) => {
    const [row] = await query(folder,
      `select hyperparameters from ml_models where name = '${strategy}' order by trained_at desc limit 1`);
    const found = row.hyperparameters;
    return typeof found === 'string' ? JSON.parse(found) : found;
  };
  const usual = await parametersOf('graph');
  await pause(1100);
  await onSite('train', '--strategy', 'graph');
  assert.notDeepEqual(await parametersOf('graph'), usual);
  assert.match(await onSite('tune', '--strategy', 'graph', '--reset'), /graph is trained with its defaults/);
  assert.equal(existsSync(file), false);
  await onSite('train', '--model', 'graph:restart=0.25');
  assert.equal((await parametersOf('graph')).restart, 0.25);
  await assert.rejects(onSite('tune', '--strategy', 'neural'), /nothing to tune/);
});

test('bad questions are refused with what to do', { timeout: 120_000 }, async () => {
  await assert.rejects(onSite('evaluate', 'site', '--strategy', 'telepathy'), /there are sequential/);
  await assert.rejects(onSite('evaluate', 'site', '--strategy', 'sequential', '--protocol', 'time'), /next-item or leave-one-out/);
  await attune(['site', 'add', '--data', folder, '--domain', 'empty.example']);
  await assert.rejects(attune(['evaluate', 'site', '--data', folder, '--site', 'empty.example']), /0 visits with at least two items/);
  const one = path.join(folder, 'one.ndjson');
  writeFileSync(one, ['a', 'b', 'a', 'b'].map((id, i) => JSON.stringify({
    type: 'product_view', visitor_id: 'alone', url: 'https://one.example/', items: [{ id }],
    timestamp: new Date(Date.now() - dayMs * (2 - Math.floor(i / 2)) + i * 1000).toISOString() })).join('\n'));
  await attune(['site', 'add', '--data', folder, '--domain', 'one.example']);
  await attune(['import', 'events', '--data', folder, '--site', 'one.example', one]);
  await assert.rejects(attune(['evaluate', 'site', '--data', folder, '--site', 'one.example', '--protocol', 'strong']),
    /people with 5 items/);
});

/** Ways in which a file can be wrong, and what is said of each. */
const damages = {
  cut: { apply: (bytes) => bytes.subarray(0, bytes.length / 2), says: /holds \d+ bytes of \d+/ },
  altered: { apply: (bytes) => { bytes[bytes.length >> 1] ^= 1; return bytes; }, says: /altered or damaged/ },
  newer: { apply: (bytes) => { bytes.writeUInt32LE(99, 12); return bytes; }, says: /newer version of Attune/ },
};

test('a bad file is not promoted, and the model in service stays', { timeout: 120_000 }, async () => {
  const serving = await inProduction();
  const { models } = await api('GET', '/models');
  const other = models.find((model) => model.strategy === 'item_to_item' && model.status === 'archived');
  const file = fileOf('item_to_item', other.version);
  const good = readFileSync(file);
  for (const { apply, says } of Object.values(damages)) {
    writeFileSync(file, apply(Buffer.from(good)));
    await assert.rejects(onSite('models', 'promote', '--strategy', 'item_to_item', '--version', other.version), says);
    assert.deepEqual(await inProduction(), serving);
    assert.equal((await ask('item_to_item')).version, serving.item_to_item);
  }
  writeFileSync(file, good);
});

test('a start with a bad file serves the newest good model before it, and says so', { timeout: 300_000 }, async () => {
  const { sequential } = await inProduction();
  const { models } = await api('GET', '/models');
  const earlier = models.find((model) => model.strategy === 'sequential' && model.status === 'archived').version;
  const file = fileOf('sequential', sequential);
  const good = readFileSync(file);
  for (const [how, { apply, says }] of Object.entries(damages)) {
    await server.stop();
    writeFileSync(file, apply(Buffer.from(good)));
    server = await serve(folder, { env });
    assert.equal((await ask('sequential')).version, earlier, how);
    assert.match(server.output(), says);
    assert.match(server.output(), new RegExp(`${earlier} serves in its place`));
    assert.equal((await ask('graph')).named > 0, true, 'the others are as before');
    // Every refresh looks again: the one in service stays until the file is whole.
    await api('PUT', '/products', [{ id: 'one-more', name: how, category: 'taste 1' }]);
    assert.equal((await ask('sequential')).version, earlier);
  }
  writeFileSync(file, good);
  await api('PUT', '/products', [{ id: 'one-more', name: 'whole again', category: 'taste 1' }]);
  await waitFor('the model in production', async () => (await ask('sequential')).version === sequential);
});

test('killed while it loads, the server starts with the same models', { timeout: 300_000 }, async (t) => {
  const serving = await inProduction();
  const digest = () => readdirSync(modelFolder()).filter((name) => name.endsWith('.model')).sort()
    .map((name) => [name, createHash('sha256').update(readFileSync(path.join(modelFolder(), name))).digest('hex')]);
  const files = digest();
  await server.stop();
  let killed = 0;
  for (let round = 0; round < Number(process.env.KILLS ?? 8); round += 1) {
    const child = spawn(attuneBin, ['serve', '--data', folder, '--listen', `127.0.0.1:${await freePort()}`, '--empty'],
      { env: { ...process.env, ...env, ATTUNE_ADMIN_PASSWORD: adminPassword }, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    const gone = once(child, 'exit');
    await pause(20 + random() * 400);
    child.kill('SIGKILL');
    await gone;
    killed += output.includes('is running') ? 0 : 1;
  }
  t.diagnostic(`${killed} kills before the server answered`);
  assert.deepEqual(digest(), files);
  server = await serve(folder, { env });
  assert.deepEqual(await inProduction(), serving);
  for (const strategy of strategies) assert.equal((await ask(strategy)).version, serving[strategy], strategy);
});
