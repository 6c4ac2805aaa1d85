// House rules as a test. What is over a limit today is listed in ratchet.json and may only shrink:
//   node tests/tidy/tidy.mjs            checks
//   node tests/tidy/tidy.mjs --update   rewrites ratchet.json, refusing to let anything grow
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const ratchetFile = join(root, 'tests/tidy/ratchet.json');

// Which folders a folder may include: the one-way arrows of ARCHITECTURE.md.
const mayInclude = {
  base: [],
  event: ['base'],
  journal: ['base'],
  store: ['base'],
  collect: ['base', 'event', 'journal'],
  etl: ['base', 'event', 'journal', 'store'],
  profile: ['base', 'event', 'store'],
  learn: ['base', 'store', 'profile'],
  decide: ['base', 'event', 'journal', 'profile', 'learn'],
  report: ['base', 'store'],
  experiment: ['base', 'event', 'store'],
  campaign: ['base', 'event', 'store', 'experiment'],
  serve: ['base', 'event', 'journal', 'store', 'collect', 'etl', 'profile', 'learn', 'decide', 'report', 'experiment', 'campaign'],
};

const limits = { functionLines: 70, columns: 100, headerLines: 300, sourceLines: 800 };

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8' }).split('\n').filter((name) => name && existsSync(join(root, name)));
const problems = [];   // always errors
const measures = {};   // "file: what" -> number over its limit; ratcheted

function over(file, what, value, limit) {
  if (value > limit) measures[`${file}: ${what}`] = value;
}

function checkIncludes(file, text) {
  const found = /^src\/([a-z]+)\//.exec(file)?.[1];
  const folder = found in mayInclude ? found : undefined;  // src/commands and src/app may include all
  for (const [, included] of text.matchAll(/^#include "([^"]+)"/gm)) {
    if (included.startsWith('../') || included.startsWith('./')) {
      problems.push(`${file}: include "${included}" from the root, not relatively`);
    }
    const target = included.split('/')[0];
    if (folder && target !== folder && target in mayInclude && !mayInclude[folder].includes(target)) {
      problems.push(`${file}: ${folder} may not include ${target} ("${included}")`);
    }
  }
  if (/#include <boost\/beast/.test(text) && !/^(src\/serve|bench|tests|examples)\//.test(file)) {
    problems.push(`${file}: only src/serve knows HTTP (Boost.Beast)`);
  }
  if (file.endsWith('.h') && /#include <(simdjson|boost\/beast)/.test(text)) {
    problems.push(`${file}: keep Beast and simdjson out of headers`);
  }
}

// A function body starts at a line ending in "{" in column 0 or 2 and ends at the matching "}" column.
function longestFunction(lines) {
  let longest = 0;
  for (let i = 0; i < lines.length; i += 1) {
    const start = /^( {0,2})[^\s#/}].*\)( const| noexcept| override| final| ->[^{]*)*\s*\{$/.exec(lines[i]);
    if (!start) continue;
    const end = lines.findIndex((line, k) => k > i && line.startsWith(`${start[1]}}`));
    if (end > i) longest = Math.max(longest, end - i + 1);
  }
  return longest;
}

const banned = [
  [/\bcatch \(\.\.\.\) \{\s*\}/, 'an empty catch (...)'],
  [/\bstd::cout\b/, 'std::cout (print through fmt)'],
  [/\bsleep_for\(/, 'sleep_for (wait on something with a deadline)', /^(src|tests\/(?!e2e|crash))/],
  [/-march=native/, '-march=native'],
  [/\busing namespace std;/, 'using namespace std'],
];

const sqlText = /"(select|insert into|update [a-z_]+ set|delete from|create (table|view|index))\s/i;

for (const file of files) {
  if (/\.(png|ico|woff2?|gz|br|lock)$|package-lock\.json$|^LICENSE$|\/corpus\//.test(file)) continue;
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n');
  const code = /\.(cpp|h)$/.test(file);
  const marker = new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|X${'XX'}|HA${'CK'})\\b`);
  lines.forEach((line, index) => {
    if (marker.test(line)) problems.push(`${file}:${index + 1}: leftover marker`);
    if (/[ \t]$/.test(line) && !file.endsWith('.md')) problems.push(`${file}:${index + 1}: trailing space`);
  });
  if (!code) continue;
  checkIncludes(file, text);
  if (file.endsWith('.h') && !text.includes('#pragma once')) problems.push(`${file}: no #pragma once`);
  for (const [pattern, name, where] of banned) {
    if (pattern.test(text) && (!where || where.test(file))) problems.push(`${file}: ${name}`);
  }
  if (/^src\//.test(file) && sqlText.test(text)) problems.push(`${file}: SQL text belongs into sql/`);
  over(file, 'columns', Math.max(...lines.map((line) => [...line].length)), limits.columns);
  over(file, 'lines', lines.length, file.endsWith('.h') ? limits.headerLines : limits.sourceLines);
  over(file, 'function lines', longestFunction(lines), limits.functionLines);
}

const ratchet = existsSync(ratchetFile) ? JSON.parse(readFileSync(ratchetFile, 'utf8')) : {};
for (const [key, value] of Object.entries(measures)) {
  if (value > (ratchet[key] ?? 0)) {
    problems.push(`${key} = ${value}${ratchet[key] ? `, was ${ratchet[key]}` : ''}`);
  }
}
if (process.argv.includes('--update')) {
  const kept = {};
  for (const key of Object.keys(measures).sort()) kept[key] = measures[key];
  writeFileSync(ratchetFile, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`ratchet.json: ${Object.keys(kept).length} entries`);
} else if (problems.length) {
  console.error(problems.join('\n'));
  console.error(`${problems.length} problems`);
  process.exitCode = 1;
} else {
  console.log(`${files.length} files, no problem; ${Object.keys(measures).length} ratcheted`);
}
