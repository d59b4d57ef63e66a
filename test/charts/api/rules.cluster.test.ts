// The API server's verdict on every example of every field and rule: the same as ours, in our words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidMCPServerError, resolveSpec, type Problem } from '../../../charts/api/mcpserver.ts';
import { MAX_NAME_LENGTH, NAME_MESSAGE, SPEC_RULES } from '../../../charts/api/rules.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { resourcePath } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { connect } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { FIELD_EXAMPLES, specWith } from '../../support/field-examples.ts';
import { mcpServer, MINIMAL } from '../../support/rendered.ts';
import { crd, mapsOf } from '../../support/spec-schema.ts';
import { RULE_EXAMPLES } from '../../support/rule-examples.ts';

let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(() => client.close());

/** `accepted`, or what the API server says against an MCPServer; nothing is stored. */
async function verdict(spec: object, name = 'demo'): Promise<string> {
  const path = resourcePath(MCP_SERVERS, { namespace: 'default' });
  const body = JSON.stringify(mcpServer(spec as MCPServerSpec, { name, namespace: 'default' }));
  const answer = await client.request('POST', path, { query: { dryRun: 'All', fieldValidation: 'Strict' }, body });
  if (answer.status === 201) return 'accepted';
  return `${answer.status} ${(JSON.parse(answer.body.toString()) as { message: string }).message}`;
}

function problemsOf(spec: object): readonly Problem[] {
  try {
    resolveSpec('demo', spec);
    return [];
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return error.problems;
    throw error;
  }
}

function verdicts(specs: readonly object[]): Promise<string[]> {
  return Promise.all(specs.map((spec) => verdict(spec)));
}

describe('the API server', () => {
  it.each(Object.keys(FIELD_EXAMPLES))('accepts and refuses the examples of %s', async (path) => {
    const { accepted, rejected } = FIELD_EXAMPLES[path] ?? { accepted: [], rejected: [] };
    expect(await verdicts(accepted.map((value) => specWith(path, value)))).toEqual(accepted.map(() => 'accepted'));
    for (const refusal of await verdicts(rejected.map((value) => specWith(path, value)))) expect(refusal).toMatch(/^(400|422) /);
  });

  it.each(SPEC_RULES.filter(({ cel }) => cel !== undefined))('enforces: $message', async ({ field, message }) => {
    const { accepted, rejected } = RULE_EXAMPLES[message] ?? { accepted: [], rejected: [] };
    expect(await verdicts(accepted.map((fields) => ({ ...MINIMAL, ...fields })))).toEqual(accepted.map(() => 'accepted'));
    for (const refusal of await verdicts(rejected.map((fields) => ({ ...MINIMAL, ...fields })))) {
      expect(refusal).toContain(`spec.${field}: Invalid value: `);
      expect(refusal).toContain(message);
    }
  });

  it.each(SPEC_RULES.filter(({ cel }) => cel === undefined))('cannot check, so the operator spares what is stored: $message', async ({ message, sparesStored }) => {
    const { accepted, rejected } = RULE_EXAMPLES[message] ?? { accepted: [], rejected: [] };
    expect(new Set(await verdicts([...accepted, ...rejected].map((fields) => ({ ...MINIMAL, ...fields }))))).toEqual(new Set(['accepted']));
    expect(sparesStored).toBe(true);
  });

  it('says what is wrong with a transport and a mountPath, and what to do, as we do', async () => {
    const transports = ['sse', 'SSE', 'http+sse', 'ws', 'websocket', ''].map((transport) => [transport, 'spec.transport', { transport }] as const);
    const paths = ['/data/', 'data', '/', '//data', '/a/../b', '/./a', '/a:b', '/a b', ''].map((mountPath) =>
      [mountPath, 'spec.storage[0].mountPath', { storage: [{ mountPath, emptyDir: { sizeLimit: 1 } }] }] as const);
    const sentence = /^transport is streamable-http, http or stdio: .* not served; .*|^a mountPath starts with a slash and ends without one \(write \/data, .*/;
    for (const [value, field, fields] of [...transports, ...paths]) {
      const [problem, ...others] = problemsOf({ ...MINIMAL, ...fields });
      expect([problem?.message, others]).toEqual([expect.stringMatching(sentence), []]);
      expect(await verdict({ ...MINIMAL, ...fields })).toContain(`${field}: Invalid value: "${value}": ${problem?.message}`);
    }
  });

  it('names the amount of memory that is too little, as we do', async () => {
    const spec = { ...MINIMAL, resources: { limits: { memory: 512 } } };
    expect(await verdict(spec)).toContain(problemsOf(spec)[0]?.message);
    expect(problemsOf(spec)[0]?.message).toContain('was Mi meant, as in 512Mi?): write it with its unit (512)');
  });

  it('reads null as not set, as we do', async () => {
    const unset = {
      image: 'a',
      command: null,
      replicas: null,
      verification: null,
      resources: { limits: null },
      env: [{ name: 'A', value: null }],
      config: { A: null },
    };
    expect(await verdict(unset)).toBe('accepted');
  });

  it.each(mapsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec))('refuses a key of %s that no JavaScript map can hold', async (path) => {
    expect(await verdict(specWith(path, { constructor: '1' }))).toContain('the keys constructor and __proto__ cannot be used');
  });

  it('refuses such a key in any disguise', async () => {
    const spec = JSON.parse('{"image": "a", "config": {"__proto__": "1"}}') as object;
    expect(await verdict(spec)).toContain('the keys constructor and __proto__ cannot be used');
  });

  it('refuses names that no Service could have', async () => {
    expect([await verdict(MINIMAL, 'a'), await verdict(MINIMAL, 'x'.repeat(MAX_NAME_LENGTH))]).toEqual(['accepted', 'accepted']);
    for (const name of ['1a', 'a.b', 'x'.repeat(MAX_NAME_LENGTH + 1)]) expect(await verdict(MINIMAL, name)).toContain(NAME_MESSAGE);
  });
});
