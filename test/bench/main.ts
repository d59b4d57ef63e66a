// `npm run bench`: measures, prints a table, and writes what it measured to build/bench/. Never part of the tests: times depend on the machine.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { handshakes } from './hostile/handshakes.ts';
import type { Subject } from './subject.ts';

const FOLDER = join(import.meta.dirname, '../../build/bench');
/** By flag. */
const SUBJECTS: Readonly<Record<'hostile', readonly Subject[]>> = { hostile: [handshakes] };

const HELP = `usage: npm run bench -- --hostile

Measures on this machine, prints a table for each subject and writes it as JSON to build/bench/SUBJECT.json.

  --hostile  what attacks cost, as ratios to good behaviour in the same run: ${SUBJECTS.hostile.map(({ name }) => name).join(', ')}`;

async function measure({ name, title, run }: Subject): Promise<void> {
  process.stdout.write(`${name}: ${title}\n`);
  const rows = await run((line) => process.stderr.write(`${line}\n`));
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  for (const row of cells) process.stdout.write(`${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd()}\n`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify({ name, title, node: process.version, rows }, undefined, 2)}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { hostile: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.hostile !== true) {
    process.stdout.write(`${HELP}\n`);
    return values.help === true ? 0 : 2;
  }
  for (const subject of SUBJECTS.hostile) await measure(subject);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  return 2;
});
