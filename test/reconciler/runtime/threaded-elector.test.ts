// The election of a process, its thread included, before an API server that has nothing but a Lease.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ThreadedElector } from '../../../reconciler/runtime/threaded-elector.ts';
import { leaderProblem, SharedLease } from '../../../reconciler/runtime/shared-lease.ts';
import { startEmptyCluster } from '../../support/empty-cluster.ts';
import type { MemoryLeases } from '../../support/memory-leases.ts';
import { eventually } from '../../support/cluster.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'election-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A plugin that a shell runs. */
function plugin(kubeconfig: string, script: string): string {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], interactiveMode: 'Never' };
  return JSON.stringify({ ...(JSON.parse(kubeconfig) as object), users: [{ name: 'x', user: { exec } }] });
}

interface Setup {
  readonly file: string;
  readonly leases: MemoryLeases;
  readonly told: string[];
  readonly stop: AbortController;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
  readonly elector: ThreadedElector;
}

let number = 0;
/** An elector that is not running yet; its kubeconfig is `edit` made of that of the cluster. */
async function setup(edit: (kubeconfig: string, file: string) => string = (kubeconfig) => kubeconfig): Promise<Setup> {
  const cluster = await startEmptyCluster();
  const file = join(folder, String(number++));
  await writeFile(file, edit(cluster.kubeconfig, file));
  const told: string[] = [];
  const tell = (level: string) => (fields: { reason?: string }, message: string): void => {
    told.push([level, message, fields.reason].filter(Boolean).join(': '));
  };
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  const elector = new ThreadedElector({
    connect: { kubeconfig: file, env: process.env }, userAgent: 'test', lease: { namespace: 'system', name: 'operator' }, identity: 'me',
    log: { level: 'silent', info: tell('info'), warn: tell('warn') } as never,
    onRequest: ({ method, status }) => told.push(`${method} ${status}`),
    onLeading: (leading) => told.push(leading ? 'leads' : 'leads no more'),
  });
  const run = elector.run(stop.signal, () => {
    told.push('works');
    return work.promise;
  }).then(() => void told.push('ended'), (error: Error) => void told.push(error.message));
  onTestFinished(async () => {
    stop.abort();
    work.resolve();
    await run;
    cluster.close();
  });
  return { file, leases: cluster.leases, told, stop, finish: () => work.resolve(), fail: work.reject, elector };
}

it('leads, works, renews, and releases when the work has ended, told in that order', async () => {
  const { leases, told, stop, finish, elector } = await setup();
  await eventually(() => expect(told).toContain('works'));
  expect(elector.check()).toBeUndefined();
  const taken = leases.stored?.spec?.renewTime;
  await eventually(() => expect(leases.stored?.spec?.renewTime).not.toBe(taken));
  stop.abort();
  finish();
  await eventually(() => expect(told).toContain('ended'));
  expect(told.filter((each) => !each.startsWith('PUT'))).toEqual([
    'info: standing by for the lease', 'GET 404', 'POST 200', 'info: leading', 'leads', 'works', 'leads no more', 'GET 200', 'info: lease released', 'ended',
  ]);
  expect(leases.stored?.spec?.holderIdentity).toBe('');
});

it('keeps the lease when the work fails', async () => {
  const { leases, told, fail } = await setup();
  await eventually(() => expect(told).toContain('works'));
  fail(new Error('half of it still runs'));
  await eventually(() => expect(told.slice(-2)).toEqual(['leads no more', 'half of it still runs']));
  expect(leases.stored?.spec?.holderIdentity).toBe('me');
});

it('ends when it is stopped while it waits for the lease, while a request gets no answer, and while a credential plugin runs', async () => {
  const held = await setup();
  held.leases.write({ holderIdentity: 'other', leaseDurationSeconds: 3600 });
  await eventually(() => expect(held.told).toContain('info: another replica leads'));
  const silent = await setup();
  silent.leases.fault = () => 'stuck';
  await eventually(() => expect(silent.leases.requests).toEqual(['GET']));
  const waiting = await setup((kubeconfig, file) => plugin(kubeconfig, `until test -e ${file}.ready; do sleep 0.1; done`));
  onTestFinished(() => writeFile(`${waiting.file}.ready`, ''));
  await eventually(() => expect(waiting.told).toContain('info: standing by for the lease'));
  for (const { stop, told } of [held, silent, waiting]) {
    stop.abort();
    await eventually(() => expect(told.at(-1)).toBe('ended'));
    expect(told).not.toContain('works');
  }
});

it('tells why it cannot connect, and tries again', async () => {
  const token = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}';
  const { file, told } = await setup((kubeconfig, name) => plugin(kubeconfig, `test -e ${name}.ready && echo '${token}'`));
  await eventually(() => expect(told).toContainEqual(expect.stringMatching(/^warn: the lease could not be asked for: .*exit/)));
  await writeFile(`${file}.ready`, '');
  await eventually(() => expect(told).toContain('works'));
});

it('a leader is healthy until its lease was renewed more than 35 s ago, as every thread sees', () => {
  const lease = new SharedLease();
  const seen = new SharedLease(lease.memory);
  lease.renewed(1000);
  expect(leaderProblem(seen, { leaseMs: 15_000, nowMs: 36_000 })).toBeUndefined();
  expect(leaderProblem(seen, { leaseMs: 15_000, nowMs: 37_000 })).toBe('leads, though its lease was last renewed 36 s ago');
});
