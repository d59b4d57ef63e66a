// A stdio server that does not start, starts, and starts no more: the real bridge, asked by the real operator through the status of its
// pods, whose readiness is what a kubelet would find at /readyz. Each case goes on where the one before ended.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import { fixture, startBridge, type BridgeProcess } from '../../mcp-server/stdio-bridge/bridge-process.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { onLoopback } from '../../support/operator.ts';
import { tellPod, type Fate, type Pod } from '../../support/pods.ts';
import { useScene } from '../scene.ts';

const NAME = 'notes';
const SPEC: Partial<MCPServerSpec> = { transport: 'stdio', command: ['server'], verification: { mode: 'Require', intervalSeconds: 10, timeoutSeconds: 5 } };
const folder = mkdtempSync(join(tmpdir(), 'unstarted-'));
const broken = join(folder, 'broken');
const SCRIPT = `if [ -e ${broken} ]; then echo no database at 10.0.0.1 >&2; exit 4; fi; exec "$0" "$@"`;
const stop = new AbortController();

let bridge: BridgeProcess;
let isReady = false;
let kubelet: Promise<void>;
const scene = useScene('unstarted', { exchangeFor: onLoopback(() => bridge.port), fateOf });

/** A pod whose container runs, ready or not. */
function fateOf({ spec }: Pod): Fate {
  const ip = '10.99.1.1';
  const conditions = ['ContainersReady', 'Ready'].map((type) => ({ type, status: isReady ? 'True' : 'False' }));
  const containerStatuses = spec.containers.map(({ name, image }) => (
    { name, image, imageID: image, ready: isReady, started: true, restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }
  ));
  return { placed: true, status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions, containerStatuses } };
}

/** Tells of every pod what /readyz says. */
async function tellReadiness(): Promise<void> {
  const { fleet: { client }, namespace } = scene;
  while (!stop.signal.aborted) {
    isReady = (await bridge.ready()).status === 200;
    const { items } = await client.list<Pod>(PODS, { namespace });
    for (const pod of items.filter(({ status }) => status?.phase === 'Running')) {
      await tellPod(client, pod, fateOf(pod).status);
    }
    await sleep(500, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

beforeAll(async () => {
  writeFileSync(broken, '');
  const [node = '', ...server] = fixture('full');
  bridge = await startBridge(['sh', '-c', SCRIPT, node, ...server], ['--warm', '0']);
  kubelet = tellReadiness();
});
afterAll(async () => {
  stop.abort();
  await kubelet;
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

test('it is said at once why, while the rollout goes on', async () => {
  const { fleet } = scene;
  await fleet.create(NAME, SPEC);
  const server = await fleet.until(NAME, 'Reconciling', ['True', 'ChildNotStarted']);
  const { reason, message } = conditionOf(server, 'Ready') ?? {};
  expect([reason, message]).toEqual(['ChildNotStarted', expect.stringMatching(/it ends before it answers \(exit code 4\)\. Its last words: no database at 10\.0\.0\.1\. See its log/)]);
  expect(conditionOf(server, 'DeploymentReady')).toMatchObject({ status: 'False', reason: 'ChildNotStarted', message });
  expect(server.status?.endpoint).toBeUndefined();
});

test('its words are hidden as soon as that is asked for', async () => {
  const { fleet } = scene;
  await fleet.edit(NAME, { lastWords: 'Hide' });
  await eventually(async () => {
    const text = JSON.stringify((await fleet.read(NAME)).status);
    expect(text).toContain('What it said is hidden');
    expect(text).not.toContain('no database');
  }, { timeoutMs: 60_000 });
});

test('it is Ready once a process starts, by itself', async () => {
  const { fleet, namespace } = scene;
  rmSync(broken);
  const server = await fleet.ready(NAME);
  expect(server.status).toMatchObject({ endpoint: `http://${NAME}.${namespace}.svc:8080/mcp`, server: { name: 'full', sessions: 'Stateful' } });
  expect(conditionOf(server, 'SessionsAtRisk')).toBeUndefined();
});

test('it is not when no further process starts', async () => {
  const { fleet } = scene;
  writeFileSync(broken, '');
  const server = await fleet.until(NAME, 'Verified', ['False', 'ChildNotStarted']);
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'ChildNotStarted' });
  expect([server.status?.phase, server.status?.endpoint, conditionOf(server, 'Reconciling')]).toEqual(['Failed', undefined, undefined]);
});

test('an operator that starts anew finds nothing to say about it', async () => {
  const { fleet } = scene;
  const before = await fleet.until(NAME, 'DeploymentReady', ['False', 'ChildNotStarted']);
  await scene.restart();
  // That one is asked after this.
  await fleet.create('later', SPEC);
  await fleet.until('later', 'Ready', ['False', 'ChildNotStarted']);
  expect((await fleet.read(NAME)).status).toEqual(before.status);
});
