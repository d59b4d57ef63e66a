import { expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { clientOf, sendJson, wireServer } from './wire-server.ts';

const REF = { namespace: 'demo', name: 'x' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, data: { a: '1' } };

test('every call says behind the user agent what it is for, where its caller does', async () => {
  const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
  const [client, options] = [clientOf(server, { userAgent: 'operator' }), { purpose: 'reconcile/1' }];
  await client.get(CONFIG_MAPS, REF, options);
  await client.create(CONFIG_MAPS, OBJECT, options);
  await client.update(CONFIG_MAPS, OBJECT, options);
  await client.apply(CONFIG_MAPS, OBJECT, { ...options, fieldManager: 'test' });
  await client.patch(CONFIG_MAPS, REF, {}, options);
  await client.delete(CONFIG_MAPS, REF, options);
  await client.list(CONFIG_MAPS, { ...options, namespace: 'demo' });
  expect(server.requests.map(({ method, headers }) => [method, headers['user-agent']])).toEqual(
    ['GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'GET'].map((method) => [method, 'operator/reconcile/1']),
  );
  expect(server.connections).toBe(1);
});
