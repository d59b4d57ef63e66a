// The guards as manifests: when they are rendered, what their props change, what is refused, and that pages and marks agree with them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { commonLabels } from '../../../charts/api/labels.ts';
import type { GuardsProps } from '../../../charts/operator/guards/guards.ts';
import { ADOPT_ANNOTATION, OWN_LABELS, OWNER_ANNOTATION } from '../../../charts/operator/guards/marks.ts';
import { CHILD_RESOURCES } from '../../../charts/operator/permissions.ts';
import type { Manifest } from '../../../charts/render.ts';
import { ADOPT_ANNOTATION as READ_BY_OPERATOR } from '../../../reconciler/children/ownership.ts';
import { OWNER_ANNOTATION as SET_BY_OPERATOR } from '../../../reconciler/compare/our-fields.ts';
import { CHILD_TYPES } from '../../../reconciler/kinds.ts';
import { guardManifests } from '../../support/guard-manifests.ts';
import { DIST, install } from '../../support/operator-manifests.ts';

const ROOT = join(import.meta.dirname, '../../..');
const guardsIn = (manifests: readonly Manifest[]): Manifest[] => manifests.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
const dist = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(DIST, `${file}.k8s.yaml`), 'utf8')).map((document) => document.toJS() as Manifest);

const isOwn = (key: string): boolean => OWN_LABELS.some((own) => (own.endsWith('*') ? key.startsWith(own.slice(0, -1)) : own === key));

describe('the guards', () => {
  it('are not rendered unless they are asked for', () => {
    expect(guardsIn(install())).toEqual([]);
    expect(guardsIn(install({ watchNamespaces: ['a'] }))).toEqual([]);
  });

  it('come with the installation for all namespaces by one prop, which changes nothing else', () => {
    const manifests = install({ namespace: 'platform', guards: { podSecurity: 'baseline' } });
    expect(guardsIn(manifests)).toEqual(guardManifests({ namespace: 'platform', podSecurity: 'baseline' }));
    expect(manifests.filter((manifest) => !guardsIn([manifest]).length)).toEqual(install({ namespace: 'platform' }));
  });

  it('are refused beside watchNamespaces, whose installation has no cluster-wide right', () => {
    expect(() => install({ watchNamespaces: ['a'], guards: {} })).toThrow('render them with Guards, for an administrator to apply once');
  });

  it('lie in dist/ for both installations', () => {
    expect(dist('operator-guards')).toEqual(guardManifests());
    expect(dist('operator-namespaced-guards')).toEqual(guardManifests({ namespace: 'mcp-servers', namespaces: ['mcp-servers'] }));
  });

  it('are four policies, each with its binding, that refuse what they fail to judge', () => {
    const manifests = guardManifests();
    expect(manifests.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual(['mcpservers', 'deployments', 'services', 'writes'].flatMap((guard) =>
      ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].map((kind) => `${kind} mcp-operator-${guard}.mcp-operator-system`)));
    for (const { kind, spec } of manifests as (Manifest & { spec: Record<string, unknown> })[]) {
      expect(spec).toMatchObject(kind === 'ValidatingAdmissionPolicy' ? { failurePolicy: 'Fail' } : { validationActions: ['Deny'] });
    }
  });

  it('can only tell, to be tried first', () => {
    const bindings = guardManifests({ validationActions: ['Warn', 'Audit'] }).filter(({ kind }) => kind.endsWith('Binding'));
    expect(bindings.map(({ spec }) => (spec as { validationActions: string[] }).validationActions)).toEqual(bindings.map(() => ['Warn', 'Audit']));
  });

  it('leave exempt namespaces alone, where the operator still writes its own objects only', () => {
    const judging = guardManifests({ exemptNamespaces: ['tools'] }).filter((manifest) => JSON.stringify(manifest).includes("!(request.namespace in ['tools'])"));
    expect(judging.map(({ metadata }) => metadata.name.split('.')[0])).toEqual(['mcp-operator-mcpservers', 'mcp-operator-deployments', 'mcp-operator-services']);
  });

  it('know the marks, labels and kinds that the operator has', () => {
    expect([OWNER_ANNOTATION, ADOPT_ANNOTATION]).toEqual([SET_BY_OPERATOR, READ_BY_OPERATOR]);
    expect(Object.keys(commonLabels('a', 'http')).filter((key) => !isOwn(key))).toEqual([]);
    expect([...CHILD_RESOURCES].toSorted()).toEqual(CHILD_TYPES.map(({ group, plural }) => `${group}/${plural}`).toSorted());
  });
});

describe('a prop of the guards', () => {
  it.each<[props: GuardsProps, problem: string]>([
    [{ namespaces: [] }, 'namespaces is empty'],
    [{ namespaces: {} }, 'namespaces is empty'],
    [{ namespaces: ['kube-system'] }, 'kube-system: no MCPServer belongs there'],
    [{ namespaces: ['Tools'] }, 'namespaces has "Tools", which is no name'],
    [{ namespace: "a'b" }, 'which is no name'],
    [{ user: "a' || true || '" }, 'which is no name'],
    [{ validationActions: [] }, 'validationActions is empty'],
    [{ validationActions: ['Deny', 'Warn'] }, 'Deny and Warn'],
    [{ podSecurity: 'none' as 'baseline' }, 'use restricted, baseline, privileged'],
    [{ allowedServiceTypes: ['ExternalName'] }, 'use ClusterIP, NodePort, LoadBalancer'],
    [{ allowedServiceAccounts: ["x'] || true || x in ['"] }, 'allowedServiceAccounts has'],
    [{ allowedSecrets: ['a*b'] }, 'allowedSecrets has "a*b"'],
    [{ allowedTolerations: [''] }, 'allowedTolerations has ""'],
  ])('%j is refused', (props, problem) => {
    expect(() => guardManifests(props)).toThrow(problem);
  });

  it('that is undefined is the default', () => {
    expect(guardManifests({ namespaces: undefined, allowedSecrets: undefined } as unknown as GuardsProps)).toEqual(guardManifests());
  });

  it('stands in the table of docs/installation.md, and nothing else does', () => {
    const source = /export interface GuardsProps \{\n(.*?)\n\}/s.exec(readFileSync(join(ROOT, 'charts/operator/guards/props.ts'), 'utf8'))?.[1] ?? '';
    const props = [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name);
    const table = /^\| setting \|.*?\n\|---.*?\n(.*?)\n\n/ms.exec(readFileSync(join(ROOT, 'docs/installation.md'), 'utf8'))?.[1] ?? '';
    const rows = table.split('\n').flatMap((row) => (row.split(' | ')[0] ?? '').replace('| ', '').split(', '));
    expect(props.length).toBeGreaterThan(15);
    expect(rows.toSorted()).toEqual(props.toSorted());
  });
});
