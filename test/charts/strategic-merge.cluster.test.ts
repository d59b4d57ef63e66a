// The real kubectl as the judge of our strategic merge, and the API server's OpenAPI as that of the table of merge keys.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FREE_MAPS, ITEM_KEYS } from '../../charts/api/merge-keys.ts';
import { MERGED_TEXTS, strategicMerge, type JsonFields } from '../../charts/strategic-merge.ts';
import { connect, kubectl } from '../support/cluster.ts';

interface Property {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: { readonly $ref?: string };
  readonly additionalProperties?: unknown;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}
type Definitions = Readonly<Record<string, { readonly properties?: Readonly<Record<string, Property>> }>>;

const TEMPLATE = 'io.k8s.api.core.v1.PodTemplateSpec';

/** Every property below a type, once for each type it stands in. */
function propertiesBelow(definitions: Definitions, type: string, seen = new Set<string>()): [name: string, property: Property][] {
  if (seen.has(type)) return [];
  seen.add(type);
  return Object.entries(definitions[type]?.properties ?? {}).flatMap(([name, property]) => {
    const below = (property.$ref ?? property.items?.$ref)?.split('/').at(-1);
    return [[name, property] as [string, Property], ...(below === undefined ? [] : propertiesBelow(definitions, below, seen))];
  });
}

/** The keys of a list by the table; `text` where it is merged without one. */
function keysInTable(name: string): unknown {
  const { merge, unique } = ITEM_KEYS.get(name) ?? {};
  return [name, merge ?? (MERGED_TEXTS.includes(name) ? 'text' : undefined), unique];
}

describe('the table of item keys', () => {
  it('is what the API server says of pod templates, by the names of fields alone', async () => {
    const client = await connect();
    const { body } = await client.request('GET', '/openapi/v2');
    client.close();
    const { definitions } = JSON.parse(body.toString()) as { definitions: Definitions };
    const lists = propertiesBelow(definitions, TEMPLATE).filter(([, { type }]) => type === 'array');
    expect(lists.length).toBeGreaterThan(60);
    // No list of one name is merged here and replaced there.
    const said = lists.map(([name, property]) => {
      const isMerged = property['x-kubernetes-patch-strategy']?.startsWith('merge') === true;
      return [name, isMerged ? (property['x-kubernetes-patch-merge-key'] ?? 'text') : undefined, property['x-kubernetes-list-map-keys']];
    });
    expect(lists.map(([name]) => keysInTable(name))).toEqual(said);
    expect([...ITEM_KEYS.keys(), ...MERGED_TEXTS].filter((name) => !lists.some(([each]) => each === name))).toEqual([]);
    const objects = propertiesBelow(definitions, TEMPLATE).filter(([, { type }]) => type !== 'array');
    const maps = objects.filter(([, { additionalProperties }]) => additionalProperties !== undefined).map(([name]) => name);
    // Options of DNS are a list, those of a flexVolume a map.
    expect(new Set(maps.filter((name) => name !== 'options'))).toEqual(FREE_MAPS);
    expect(objects.filter(([, property]) => property['x-kubernetes-patch-strategy'] !== undefined)).toEqual([]);
  });
});

const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const texts = fc.array(word, { maxLength: 4 });
type Fields = Record<string, fc.Arbitrary<unknown>>;
const partly = (fields: Fields, ...requiredKeys: string[]): fc.Arbitrary<object> => fc.record(fields, { requiredKeys });
const few = (fields: Fields): fc.Arbitrary<object[]> => fc.array(partly(fields), { maxLength: 3 });
const map = fc.dictionary(word, word);
const keyed = (key: string, values: fc.Arbitrary<unknown>, more: Fields): fc.Arbitrary<object[]> =>
  fc.uniqueArray(partly({ [key]: values, ...more }, key), { maxLength: 5, selector: (item) => (item as Record<string, unknown>)[key] });

const source = fc.oneof(partly({ secretKeyRef: partly({ name: word, key: word }) }), partly({ fieldRef: partly({ fieldPath: word }) }));
const container = {
  image: word,
  args: texts,
  env: keyed('name', word, { value: word, valueFrom: source }),
  envFrom: few({ secretRef: partly({ name: word }) }),
  ports: keyed('containerPort', fc.integer({ min: 1, max: 5 }), { name: word, protocol: fc.constantFrom('TCP', 'UDP') }),
  volumeMounts: keyed('mountPath', word, { name: word, readOnly: fc.boolean(), subPath: word }),
  volumeDevices: keyed('devicePath', word, { name: word }),
  securityContext: partly({ runAsUser: fc.nat(9), capabilities: partly({ add: texts, drop: texts }) }),
  resources: partly({ limits: map, claims: few({ name: word }) }),
  livenessProbe: partly({ httpGet: partly({ port: fc.oneof(word, fc.nat(9)), httpHeaders: few({ name: word, value: word }) }) }),
};
const containers = keyed('name', word, container);
const template = partly({
  metadata: partly({ labels: map, annotations: map, finalizers: fc.uniqueArray(word) }),
  spec: partly({
    containers,
    initContainers: containers,
    volumes: keyed('name', word, {
      emptyDir: partly({ medium: word, sizeLimit: word }),
      secret: partly({ secretName: word, items: few({ key: word, path: word }) }),
    }),
    imagePullSecrets: keyed('name', word, {}),
    hostAliases: keyed('ip', word, { hostnames: texts }),
    topologySpreadConstraints: keyed('topologyKey', word, { maxSkew: fc.nat(3), labelSelector: partly({ matchLabels: map }) }),
    tolerations: few({ key: word, operator: word }),
    nodeSelector: map,
    dnsConfig: partly({ nameservers: texts, options: few({ name: word, value: word }) }),
    affinity: partly({ nodeAffinity: partly({ preferredDuringSchedulingIgnoredDuringExecution: few({ weight: fc.nat(9) }) }) }),
    securityContext: partly({ supplementalGroups: fc.array(fc.nat(3), { maxLength: 3 }), sysctls: few({ name: word, value: word }) }),
    hostNetwork: fc.boolean(),
    terminationGracePeriodSeconds: fc.nat(9),
  }),
}) as fc.Arbitrary<JsonFields>;

const deploymentWith = (pods: JsonFields): object => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { template: pods } });

describe('a strategic merge', () => {
  const parts: { folder?: string } = {};
  beforeAll(async () => {
    parts.folder = await mkdtemp(join(tmpdir(), 'strategic-merge-'));
  });
  afterAll(() => rm(parts.folder ?? '', { recursive: true, force: true }));

  /** What kubectl makes of it, without a cluster. */
  async function patched(original: JsonFields, patch: JsonFields, index: number): Promise<unknown> {
    const file = join(parts.folder ?? '', `${index}.json`);
    await writeFile(file, JSON.stringify(deploymentWith(original)));
    const args = ['patch', '--local', '-f', file, '--type', 'strategic', '-p', JSON.stringify({ spec: { template: patch } }), '-o', 'json'];
    const { stdout, stderr } = await kubectl(args);
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as { spec: { template: unknown } }).spec.template;
  }

  it('makes of random pod templates what kubectl makes of them, in the same order', async () => {
    const pairs = fc.sample(fc.tuple(template, template), 150);
    for (let next = 0; next < pairs.length; next += 10) {
      const some = pairs.slice(next, next + 10);
      const expected = await Promise.all(some.map(([original, patch], index) => patched(original, patch, next + index)));
      const found = some.map(([original, patch]) => strategicMerge(original, patch));
      expect(found.map((merged, index) => [some[index], merged])).toEqual(some.map((pair, index) => [pair, expected[index]]));
    }
  });

  it('changes neither of the two', () => {
    for (const [original, patch] of fc.sample(fc.tuple(template, template), 100)) {
      const before = structuredClone([original, patch]);
      strategicMerge(original, patch);
      expect([original, patch]).toEqual(before);
    }
  });
});
