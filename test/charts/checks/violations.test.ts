// What the validation plugin finds, on manifests broken in one place each.
import { describe, expect, it } from 'vitest';
import { render, type Manifest } from '../../../charts/render.ts';
import { VALIDATION_RULES, violationsIn } from '../../../charts/checks/violations.ts';
import { FULL_SPEC } from '../../support/full-spec.ts';
import { mcpServer, MINIMAL } from '../../support/rendered.ts';

interface Loose {
  [field: string]: Loose;
}

const server = (spec: object, name = 'demo'): Manifest => mcpServer(spec as never, { name }) as unknown as Manifest;

/** Rendered objects, one of them changed. */
function tampered(kind: string, change: (manifest: Loose) => void): Manifest[] {
  const manifests = structuredClone(render(mcpServer(FULL_SPEC)));
  change(manifests.find((manifest) => manifest.kind === kind) as unknown as Loose);
  return manifests;
}

function found(objects: readonly Manifest[]): [rule: string, object: string, field: string][] {
  return violationsIn(objects).map(({ rule, object, field }) => [rule, `${object.kind} ${object.metadata.name}`, field]);
}

/** Repeats the first item of a list. */
const repeat = (list: Loose | undefined): unknown => (list as unknown as unknown[]).push((list as unknown as unknown[])[0]);

describe('the validation of manifests', () => {
  it('finds nothing in valid MCPServers, in rendered objects and in objects of others', () => {
    const others = [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'own', namespace: 'tools' },
        spec: { selector: { app: 'x' }, ports: [{ port: 1 }, { port: 1 }] },
      },
    ];
    expect(
      violationsIn([server(MINIMAL, 'resource'), ...render(mcpServer(FULL_SPEC)), ...render(mcpServer(MINIMAL, { name: 'other' })), ...others]),
    ).toEqual([]);
  });

  it('finds every problem of an MCPServer, with its field and what to do', () => {
    const problems = violationsIn([server({ image: '', port: 0, path: 'mcp', colour: 'red' })]);
    expect(problems.map(({ field }) => field).toSorted()).toEqual(['spec.colour', 'spec.image', 'spec.port']);
    expect(violationsIn([server({ ...MINIMAL, path: 'mcp' })])).toMatchObject([
      { rule: 'mcpserver-is-valid', field: 'spec.path', message: expect.stringContaining('path must be absolute, such as /mcp') as string },
    ]);
    expect(found([server(MINIMAL, 'Upper')])).toEqual([['mcpserver-is-valid', 'MCPServer Upper', 'metadata.name']]);
  });

  it('finds an MCPServer of a version that is not served', () => {
    expect(violationsIn([{ ...server(MINIMAL), apiVersion: 'mcp.example.com/v1' }])).toMatchObject([{ field: 'apiVersion', message: 'mcp.example.com/v1 is not served: write mcp.example.com/v1alpha1' }]);
  });

  it.each<[string, string, string, (manifest: Loose) => void]>([
    ['a selector with one label more', 'Deployment', 'spec.selector', ({ spec }) => Object.assign(spec?.['selector']?.['matchLabels'] ?? {}, { team: 'a' })],
    ['a selector of other pods', 'Service', 'spec.selector', ({ spec }) => Object.assign(spec?.['selector'] ?? {}, { 'mcp.example.com/server': 'x' })],
    ['a budget for other pods', 'PodDisruptionBudget', 'spec.selector', ({ spec }) => Object.assign(spec ?? {}, { selector: {} })],
    ['pods that the selector misses', 'Deployment', 'spec.template.metadata.labels', ({ spec }) => Object.assign(spec?.['template']?.['metadata'] ?? {}, { labels: {} })],
  ])('finds %s', (...[, kind, field, change]) => {
    expect(found(tampered(kind, change))).toEqual([['selector-is-stable', `${kind} demo`, field]]);
  });

  it.each<[string, string, (manifest: Loose) => unknown]>([
    ['spec.ports', 'Service', ({ spec }) => repeat(spec?.['ports'])],
    ['spec.template.spec.volumes', 'Deployment', ({ spec }) => repeat(spec?.['template']?.['spec']?.['volumes'])],
    ...['env', 'ports', 'volumeMounts'].map((list): [string, string, (manifest: Loose) => unknown] => [
      `spec.template.spec.containers[0].${list}`, 'Deployment', ({ spec }) => repeat(spec?.['template']?.['spec']?.['containers']?.['0']?.[list]),
    ]),
    ['spec.template.spec.initContainers', 'Deployment', ({ spec }) => repeat(spec?.['template']?.['spec']?.['initContainers'])],
    ['spec.template.spec.initContainers[0].env', 'Deployment', ({ spec }) => repeat(spec?.['template']?.['spec']?.['initContainers']?.['0']?.['env'])],
  ])('finds a key that is twice in %s', (field, kind, change) => {
    expect(found(tampered(kind, change))).toEqual([['list-keys-are-unique', `${kind} demo`, field]]);
  });

  it('finds an object that is declared twice, in one namespace only', () => {
    expect(found([server(MINIMAL), server(MINIMAL)])).toEqual([['declared-once', 'MCPServer demo', 'metadata.name']]);
    expect(violationsIn([server(MINIMAL), mcpServer(MINIMAL, { namespace: 'elsewhere' }) as unknown as Manifest])).toEqual([]);
  });

  it('finds a server that is there as an MCPServer and as rendered objects, in either order', () => {
    const objects = [server(MINIMAL), ...render(mcpServer(MINIMAL))];
    for (const order of [objects, objects.toReversed()]) expect(found(order)).toEqual([['declared-once', 'MCPServer demo', 'metadata.name']]);
  });

  it('gives a reason for every rule', () => {
    for (const reason of Object.values(VALIDATION_RULES)) expect(reason).toMatch(/^[A-Z].+\.$/);
  });
});
