import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { listsOf, object, sendEvent, sendList, start, until, watchesOf } from './scripted-informer.ts';
import type { ReceivedRequest } from './wire-server.ts';

describe('an informer', () => {
  test('lists in pages, watches from there with bookmarks and a timeout, and keeps its store current', async () => {
    const running = await start({
      lists: [(response) => sendList(response, '5', [object('a', '1'), object('b', '2')])],
      watches: [
        (response) => {
          sendEvent(response, 'ADDED', object('c', '6'));
          sendEvent(response, 'MODIFIED', object('a', '7'));
          sendEvent(response, 'DELETED', object('b', '8'));
        },
      ],
    });
    await until(() => expect(running.changes).toHaveLength(5));
    expect(running.changes).toEqual(['ADDED a ->1', 'ADDED b ->2', 'ADDED c ->6', 'MODIFIED a 1>7', 'DELETED b 2>8']);
    expect(running.informer.list('demo').map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(running.informer.list('other')).toEqual([]);
    expect(running.informer.get({ namespace: 'demo', name: 'a' })?.metadata.resourceVersion).toBe('7');
    expect(running.informer.get({ namespace: 'demo', name: 'b' })).toBeUndefined();
    expect(running.server.requests[1]?.url.searchParams.get('limit')).toBe('25');
    const [watched] = watchesOf(running.server);
    expect(Object.fromEntries(watched?.url.searchParams ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '60',
    });
  });

  test('keeps of an object that changed what it had before, whatever its size, as the same objects', async () => {
    const spec = JSON.stringify({ long: ['x'.repeat(5000)], image: 'i' });
    const stateOf = (seen: string) => ({ ...object('a', seen), spec: JSON.parse(spec) as object, status: { seen } });
    const isSeen = Promise.withResolvers<void>();
    const { informer, changes } = await start({
      lists: [(response) => sendList(response, '1', [stateOf('1')])],
      watches: [(response) => void isSeen.promise.then(() => sendEvent(response, 'MODIFIED', stateOf('2')))],
    });
    const next = async (count: number) => {
      await until(() => expect(changes).toHaveLength(count));
      return informer.get({ namespace: 'demo', name: 'a' }) as ReturnType<typeof stateOf>;
    };
    const before = await next(1);
    isSeen.resolve();
    const after = await next(2);
    expect([before, after]).toEqual([stateOf('1'), stateOf('2')]);
    expect(after.spec).toBe(before.spec);
  });

  test('drops managedFields and the last-applied annotation on arrival, then lets transform shrink the object', async () => {
    const noise = {
      managedFields: [{ manager: 'kubectl' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'me' },
    };
    const { informer, changes } = await start(
      {
        lists: [(response) => sendList(response, '1', [object('a', '1', noise)])],
        watches: [(response) => sendEvent(response, 'ADDED', object('b', '2', noise))],
      },
      { transform: (arrived) => ({ ...arrived, metadata: { ...arrived.metadata, labels: { seen: String('managedFields' in arrived.metadata) } } }) },
    );
    await until(() => expect(changes).toHaveLength(2));
    for (const { metadata } of informer.list()) {
      expect(metadata).not.toHaveProperty('managedFields');
      expect(metadata.annotations).toEqual({ keep: 'me' });
      expect(metadata.labels).toEqual({ seen: 'false' });
    }
  });

  test('is synced after the first list, and not before', async () => {
    const gate = Promise.withResolvers<void>();
    const { informer } = await start({ lists: [(response) => void gate.promise.then(() => sendList(response, '1', []))], watches: [] });
    expect(informer.hasSynced()).toBe(false);
    gate.resolve();
    await informer.synced;
    expect(informer.hasSynced()).toBe(true);
  });

  test('resolves its run when aborted, without a socket left behind; synced does not hang either', async () => {
    const { informer, server, stop, done } = await start({ lists: [(response) => void response], watches: [] });
    await until(() => expect(listsOf(server)).toBe(1));
    stop();
    await done;
    await informer.synced;
    expect(informer.hasSynced()).toBe(false);
    await until(() => expect(server.open.size).toBe(0));
  });

  test('ends its watch when aborted', async () => {
    const { server, stop, done, restarts } = await start({ lists: [(response) => sendList(response, '1', [])], watches: [] });
    await until(() => expect(watchesOf(server)).toHaveLength(1));
    const before = server.open.size;
    stop();
    await done;
    await until(() => expect(server.open.size).toBeLessThan(before));
    expect(restarts).toEqual([]);
  });

  test('of several namespaces keeps one watch each and one store, and is synced when all are listed', async () => {
    const gate = Promise.withResolvers<void>();
    const list = (response: ServerResponse, { url }: ReceivedRequest): void => {
      const namespace = url.pathname.split('/')[4] ?? '';
      const send = (): void => sendList(response, '1', [object('a', '1', { namespace, uid: namespace })]);
      if (namespace === 'two') void gate.promise.then(send);
      else send();
    };
    const { informer, server } = await start({ lists: [list], watches: [] }, { namespaces: ['one', 'two', 'one'] });
    await until(() => expect(informer.list()).toHaveLength(1));
    expect(informer.hasSynced()).toBe(false);
    gate.resolve();
    await informer.synced;
    await until(() => expect(watchesOf(server)).toHaveLength(2));
    expect(watchesOf(server).map(({ url }) => url.pathname).toSorted()).toEqual(['/api/v1/namespaces/one/configmaps', '/api/v1/namespaces/two/configmaps']);
    expect(informer.list('two')).toHaveLength(1);
    expect(informer.list()).toHaveLength(2);
  });

  test('survives a handler that throws: the others are called, the error is logged', async () => {
    const running = await start({
      lists: [(response) => sendList(response, '1', [object('a', '1')])],
      watches: [(response) => sendEvent(response, 'ADDED', object('b', '2'))],
    });
    running.informer.onChange(() => {
      throw new Error('a bug');
    });
    await until(() => expect(running.errors).toHaveLength(2));
    expect(running.changes).toEqual(['ADDED a ->1', 'ADDED b ->2']);
    expect(running.errors[0]).toMatchObject({ err: { message: 'a bug' }, what: 'ADDED demo/a' });
  });

  test('tells nothing twice: the same resourceVersion again is no change', async () => {
    const { changes } = await start({
      lists: [(response) => sendList(response, '5', [object('a', '5')])],
      watches: [
        (response) => {
          sendEvent(response, 'ADDED', object('a', '5'));
          sendEvent(response, 'MODIFIED', object('a', '5'));
          sendEvent(response, 'DELETED', object('unknown', '6'));
          sendEvent(response, 'MODIFIED', object('a', '7'));
        },
      ],
    });
    await until(() => expect(changes).toEqual(['ADDED a ->5', 'MODIFIED a 5>7']));
  });
});
