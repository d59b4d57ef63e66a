// A caller may have headers of its own, such as one for a pod behind the API server's proxy, but none that says who asks.
import { expect, test } from 'vitest';
import { clientOf, sendJson, wireServer } from './wire-server.ts';

const OWN = { authorization: 'Bearer own', headers: { 'impersonate-user': 'jane' } };

test.each([{}, OWN])('who asks is for the connection alone to say: %j', async ({ authorization, headers }: Partial<typeof OWN>) => {
  const server = await wireServer((_, response) => sendJson(response, 200, {}));
  const connection = { authorization: () => Promise.resolve(authorization), ...(headers && { headers }) };
  const foreign = {
    Authorization: 'Bearer foreign', 'IMPERSONATE-USER': 'root', 'Impersonate-Group': 'system:masters', 'x-Remote-User': 'root', 'X-Remote-Extra-A': 'b',
    'x-api-key': 'k',
  };
  await clientOf(server, { connection }).request('GET', '/api', { headers: foreign });
  const received = Object.entries(server.requests[0]?.headers ?? {}).filter(([name]) => /^(authorization|impersonate|x-)/.test(name));
  expect(Object.fromEntries(received)).toEqual({ 'x-api-key': 'k', ...(authorization && { authorization }), ...headers });
});
