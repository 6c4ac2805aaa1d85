// The command line's promises that need no server: help everywhere, exit codes, settings and their reference.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { attune, sourceDir, temporaryFolder } from './attune.mjs';

test('docs/configuration.md is what the program prints', async () => {
  const printed = await attune(['config', '--markdown']);
  assert.equal(readFileSync(path.join(sourceDir, 'docs/configuration.md'), 'utf8'), printed);
});

test('every command explains itself', async () => {
  const commands = [[], ['serve'], ['site'], ['site', 'add'], ['site', 'list'], ['key'], ['key', 'add'],
    ['import'], ['import', 'access-log'], ['import', 'sessions'], ['import', 'events'], ['train'],
    ['graph', 'refresh'], ['evaluate'], ['evaluate', 'sessions'], ['evaluate', 'site'], ['tune'], ['query'], ['status'], ['replay'], ['check'], ['config'], ['version']];
  for (const command of commands) {
    const help = await attune([...command, '--help']);
    assert.match(help, /--help/, command.join(' '));
  }
});

test('wrong use exits non-zero and says why', async () => {
  const { folder, remove } = await temporaryFolder('config');
  const data = path.join(folder, 'data');
  const cases = [
    [['nonsense'], /nonsense|subcommand/i],
    [['key', 'add', '--data', data, '--site', 'nowhere.example', '--scope', 'read'], /nowhere\.example|site/],
    [['key', 'add', '--data', data, '--site', 'x', '--scope', 'everything'], /scope|everything/],
    [['key', 'add', '--data', data, '--scope', 'admin'], /--site/],
    [['key', 'add', '--data', data, '--site', 'x', '--whole-server', '--scope', 'admin'], /--whole-server/],
    [['key', 'add', '--data', data, '--whole-server', '--scope', 'read'], /scope/],
    [['query', '--data', data, 'drop table website'], /read|only|select/i],
    [['query', '--data', data, "select * from read_csv('/etc/passwd')"], /disabled|access|permission|not allowed/i],
    [['import', 'events', path.join(folder, 'missing'), '--data', data, '--site', 'x'], /missing|read/],
    [['status', '--server', 'ftp://nowhere'], /http/],
    [['evaluate', 'sessions', '--train', path.join(folder, 'missing'), '--test', path.join(folder, 'missing')], /missing/],
  ];
  for (const [args, reason] of cases) {
    await assert.rejects(attune(args), (error) => {
      assert.notEqual(error.code, 0);
      assert.match(error.stderr, reason, args.join(' '));
      return true;
    });
  }
  await remove();
});

test('a setting out of bounds, unknown, or of another type is refused by name', async () => {
  const { folder, remove } = await temporaryFolder('config');
  const file = path.join(folder, 'attune.toml');
  for (const [text, reason] of [
    ['[journal]\nsegment_bytes = 5\n', /journal\.segment_bytes.*1048576/],
    ['[journal]\nsegments = 5\n', /journal\.segments/],
    ['[server]\ntrust_proxy = "yes"\n', /server\.trust_proxy/],
    ['[server\n', /line 1/],
  ]) {
    writeFileSync(file, text);
    await assert.rejects(attune(['serve', '--data', path.join(folder, 'data'), '--config', file]),
      (error) => reason.test(error.stderr) || assert.fail(`${text} gave ${error.stderr}`));
  }
  await remove();
});
