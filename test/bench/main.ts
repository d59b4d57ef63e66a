// `npm run bench`: measures, prints a table, and writes what it measured to build/bench/. Never part of the tests: times depend on the machine.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bridge } from './bridge/bridge.ts';
import { clients } from './hostile/clients.ts';
import { handshakes } from './hostile/handshakes.ts';
import { largeObjects } from './hostile/large-objects.ts';
import { references } from './hostile/references.ts';
import type { BenchOptions, Subject } from './subject.ts';

const FOLDER = join(import.meta.dirname, '../../build/bench');
/** By flag. */
const SUBJECTS: Readonly<Record<'hostile' | 'bridge', readonly Subject[]>> = {
  hostile: [handshakes, clients, references, largeObjects],
  bridge: [bridge],
};

const HELP = `usage: npm run bench -- (--hostile | --bridge) [--only NAME] [--checkout DIR]

Measures on this machine, prints a table for each subject and writes it as JSON
to build/bench/NAME.json.

  --hostile       what attacks cost, as ratios to good behaviour in the same run:
${SUBJECTS.hostile.map(({ name }) => `                    ${name}`).join('\n')}
  --bridge        the stdio bridge beside direct stdio and the bridges of others,
                  which are fetched from the npm registry where it answers
  --only NAME     only subjects with NAME in their name
  --checkout DIR  the operator of another checkout, where one is started`;

async function measure({ name, title, run }: Subject, options: BenchOptions): Promise<void> {
  process.stdout.write(`${name}: ${title}\n`);
  const rows = await run((line) => process.stderr.write(`${line}\n`), options);
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  for (const row of cells) process.stdout.write(`${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd()}\n`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify({ name, title, node: process.version, rows }, undefined, 2)}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { hostile: { type: 'boolean' }, bridge: { type: 'boolean' }, only: { type: 'string' }, checkout: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const { only = '', checkout = join(import.meta.dirname, '../..'), help } = values;
  const subjects = (['hostile', 'bridge'] as const).flatMap((flag) => (values[flag] === true ? SUBJECTS[flag] : []));
  if (subjects.length === 0) {
    process.stdout.write(`${HELP}\n`);
    return help === true ? 0 : 2;
  }
  const chosen = subjects.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new Error(`no subject has "${only}" in its name; --help lists them`);
  for (const subject of chosen) await measure(subject, { checkout });
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  return 2;
});
