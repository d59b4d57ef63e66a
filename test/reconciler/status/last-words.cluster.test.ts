// What a container said before it ended is quoted in status, Events and log, unless the spec or the installation says otherwise.
import { expect, test } from 'vitest';
import { EVENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { startOperator } from '../../support/operator.ts';
import type { Fate, Pod } from '../../support/pods.ts';
import { useScene } from '../scene.ts';

const CANARY = 'pgx://adm1n:Zq|kV^x~wJ@xyq';

/** Each pod keeps ending, and says so. */
function crashing({ spec }: Pod): Fate {
  const [container] = spec.containers;
  const terminated = { exitCode: 7, reason: 'Error', message: `${CANARY}\n\u001b[2Jlistening on :31337 ${CANARY}`, startedAt: null, finishedAt: null };
  const status = { name: container?.name, image: container?.image, imageID: '', ready: false, started: false, restartCount: 4 };
  const containerStatuses = [{ ...status, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } }, lastState: { terminated } }];
  return { placed: true, status: { phase: 'Running', containerStatuses } };
}

const scene = useScene('last-words', { fateOf: crashing, operator: { logLevel: 'trace' } });

interface EventObject extends KubernetesObject {
  readonly regarding: { readonly name: string };
}

/** All that is told of a failing MCPServer: its status, and its Events. */
async function toldOf(name: string): Promise<string> {
  const server = await scene.fleet.until(name, 'Ready', ['False', 'CrashLoop']);
  return eventually(async () => {
    const { items } = await scene.fleet.client.list<EventObject>(EVENTS, { namespace: scene.namespace });
    const events = items.filter(({ regarding }) => regarding.name === name);
    expect(events.length).toBeGreaterThan(0);
    expect(conditionOf(server, 'Ready')?.message).toContain('exit code 7');
    return JSON.stringify([server.status, events]);
  });
}

const runs = Array.from({ length: CANARY.length - 3 }, (_, at) => CANARY.slice(at, at + 4));
const leaked = (text: string): string[] => [...runs, '31337', '[2J'].filter((run) => text.includes(run));

test('the end of them is quoted, in one plain line', async () => {
  await scene.fleet.create('shown');
  const told = await toldOf('shown');
  expect(told).toContain(`last words: ${CANARY} listening on :31337`);
  expect(scene.operator.errors.join('\n')).toContain(CANARY);
});

test('with lastWords: Hide of the spec nothing of them is, and the kubelet keeps no end of the log', async () => {
  const before = scene.operator.errors.length;
  await scene.fleet.create('hidden', { lastWords: 'Hide' });
  expect(leaked(await toldOf('hidden'))).toEqual([]);
  expect(leaked(scene.operator.errors.slice(before).join('\n'))).toEqual([]);
  await scene.fleet.edit('shown', { lastWords: 'Hide' });
  await eventually(async () => expect(leaked(JSON.stringify((await scene.fleet.read('shown')).status))).toEqual([]));
});

test('with lastWords: Hide of the installation nothing is of any MCPServer, whatever its spec says', async () => {
  const { namespace, fleet } = scene;
  await scene.operator.stop();
  const operator = await startOperator({ namespace, lastWords: 'Hide', logLevel: 'trace' });
  try {
    await fleet.create('overruled', { lastWords: 'Show' });
    expect(leaked(await toldOf('overruled'))).toEqual([]);
    expect(leaked(operator.errors.join('\n'))).toEqual([]);
  } finally {
    await operator.stop();
  }
});
