// When an operator that shares a cluster begins work on an MCPServer, and what it asks before it writes.
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { SERVICES } from '../../../kubernetes/objects.ts';
import type { ReconcilingClient } from '../../../reconciler/children/counted-client.ts';
import { Fence, unlessOutdated } from '../../../reconciler/children/fence.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const SIGNAL = new AbortController().signal;

function server(metadata: object = {}, observedGeneration = 1): MCPServerObject {
  const own = { name: 'a', namespace: 'tools', uid: 'u', generation: 1, labels: { shard: 'blue' }, ...metadata };
  return { metadata: own, spec: {}, status: { observedGeneration } } as unknown as MCPServerObject;
}

/** An API server that has one MCPServer, or none, and notes what is asked of it. */
function apiServer(): { client: ReconcilingClient; calls: string[]; has: MCPServerObject | undefined } {
  const calls: string[] = [];
  const state = { calls, has: server() as MCPServerObject | undefined };
  const note = (call: string, answer: () => unknown = () => ({})) => () => {
    calls.push(call);
    return Promise.resolve().then(answer);
  };
  const get = note('get', () => {
    if (state.has === undefined) throw new ApiError('NotFound', 'not there');
    return state.has;
  });
  return Object.assign(state, { client: { get, apply: note('apply'), patch: note('patch'), delete: note('delete') } as unknown as ReconcilingClient });
}

describe('work on an MCPServer begins', () => {
  const clock = new FakeClock();
  const fence = new Fence({ labelSelector: 'shard=blue', clock });
  const waits = (...args: Parameters<typeof server>): number => Math.max(0, fence.restsUntilMs(server(...args)) - clock.now());

  it('at once where none has worked on it', () => {
    expect(waits({}, -1)).toBe(0);
  });

  it('after two seconds where another one may have', () => {
    expect([waits(), waits({ uid: 'other' })]).toEqual([2000, 2000]);
  });

  it('by its first coming where it comes and goes, and anew when that is long ago', async () => {
    await clock.advance(1500);
    expect(waits()).toBe(500);
    await clock.advance(1500);
    expect(waits()).toBe(0);
    await clock.advance(14_001);
    expect(waits()).toBe(2000);
  });
});

describe('before it writes, an operator asks for the MCPServer', () => {
  const write = (client: ReconcilingClient): Promise<object> => client.apply(SERVICES, server(), { fieldManager: 'a' });

  it('once for what it writes within a second, and not to read', async () => {
    const [clock, api] = [new FakeClock(), apiServer()];
    const client = new Fence({ labelSelector: 'shard=blue', clock }).around(api.client, server(), SIGNAL);
    await client.get(SERVICES, { name: 'a' });
    await write(client);
    await client.patch(SERVICES, { name: 'a' }, {});
    await client.delete(SERVICES, { name: 'a' });
    expect(api.calls).toEqual(['get', 'get', 'apply', 'patch', 'delete']);
    await clock.advance(1000);
    await write(client);
    expect(api.calls.slice(5)).toEqual(['get', 'apply']);
  });

  it.each<[string, MCPServerObject | undefined]>([
    ['is gone', undefined],
    ['is another one of its name', server({ uid: 'other' })],
    ['has other labels', server({ labels: { shard: 'green' } })],
    ['has no labels', server({ labels: undefined })],
    ['has another generation', server({ generation: 2 })],
    ['is on its way out', server({ deletionTimestamp: '2026-11-30T00:00:00Z' })],
  ])('and writes nothing where it %s', async (_what, has) => {
    const api = Object.assign(apiServer(), { has });
    const told: string[] = [];
    const client = new Fence({ labelSelector: 'shard=blue', clock: new FakeClock() }).around(api.client, server(), SIGNAL);
    const result = await unlessOutdated(async () => {
      await write(client);
      return {};
    }, (why) => told.push(why));
    expect([api.calls, result, told.length]).toEqual([['get'], { requeueAfterMs: 2000 }, 1]);
  });

  it('and tells what else keeps it from that', async () => {
    const api = apiServer();
    const failing = { ...api.client, get: () => Promise.reject(new ApiError('Forbidden', 'you may not')) };
    const client = new Fence({ labelSelector: 'shard=blue', clock: new FakeClock() }).around(failing, server(), SIGNAL);
    await expect(unlessOutdated(async () => {
      await write(client);
      return {};
    }, () => undefined)).rejects.toMatchObject({ kind: 'Forbidden' });
    expect(api.calls).toEqual([]);
  });
});
