import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../../reconciler/references/fair-queue.ts';

function filled(counts: Readonly<Record<string, number>>, dueMs = 0): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const [namespace, count] of Object.entries(counts)) {
    for (let index = 0; index < count; index += 1) queue.put(namespace, `${index}`, { item: `${namespace}${index}`, dueMs });
  }
  return queue;
}

const takeAll = (queue: FairQueue<string>, now = 0): (string | undefined)[] => Array.from({ length: queue.size }, () => queue.take(now));

describe('a queue of many namespaces', () => {
  it('takes one of each in turns, however much one of them wants', () => {
    expect(takeAll(filled({ a: 4, b: 2, c: 1 }))).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3']);
  });

  it('takes what is due, and says when that will be', () => {
    const queue = filled({ a: 1 }, 50);
    queue.put('b', '0', { item: 'b0', dueMs: 20 });
    expect([queue.nextMs(), queue.take(19), queue.take(20), queue.nextMs(), queue.take(49), queue.take(50), queue.nextMs()])
      .toEqual([20, undefined, 'b0', 50, undefined, 'a0', undefined]);
  });

  it('leaves a namespace alone while it is paused', () => {
    const queue = filled({ a: 2, b: 1 });
    queue.pause('a', 30);
    expect([queue.take(0), queue.take(0), queue.nextMs(), queue.take(30)]).toEqual(['b0', undefined, 30, 'a0']);
    queue.pause('a', Number.POSITIVE_INFINITY);
    expect([queue.take(1e9), queue.nextMs(), queue.size]).toEqual([undefined, undefined, 1]);
  });

  it('holds an item once, and none that was taken out', () => {
    const queue = filled({ a: 1 });
    queue.put('a', '0', { item: 'again', dueMs: 0 });
    expect([queue.size, queue.take(0), queue.size]).toEqual([1, 'again', 0]);
    queue.put('a', '0', { item: 'x', dueMs: 0 });
    queue.delete('a', '0');
    expect([queue.size, queue.take(0)]).toEqual([0, undefined]);
  });
});
