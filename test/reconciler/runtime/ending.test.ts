import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Ending, UnfinishedError } from '../../../reconciler/runtime/ending.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** An end of 40 s of something that ends when `finish` is called. */
function begin() {
  const clock = new FakeClock();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  const [stop, abandon] = [new AbortController(), new AbortController()];
  const ending = new Ending({ stop: stop.signal, abandon: abandon.signal, totalMs: 40_000, clock, log });
  const work = Promise.withResolvers<void>();
  const told: unknown[] = [];
  const bound = ending.bound(work.promise).then(() => told.push('ended'), (error: unknown) => told.push(error));
  return { clock, lines, stop, abandon, ending, told, bound, finish: () => work.resolve(), fail: (error: Error) => work.reject(error) };
}

describe('an end', () => {
  it('does not begin by itself, and gives nothing up before it has begun', async () => {
    const { clock, ending, told, lines, finish, bound } = begin();
    await clock.advance(1_000_000);
    ending.giveUp('no reason');
    expect([told, lines, ending.abandon.aborted]).toEqual([[], [], false]);
    finish();
    await bound;
    expect(told).toEqual(['ended']);
  });

  it('says nothing when it takes a moment only', async () => {
    const { clock, stop, told, lines, finish, bound } = begin();
    stop.abort();
    await clock.advance(2999);
    finish();
    await bound;
    expect([told, lines, clock.pending]).toEqual([['ended'], [], 0]);
  });

  it('says what it waits for when it takes longer, and how long it may still take', async () => {
    const { clock, stop, ending, lines } = begin();
    ending.waitsFor('the lease');
    stop.abort();
    await clock.advance(3000);
    ending.waitsFor(() => 'the reconciles of ns/a');
    await clock.advance(3000);
    expect(lines.map(({ msg, waitingFor, secondsLeft }) => [msg, waitingFor, secondsLeft])).toEqual([
      ['still stopping', 'the lease', 37], ['still stopping', 'the reconciles of ns/a', 34],
    ]);
  });

  it('gives up what runs after half of its time', async () => {
    const { clock, stop, ending } = begin();
    stop.abort();
    await clock.advance(19_999);
    expect(ending.abandon.aborted).toBe(false);
    await clock.advance(1);
    expect(ending.abandon.aborted).toBe(true);
  });

  it('gives up what runs sooner for a reason, which it says once', async () => {
    const { clock, stop, ending, lines } = begin();
    stop.abort();
    ending.giveUp('the lease cannot be renewed');
    ending.giveUp('the lease cannot be renewed');
    await clock.advance(25_000);
    expect(ending.abandon.aborted).toBe(true);
    expect(lines.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual(['giving up what still runs: the lease cannot be renewed']);
  });

  it('does not wait for what runs when it is told not to', () => {
    const { stop, abandon, ending } = begin();
    stop.abort();
    abandon.abort();
    expect(ending.abandon.aborted).toBe(true);
  });

  it('is over at its deadline, and names what did not end', async () => {
    const { clock, stop, ending, told, lines } = begin();
    ending.waitsFor('handshakes and events');
    stop.abort();
    await clock.advance(39_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([new UnfinishedError('did not end within 40 s: still waiting for handshakes and events')]);
    const said = lines.length;
    await clock.advance(100_000);
    expect([lines.length, clock.pending]).toEqual([said, 0]);
  });

  it('fails as what it waits for does', async () => {
    const { stop, told, fail, bound, clock } = begin();
    stop.abort();
    fail(new Error('boom'));
    await bound;
    await settle();
    expect([told, clock.pending]).toEqual([[new Error('boom')], 0]);
  });
});
