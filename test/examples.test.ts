// The example of the Kubernetes MCP server ships closed, and what its comments tell people to uncomment works.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render, type Manifest } from '../charts/render.ts';
import type { MCPServerManifest } from '../charts/api/mcpserver.ts';
import { appliedBy, examplesWithWrites, withWriteRules } from './cluster/demo/examples.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const FILE = 'kubernetes-mcp-server.yaml';
const SHIPPED = readFileSync(join(EXAMPLES, FILE), 'utf8');

type Rule = Readonly<Record<'apiGroups' | 'resources' | 'verbs', string[]>>;
type Document = Manifest & { readonly rules?: Rule[]; readonly subjects?: { readonly namespace: string }[]; readonly spec?: object };

interface Policy {
  readonly policyTypes: string[];
  readonly ingress: { readonly from: object[] }[];
}

/** The documents of YAML, in which nothing is wrong, not even a key that is there twice. */
function documents(text: string): Document[] {
  const parsed = parseAllDocuments(text, { strict: true, uniqueKeys: true });
  expect(parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  return parsed.map((document) => document.toJS() as Document);
}

const rulesOf = (all: readonly Document[]): Rule[] => all.flatMap(({ rules = [] }) => rules);

/** Whom the NetworkPolicy lets in. */
function peersOf(all: readonly Document[]): unknown[] {
  const server = all.find(({ kind }) => kind === 'MCPServer') as unknown as MCPServerManifest;
  const { spec } = render(server).find(({ kind }) => kind === 'NetworkPolicy') as unknown as { spec: Policy };
  expect(spec.policyTypes).toEqual(['Ingress']);
  return spec.ingress.flatMap(({ from }) => from);
}

describe('the Kubernetes MCP server as it ships', () => {
  const shipped = documents(SHIPPED);

  test('has a namespace of its own, in which all of it is', () => {
    expect(shipped[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'kubernetes-mcp-server' } });
    const placed = [...shipped.map(({ metadata }) => metadata), ...shipped.flatMap(({ subjects = [] }) => subjects)];
    expect(new Set(placed.map(({ namespace }) => namespace))).toEqual(new Set(['kubernetes-mcp-server', undefined]));
    const everywhere = shipped.filter(({ metadata }) => metadata.namespace === undefined).map(({ kind }) => kind);
    expect(everywhere).toEqual(['Namespace', 'ClusterRole', 'ClusterRoleBinding']);
  });

  test('may only read, and no Secrets', () => {
    expect(rulesOf(shipped).length).toBeGreaterThan(2);
    for (const { apiGroups, resources, verbs } of rulesOf(shipped)) {
      expect(verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
      expect([apiGroups, resources.filter((resource) => !['nodes', 'pods', 'pods/log'].includes(resource))]).toEqual([[''], []]);
    }
  });

  test('lets in nobody but the operator', () => {
    const matchLabels = { 'app.kubernetes.io/component': 'operator', 'app.kubernetes.io/name': 'mcp-operator' };
    expect(peersOf(shipped)).toEqual([{ namespaceSelector: { matchLabels }, podSelector: { matchLabels } }]);
  });
});

describe('what its comments say to uncomment', () => {
  test('adds creating and deleting of pods in its namespace, and nothing else', () => {
    const [before, after] = [documents(SHIPPED), documents(withWriteRules(SHIPPED))];
    const role = after.find(({ kind }) => kind === 'Role');
    expect(role?.rules?.at(-1)).toEqual({ apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete'] });
    expect(role?.metadata.namespace).toBe('kubernetes-mcp-server');
    role?.rules?.pop();
    expect(after).toEqual(before);
  });

  test('lets in the pods it names, instead of nobody', () => {
    const [before = '', policy = ''] = SHIPPED.split('  networkPolicy:\n');
    const opened = policy.replace(/^ *ingressFrom: \[\]\n/m, '').replaceAll(/^( *)# (?=ingressFrom:|  )/gm, '$1');
    const peer = `${before}  networkPolicy:\n${opened}`;
    const named = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tools' } }, podSelector: { matchLabels: { app: 'assistant' } } };
    expect(peersOf(documents(peer))).toEqual([...peersOf(documents(SHIPPED)), named]);
  });
});

describe('what the demonstration applies', () => {
  test("are servers of its own and the Kubernetes MCP server, with requests by which ten fit on two cores, or the tutorial's samples", () => {
    expect([...appliedBy({ tutorial: false }).manifests.keys()]).toEqual(['demo/servers.yaml', FILE]);
    const applied = [...appliedBy({ tutorial: false }).manifests.values()].flatMap(documents);
    const servers = applied.filter(({ kind }) => kind === 'MCPServer') as unknown as MCPServerManifest[];
    expect(servers.map(({ metadata: { name } }) => name)).toEqual(['dice', 'notes', 'broken', 'kubernetes-mcp-server']);
    for (const { spec } of servers) expect(spec.resources?.requests?.['cpu']).toMatch(/^[1-5]0m$/);
    expect(appliedBy({ tutorial: true }).manifests).toEqual(examplesWithWrites());
  });

  test('is every file of examples/ as it is, but for the write rules', () => {
    const applied = examplesWithWrites();
    expect([...applied.keys()]).toEqual(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')).toSorted());
    const changed = [...applied].filter(([name, text]) => text !== readFileSync(join(EXAMPLES, name), 'utf8'));
    expect(changed).toEqual([[FILE, withWriteRules(SHIPPED)]]);
  });

  test.each(['', '# Write rules: here\n# End of the write rules.', '# End of the write rules.\n# - a\n# Write rules: here'])('fails where there is nothing to uncomment: %j', (text) => {
    expect(() => withWriteRules(text)).toThrow('there are no write rules to uncomment');
  });
});
