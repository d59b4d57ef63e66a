// `npm run fuzz`: tries random inputs on everything that reads what strangers wrote, for as long as it is given.
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import type { FuzzProperty } from './fuzz-property.ts';
import { DOCUMENT_PROPERTIES } from './documents.ts';
import { HTTP_PROPERTIES, stopHttp } from './http-endpoint.ts';
import { KUBECONFIG_PROPERTIES } from './kubeconfig.ts';
import { countReached, type Reached } from './reached.ts';
import { READER_PROPERTIES } from './reader.ts';

const PROPERTIES: readonly FuzzProperty[] = [...READER_PROPERTIES, ...KUBECONFIG_PROPERTIES, ...DOCUMENT_PROPERTIES, ...HTTP_PROPERTIES];

const HELP = `usage: npm run fuzz -- [--minutes N] [--seed N] [--only TEXT] [--reached]

Tries random inputs on what reads the words of strangers, and ends with 1 and the smallest input found when a promise breaks.

  --minutes N  for so long in all (default: 4)
  --seed N     the same inputs again (default: a new one, which is printed)
  --reached    say at the end which code of the readers no input reached (twice as slow)
  --only TEXT  only promises with TEXT in their name:
${PROPERTIES.map(({ name }) => `                 ${name}`).join('\n')}`;

function flags(): { minutes: number; seed: number; only: string; reached: boolean } | undefined {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' },
      reached: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  });
  const { minutes = '4', seed = String(Date.now() % 2 ** 31), only = '', reached = false, help } = values;
  if (help === true) return undefined;
  if (!(Number(minutes) > 0) || !Number.isInteger(Number(seed))) throw new Error('--minutes must be a number above 0, --seed an integer');
  return { minutes: Number(minutes), seed: Number(seed), only, reached };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Tries one for a while. Returns whether it held. */
async function holds({ name, property }: FuzzProperty, { seed, ms }: { seed: number; ms: number }): Promise<boolean> {
  const limits = { interruptAfterTimeLimit: ms, markInterruptAsFailure: false, numRuns: Number.MAX_SAFE_INTEGER };
  const details = await fc.check(property, { seed, ...limits });
  print(`${details.failed ? 'BROKEN' : 'held  '} ${String(details.numRuns).padStart(9)} inputs  ${name}`);
  if (details.failed) print(`${fc.defaultReportMessage(details)}\nagain: npm run fuzz -- --seed ${seed} --only '${name}'`);
  return !details.failed;
}

function printReached({ blocks, missed }: Reached): void {
  print(`${blocks - missed.length} of ${blocks} blocks of the readers were reached, not these:`);
  for (const each of missed) print(`  ${each}`);
}

async function main(): Promise<number> {
  const given = flags();
  if (given === undefined) return print(HELP) ?? 0;
  const chosen = PROPERTIES.filter(({ name }) => name.includes(given.only));
  if (chosen.length === 0) throw new Error(`no promise has "${given.only}" in its name`);
  print(`seed ${given.seed}, ${chosen.length} promises, ${given.minutes} minutes`);
  const reached = given.reached ? await countReached() : undefined;
  let broken = 0;
  for (const each of chosen) if (!(await holds(each, { seed: given.seed, ms: (given.minutes * 60_000) / chosen.length }))) broken += 1;
  await stopHttp();
  if (reached !== undefined) printReached(await reached());
  return broken === 0 ? 0 : 1;
}

process.on('SIGINT', () => process.exit(130));
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  return 2;
});
