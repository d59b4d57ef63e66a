import { describe, expect, it } from 'vitest';
import { EventRecorder, type EventResult } from '../../../reconciler/runtime/events.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { clientOf, sendJson, sendStatus, wireServer, type Answer, type WireServer } from '../../kubernetes/wire-server.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'tools', uid: 'uid-1' } };
const FELL = { type: 'Warning', reason: 'Fell', action: 'Watch', note: 'It fell.' } as const;

interface Setting {
  readonly server: WireServer;
  readonly recorder: EventRecorder;
  readonly clock: FakeClock;
  readonly results: EventResult[];
  readonly logged: string[];
}

async function setting(answer: Answer = (_request, response) => sendJson(response, 201, {})): Promise<Setting> {
  const server = await wireServer(answer);
  const [clock, results, logged] = [new FakeClock(), [] as EventResult[], [] as string[]];
  const log = { debug: (_context: unknown, message?: string) => void logged.push(message ?? '') };
  const recorder = new EventRecorder({
    client: clientOf(server),
    reportingController: 'tester',
    reportingInstance: 'tester-1',
    clock,
    log,
    onResult: (result) => results.push(result),
  });
  return { server, recorder, clock, results, logged };
}

function bodies({ server }: Setting): unknown[] {
  return server.requests.map(({ method, body }) => [method, JSON.parse(body)]);
}

describe('the event recorder', () => {
  it('creates an event with a name of its own, beside its object, with times in microseconds', async () => {
    const on = await setting();
    on.recorder.record(POD, FELL);
    await on.recorder.stop();
    expect(on.server.requests[0]?.url.pathname).toBe('/apis/events.k8s.io/v1/namespaces/tools/events');
    expect(bodies(on)).toEqual([['POST', {
      apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/), namespace: 'tools' }, ...FELL,
      eventTime: '2030-01-01T00:00:00.000000Z', regarding: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'tools', uid: 'uid-1' },
      reportingController: 'tester', reportingInstance: 'tester-1',
    }]]);
  });

  it('makes repeats within six minutes of each other one series, and begins anew after that', async () => {
    const on = await setting();
    for (const minutes of [5, 5, 7, 0]) {
      on.recorder.record(POD, FELL);
      await on.clock.advance(minutes * 60_000);
    }
    await on.recorder.stop();
    const { pathname } = on.server.requests[1]?.url ?? {};
    expect(pathname).toMatch(/\/events\/web\.[0-9a-f]{16}$/);
    expect(on.server.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH', 'POST']);
    expect(bodies(on)[2]).toEqual(['PATCH', { series: { count: 3, lastObservedTime: '2030-01-01T00:10:00.000000Z' } }]);
    const [first, , , anew] = bodies(on) as [string, { metadata: object }][];
    expect(anew?.[1].metadata).not.toEqual(first?.[1].metadata);
  });

  it('makes the same note with another time, port or id in it one series', async () => {
    const on = await setting();
    for (const [time, port, id] of [['21:46:25', 43_210, '7f3a'], ['9:06:05.123', 60_001, '0199-ab']]) {
      on.recorder.record(POD, { ...FELL, note: `Refused at ${time} by 10.0.0.5:${port}->10.96.0.1:443, request id ${id}.` });
    }
    on.recorder.record(POD, { ...FELL, note: 'Refused at 9:06:05.123 by 10.0.0.5:60001->10.96.0.2:443, request id 7f3a.' });
    await on.recorder.stop();
    expect(bodies(on)).toMatchObject([['POST', { series: { count: 2 } }], ['POST', { note: expect.stringContaining('10.96.0.2') }]]);
  });

  it('writes a note as one line without control, bidi and invisible characters', async () => {
    const on = await setting();
    on.recorder.record(POD, { ...FELL, note: 'It\r\n\x1b[31mfell\u202E\u200B\0 \uD800.' });
    await on.recorder.stop();
    expect(bodies(on)).toMatchObject([['POST', { note: 'It fell \uFFFD.' }]]);
  });

  it('tells repeats apart by object, type, reason, action and note', async () => {
    const on = await setting();
    const others = [FELL, { ...FELL, type: 'Normal' as const }, { ...FELL, reason: 'Rose' }, { ...FELL, action: 'Look' }, { ...FELL, note: 'Again.' }];
    for (const event of others) on.recorder.record(POD, event);
    on.recorder.record({ ...POD, metadata: { ...POD.metadata, uid: 'uid-2' } }, FELL);
    await on.recorder.stop();
    const names = (bodies(on) as [string, { metadata: { name: string } }][]).map(([, { metadata }]) => metadata.name);
    expect(new Set(names).size).toBe(6);
    expect(on.server.requests.map(({ method }) => method)).toEqual(Array.from({ length: 6 }, () => 'POST'));
  });

  it('lets an object have 25 events at once and one more every five minutes, and others theirs', async () => {
    const on = await setting();
    const burst = (): void => {
      for (let each = 0; each < 30; each += 1) on.recorder.record(POD, { ...FELL, note: `${on.clock.now()} ${each}` });
    };
    burst();
    await on.clock.advance(10 * 60_000);
    burst();
    on.recorder.record({ ...POD, metadata: { ...POD.metadata, uid: 'uid-2' } }, FELL);
    await on.recorder.stop();
    expect(on.results.filter((result) => result === 'sent')).toHaveLength(25 + 2 + 1);
    expect(on.results.filter((result) => result === 'dropped')).toHaveLength(5 + 28);
  });

  it('counts what the limit kept back in the next event of the series', async () => {
    const on = await setting();
    for (let each = 0; each < 28; each += 1) on.recorder.record(POD, FELL);
    await on.clock.advance(5 * 60_000);
    on.recorder.record(POD, FELL);
    await on.recorder.stop();
    expect(bodies(on).at(-1)).toEqual(['PATCH', { series: { count: 29, lastObservedTime: '2030-01-01T00:05:00.000000Z' } }]);
  });

  it('goes on after a failed write: logged, counted, and the next repeat tells of all', async () => {
    const on = await setting(({ method }, response) => {
      if (method === 'POST' && on.server.requests.length === 1) sendStatus(response, 403, { reason: 'Forbidden', message: 'namespace is being terminated' });
      else sendJson(response, 201, {});
    });
    on.recorder.record(POD, FELL);
    await on.clock.advance(1000);
    await expect.poll(() => on.results).toEqual(['failed']);
    expect(on.logged).toEqual(['an event could not be written']);
    on.recorder.record(POD, FELL);
    await on.recorder.stop();
    expect(bodies(on)[1]).toMatchObject(['POST', { series: { count: 2 } }]);
  });

  it('creates an event again whose series has expired at the API server', async () => {
    const on = await setting(({ method }, response) => {
      if (method === 'PATCH') sendStatus(response, 404, { reason: 'NotFound', message: 'gone' });
      else sendJson(response, 201, {});
    });
    on.recorder.record(POD, FELL);
    await expect.poll(() => on.results).toEqual(['sent']);
    on.recorder.record(POD, FELL);
    await on.recorder.stop();
    expect(on.server.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
    expect(on.results).toEqual(['sent', 'sent']);
  });

  it('cuts a note off at 1024 bytes, between characters', async () => {
    const on = await setting();
    for (const pad of ['', 'a', 'ab', 'abc']) on.recorder.record(POD, { ...FELL, note: pad + '€😀'.repeat(400) });
    await on.recorder.stop();
    for (const [, { note }] of bodies(on) as [string, { note: string }][]) {
      expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
      expect(note).toMatch(/^(|a|ab|abc)(€😀)+€?…$/u);
    }
  });

  it('waits two seconds at most for an API server that hangs when it stops, and takes nothing more', async () => {
    const on = await setting(() => undefined);
    on.recorder.record(POD, FELL);
    await expect.poll(() => on.server.requests).toHaveLength(1);
    const stopped = on.recorder.stop();
    await on.clock.advance(2000);
    await stopped;
    on.recorder.record(POD, FELL);
    expect(on.results).toEqual(['failed']);
  });
});
