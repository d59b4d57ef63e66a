// What is told of an MCPServer, from all that was read of it.
import { describe, expect, it } from 'vitest';
import { REASONS } from '../../../charts/api/reasons.ts';
import { explain } from '../../../reconciler/explain/explanation.ts';
import { nextSteps } from '../../../reconciler/explain/next-steps.ts';
import type { EventObject, Snapshot } from '../../../reconciler/explain/snapshot.ts';
import { treeOf } from '../../../reconciler/explain/tree.ts';
import { explanationLines } from '../../../reconciler/commands/explain/lines.ts';
import { treeLines } from '../../../reconciler/commands/status/tree-lines.ts';
import type { MCPServerObject, PodObject } from '../../../reconciler/kinds.ts';

const now = new Date('2026-11-29T12:00:00Z');
const EARLIER = '2026-11-29T11:00:00Z';
const SAYS = 'Pod weather-5d-aaaaa keeps ending with exit code 3, last words: API_KEY is not set.';

interface Seen {
  readonly ready?: readonly string[];
  readonly observedGeneration?: number;
}

function server(spec: object = {}, { ready = ['False', 'CrashLoop', SAYS], observedGeneration = 1 }: Seen = {}): MCPServerObject {
  const [status = 'True', reason = '', message = ''] = ready;
  const metadata = { name: 'weather', namespace: 'tools', uid: 'u1', generation: 1, creationTimestamp: EARLIER };
  const condition = { type: 'Ready', status, reason, message, lastTransitionTime: EARLIER, observedGeneration: 1 };
  const told = { observedGeneration, conditions: [condition] };
  const object = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata, spec: { image: 'weather:1', ...spec }, status: told };
  return object as MCPServerObject;
}

function crashing(name: string, words = 'starting\n\u001B[31mAPI_KEY is not set\u0007\n'): PodObject {
  const terminated = { exitCode: 3, message: words, startedAt: EARLIER, finishedAt: EARLIER };
  const status = { name: 'mcp-server', restartCount: 4, ready: false, started: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } };
  const metadata = { name, namespace: 'tools', uid: name };
  return { kind: 'Pod', metadata, spec: { containers: [{ name: 'mcp-server' }] }, status: { phase: 'Running', containerStatuses: [status] } };
}

function event(regarding: object, more: object = {}): EventObject {
  return { metadata: { name: 'e', namespace: 'tools' }, type: 'Warning', reason: 'BackOff', note: 'Back-off restarting', deprecatedLastTimestamp: '2026-11-29T11:58:00Z', regarding, ...more };
}

function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return { server: server(), children: [], replicaSets: [], pods: [crashing('weather-5d-aaaaa')], events: [], unread: [], now, ...more };
}

describe('an explanation', () => {
  it('has reason, evidence, last words of each different kind, and commands to go on with', () => {
    const pods = [crashing('weather-5d-aaaaa'), crashing('weather-5d-bbbbb'), crashing('weather-5d-ccccc', 'no memory')];
    const told = explain(snapshot({ pods }));
    expect(told).toMatchObject({ ready: 'False', reason: 'CrashLoop', message: SAYS });
    expect(told.lastWords).toEqual([
      { pod: 'weather-5d-aaaaa', container: 'mcp-server', exitCode: 3, lines: ['starting', 'API_KEY is not set'] },
      { pod: 'weather-5d-ccccc', container: 'mcp-server', exitCode: 3, lines: ['no memory'] },
    ]);
    expect(told.evidence).toContain('0 of 3 pods are ready.');
    expect(told.nextSteps[0]).toBe('Read what the run before said: mcp-operator logs weather -n tools --previous');
  });

  it('quotes no last words where the spec hides them', () => {
    const hidden = explain(snapshot({ server: server({ lastWords: 'Hide' }) }));
    expect(JSON.stringify(hidden.lastWords) + JSON.stringify(hidden.evidence)).not.toContain('API_KEY');
  });

  it('takes the events of the MCPServer, its objects and its pods of before, the newest warnings first', () => {
    const replicaSets = [{ kind: 'ReplicaSet', metadata: { name: 'weather-5d', namespace: 'tools', uid: 'rs' } }];
    const events = [
      event({ kind: 'Pod', name: 'weather-5d-zzzzz', uid: 'gone' }, { deprecatedCount: 17 }),
      event({ kind: 'MCPServer', name: 'weather', uid: 'u1' }, { reason: 'CrashLoop', eventTime: '2026-11-29T11:59:00.123456Z', deprecatedLastTimestamp: null }),
      event({ kind: 'MCPServer', name: 'weather', uid: 'of a namesake' }, { reason: 'Old' }),
      event({ kind: 'Pod', name: 'weather-5d-other-aaaaa', uid: 'x' }, { reason: 'Other' }),
      event({ kind: 'ReplicaSet', name: 'weather-5d', uid: 'rs' }, { type: 'Normal', reason: 'SuccessfulCreate', deprecatedLastTimestamp: '2026-11-29T11:59:59Z' }),
    ];
    const told = explain(snapshot({ replicaSets, events })).events;
    expect(told.map(({ reason, count }) => [reason, count])).toEqual([['CrashLoop', 1], ['BackOff', 17], ['SuccessfulCreate', 1]]);
  });

  it('says that no operator has looked, and not that of one that just began', () => {
    const unseen = server({}, { observedGeneration: -1 });
    expect(explain(snapshot({ server: unseen }))).toMatchObject({ ready: 'Unknown', reason: 'NotObserved', message: expect.stringContaining('No operator has looked at it since it was created 1 h ago') as string });
    const young = { ...unseen, metadata: { ...unseen.metadata, creationTimestamp: now.toISOString() } };
    expect(explain(snapshot({ server: young })).message).not.toContain('No operator');
  });

  it('concludes nothing from what could not be read', () => {
    const told = explain(snapshot({ pods: [], unread: ['Pod', 'Deployment', 'Service', 'ServiceAccount', 'ConfigMap', 'Event'] }));
    expect(told.evidence.join()).not.toMatch(/no pods|Not there/);
    expect(explanationLines(told, now)).toContain('Not looked at, for you may not list them:');
  });

  it('fits 80 columns and controls no terminal, however long and odd what was said is', () => {
    const words = `${'\u001B[2J\u202E語'.repeat(400)}\n${'w'.repeat(5000)}`;
    const odd = server({}, { ready: ['False', 'CrashLoop', `\u001B]0;x\u0007${'x'.repeat(30_000)}`] });
    const taken = snapshot({ server: odd, pods: [crashing('weather-5d-aaaaa', words)], events: [event({ uid: 'u1' }, { note: words })] });
    for (const text of [explanationLines(explain(taken), now), treeLines(treeOf(taken))]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
      const long = text.split('\n').filter((line) => line.length > 80 && !/(?:mcp-operator|kubectl) /.test(line));
      expect(long).toEqual([]);
    }
  });

  it('has a next step for every reason for which Ready is not True', () => {
    const fine = ['ScaledToZero', 'Verified', 'AuthRequired'];
    const reasons = Object.entries(REASONS).filter(([, { of }]) => (of as readonly string[]).includes('Ready')).map(([reason]) => reason);
    expect(reasons.filter((reason) => nextSteps(reason, { namespace: 'a', name: 'b' }).length === 0).toSorted()).toEqual(fine.toSorted());
    expect(nextSteps('ReasonOfTomorrow', { namespace: 'a', name: 'b' })).not.toEqual([]);
  });
});

describe('a tree', () => {
  it('names what should be there and is not', () => {
    const { objects } = treeOf(snapshot());
    expect(objects.filter(({ state }) => state === 'Missing').map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Service', 'Deployment']);
  });

  it('has all of 200 pods in JSON, and those in trouble and a few of the others for people', () => {
    const ready = Array.from({ length: 199 }, (_, index): PodObject => ({
      kind: 'Pod', metadata: { name: `weather-5d-r${String(index).padStart(3, '0')}`, namespace: 'tools', uid: `r${index}` },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    }));
    const tree = treeOf(snapshot({ pods: [...ready, crashing('weather-5d-zzzzz')] }));
    expect(tree.pods).toHaveLength(200);
    expect(tree.pods[0]).toMatchObject({ name: 'weather-5d-zzzzz', state: 'CrashLoop', restarts: 4 });
    const lines = treeLines(tree);
    expect(lines).toContain('and 194 more pods: Ready');
    expect(lines.split('\n').length).toBeLessThan(25);
  });
});
