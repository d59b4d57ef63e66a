// `npm run bench`: measures, prints a table, and writes what it measured to build/bench/. Never part of the tests: times depend on the machine.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bridge } from './bridge/bridge.ts';
import { pool } from './bridge/pool.ts';
import { clients } from './hostile/clients.ts';
import { handshakes } from './hostile/handshakes.ts';
import { largeObjects } from './hostile/large-objects.ts';
import { references } from './hostile/references.ts';
import { compare } from './compare.ts';
import { fleet } from './fleet/fleet.ts';
import { goOperator } from './fleet/go-operator.ts';
import { reconciles } from './fleet/reconciles.ts';
import { running } from './fleet/running.ts';
import { standing } from './fleet/standing.ts';
import { page } from './page/page.ts';
import type { BenchOptions, Subject } from './subject.ts';
import { table } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'build/bench');
/** By flag. */
const SUBJECTS: Readonly<Record<'hostile' | 'bridge' | 'servers' | 'running' | 'standing' | 'reconciles' | 'page', readonly Subject[]>> = {
  hostile: [handshakes, clients, references, largeObjects],
  bridge: [bridge, pool],
  servers: [fleet],
  running: [running],
  standing: [standing],
  reconciles: [reconciles],
  page: [page],
};

const HELP = `usage: npm run bench -- (--hostile | --bridge | --servers N | --running N |
                       --standing N | --reconciles N | --page N) [--data DIR]
                       [--only NAME] [--checkout DIR] [--workers N]
                       [--against COMMAND | --go] [--profile DIR]
       npm run bench -- --compare BEFORE.json AFTER.json

Measures on this machine, prints a table for each subject and writes it as JSON
to build/bench/NAME.json.

  --hostile       what attacks cost, as ratios to good behaviour in the same run:
${SUBJECTS.hostile.map(({ name }) => `                    ${name}`).join('\n')}
  --bridge        the stdio bridge beside direct stdio and the bridges of others,
                  which are fetched from the npm registry where it answers; and
                  what processes that wait cost and give:
${SUBJECTS.bridge.map(({ name }) => `                    ${name}`).join('\n')}
  --servers N     what N MCPServers cost the operator as its image runs it: new
                  ones, at rest, one field of all changed, after a restart, and
                  how soon a change of one is applied, beside a bare loop that
                  sends as many server-side applies
  --running N     what N MCPServers cost the operator whose pods run, which a
                  program says that stands in for scheduler and kubelets: as
                  they come, at rest, changed, and after a restart
  --standing N    what N MCPServers cost the operator that stand already: three
                  starts, rest, and a change of all
  --data DIR      with --standing and --reconciles: keeps the cluster in DIR, and
                  takes the MCPServers that an earlier run has left there
  --reconciles N  what N reconciles without a change cost and leave behind, with
                  10 MCPServers and with as many as --servers says
  --page N        how soon the dashboard shows N MCPServers and a change of one, and
                  what it takes
  --workers N     with --servers: the operator works on N at a time
  --against COMMAND
                  with --servers: the same of another operator that serves the
                  same CRD, started by COMMAND with KUBECONFIG
  --go            with --servers: against a small operator in Go, with sixteen
                  workers on controller-runtime, which is built once
  --profile DIR   with --servers, --running, --standing and --reconciles: writes CPU
                  profiles of the operators to DIR
  --only NAME     only subjects with NAME in their name
  --checkout DIR  the operator of another checkout, where one is started
  --compare A B   two results side by side`;

async function measure({ name, title, run }: Subject, options: BenchOptions): Promise<void> {
  process.stdout.write(`${name}: ${title}\n`);
  const rows = await run((line) => process.stderr.write(`${line}\n`), options);
  process.stdout.write(table(rows));
  await mkdir(FOLDER, { recursive: true });
  const { servers } = options;
  const result = { name, title, node: process.version, ...(servers !== undefined && { servers }), rows };
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hostile: { type: 'boolean' }, bridge: { type: 'boolean' }, servers: { type: 'string' },
      running: { type: 'string' }, standing: { type: 'string' }, reconciles: { type: 'string' }, page: { type: 'string' }, data: { type: 'string' },
      only: { type: 'string' }, checkout: { type: 'string' },
      profile: { type: 'string' }, compare: { type: 'string' }, workers: { type: 'string' }, against: { type: 'string' }, go: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { only = '', checkout = ROOT, profile, data, against, help, compare: before } = values;
  const counts = (['servers', 'workers', 'reconciles', 'running', 'standing', 'page'] as const).map((flag) => count(flag, values[flag]));
  const [servers, workers, times, withPods, there, onPage] = counts;
  if (before !== undefined) {
    process.stdout.write(table(await compare(before, positionals[0] ?? '')));
    return 0;
  }
  const flags = (['hostile', 'bridge', 'servers', 'running', 'standing', 'reconciles', 'page'] as const).filter((flag) => values[flag] !== undefined);
  // Of reconciles, --servers says with how many MCPServers.
  const subjects = flags.filter((flag) => flag !== 'servers' || times === undefined).flatMap((flag) => SUBJECTS[flag]);
  if (subjects.length === 0) {
    process.stdout.write(`${HELP}\n`);
    return help === true ? 0 : 2;
  }
  const chosen = subjects.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new Error(`no subject has "${only}" in its name; --help lists them`);
  const other = values.go === true ? await goOperator((line) => process.stderr.write(`${line}\n`)) : against;
  const options = {
    checkout: resolve(checkout), servers: onPage ?? there ?? withPods ?? servers, workers, reconciles: times, against: other,
    profile: profile && resolve(profile), data: data && resolve(data),
  };
  for (const subject of chosen) await measure(subject, options);
  return 0;
}

function count(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${flag} takes a whole number above 0, not "${text}"`);
  return Number(text);
}

// What is started ends with this process, however that ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  return 2;
});
