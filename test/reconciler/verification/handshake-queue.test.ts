import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandshakeQueue, LANES, MOST_PASSED_OVER, MOST_PER_SERVER, type Lane, type Place } from '../../../reconciler/verification/handshake-queue.ts';

interface Item extends Place {
  readonly name: string;
}

/** `lane namespace/server` as an item of its own. */
function item(text: string, ahead = false): Item {
  const [lane = '', server = ''] = text.split(' ');
  return { name: text, lane: lane as Lane, namespace: server.split('/')[0] ?? '', server, ahead };
}

function queueOf(slots: number, ...texts: string[]): HandshakeQueue<Item> {
  const queue = new HandshakeQueue<Item>(slots);
  for (const text of texts) queue.add(item(text), item(text));
  return queue;
}

/** All that may begin now. */
function turns(queue: HandshakeQueue<Item>): Item[] {
  return [...(function* () { for (let next = queue.next(); next !== undefined; next = queue.next()) yield next; })()];
}

/** The order of turns where each ends before the next begins. */
function oneByOne(queue: HandshakeQueue<Item>): string[] {
  const names: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    names.push(next.name);
    queue.release(next);
  }
  return names;
}

const many = (count: number, text: string): string[] => Array.from({ length: count }, () => text);

describe('turns', () => {
  it('go round the namespaces, in each round the MCPServers, and in order within one', () => {
    const queue = queueOf(1, ...many(2, 'first a/1'), 'first a/2', 'first b/1', 'first c/1', 'first b/2');
    expect(oneByOne(queue)).toEqual(['first a/1', 'first b/1', 'first c/1', 'first a/2', 'first b/2', 'first a/1']);
  });

  it('are given to witnesses and first handshakes before repeated ones, to those of failing servers last', () => {
    const queue = queueOf(1, 'failing a/1', 'repeated b/1', 'first c/1', 'witness d/1');
    expect(oneByOne(queue)).toEqual(['witness d/1', 'first c/1', 'repeated b/1', 'failing a/1']);
  });

  it('are given to a later lane after three of earlier ones', () => {
    const queue = queueOf(1, ...many(9, 'first a/1'), ...many(3, 'repeated b/1'));
    expect(oneByOne(queue).map((name) => name.slice(-3)).join(' ')).toBe('a/1 a/1 a/1 b/1 a/1 a/1 a/1 b/1 a/1 a/1 a/1 b/1');
  });

  it('come next for one that goes ahead in its MCPServer, and not before other MCPServers', () => {
    const queue = queueOf(1, 'failing a/1', 'failing a/2');
    const ahead = { ...item('failing a/2', true), name: 'ahead' };
    queue.add(ahead, ahead);
    expect(oneByOne(queue)).toEqual(['failing a/1', 'ahead', 'failing a/2']);
  });

  it('are not lost by waiting in another lane, and a witness stays one', () => {
    const queue = new HandshakeQueue<string>(1);
    queue.add('x', item('first a/1'));
    queue.add('x', item('failing a/1'));
    queue.add('y', item('witness b/1'));
    queue.add('y', item('failing b/1'));
    queue.add('z', item('first c/1'));
    expect([queue.next(), queue.has('y'), queue.has('x')]).toEqual(['y', false, true]);
    queue.release('y');
    expect(queue.next()).toBe('z');
  });
});

describe('slots', () => {
  it.each([
    [16, 'first', 8], [16, 'repeated', 8], [16, 'failing', 4], [8, 'first', 4], [4, 'first', 2], [3, 'first', 2], [2, 'first', 1], [1, 'first', 1], [1, 'failing', 1],
  ] as const)('of %i one namespace gets, for handshakes of the lane %s, %i', (slots, lane, most) => {
    expect(turns(queueOf(slots, ...Array.from({ length: 50 }, (_, index) => `${lane} a/${index}`)))).toHaveLength(most);
  });

  it('of 16 are all taken by no fewer than seven namespaces', () => {
    for (const count of [1, 2, 3, 4, 5, 6, 7]) {
      const queue = new HandshakeQueue<Item>(16);
      // The worst order: each takes what it can before the next one comes.
      const taken = Array.from({ length: count }, (_, namespace) => {
        for (const each of Array.from({ length: 20 }, (_one, index) => item(`first ${namespace}/${index}`))) queue.add(each, each);
        return turns(queue).length;
      });
      expect([count, taken.reduce((sum, each) => sum + each)]).toEqual([count, [8, 10, 12, 13, 14, 15, 16][count - 1]]);
    }
  });

  it('are held for one handshake at a time by a failing MCPServer, and for half of them by all of these', () => {
    const servers = Array.from({ length: 40 }, (_, index) => many(3, `failing n${index}/1`)).flat();
    const taken = turns(queueOf(16, ...servers));
    expect(new Set(taken.map(({ server }) => server)).size).toBe(8);
    expect(taken).toHaveLength(8);
  });
});

/** What may happen to a queue: something waits, a turn is given, the nth running one ends, the nth waiting one goes. */
type Step = { readonly add: Item } | 'next' | { readonly release: number } | { readonly drop: number };

const namespaces = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const placed = fc.record({ lane: fc.constantFrom(...LANES), namespace: namespaces, index: fc.nat(2), ahead: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: placed.map(({ lane, namespace, index, ahead }) => ({ add: item(`${lane} ${namespace}/${index}`, ahead) })) },
  { weight: 4, arbitrary: fc.constant('next' as const) },
  { weight: 3, arbitrary: fc.record({ release: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ drop: fc.nat(20) }) },
);

/** A queue beside plain lists of what waits and what runs. */
class Model {
  readonly queue: HandshakeQueue<Item>;
  readonly waiting = new Set<Item>();
  readonly running = new Set<Item>();
  readonly slots: number;

  constructor(slots: number) {
    this.slots = slots;
    this.queue = new HandshakeQueue(slots);
  }

  /** The item that got a turn, if one did. */
  take(what: Step): Item | undefined {
    if (what === 'next') {
      const item = this.queue.next();
      if (item === undefined) return undefined;
      this.waiting.delete(item);
      this.running.add(item);
      return item;
    }
    if ('add' in what) {
      const fresh = { ...what.add };
      this.waiting.add(fresh);
      this.queue.add(fresh, fresh);
      return undefined;
    }
    const from = 'release' in what ? this.running : this.waiting;
    const index = 'release' in what ? what.release : what.drop;
    const item = [...from][index % Math.max(1, from.size)];
    if (item === undefined) return undefined;
    from.delete(item);
    if ('release' in what) this.queue.release(item);
    else this.queue.delete(item);
    return undefined;
  }

  runningOf(test: (item: Item) => boolean): number {
    return [...this.running].filter(test).length;
  }

  /** By the rules as they are said, whether it could have a turn now. */
  isAble({ namespace, server, lane }: Item): boolean {
    const half = Math.max(1, Math.floor(this.slots / 2));
    const free = this.slots - this.running.size;
    const held = this.runningOf((each) => each.namespace === namespace);
    const failing = this.runningOf((each) => each.lane === 'failing');
    const own = (test: (item: Item) => boolean): boolean => this.runningOf((each) => each.lane === 'failing' && test(each)) > 0;
    if (free === 0 || this.runningOf((each) => each.server === server) >= MOST_PER_SERVER) return false;
    if (held === 1 && free <= Math.max(1, this.slots / 4)) return false;
    if (held > 1 && free <= this.slots / 2) return false;
    if (lane !== 'failing') return true;
    if (failing >= half || own((each) => each.server === server)) return false;
    return !(own((each) => each.namespace === namespace) && failing >= half / 2);
  }
}

const run = fc.record({ slots: fc.integer({ min: 1, max: 16 }), steps: fc.array(step, { maxLength: 150 }) });

describe('whatever waits, runs and ends', () => {
  it('no turn is given beyond a bound, and none is withheld that could be given', () => {
    fc.assert(fc.property(run, ({ slots, steps }) => {
      const model = new Model(slots);
      for (const what of steps) {
        const able = new Set([...model.waiting].filter((each) => model.isAble(each)));
        const taken = model.take(what);
        const isRight = taken === undefined ? what !== 'next' || able.size === 0 : able.has(taken);
        expect([taken, isRight]).toEqual([taken, true]);
        expect(model.running.size).toBeLessThanOrEqual(slots);
      }
      expect([...model.waiting].every((each) => model.queue.has(each))).toBe(true);
    }), { numRuns: 1000 });
  });

  it('a namespace that could have a turn in a lane sees at most one turn of each other one there before its own', () => {
    fc.assert(fc.property(run, ({ slots, steps }) => {
      const model = new Model(slots);
      const seen = new Map<string, string[]>();
      for (const what of steps) {
        const able = new Set([...model.waiting].filter((each) => model.isAble(each)).map(({ lane, namespace }) => `${lane} ${namespace}`));
        for (const who of seen.keys()) if (!able.has(who)) seen.delete(who);
        const taken = model.take(what);
        if (taken === undefined) continue;
        seen.delete(`${taken.lane} ${taken.namespace}`);
        for (const who of [...able].filter((each) => each.startsWith(`${taken.lane} `) && each !== `${taken.lane} ${taken.namespace}`)) {
          const others = seen.get(who) ?? [];
          expect(others).not.toContain(taken.namespace);
          seen.set(who, [...others, taken.namespace]);
        }
      }
    }), { numRuns: 1000 });
  });

  it('a lane that could have a turn waits for a few turns of others, never for all of theirs', () => {
    fc.assert(fc.property(run, ({ slots, steps }) => {
      const model = new Model(slots);
      const waited = new Map<Lane, number>();
      for (const what of steps) {
        const able = new Set([...model.waiting].filter((each) => model.isAble(each)).map(({ lane }) => lane));
        const taken = model.take(what);
        if (taken === undefined) continue;
        waited.set(taken.lane, 0);
        for (const lane of able) if (lane !== taken.lane) waited.set(lane, (waited.get(lane) ?? 0) + 1);
        expect(Math.max(...waited.values())).toBeLessThanOrEqual(MOST_PASSED_OVER + LANES.length - 1);
      }
    }), { numRuns: 1000 });
  });
});
