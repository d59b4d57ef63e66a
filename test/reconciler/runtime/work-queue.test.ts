import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../../reconciler/runtime/work-queue.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

function setUp(): { clock: FakeClock; queue: WorkQueue; taken: (string | undefined)[]; take: () => void } {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const taken: (string | undefined)[] = [];
  const take = (): void => { void queue.next().then((key) => taken.push(key)); };
  return { clock, queue, taken, take };
}

describe('the work queue', () => {
  it('hands out keys in the order they were added', async () => {
    const { queue } = setUp();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual(['a', 'b', 'c']);
  });

  it('hands out a key once, however often it was added before', async () => {
    const { queue, taken, take } = setUp();
    for (const key of ['a', 'a', 'a']) queue.add(key);
    expect(queue.depth).toBe(1);
    take();
    take();
    await settle();
    expect(taken).toEqual(['a']);
  });

  it('keeps a key added while it is worked on from other workers, and hands it out again afterwards', async () => {
    const { queue, taken, take } = setUp();
    queue.add('a');
    await queue.next();
    take();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(taken).toEqual([]);
    queue.done('a');
    await settle();
    expect(taken).toEqual(['a']);
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('adds a delayed key when its time has come', async () => {
    const { clock, queue, taken, take } = setUp();
    queue.addAfter('a', 100);
    take();
    await clock.advance(99);
    expect(taken).toEqual([]);
    await clock.advance(1);
    expect(taken).toEqual(['a']);
  });

  it.each([[[100, 20, 300]], [[20, 300, 100]]])('lets the earliest of several delays win: %j', async (delays) => {
    const { clock, queue, taken, take } = setUp();
    for (const delay of delays) queue.addAfter('a', delay);
    take();
    await clock.advance(20);
    expect(taken).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  it('backs off from 5 ms, doubling with each failure, to five minutes', () => {
    const { queue } = setUp();
    const delays = Array.from({ length: 20 }, () => queue.addRateLimited('a'));
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.at(-1)).toBe(300_000);
    expect(queue.addRateLimited('b')).toBe(5);
  });

  it('starts the backoff again after forget', () => {
    const { queue } = setUp();
    queue.addRateLimited('a');
    queue.addRateLimited('a');
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
  });

  it('retries no earlier than the minimum asked for', () => {
    expect(setUp().queue.addRateLimited('a', 3000)).toBe(3000);
  });

  it('hands out what is urgent first, also a key that has been waiting unhurriedly', async () => {
    const { queue } = setUp();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.add('d', 'High');
    queue.add('c', 'High');
    expect([queue.depth, queue.urgent]).toEqual([4, 2]);
    expect([await queue.next(), await queue.next(), await queue.next(), await queue.next()]).toEqual(['d', 'c', 'a', 'b']);
  });

  it('lets one that is not urgent go after three that are, however many of those come', async () => {
    const { queue } = setUp();
    for (const key of ['slow-1', 'slow-2']) queue.add(key);
    for (const key of ['1', '2', '3', '4', '5', '6', '7']) queue.add(key, 'High');
    const order: unknown[] = [];
    while (queue.depth > 0) order.push(await queue.next());
    expect(order).toEqual(['1', '2', '3', 'slow-1', '4', '5', '6', 'slow-2', '7']);
  });

  it.each<[string, (queue: WorkQueue) => void]>([
    ['waits', (queue) => queue.add('a', 'High')],
    ['runs', (queue) => {
      queue.add('a', 'High');
      void queue.next();
      queue.add('a', 'High');
    }],
    ['is delayed', (queue) => queue.addAfter('a', 100, 'High')],
  ])('keeps a key urgent that is added again without hurry while it %s', async (_, prepare) => {
    const { queue } = setUp();
    queue.add('b');
    prepare(queue);
    queue.add('a');
    queue.done('a');
    expect([await queue.next(), await queue.next()]).toEqual(['a', 'b']);
  });

  it('tries again as urgently as before what failed', async () => {
    const { clock, queue } = setUp();
    queue.add('a', 'High');
    queue.add('b');
    await queue.next();
    queue.addRateLimited('a');
    queue.done('a');
    await clock.advance(5);
    expect(await queue.next()).toBe('a');
  });

  it('answers undefined to all that wait once shut down, and leaves no timer behind', async () => {
    const { clock, queue, taken, take } = setUp();
    queue.addAfter('later', 10);
    take();
    queue.shutDown();
    queue.add('too late');
    queue.addAfter('too late', 10);
    await settle();
    expect(taken).toEqual([undefined]);
    expect(await queue.next()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('never gives a key to two workers and delivers after every add, whatever the order of calls', async () => {
    const command = fc.oneof(
      fc.record({ call: fc.constantFrom('add', 'hurry', 'addAfter', 'retry', 'done'), key: fc.constantFrom('a', 'b', 'c'), ms: fc.nat(20) }),
      fc.record({ call: fc.constantFrom('next', 'advance'), key: fc.constant(''), ms: fc.nat(20) }),
    );
    await fc.assert(fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const clock = new FakeClock();
      const queue = new WorkQueue({ clock, maxDelayMs: 50 });
      const working = new Set<string>();
      const owed = new Set<string>();
      const doubled: string[] = [];
      const receive = (key: string | undefined): void => {
        if (key === undefined) return;
        if (working.has(key)) doubled.push(key);
        working.add(key);
        owed.delete(key);
      };
      const finish = (key: string): void => {
        working.delete(key);
        queue.done(key);
      };
      for (const { call, key, ms } of commands) {
        if (call === 'next') void queue.next().then(receive);
        if (call === 'advance') await clock.advance(ms);
        if (call === 'add') queue.add(key);
        if (call === 'hurry') queue.add(key, 'High');
        if (call === 'addAfter') queue.addAfter(key, ms);
        if (call === 'retry') queue.addRateLimited(key);
        if (call === 'done' && working.has(key)) finish(key);
        if (['add', 'hurry', 'addAfter', 'retry'].includes(call)) owed.add(key);
        await Promise.resolve();
      }
      await clock.advance(100);
      for (let turn = 0; turn < 10 && owed.size + working.size > 0; turn += 1) {
        for (const key of working) finish(key);
        for (const _ of ['a', 'b', 'c']) void queue.next().then(receive);
        await settle();
      }
      expect({ doubled, owed: [...owed] }).toEqual({ doubled: [], owed: [] });
    }), { numRuns: 300 });
  });
});
