import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { Controller, requestedDelayMs, type ControllerOptions } from '../../../reconciler/runtime/controller.ts';
import { createMetrics } from '../../../reconciler/runtime/metrics.ts';
import { WorkQueue } from '../../../reconciler/runtime/work-queue.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

type Reconcile = ControllerOptions['reconcile'];

function start(reconcile: Reconcile, maxConcurrentReconciles?: number) {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const metrics = createMetrics();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  const stop = new AbortController();
  const abandon = new AbortController();
  const controller = new Controller({
    name: 'mcpserver', queue, reconcile, log, clock, maxConcurrentReconciles, metrics: metrics.controller('mcpserver'),
  });
  let complete: boolean | undefined;
  const run = controller.run({ stop: stop.signal, abandon: abandon.signal }).then((all) => { complete = all; });
  const value = async (name: string): Promise<number> => {
    const text = await metrics.registry.metrics();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1));
  };
  return { clock, queue, lines, stop, abandon, run, value, controller, complete: () => complete };
}

describe('the controller', () => {
  it('reconciles a key that is added', async () => {
    const seen: string[] = [];
    const { queue, stop, run, value } = start(async (key) => { seen.push(key); });
    queue.add('ns/a');
    await settle();
    expect(seen).toEqual(['ns/a']);
    expect(await value('controller_runtime_reconcile_total{controller="mcpserver",result="success"}')).toBe(1);
    stop.abort();
    await run;
  });

  it('reconciles again after the time a reconcile asked for', async () => {
    let calls = 0;
    const { clock, queue, stop, run, value } = start(async () => {
      calls += 1;
      return calls === 1 ? { requeueAfterMs: 60_000 } : {};
    });
    queue.add('ns/a');
    await clock.advance(59_999);
    expect(calls).toBe(1);
    await clock.advance(1);
    expect(calls).toBe(2);
    expect(await value('controller_runtime_reconcile_total{controller="mcpserver",result="requeue_after"}')).toBe(1);
    stop.abort();
    await run;
  });

  it('retries a failure with growing delays until it succeeds, and then starts over', async () => {
    const times: number[] = [];
    const { clock, queue, lines, stop, run } = start(async () => {
      times.push(clock.now());
      if (times.length < 4) throw new Error('not yet');
    });
    queue.add('ns/a');
    await clock.advance(1000);
    expect(times).toEqual([0, 5, 15, 35]);
    expect(lines.map(({ retryInMs }) => retryInMs)).toEqual([5, 10, 20]);
    expect(queue.addRateLimited('ns/a')).toBe(5);
    stop.abort();
    await run;
  });

  it('logs each failure once, with controller, namespace, name, reconcileID and the backoff', async () => {
    const { queue, lines, stop, run } = start(async () => { throw new Error('boom'); });
    queue.add('ns/a');
    await settle();
    expect(lines).toEqual([expect.objectContaining({
      controller: 'mcpserver', namespace: 'ns', name: 'a', reconcileID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      retryInMs: 5, msg: 'reconcile failed', err: expect.objectContaining({ message: 'boom' }),
    })]);
    stop.abort();
    await run;
  });

  it('counts and logs what failed in a reconcile that sees to the next try itself', async () => {
    let calls = 0;
    const { clock, queue, lines, stop, run, value } = start(async () => {
      calls += 1;
      return { error: new Error('refused') };
    });
    queue.add('ns/a');
    await clock.advance(2_000_000);
    expect(calls).toBe(1);
    expect(await value('controller_runtime_reconcile_errors_total{controller="mcpserver"}')).toBe(1);
    expect(lines).toEqual([expect.objectContaining({ msg: 'reconcile failed', err: expect.objectContaining({ message: 'refused' }) })]);
    stop.abort();
    await run;
  });

  it('waits at least as long as an overloaded API server asks', async () => {
    const times: number[] = [];
    const { clock, queue, stop, run } = start(async () => {
      times.push(clock.now());
      if (times.length === 1) throw new ApiError('TooManyRequests', 'slow down', { status: 429, retryAfterSeconds: 7 });
    });
    queue.add('ns/a');
    await clock.advance(10_000);
    expect(times).toEqual([0, 7000]);
    stop.abort();
    await run;
  });

  it.each<[string, unknown, number]>([
    ['a day', new ApiError('TooManyRequests', 'x', { retryAfterSeconds: 86_400 }), 300_000],
    ['a moment before now', new ApiError('Server', 'x', { retryAfterSeconds: -5 }), 0],
    ['a time, with any status', new ApiError('Timeout', 'x', { retryAfterSeconds: 2 }), 2000],
    ['no time', new ApiError('Server', 'x'), 0],
    ['nothing, being no answer', new Error('x'), 0],
  ])('waits five minutes at most, whatever the answer asks for: %s', (_name, error, ms) => {
    expect(requestedDelayMs(error)).toBe(ms);
  });

  it('works on as many keys at once as it has workers', async () => {
    const open: (() => void)[] = [];
    const { queue, stop, run, value } = start(() => new Promise<void>((resolve) => { open.push(resolve); }), 2);
    for (const key of ['ns/a', 'ns/b', 'ns/c']) queue.add(key);
    await settle();
    expect(open).toHaveLength(2);
    expect(await value('controller_runtime_active_workers{controller="mcpserver"}')).toBe(2);
    expect(await value('controller_runtime_max_concurrent_reconciles{controller="mcpserver"}')).toBe(2);
    open[0]?.();
    await settle();
    expect(open).toHaveLength(3);
    stop.abort();
    for (const resolve of open) resolve();
    await run;
  });

  it('takes no more work once stopped, but lets what runs finish undisturbed', async () => {
    const seen: string[] = [];
    const work = Promise.withResolvers<void>();
    const { clock, queue, stop, run, controller, complete } = start(async (key, { signal }) => {
      seen.push(key);
      await work.promise;
      seen.push(`${key} done, aborted: ${signal.aborted}`);
    }, 1);
    queue.add('ns/a');
    queue.add('ns/b');
    await settle();
    stop.abort();
    await clock.advance(60_000);
    expect(complete()).toBeUndefined();
    expect(controller.running).toEqual(['ns/a']);
    work.resolve();
    await run;
    expect(complete()).toBe(true);
    expect(controller.running).toEqual([]);
    expect(seen).toEqual(['ns/a', 'ns/a done, aborted: false']);
    expect(clock.pending).toBe(0);
  });

  it('gives up a reconcile that is not to be waited for, says so once and calls it no failure', async () => {
    const { queue, lines, stop, abandon, run, complete } = start((_key, { signal }) =>
      new Promise<void>((_resolve, reject) => { signal.addEventListener('abort', () => reject(new Error('aborted'))); }));
    queue.add('ns/a');
    await settle();
    stop.abort();
    abandon.abort();
    await run;
    expect(complete()).toBe(true);
    expect(lines.map(({ msg, level }) => [level, msg])).toEqual([[40, 'reconcile given up unfinished, because the operator stops']]);
  });

  it('tells who waits that a reconcile does not end though it was given up 2 s ago', async () => {
    const { clock, queue, stop, abandon, run, controller, complete } = start(() => new Promise<void>(() => {}));
    queue.add('ns/a');
    await settle();
    stop.abort();
    abandon.abort();
    await clock.advance(1999);
    expect(complete()).toBeUndefined();
    await clock.advance(1);
    expect(complete()).toBe(false);
    expect(controller.running).toEqual(['ns/a']);
    await run;
  });
});
