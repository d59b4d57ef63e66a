// A leader whose threads hang, fail or are busy: real processes before the real API server. What hangs is brought in by Node's --import.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { LEASES } from '../../kubernetes/objects.ts';
import type { LeaseObject, LeaseSpec } from '../../reconciler/runtime/lease-lock.ts';
import type { Exit } from '../cluster/managed-process.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';

/** It takes 20 s; a machine with other work may be late. */
const FAIL_OVER_MS = 75_000;
/** Lease, deadline and then some. */
const LOST_MS = 40_000;

let client: KubernetesClient;
const started: OperatorProcess[] = [];

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(async () => {
  await Promise.all(started.map((operator) => operator.stop()));
  client?.close();
});

/** Blocks the thread that runs it for so many milliseconds, without using the processor. */
const blocked = (ms: number | 'Infinity'): string => `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})`;
/** In the main thread, when it is told to. */
const onSignal = (code: string): string => `process.on('SIGUSR2', () => { ${code} })`;
/** In the thread that renews, when it has led for a moment. */
const inElection = (code: string): string =>
  `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) setTimeout(() => { ${code} }, 6000)`;

/** A replica of an election in a namespace of its own. */
class Election {
  readonly namespace = useNamespace('busy');

  async start(code?: string): Promise<OperatorProcess> {
    const flags = ['--namespace', this.namespace, '--leader-elect', '--leader-elect-resource-namespace', this.namespace];
    const nodeFlags = code === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
    const operator = await startOperatorProcess(inject('kubeconfig'), flags, nodeFlags);
    started.push(operator);
    return operator;
  }

  /** A replica that leads. */
  async lead(code: string): Promise<OperatorProcess> {
    const leader = await this.start(code);
    await says(leader, 'caches are filled, reconciling');
    return leader;
  }

  async standBy(): Promise<OperatorProcess> {
    const standby = await this.start();
    await says(standby, 'another replica leads');
    return standby;
  }

  async spec(): Promise<LeaseSpec> {
    return (await client.get<LeaseObject>(LEASES, { namespace: this.namespace, name: 'mcp-operator' })).spec ?? {};
  }
}

async function says(operator: OperatorProcess, text: string, timeoutMs?: number): Promise<void> {
  await eventually(() => {
    if (!operator.logTail(1000).includes(text)) throw new Error(operator.logTail());
  }, { message: text, ...(timeoutMs !== undefined && { timeoutMs }) });
}

/** Messages of the lines of a level, oldest first. */
function messages(operator: OperatorProcess, level: 'error' | 'fatal'): string[] {
  const written = operator.logTail(1000).split('\n').filter((line) => line.startsWith('{'));
  const lines = written.map((line) => JSON.parse(line) as { level: string; msg: string });
  return lines.filter((line) => line.level === level).map(({ msg }) => msg);
}

interface Case {
  readonly election: Election;
  readonly code: string;
  readonly exit: Exit;
}

const BY_CODE: Exit = { code: 1, signal: null };
const SYSTEM_CALL = "process.getBuiltinModule('node:child_process').execSync('sleep 1000')";

const CASES: readonly (readonly [string, Case])[] = [
  ['in a loop', { election: new Election(), code: 'for (;;);', exit: BY_CODE }],
  ['in a wait', { election: new Election(), code: blocked('Infinity'), exit: BY_CODE }],
  ['in a system call', { election: new Election(), code: SYSTEM_CALL, exit: { code: null, signal: 'SIGKILL' } }],
];

test.concurrent.each(CASES)('a leader whose main thread stands still for good %s ends, and another one leads', async (_name, { election, code, exit }) => {
  const leader = await election.lead(onSignal(code));
  const standby = await election.standBy();
  leader.signal('SIGUSR2');
  await says(standby, '"leading"', FAIL_OVER_MS);
  expect(leader.running()).toBe(false);
  expect(await leader.exited).toEqual(exit);
  expect(messages(leader, 'error')).toEqual([
    `lost the lease ${election.namespace}/mcp-operator: it could not be renewed for 10 s: ` +
    'the main thread has not answered for 10 s; ending the process, whose main thread does not',
  ]);
  expect((await election.spec()).leaseTransitions).toBe(1);
});

const busy = new Election();
test.concurrent('a leader that is busy for 6 s at a time keeps its lease, and gives it back at its end', async () => {
  const leader = await busy.lead(onSignal(`let left = 4; const turn = () => { ${blocked(6000)}; if ((left -= 1) > 0) setImmediate(turn); }; turn();`));
  await busy.standBy();
  const { holderIdentity, leaseTransitions } = await busy.spec();
  leader.signal('SIGUSR2');
  const times = new Set<string | undefined>();
  for (let look = 0; look < 24; look += 1) {
    await sleep(1000);
    const spec = await busy.spec();
    times.add(spec.renewTime);
    expect(spec).toMatchObject({ holderIdentity, leaseTransitions });
  }
  expect(times.size).toBeGreaterThan(8);
  leader.signal('SIGTERM');
  expect(await leader.exited).toEqual({ code: 0, signal: null });
  expect(leader.logTail(1000)).toContain('lease released');
});

const hanging = new Election();
test.concurrent('a leader whose renewing thread hangs ends before another one may lead', async () => {
  const leader = await hanging.lead(inElection(blocked('Infinity')));
  const standby = await hanging.standBy();
  expect(await leader.exited).toEqual(BY_CODE);
  expect(messages(leader, 'error')).toEqual([expect.stringMatching(/^lost the lease \S+: it was last renewed 13 s ago$/)]);
  await says(standby, '"leading"', LOST_MS);
});

const failing = new Election();
test.concurrent('a leader whose renewing thread fails ends at once, and tells the defect', async () => {
  const leader = await failing.lead(inElection("throw new TypeError('a defect')"));
  expect(await leader.exited).toEqual(BY_CODE);
  expect(leader.logTail(1000)).toContain('TypeError: a defect');
  expect(messages(leader, 'fatal')).toEqual(['the operator failed']);
});

const starving = new Election();
test.concurrent('a leader whose renewing thread needs too much memory ends at once', async () => {
  const leader = await starving.lead(inElection('const kept = []; for (;;) kept.push({ kept });'));
  expect(await leader.exited).toEqual(BY_CODE);
  expect(leader.logTail(1000)).toContain('memory limit');
});
