import { describe, expect, it } from 'vitest';
import { nextLookMs } from '../../../reconciler/status/next-look.ts';
import { awaited, podTrouble } from '../../../reconciler/status/pod-troubles.ts';
import { before, NOW, pod, START, waiting } from './troubled-pods.ts';

const SIDECAR = { restartPolicy: 'Always' };

const at = (seconds: number): Date => new Date(Date.parse(START) + seconds * 1000);

describe('in its first ten seconds', () => {
  const starting = pod({ started: false, ready: false, restartCount: 0, state: { running: { startedAt: START } } });
  const unready = pod({ started: true, ready: false, restartCount: 0, state: { running: { startedAt: START } } });
  const initializing = before({ started: true, ready: false, restartCount: 0, state: { running: { startedAt: START } } });
  const unbound = pod({}, {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'pod has unbound immediate PersistentVolumeClaims.', lastTransitionTime: START }],
  });

  it.each([['a container that starts', starting], ['a container that is not ready', unready], ['an init container', initializing], ['a pod whose claim is not bound yet', unbound]])(
    'nothing is told of %s, and it is looked at again when they are over', (_name, object) => {
      for (const seconds of [-3, 0, 9]) {
        expect([podTrouble([object], { now: at(seconds) }), awaited([object], at(seconds))]).toEqual([undefined, '']);
        expect(nextLookMs({ pods: [object], now: at(seconds) })).toBe(seconds < 0 ? 10_000 : 10_000 - seconds * 1000);
      }
      expect(podTrouble([object], { now: at(10) })?.message ?? awaited([object], at(10))).toMatch(/startup probe|readiness probe|the server starts when it has ended|No node takes/);
      expect(nextLookMs({ pods: [object], now: at(10) })).toBeUndefined();
    });

  it('no later look is asked for when all is well, or nobody knows since when', () => {
    const well = pod({ started: true, ready: true, state: { running: { startedAt: START } } });
    const unknown = pod({ started: false, ready: false, state: { running: {} } });
    const leaving = pod({ started: false, ready: false, state: { running: { startedAt: START } } }, { deletionTimestamp: START });
    expect(nextLookMs({ pods: [well, unknown, leaving], now: at(1) })).toBeUndefined();
  });

  it('the earliest of several looks is asked for', () => {
    const later = pod({ started: false, ready: false, state: { running: { startedAt: at(4).toISOString() } } }, { name: 'b' });
    expect(nextLookMs({ pods: [later, starting], now: at(5) })).toBe(5000);
  });
});

describe('what is awaited of a running container', () => {
  it.each([
    ['its startup probe', { started: false, ready: false, state: { running: {} } }, ' Pod demo-1 runs, but its startup probe has not passed yet. By default the program must listen on spec.port (MCP_PORT), on all addresses.'],
    ['its readiness probe', { started: true, ready: false, state: { running: {} } }, ' Pod demo-1 has started, but its readiness probe has not passed yet.'],
    ['nothing', { started: true, ready: true, state: { running: {} } }, ''],
    ['nothing of one that does not run', waiting('ContainerCreating'), ''],
  ])('is %s', (_name, container, expected) => {
    expect(awaited([pod(container)], NOW)).toBe(expected);
  });

  it('is the container before it, while that runs', () => {
    const running = { restartCount: 0, state: { running: { startedAt: START } } };
    expect(awaited([before({ ...running, started: true, ready: false })], NOW)).toBe(' Init container setup of pod demo-1 runs; the server starts when it has ended.');
    expect(awaited([before({ ...running, started: false, ready: false }, SIDECAR)], NOW)).toBe(' Sidecar setup of pod demo-1 runs, but its startup probe has not passed yet; the server starts after it.');
    expect(awaited([before({ ...running, started: true, ready: true }, SIDECAR)], NOW)).toBe('');
  });
});
