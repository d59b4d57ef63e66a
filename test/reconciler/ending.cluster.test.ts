// How the operator ends: real processes before the real API server, through a proxy that goes silent, slow or away on command.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { GRACE_PERIOD_SECONDS } from '../../charts/operator/grace-period.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { LEASES } from '../../kubernetes/objects.ts';
import type { LeaseObject, LeaseSpec } from '../../reconciler/runtime/lease-lock.ts';
import type { Exit } from '../cluster/managed-process.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { startFaultProxy, type Fault, type FaultProxy, type Passing } from '../support/fault-proxy.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { Fleet } from './scene.ts';

const INTRUDER: LeaseSpec = { holderIdentity: 'intruder', leaseDurationSeconds: 3600 };

let client: KubernetesClient;
const stages: Stage[] = [];

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(async () => {
  await Promise.all(stages.flatMap(({ operator, proxy }) => [operator?.stop(), proxy?.close()]));
  client?.close();
});

/** An operator in a namespace of its own, whose way to the API server can fail. */
class Stage {
  readonly namespace = useNamespace('ending');
  readonly lease = { namespace: this.namespace, name: 'mcp-operator' };
  proxy!: FaultProxy;
  operator!: OperatorProcess;

  async start(flags: readonly string[], fault: FaultProxy['fault'] = () => undefined, nodeFlags: readonly string[] = []): Promise<void> {
    stages.push(this);
    this.proxy = await startFaultProxy(inject('kubeconfig'));
    this.proxy.fault = fault;
    this.operator = await startOperatorProcess(this.proxy.kubeconfig, ['--namespace', this.namespace, ...flags], nodeFlags);
  }

  /** Leads, with caches that are filled. */
  async lead(nodeFlags: readonly string[] = []): Promise<void> {
    await this.start(this.electionFlags(), undefined, nodeFlags);
    await this.says('caches are filled, reconciling');
  }

  electionFlags(): string[] {
    return ['--leader-elect', '--leader-elect-resource-namespace', this.namespace];
  }

  says(text: string): Promise<void> {
    return eventually(() => {
      if (!this.operator.logTail(1000).includes(text)) throw new Error(this.operator.logTail());
    }, { message: text });
  }

  /** Something to do that does not get through. Its event comes by a watch that is open already. */
  async stall(fault: (request: Passing) => Fault): Promise<void> {
    this.proxy.fault = fault;
    await new Fleet(client, this.namespace).create('stalled', { verification: { mode: 'Off' } });
    await eventually(() => {
      if (!this.proxy.met.some(({ path }) => path.includes('stalled'))) throw new Error('it has not tried yet');
    });
  }

  /** Asks it to end, and gives it as long as its pod has. It has not ended by itself when a SIGKILL had to. */
  end(): Promise<Exit> {
    return this.operator.stop(GRACE_PERIOD_SECONDS * 1000);
  }

  async holder(): Promise<string> {
    return (await client.get<LeaseObject>(LEASES, this.lease)).spec?.holderIdentity ?? '';
  }
}

const ofLeases = ({ path }: Passing): boolean => path.includes('/leases');
const isWrite = ({ method }: Passing): boolean => method !== 'GET';
const BY_ITSELF: Exit = { code: 0, signal: null };
const SILENT = (): Fault => 'silent';

interface Case {
  readonly stage: Stage;
  readonly fault: (request: Passing) => Fault;
  /** Whether the lease was given back. */
  readonly released: boolean;
}

const CASES: readonly (readonly [string, Case])[] = [
  ['answers nothing', { stage: new Stage(), fault: SILENT, released: false }],
  ['answers reads only', { stage: new Stage(), fault: (request) => (isWrite(request) ? 'silent' : undefined), released: false }],
  ['answers nothing but what concerns leases', { stage: new Stage(), fault: (request) => (ofLeases(request) ? undefined : 'silent'), released: true }],
  ['serves writes but answers none', { stage: new Stage(), fault: (request) => (isWrite(request) && !ofLeases(request) ? 'unanswered' : undefined), released: true }],
  ['answers after 20 s', { stage: new Stage(), fault: () => 20_000, released: false }],
  ['answers after 20 s, save what concerns leases', { stage: new Stage(), fault: (request) => (ofLeases(request) ? undefined : 20_000), released: true }],
];

test.concurrent.each(CASES)('a leader in the middle of a reconcile ends by itself before an API server that %s, and gives the lease back if it can', async (_name, { stage, fault, released }) => {
  await stage.lead();
  const leader = await stage.holder();
  await stage.stall(fault);
  expect(await stage.end()).toEqual(BY_ITSELF);
  expect(stage.operator.logTail(1000)).toContain('"waitingFor":"the reconciles of ');
  expect(await stage.holder()).toBe(released ? '' : leader);
});

const gone = new Stage();
test.concurrent('a leader ends by itself when the API server is gone', async () => {
  await gone.lead();
  await gone.proxy.vanish();
  expect(await gone.end()).toEqual(BY_ITSELF);
  expect(gone.operator.logTail(1000)).toContain('the lease could not be released');
});

const alone = new Stage();
test.concurrent('an operator without election in the middle of a reconcile ends by itself before a silent API server', async () => {
  await alone.start([]);
  await alone.says('caches are filled, reconciling');
  await alone.stall(SILENT);
  expect(await alone.end()).toEqual(BY_ITSELF);
  expect(alone.operator.logTail(1000)).toContain('reconcile given up unfinished');
});

const unfilled = new Stage();
test.concurrent('an operator whose first lists get no answer ends by itself', async () => {
  await unfilled.start(unfilled.electionFlags(), SILENT);
  await eventually(() => expect(unfilled.proxy.met).not.toEqual([]));
  expect(await unfilled.end()).toEqual(BY_ITSELF);
});

const standby = new Stage();
test.concurrent('a replica that gets no answer about the lease ends by itself', async () => {
  await standby.start(standby.electionFlags(), (request) => (ofLeases(request) ? 'silent' : undefined));
  await eventually(() => expect(standby.proxy.met).not.toEqual([]));
  expect(await standby.end()).toEqual(BY_ITSELF);
});

const unaware = new Stage();
test.concurrent('a replica that came to hold the lease without hearing of it gives it back', async () => {
  await unaware.start(unaware.electionFlags(), (request) => (ofLeases(request) && request.method === 'POST' ? 'unanswered' : undefined));
  await eventually(async () => expect(await unaware.holder()).not.toBe(''));
  expect(await unaware.end()).toEqual(BY_ITSELF);
  expect(await unaware.holder()).toBe('');
});

const losing = new Stage();
test.concurrent('a leader that loses the lease to another while it ends is gone at once, with code 1', async () => {
  await losing.lead();
  await losing.stall((request) => (ofLeases(request) ? undefined : 'silent'));
  losing.operator.signal('SIGTERM');
  await client.patch(LEASES, losing.lease, { spec: INTRUDER });
  losing.operator.signal('SIGTERM');
  expect(await losing.end()).toEqual({ code: 1, signal: null });
  expect(losing.operator.logTail(1)).toContain('intruder holds it now');
  expect(await losing.holder()).toBe('intruder');
});

const refused = new Stage();
test.concurrent('an operator that is turned away for later does not wait for later when it ends', async () => {
  await refused.lead();
  await refused.stall((request) => (isWrite(request) && !ofLeases(request) ? 'busy' : undefined));
  await refused.says('"retryInMs"');
  expect(await refused.end()).toEqual(BY_ITSELF);
  expect(await refused.holder()).toBe('');
});

test.concurrent.each([
  ['an exception in a timer', new Stage(), "throw new TypeError('a defect')"],
  ['a rejection nobody handles', new Stage(), "void Promise.reject(new TypeError('a defect'))"],
])('%s ends a leader with code 1 and its stack trace, what runs given up and the lease given back', async (_name, stage, defect) => {
  await stage.lead(['--import', `data:text/javascript,process.on('SIGUSR2', () => setTimeout(() => { ${defect}; }, 1))`]);
  await stage.stall((request) => (ofLeases(request) ? undefined : 'silent'));
  stage.operator.signal('SIGUSR2');
  expect(await stage.operator.exited).toEqual({ code: 1, signal: null });
  const lines = stage.operator.logTail(1000).split('\n').map((line) => JSON.parse(line) as { level: string; err?: { stack: string } });
  expect(lines.filter(({ level }) => level === 'fatal').map(({ err }) => err?.stack)).toEqual([expect.stringMatching(/^TypeError: a defect\n    at /)]);
  expect(await stage.holder()).toBe('');
});
