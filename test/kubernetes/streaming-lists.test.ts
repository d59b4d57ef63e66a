import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { IMMEDIATE, listsOf, NEVER_WAIT, streamsOf, versionsWatched, watchesOf } from './scripted-informer.ts';
import { object, sendEvent, sendList, sendListEnd, start, until } from './scripted-informer.ts';
import type { Script } from './scripted-informer.ts';
import { reset, sendStatus } from './wire-server.ts';

type Step = Script['watches'][number];

/** A list that ends well, of objects of one version. */
function stream(version: string, ...names: string[]): Step {
  return (response) => {
    for (const name of names) sendEvent(response, 'ADDED', object(name, version));
    sendListEnd(response, version);
  };
}

const EXPIRED = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 5 (9)' };
const inPages: Step = (response) => sendList(response, '7', [object('paged', '7')]);

describe('a list that is the beginning of its watch', () => {
  test('is told as a whole when it has ended, and the same request goes on as the watch', async () => {
    let streamed: ServerResponse | undefined;
    const { server, changes, informer } = await start({
      streams: [(response) => {
        streamed = response;
        sendEvent(response, 'ADDED', object('a', '1'));
        sendEvent(response, 'ADDED', object('b', '2', { managedFields: [{ manager: 'kubectl' }] }));
      }],
      lists: [],
      watches: [],
    });
    await until(() => expect(streamed).toBeDefined());
    expect(informer.hasSynced()).toBe(false);
    sendListEnd(streamed as ServerResponse, '5');
    await informer.synced;
    expect(changes).toEqual(['ADDED a ->1', 'ADDED b ->2']);
    expect(informer.get({ namespace: 'demo', name: 'b' })?.metadata).not.toHaveProperty('managedFields');
    sendEvent(streamed as ServerResponse, 'MODIFIED', object('a', '6'));
    sendEvent(streamed as ServerResponse, 'DELETED', object('b', '7'));
    await until(() => expect(changes.slice(2)).toEqual(['MODIFIED a 1>6', 'DELETED b 2>7']));
    expect(server.requests).toHaveLength(1);
    expect(Object.fromEntries(server.requests[0]?.url.searchParams ?? [])).toEqual({
      watch: 'true', allowWatchBookmarks: 'true', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', timeoutSeconds: '60',
    });
  });

  test('has what became of its objects while it came, and no other bookmark is its end', async () => {
    const { changes, informer } = await start({
      streams: [(response) => {
        for (const name of ['changed', 'deleted', 'kept']) sendEvent(response, 'ADDED', object(name, '1'));
        sendEvent(response, 'BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '2' } });
        sendEvent(response, 'MODIFIED', object('changed', '3'));
        sendEvent(response, 'DELETED', object('deleted', '4'));
        sendListEnd(response, '4');
      }],
      lists: [],
      watches: [],
    });
    await informer.synced;
    expect(changes).toEqual(['ADDED changed ->3', 'ADDED kept ->1']);
  });

  test('goes on from its end after a reset, without another list', async () => {
    let streamed: ServerResponse | undefined;
    const { server, changes, informer } = await start({
      streams: [(response) => { streamed = response; stream('5', 'a')(response, server.requests[0] as never); }],
      lists: [],
      watches: [(response) => sendEvent(response, 'ADDED', object('b', '6'))],
    });
    await informer.synced;
    reset(streamed as ServerResponse);
    await until(() => expect(changes).toEqual(['ADDED a ->5', 'ADDED b ->6']));
    expect(versionsWatched(server)).toEqual(['5']);
    expect(streamsOf(server)).toHaveLength(1);
  });

  test('is asked for again at once where the watch has expired, and tells only what differs', async () => {
    const { server, changes } = await start({
      streams: [
        (response) => {
          for (const [name, version] of [['same', '1'], ['changed', '2'], ['gone', '3']] as const) sendEvent(response, 'ADDED', object(name, version));
          sendListEnd(response, '5');
          sendEvent(response, 'ERROR', EXPIRED);
        },
        (response) => {
          for (const [name, version] of [['same', '1'], ['changed', '7'], ['new', '8']] as const) sendEvent(response, 'ADDED', object(name, version));
          sendListEnd(response, '9');
        },
      ],
      lists: [],
      watches: [],
    }, { timing: NEVER_WAIT });
    await until(() => expect(changes.slice(3)).toEqual(['DELETED gone 3>3', 'MODIFIED changed 2>7', 'ADDED new ->8']));
    expect(streamsOf(server)).toHaveLength(2);
    expect(listsOf(server)).toBe(0);
  });

  test('may be silent after its end for as long as any watch', async () => {
    const timing = { ...IMMEDIATE, listIdleMs: 300 };
    let streamed: ServerResponse | undefined;
    const { informer, changes, restarts } = await start({
      streams: [(response) => { streamed = response; sendListEnd(response, '5'); }],
      lists: [inPages],
      watches: [],
    }, { timing });
    await informer.synced;
    // Several times what may pass within the list.
    await new Promise((resolve) => void setTimeout(resolve, 1000));
    sendEvent(streamed as ServerResponse, 'ADDED', object('late', '6'));
    await until(() => expect(changes).toEqual(['ADDED late ->6']));
    expect(restarts).toEqual([]);
  });
});

describe('a list in pages takes the place of one that', () => {
  test('the server does not know, which is no failure, and is not tried again', async () => {
    const { server, changes, restarts } = await start({
      lists: [(response) => sendList(response, '5', [object('a', '1')]), (response) => sendList(response, '9', [object('a', '8')])],
      watches: [(response) => sendEvent(response, 'ERROR', EXPIRED)],
    }, { timing: NEVER_WAIT });
    await until(() => expect(changes).toEqual(['ADDED a ->1', 'MODIFIED a 1>8']));
    expect(streamsOf(server)).toHaveLength(1);
    expect(restarts).toEqual([expect.stringContaining('too old resource version')]);
  });

  test.each([[401, 'Unauthorized'], [403, 'Forbidden'], [404, 'NotFound'], [429, 'TooManyRequests']])('what is refused with %i is not asked for in pages', async (code, reason) => {
    const { server, changes } = await start({
      streams: [(response) => sendStatus(response, code, { reason, message: 'no' }), stream('5', 'a')], lists: [inPages], watches: [],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->5']));
    expect(listsOf(server)).toBe(0);
  });

  const BROKEN: Readonly<Record<string, readonly [Step, string]>> = {
    'was reset': [(response) => { sendEvent(response, 'ADDED', object('half', '1')); setImmediate(() => reset(response)); }, 'socket hang up|aborted|ECONNRESET'],
    'ended early': [(response) => { sendEvent(response, 'ADDED', object('half', '1')); response.end(); }, 'it ended before it had told all there is'],
    'ended at once': [(response) => { response.writeHead(200).end(); }, 'it ended before it had told all there is'],
    'ended within an event': [(response) => { response.writeHead(200).end('{"type":"ADDED","obj'); }, 'the stream ended in the middle of an event'],
    'fell silent': [(response) => sendEvent(response, 'ADDED', object('half', '1')), 'nothing received for 0.3 s'],
    'never began': [(response) => response.writeHead(200).flushHeaders(), 'nothing received for 0.3 s'],
    'became an error page': [(response) => response.writeHead(200).write('<html>\n'), 'received a line that is no event: <html>'],
    'was refused in its middle': [(response) => { sendEvent(response, 'ADDED', object('half', '1')); sendEvent(response, 'ERROR', EXPIRED); }, 'too old resource version'],
    'met a server that is starting': [(response) => sendStatus(response, 503, { reason: 'ServiceUnavailable', message: 'not yet' }), '503 Server: not yet'],
  };

  test.each(Object.entries(BROKEN))('%s; nothing of it is told, and the next one streams again', async (_, [broken, reason]) => {
    const { server, changes, restarts } = await start({
      streams: [broken, stream('9', 'streamed')],
      lists: [inPages],
      watches: [(response) => sendEvent(response, 'ERROR', EXPIRED)],
    }, { timing: { ...IMMEDIATE, listIdleMs: 300 } });
    await until(() => expect(changes).toEqual(['ADDED paged ->7', 'DELETED paged 7>7', 'ADDED streamed ->9']));
    expect(restarts[0]).toMatch(new RegExp(reason));
    expect([streamsOf(server).length, listsOf(server), watchesOf(server).length]).toEqual([2, 1, 1]);
  });
});
