// What is told of several operators in one cluster: whether they are in each other's way, whose an MCPServer is, and who has none.
import { describe, expect, it } from 'vitest';
import { operatorCheck, watchedCheck } from '../../../reconciler/commands/check/operator-checks.ts';
import { operatorFor, operatorsIn, type Operator } from '../../../reconciler/commands/cluster/operators.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import packageJson from '../../../package.json' with { type: 'json' };

/** As their Deployments say. */
async function operators(all: Readonly<Record<string, readonly string[]>>): Promise<Operator[]> {
  const items = Object.entries(all).map(([namespace, args]) => ({
    metadata: { name: 'mcp-operator', namespace },
    spec: { template: { spec: { containers: [{ image: `a/operator:${packageJson.version}`, args: ['run', ...args] }] } } },
  }));
  return operatorsIn({ list: () => Promise.resolve({ items, resourceVersion: '1' }) } as unknown as KubernetesClient, []);
}

function server(name: string, labels?: Record<string, string>): MCPServerObject {
  return { metadata: { name, namespace: 'tools', ...(labels && { labels }) }, spec: {} } as unknown as MCPServerObject;
}

describe('operators in one cluster', () => {
  it.each<[string, Record<string, string[]>]>([
    ['labels that exclude each other', { a: ['--watch-label-selector=shard=blue'], b: ['--watch-label-selector', 'shard!=blue'] }],
    ['namespaces of their own', { a: ['--namespace=x'], b: ['--namespace=y'] }],
    ['labels of one, where another has other namespaces', { a: ['--namespace=x', '--watch-label-selector=shard=blue'], b: ['--namespace=y'] }],
  ])('are not in each other’s way with %s', async (_what, all) => {
    expect(operatorCheck(await operators(all), packageJson.version)).toMatchObject({ result: 'Passed' });
  });

  it.each<[string, Record<string, string[]>]>([
    ['the same labels', { a: ['--watch-label-selector=shard=blue'], b: ['--watch-label-selector=shard in (blue,red)'] }],
    ['labels of different keys', { a: ['--watch-label-selector=shard=blue'], b: ['--watch-label-selector=team=x'] }],
    ['all MCPServers, for one of them', { a: ['--watch-label-selector=shard=blue'], b: [] }],
  ])('are in each other’s way with %s', async (_what, all) => {
    expect(operatorCheck(await operators(all), packageJson.version)).toMatchObject({ result: 'Failed', message: expect.stringContaining('those in a, b') });
  });

  it('have each MCPServer that their labels and namespaces match', async () => {
    const all = await operators({ a: ['--watch-label-selector=shard=blue'], b: ['--watch-label-selector=!shard'], c: ['--namespace=other', '--watch-label-selector=shard=blue'] });
    const of = (namespace: string, labels?: Record<string, string>): string | undefined => operatorFor(all, namespace, labels)?.namespace;
    expect([of('tools', { shard: 'blue' }), of('tools'), of('other', { shard: 'blue' }), of('tools', { shard: 'red' })]).toEqual(['a', 'b', 'c', undefined]);
  });
});

describe('an MCPServer without an operator', () => {
  it('is named', async () => {
    const all = await operators({ a: ['--watch-label-selector=shard=blue'], b: ['--watch-label-selector=shard=green'] });
    expect(watchedCheck(all, [server('one', { shard: 'blue' }), server('two'), server('three', { shard: 'red' })])).toMatchObject({
      name: 'watched', result: 'Warning', message: 'there are 2 MCPServers that no operator watches: tools/two, tools/three',
    });
    expect(watchedCheck(all, [server('one', { shard: 'blue' })])).toMatchObject({ result: 'Passed' });
    const many = Array.from({ length: 12 }, (_, index) => server(`server-${index}`));
    expect(watchedCheck(all, many)?.message).toMatch(/^there are 12 MCPServers .* and 2 more$/);
  });

  it('is not looked for where no operator chooses by labels', async () => {
    expect(watchedCheck(await operators({ a: ['--namespace=other'] }), [server('one')])).toBeUndefined();
  });
});
