// Events of pods that wait: read once for each stand of a pod, and not at all where that is refused.
import { describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { ApiError } from '../../../kubernetes/errors.ts';
import { PodEvents } from '../../../reconciler/view/pod-events.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const POD = { name: 'demo-1', namespace: 'tools', uid: 'uid-1' };
const { signal } = new AbortController();

function start(answer: () => Promise<readonly object[]>) {
  const clock = new FakeClock();
  const asked: unknown[] = [];
  const list = (async (_type: unknown, options: object) => {
    asked.push(options);
    return { items: await answer(), resourceVersion: '1' };
  }) as KubernetesClient['list'];
  return { clock, asked, events: new PodEvents({ client: { list }, clock }) };
}

describe('what the events of a pod say', () => {
  it('is read once, the latest first, and again when the pod stands otherwise', async () => {
    const { asked, events } = start(async () => [
      { reason: 'FailedScheduling', message: 'old', metadata: {}, lastTimestamp: '2030-01-01T00:00:00Z' },
      { reason: 'FailedMount', message: 'new', metadata: {}, lastTimestamp: '2030-01-01T00:01:00Z' },
      { reason: 'Odd', metadata: {} },
    ]);
    expect(await events.wordsOf(POD, 'a', signal)).toEqual(['FailedMount: new', 'FailedScheduling: old']);
    await events.wordsOf(POD, 'a', signal);
    expect(asked).toMatchObject([{ namespace: 'tools', fieldSelector: 'involvedObject.uid=uid-1,type=Warning' }]);
    await events.wordsOf(POD, 'b', signal);
    expect(asked).toHaveLength(2);
  });

  it('is not asked for ten minutes after a refusal', async () => {
    const { clock, asked, events } = start(() => Promise.reject(new ApiError('Forbidden', 'no')));
    expect(await events.wordsOf(POD, 'a', signal)).toEqual([]);
    expect(await events.wordsOf({ ...POD, uid: 'uid-2' }, 'a', signal)).toEqual([]);
    expect(asked).toHaveLength(1);
    await clock.advance(600_000);
    await events.wordsOf(POD, 'b', signal);
    expect(asked).toHaveLength(2);
  });

  it('is nothing where the API server fails, for this stand of the pod', async () => {
    const { asked, events } = start(() => Promise.reject(new ApiError('Server', 'oops')));
    expect([await events.wordsOf(POD, 'a', signal), await events.wordsOf(POD, 'a', signal), asked.length]).toEqual([[], [], 1]);
  });
});
