// A real Attune for tests without a browser: start, kill, ask, run commands. No dependencies.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPostgres } from './postgres.mjs';

const runFile = promisify(execFile);
export const sourceDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const attuneBin = path.resolve(process.env.ATTUNE_BIN ?? path.join(sourceDir, 'build/release/attune'));
export const testData = path.resolve(process.env.ATTUNE_TEST_DATA ?? path.join(sourceDir, '../shared/data'));
export const adminPassword = 'correct horse battery staple';

/** A small seeded generator, so that a failing run can be repeated: SEED=n. */
export function seeded(seed) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 40n) / 2 ** 24;
  };
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function waitFor(what, probe, { timeoutMs = 30_000, everyMs = 50 } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const last = await probe().catch((error) => error);
    if (last && !(last instanceof Error)) return last;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}: ${last}`);
    await pause(everyMs);
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The server of a run with ATTUNE_TEST_ENGINE=postgres; null: the embedded database. */
export const postgres = process.env.ATTUNE_TEST_ENGINE === 'postgres' ? startPostgres() : null;

/** A temporary folder that is removed when the process ends well. On PostgreSQL also a database, which
    servers and commands started from now on use. */
export async function temporaryFolder(name, { database = true } = {}) {
  if (postgres && database) process.env.ATTUNE_STORE_URL = postgres.url(postgres.createDatabase());
  const folder = await mkdtemp(path.join(tmpdir(), `attune-${name}-`));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs one command; resolves to its standard output, rejects with code and stderr. */
export async function attune(args, options = {}) {
  const { stdout } = await runFile(attuneBin, args, { maxBuffer: 256 << 20, ...options });
  return stdout;
}

/** A person's browser: what node calls itself is a bot, and bots have no sessions. */
export const browserHeaders = {
  'content-type': 'application/json',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
};

const rowsMax = 100_000;  // of one answer

export async function query(folder, sql) {
  return JSON.parse(await attune(['query', '--data', folder, '--format', 'json', '--rows', `${rowsMax}`, sql]));
}

/** All rows of an answer of any length; `sql` orders them. */
export async function queryAll(folder, sql) {
  const all = [];
  for (;;) {
    const rows = await query(folder, `${sql} limit ${rowsMax} offset ${all.length}`);
    all.push(...rows);
    if (rows.length < rowsMax) return all;
  }
}

/** A person's calls: what the API answers to who is logged in. */
export async function logIn(server) {
  const login = await fetch(`${server.url}/api/v1/login`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password: adminPassword }) });
  const { csrf_token: csrf } = await login.json();
  const headers = { cookie: login.headers.get('set-cookie').split(';')[0], 'x-csrf-token': csrf, 'content-type': 'application/json' };
  return async (method, where, body) => {
    const answer = await fetch(`${server.url}/api/v1${where}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${where}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

/** Starts `attune serve --empty` and waits until it answers. */
export async function serve(folder, { port, args = ['--empty'], env = {} } = {}) {
  const onPort = port ?? (await freePort());
  const child = spawn(attuneBin, ['serve', '--data', folder, '--listen', `127.0.0.1:${onPort}`, ...args], {
    env: { ...process.env, ATTUNE_ADMIN_PASSWORD: adminPassword, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails must not leave its server behind, nor wait for it.
  const handles = [child, child.stdout, child.stderr];
  handles.forEach((handle) => handle.unref());
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  const keep = (chunk) => { output = (output + chunk).slice(-20_000); };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const url = `http://127.0.0.1:${onPort}`;
  const server = {
    url, port: onPort, child, exited, output: () => output,
    async stop() {
      child.ref();
      child.kill('SIGTERM');
      return exited;
    },
    async kill() {
      child.ref();
      child.kill('SIGKILL');
      return exited;
    },
  };
  let ended = null;
  exited.then((how) => { ended = how; });
  await waitFor('attune to answer', async () => {
    if (ended !== null) return 'ended';
    return (await fetch(`${url}/readyz`)).ok;
  }, { timeoutMs: 60_000 });
  if (ended !== null) throw new Error(`attune ended while starting (${ended})\n${output}`);
  return server;
}
