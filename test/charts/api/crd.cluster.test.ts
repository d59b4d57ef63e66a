// The CRD on the real API server: accepted, explained, and gentle with objects that are older than its rules.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAME_MESSAGE, SPEC_RULES } from '../../../charts/api/rules.ts';
import { UNOBSERVED_STATUS } from '../../../charts/api/status.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { connect, eventually, kubectl, minorVersion, RATCHETS_STATUS, uniqueName, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { MINIMAL } from '../../support/rendered.ts';
import { RULE_EXAMPLES } from '../../support/rule-examples.ts';
import { crd, fieldsOf } from '../../support/spec-schema.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
/** Name of the object that breaks a rule. */
const nameOf = (message: string): string => `rule-${SPEC_RULES.findIndex((rule) => rule.message === message)}`;
/** Amounts of that many resources. */
const devices = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`example.com/device-${index}`, 1]));
let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(() => client.close());

describe('the CRD', () => {
  it('gives every new MCPServer its defaults and a status that says nothing is known yet', async () => {
    const path = '/apis/mcp.example.com/v1alpha1/namespaces/default/mcpservers';
    const body = JSON.stringify({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { name: 'demo' }, spec: MINIMAL });
    const answer = await client.request('POST', path, { query: { dryRun: 'All' }, body });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      spec: {
        imagePullPolicy: 'IfNotPresent',
        transport: 'streamable-http',
        port: 8080,
        path: '/mcp',
        replicas: 1,
        verification: { mode: 'Require', intervalSeconds: 300, timeoutSeconds: 10 },
        suspend: false,
        deletionPolicy: 'Delete',
        onReferenceChange: 'Restart',
      },
      status: UNOBSERVED_STATUS,
    });
  });

  it('is explained by kubectl, field by field', async () => {
    const { spec, status } = crd().spec.versions[0].schema.openAPIV3Schema.properties;
    const nodes = fieldsOf({ properties: { spec, status } });
    // Selectors and their like stand in many places: one of each shape will do.
    const shapes = new Map(nodes.flatMap(([path, node]) => {
      const properties = node.properties ?? node.items?.properties;
      return properties === undefined ? [] : [[JSON.stringify(properties), [path, node] as const] as const];
    }));
    const parents = shapes.values();
    for (const [path, node] of parents) {
      const { stdout } = await eventually(async () => {
        const answer = await kubectl(['explain', `mcpserver.${path.replaceAll('[]', '')}`]);
        if (answer.code !== 0) throw new Error(answer.stderr);
        return answer;
      });
      const text = stdout.replaceAll(/\s+/g, ' ');
      for (const [name, child] of Object.entries(node.properties ?? node.items?.properties ?? {})) {
        expect(text).toContain(` ${name} <`);
        expect(text).toContain(child.description?.replaceAll(/\s+/g, ' '));
      }
    }
  });
});

describe('the examples', () => {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  afterAll(() => kubectl(['delete', '--wait=false', '--ignore-not-found', ...files.flatMap((name) => ['-f', join(EXAMPLES, name)])]));

  it.each(files)('%s applies verbatim, also server-side', async (name) => {
    for (const extra of [[], ['--server-side', '--force-conflicts']]) {
      const { code, stderr } = await kubectl(['apply', '--validate=strict', ...extra, '-f', join(EXAMPLES, name)]);
      expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|warning/i)]);
    }
  });
});

describe('an object stored before a rule existed', () => {
  const namespace = useNamespace('ratchet');
  const plural = uniqueName('olds');
  const type: ResourceType = { ...MCP_SERVERS, group: `${plural}.example.com`, kind: 'Old', plural };
  const longName = `x${'y'.repeat(60)}`;

  /** The CRD under names of its own, with or without its rules and the bounds of its maps. */
  function copy(withRules: boolean): KubernetesObject {
    const rules = ['x-kubernetes-validations', 'maxProperties'];
    const text = JSON.stringify(crd(), (key, value: unknown) => (rules.includes(key) && !withRules ? undefined : value));
    const definition = JSON.parse(text) as { spec: object };
    const names = { kind: type.kind, listKind: 'OldList', plural, singular: `${plural}-one` };
    return {
      ...definition,
      metadata: { name: `${plural}.${type.group}` },
      spec: { ...definition.spec, group: type.group, names },
    } as KubernetesObject;
  }

  function object(name: string, fields: object): KubernetesObject {
    return {
      apiVersion: `${type.group}/${type.version}`,
      kind: type.kind,
      metadata: { name, namespace },
      spec: { ...MINIMAL, ...fields },
    } as KubernetesObject;
  }

  beforeAll(async () => {
    await client.apply(CUSTOM_RESOURCE_DEFINITIONS, copy(false), { fieldManager: 'cluster-tests' });
    await eventually(() => client.list(type, { namespace }));
    await Promise.all(
      SPEC_RULES.map(({ message }) => client.create(type, object(nameOf(message), RULE_EXAMPLES[message]?.rejected[0] ?? {}))),
    );
    await client.create(type, object(longName, {}));
    await client.create(type, object('lavish', { resources: { limits: devices(8) } }));
    await client.apply(CUSTOM_RESOURCE_DEFINITIONS, copy(true), { fieldManager: 'cluster-tests' });
    await eventually(async () => {
      const inForce = await client.create(type, object('1z', {}), { dryRun: true }).then(
        () => false,
        (error: unknown) => String(error).includes(NAME_MESSAGE),
      );
      if (!inForce) throw new Error('the rules are not in force yet');
    });
  });
  afterAll(() => client.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: `${plural}.${type.group}` }));

  it.each(SPEC_RULES.filter(({ sparesStored, ofSpec }) => sparesStored !== true || ofSpec === true))('may still be labelled and reported on, but its spec must first keep the rule: $message', async ({ message }) => {
    const ref = { namespace, name: nameOf(message) };
    await expect(client.patch(type, ref, { metadata: { labels: { touched: 'yes' } } })).resolves.toBeDefined();
    const report = client.patch(type, ref, { status: { observedGeneration: 1 } }, { subresource: 'status' }).then(() => 'written', String);
    expect(await report).toContain((await minorVersion(client)) >= RATCHETS_STATUS ? 'written' : message);
    await expect(client.patch(type, ref, { spec: { imagePullPolicy: 'Always' } })).rejects.toThrow(message);
    const live = await client.get(type, ref);
    const repaired = object(ref.name, RULE_EXAMPLES[message]?.accepted[0] ?? {});
    const path = `/apis/${type.group}/${type.version}/namespaces/${namespace}/${plural}/${ref.name}`;
    const answer = await client.request('PUT', path, { body: JSON.stringify({ ...repaired, metadata: live.metadata }) });
    expect(answer.status).toBe(200);
  });

  const sparing = SPEC_RULES.filter(({ cel, sparesStored, ofSpec }) => cel !== undefined && sparesStored === true && ofSpec !== true);
  it.each(sparing)('may be edited and scaled, and keeps what breaks a rule that spares it: $message', async ({ field, message }) => {
    const ref = { namespace, name: nameOf(message) };
    await expect(client.patch(type, ref, { spec: { imagePullPolicy: 'Always' } })).resolves.toBeDefined();
    await expect(client.patch(type, ref, { spec: { replicas: 2 } }, { subresource: 'scale' })).resolves.toBeDefined();
    const [, other] = RULE_EXAMPLES[message]?.rejected ?? [];
    await expect(client.patch(type, ref, { spec: other })).rejects.toThrow(message);
    await expect(client.patch(type, ref, { spec: RULE_EXAMPLES[message]?.accepted[0] })).resolves.toBeDefined();
    expect(field).not.toBe('');
  });

  it('may keep a name that new ones may not have, and be edited', async () => {
    const ref = { namespace, name: longName };
    await expect(client.patch(type, ref, { status: { observedGeneration: 1 } }, { subresource: 'status' })).resolves.toBeDefined();
    await expect(client.patch(type, ref, { spec: { replicas: 2 } })).resolves.toBeDefined();
    const refusal: unknown = await client.create(type, object(`${longName}z`, {}), { dryRun: true }).catch((error: unknown) => error);
    expect([isApiError(refusal, 'Invalid'), String(refusal)]).toEqual([true, expect.stringContaining(NAME_MESSAGE)]);
  });

  it('may keep a map of more keys than new ones may have, and be edited elsewhere', async () => {
    const ref = { namespace, name: 'lavish' };
    await expect(client.patch(type, ref, { metadata: { labels: { touched: 'yes' } } })).resolves.toBeDefined();
    await expect(client.patch(type, ref, { status: { observedGeneration: 1 } }, { subresource: 'status' })).resolves.toBeDefined();
    await expect(client.patch(type, ref, { spec: { replicas: 2 } })).resolves.toBeDefined();
    await expect(client.patch(type, ref, { spec: { resources: { limits: devices(9) } } })).rejects.toThrow(/must have at most 7 items/);
    await expect(client.patch(type, ref, { spec: { resources: { limits: { 'example.com/device-7': null } } } })).resolves.toBeDefined();
  });
});
