// No text can keep a status from being written: conditions of random foreign text, on the real API server.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONDITION_TYPES, MAX_MESSAGE_LENGTH } from '../../../charts/api/status.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { toConditions, type Findings } from '../../../reconciler/status/conditions.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { STATUS_FIELD_MANAGER } from '../../../reconciler/compare/our-fields.ts';
import { connect, uniqueName, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { MINIMAL } from '../../support/rendered.ts';

const namespace = useNamespace('foreign-text');
const name = uniqueName('demo');
let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  const server = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { name, namespace }, spec: { ...MINIMAL, suspend: true } };
  await client.create(MCP_SERVERS, server);
});
afterAll(() => client.close());

/** Each condition False with the next of the messages. */
function findingsWith(messages: readonly string[]): Findings {
  return Object.fromEntries(
    CONDITION_TYPES.map((type, index) => [type, { status: 'False', reason: 'Refused', message: messages[index % messages.length] }]),
  ) as unknown as Findings;
}

it('takes every message, lone surrogates, controls and endless ones among them, and gives it back as it was written', async () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const message = fc.array(fc.oneof(unit, fc.constantFrom('\x1b[31m', '\n', '\u202E', '\u{10FFFF}', '👩‍👩‍👧', '\uD83D')), { maxLength: 200 }).map((parts) => parts.join(''));
  const random = fc.sample(fc.array(message, { minLength: 11, maxLength: 11 }), 10);
  const endless = ['', '\0', '"', '€', '😀', '\uD83D', 'a\u202E'].map((text) => text.repeat(MAX_MESSAGE_LENGTH + 1));
  for (const messages of [...random, endless]) {
    const conditions = toConditions(findingsWith(messages), { generation: 1, now: new Date(), previous: [] });
    const body = { metadata: { name, namespace }, status: { conditions } };
    const written = await client.apply<MCPServerObject>(MCP_SERVERS, body, {
      fieldManager: STATUS_FIELD_MANAGER,
      force: true,
      subresource: 'status',
    });
    expect(written.status?.conditions).toEqual(conditions);
  }
});
