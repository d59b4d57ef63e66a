import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { ReflectorTiming } from '../../kubernetes/reflector.ts';
import { IMMEDIATE, listsOf, NEVER_WAIT, object, sendEvent, sendList, start, until, versionsWatched } from './scripted-informer.ts';
import type { Script } from './scripted-informer.ts';
import { reset, sendStatus } from './wire-server.ts';

type Step = Script['watches'][number];

const EXPIRED = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 5 (9)' };

describe('a watch that ends', () => {
  test('by a reset goes on from the last version seen, without a list', async () => {
    const broken = Promise.withResolvers<ServerResponse>();
    const { server, changes, informer } = await start({
      lists: [(response) => sendList(response, '5', [])],
      watches: [
        (response) => {
          sendEvent(response, 'ADDED', object('a', '6'));
          broken.resolve(response);
        },
        (response) => sendEvent(response, 'ADDED', object('b', '7')),
      ],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->6']));
    reset(await broken.promise);
    await until(() => expect(changes).toEqual(['ADDED a ->6', 'ADDED b ->7']));
    expect(versionsWatched(server)).toEqual(['5', '6']);
    expect(listsOf(server)).toBe(1);
    expect(informer.list()).toHaveLength(2);
  });

  test('in good order goes on from the last bookmark', async () => {
    const { server } = await start(
      {
        lists: [(response) => sendList(response, '5', [])],
        watches: [
          (response) => {
            sendEvent(response, 'BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '42' } });
            response.end();
          },
        ],
      },
      { timing: NEVER_WAIT },
    );
    await until(() => expect(versionsWatched(server)).toEqual(['5', '42']));
    expect(listsOf(server)).toBe(1);
  });

  test('in the middle of an event loses nothing', async () => {
    const { server, changes, restarts } = await start({
      lists: [(response) => sendList(response, '5', [])],
      watches: [
        (response) => response.writeHead(200).end(`{"type":"ADDED","object":{"metadata":{"na`),
        (response) => sendEvent(response, 'ADDED', object('a', '6')),
      ],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->6']));
    expect(versionsWatched(server)).toEqual(['5', '5']);
    expect(restarts).toEqual([expect.stringContaining('the stream ended in the middle of an event')]);
  });

  test('with a line that is no event is listed again', async () => {
    const { server, restarts, changes } = await start({
      lists: [(response) => sendList(response, '5', []), (response) => sendList(response, '8', [object('a', '8')])],
      watches: [(response) => response.writeHead(200).write('<html>\n')],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->8']));
    expect(restarts).toEqual([expect.stringContaining('received a line that is no event: <html>')]);
    await until(() => expect(versionsWatched(server)).toEqual(['5', '8']));
  });

  test('never, in silence, counts as dead after the idle deadline and goes on from the last version', async () => {
    const timing = { ...IMMEDIATE, minWatchSeconds: 0.1, maxWatchSeconds: 0.1, idleGraceMs: 50 };
    const { changes, server, restarts } = await start(
      {
        lists: [(response) => sendList(response, '5', [])],
        watches: [(response) => sendEvent(response, 'ADDED', object('a', '6')), (response) => sendEvent(response, 'ADDED', object('b', '7'))],
      },
      { timing },
    );
    await until(() => expect(changes).toEqual(['ADDED a ->6', 'ADDED b ->7']));
    expect(versionsWatched(server).slice(0, 2)).toEqual(['5', '6']);
    expect(restarts[0]).toContain('nothing received for 0.15 s');
  });

  test('without even a bookmark in its whole time is listed again: its version may lie in the future', async () => {
    const timing = { ...IMMEDIATE, minWatchSeconds: 0.1, maxWatchSeconds: 0.1, idleGraceMs: 50 };
    const { changes, server } = await start(
      {
        lists: [(response) => sendList(response, '999', [object('a', '9')]), (response) => sendList(response, '3', [object('a', '2')])],
        watches: [],
      },
      { timing },
    );
    await until(() => expect(changes).toEqual(['ADDED a ->9', 'MODIFIED a 9>2']));
    await until(() => expect(versionsWatched(server).slice(0, 2)).toEqual(['999', '3']));
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['in the stream', (response) => sendEvent(response, 'ERROR', EXPIRED)],
    ['as an HTTP status', (response) => sendStatus(response, 410, EXPIRED)],
  ])('with 410 %s is listed again at once, and only the differences are told', async (_, expire) => {
    const { changes, server, restarts } = await start(
      {
        lists: [
          (response) => sendList(response, '5', [object('same', '1'), object('changed', '2'), object('gone', '3'), object('replaced', '4')]),
          (response) => sendList(response, '9', [object('same', '1'), object('changed', '7'), object('new', '8'), object('replaced', '9', { uid: 'other' })]),
        ],
        watches: [expire],
      },
      { timing: NEVER_WAIT },
    );
    await until(() => expect(versionsWatched(server)).toEqual(['5', '9']));
    expect(changes.slice(4)).toEqual(['DELETED gone 3>3', 'MODIFIED changed 2>7', 'ADDED new ->8', 'DELETED replaced 4>4', 'ADDED replaced ->9']);
    expect(restarts).toEqual([expect.stringContaining('too old resource version')]);
  });
});

describe('a list or watch that is refused', () => {
  test('is tried again until it works: 500, 429, an error page, 503', async () => {
    const { changes, restarts } = await start({
      lists: [
        (response) => sendStatus(response, 500, { reason: 'InternalError', message: 'boom' }),
        (response) => response.writeHead(429, { 'retry-after': '0' }).end('storage is (re)initializing'),
        (response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'),
        (response) => sendList(response, '5', [object('a', '1')]),
      ],
      watches: [
        (response) => sendStatus(response, 503, { reason: 'ServiceUnavailable', message: 'shutting down' }),
        (response) => sendEvent(response, 'ADDED', object('b', '6')),
      ],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->1', 'ADDED b ->6']));
    expect(restarts).toEqual([
      expect.stringContaining('500 Server: boom'),
      expect.stringContaining('429 TooManyRequests: storage is (re)initializing'),
      expect.stringContaining('502 Server: Bad Gateway'),
      expect.stringContaining('503 Server: shutting down'),
    ]);
  });

  test('says what is missing: a right, or the CRD', async () => {
    const { informer, restarts } = await start(
      {
        lists: [
          (response) => sendStatus(response, 403, { reason: 'Forbidden', message: 'configmaps is forbidden' }),
          (response) => response.writeHead(404).end('404 page not found'),
          (response) => sendList(response, '5', []),
        ],
        watches: [],
      },
      { namespaces: ['demo'] },
    );
    await informer.synced;
    expect(restarts).toEqual([
      'needs the verbs list and watch on configmaps in namespace demo: GET configmaps in demo: 403 Forbidden: configmaps is forbidden',
      'the API server does not serve configmaps yet; is its CRD installed? GET configmaps in demo: 404 NotFound: 404 page not found',
    ]);
  });
});

const expire: Step = (response) => sendStatus(response, 410, EXPIRED);
const boom: Step = (response) => sendStatus(response, 500, { reason: 'InternalError', message: 'boom' });
const empty: Step = (response) => sendList(response, '5', []);
const end: Step = (response) => sendEvent(response, 'ADDED', object('end', '9'));
const quiet: Step = (response) => {
  response.writeHead(200).flushHeaders();
  setTimeout(() => response.end(), 100);
};

/** The pauses while the script is played until the object `end` arrives; steps of 10, 20, 40… ms, halved. */
async function pausesOf(script: Script, timing: Partial<ReflectorTiming> = {}): Promise<number[]> {
  const pauses: number[] = [];
  const note = (fields: object): unknown => pauses.push((fields as { retryInMs: number }).retryInMs);
  const { changes } = await start(script, {
    timing: { minWatchSeconds: 60, maxWatchSeconds: 60, baseDelayMs: 10, maxDelayMs: 80, maxNetworkDelayMs: 20, ...timing },
    random: () => 0,
    log: { debug: () => undefined, info: note, warn: note, error: note },
  });
  await until(() => expect(changes.at(-1)).toMatch(/^ADDED end /));
  return pauses;
}

describe('the pauses between attempts', () => {
  test('are none before the relist when an outage ends with 410, but grow when the next watches get 410 too', async () => {
    expect(await pausesOf({ lists: [empty], watches: [reset, reset, reset, reset, expire, expire, expire, end] })).toEqual([
      5, 10, 10, 10, 0, 10, 20,
    ]);
  });

  test('begin again after a list that worked, where lists had failed', async () => {
    expect(await pausesOf({ lists: [boom, boom, boom, empty], watches: [reset, end] })).toEqual([5, 10, 20, 5]);
  });

  test('begin again after a watch that ended in good order', async () => {
    expect(
      await pausesOf({ lists: [empty], watches: [reset, reset, quiet, reset, end] }, { minWatchSeconds: 0.05, maxWatchSeconds: 0.05 }),
    ).toEqual([5, 10, 5]);
  });

  test('grow where lists work but every watch is refused', async () => {
    expect(await pausesOf({ lists: [empty], watches: [boom, boom, boom, end] })).toEqual([5, 10, 20]);
  });
});
