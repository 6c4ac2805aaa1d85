// `attune account`: what existing accounts get.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { attune, query, serve, temporaryFolder } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const cluster = postgresPrograms() === null ? null : startPostgres();
after(() => cluster?.remove());

async function populated(database) {
  const { folder, remove } = await temporaryFolder('account', { database: false });
  const server = await serve(folder, { args: ['--empty', ...(database ? ['--database', database] : [])],
    env: { ATTUNE_STORE_URL: '' } });
  const profiles = () => query(folder, `select profile.user_id = account.id as ours, cast(risk_tolerance as double precision) as risk,
    profile.created_at is not null and profile.updated_at is not null as dated
    from meta_user_profiles as profile inner join account on account.id = profile.user_id`);
  assert.deepEqual(await profiles(), []);
  assert.match(await attune(['account', 'populate', '--data', folder]), /1/);
  assert.deepEqual(await profiles(), [{ ours: true, risk: 0.5, dated: true }]);
  await attune(['account', 'populate', '--data', folder]);
  assert.equal((await profiles()).length, 1);
  assert.equal(await server.stop(), 0);
  await remove();
}

test('populate gives the accounts there are a profile, once', { timeout: 60_000 }, () => populated(null));
test('populate on PostgreSQL', { timeout: 60_000, skip: cluster ? false : 'no PostgreSQL: nothing checked' },
  () => populated(cluster.url(cluster.createDatabase())));
