import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { withQuery } from '../../kubernetes/requests.ts';
import { clientOf, sendJson, wireServer } from './wire-server.ts';

test('a query is written as URLSearchParams writes it, whatever is in it', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constantFrom('mcp-operator', 'All', 'a=b,c in (d)', ''));
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('fieldManager', 'force', 'dryRun', 'labelSelector'), value, { minKeys: 1 }), (query) => {
    const parameters = new URLSearchParams(Object.fromEntries(Object.entries(query).map(([name, each]) => [name, String(each)])));
    expect(withQuery('/api', query)).toBe(`/api?${parameters.toString()}`);
    expect(withQuery('/api?x=1', query)).toBe(`/api?x=1&${parameters.toString()}`);
  }));
  expect(withQuery('/api', { force: undefined })).toBe('/api');
});

test('bodies and headers arrive byte for byte, whatever characters are in them', async () => {
  const server = await wireServer((_, response) => sendJson(response, 200, {}));
  const name = Buffer.from('Jürgen').toString('latin1');
  for (const body of ['plain', 'é', 'ÿ and €', '😀']) {
    await clientOf(server).request('POST', '/x', { body, headers: { 'x-name': name } });
    expect(server.requests.at(-1)?.body).toBe(body);
    expect(server.requests.at(-1)?.headers['x-name'], body).toBe(name);
  }
});
