// A PostgreSQL of a test's own: a throw-away cluster on a Unix socket, run by `postgres` when we are
// root (the server refuses root).
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const versions = '/usr/lib/postgresql';

/** The newest version's programs, or those of ATTUNE_TEST_POSTGRES; null when there are none. */
export function postgresPrograms() {
  if (process.env.ATTUNE_TEST_POSTGRES) return process.env.ATTUNE_TEST_POSTGRES;
  if (!existsSync(versions)) return null;
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(versions, version, 'bin'))
    .find((folder) => existsSync(path.join(folder, 'initdb')));
  return newest ?? null;
}

/** settings  of the server. inside  a folder to lie in; default: the system's temporary one. */
export function startPostgres({ settings = {}, inside = tmpdir() } = {}) {
  const programs = postgresPrograms();
  const folder = mkdtempSync(path.join(inside, 'attune-postgres-'));
  chmodSync(folder, 0o777);
  const data = path.join(folder, 'data');
  const run = (program, ...args) => {
    const command = [program === 'psql' ? program : path.join(programs, program), ...args];
    const whole = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    // Not piped: the server would keep the pipe open and execFileSync would wait for it.
    return execFileSync(whole[0], whole.slice(1), { cwd: '/', stdio: ['ignore', program === 'psql' ? 'pipe' : 'ignore', 'ignore'] });
  };
  const options = Object.entries({ fsync: 'off', timezone: 'UTC', ...settings })
    .map(([name, value]) => `-c ${name}=${value}`).join(' ');
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
  const start = () => run('pg_ctl', '-D', data, '-w', '-t', '60', '-l', path.join(data, 'out'),
    '-o', `-k ${folder} -h '' ${options}`, 'start');
  const crash = () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
  start();
  let databases = 0;
  const cluster = {
    folder, start, crash,
    url: (database, role = 'postgres') => `postgres:///${database}?user=${role}&host=${folder}`,
    /** Runs SQL as superuser; what it answers, as text. */
    psql: (database, sql) => run('psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-U', 'postgres',
      '-d', database, '-c', sql).toString().trim(),
    createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      cluster.psql('postgres', `create database ${name}`);
      return name;
    },
    remove() {
      try { crash(); } catch { /* it was down */ }
      if (process.getuid() === 0) execFileSync('runuser', ['-u', 'postgres', '--', 'rm', '-rf', data], { cwd: '/' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
  process.once('exit', () => cluster.remove());
  return cluster;
}
