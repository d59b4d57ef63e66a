// docs/scale.md says what is so: its app and its commands give installations that are not in each other's way.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { matchesLabels, mayOverlap, parseLabelSelector, type LabelSelector } from '../../../charts/operator/label-selector.ts';
import { call } from '../../reconciler/commands/in-process.ts';
import { deploymentOf, type Installed } from '../../support/operator-manifests.ts';
import { synthesizedBy } from '../../support/page-app.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8');

function manifestsIn(text: string): Installed[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Installed).filter(({ kind }) => kind !== 'CustomResourceDefinition');
}

function selectorOf(manifests: readonly Installed[]): LabelSelector {
  const flag = (deploymentOf(manifests).spec.template.spec.containers[0]['args'] as string[]).find((arg) => arg.startsWith('--watch-label-selector='));
  return parseLabelSelector(flag?.replace('--watch-label-selector=', '') ?? '');
}

function idOf({ kind, metadata: { namespace = '', name } }: Installed): string {
  return `${kind} ${namespace}/${name}`;
}

function expectApart([one = [], other = []]: readonly Installed[][]): void {
  expect(one.map(idOf).filter((id) => other.map(idOf).includes(id))).toEqual([]);
}

test('its app type-checks, and synthesizes two operators of which each MCPServer has one', () => {
  const installations = [...synthesizedBy('scale.md').values()].map(manifestsIn);
  expect(installations).toHaveLength(2);
  expectApart(installations);
  const [blue, rest] = installations.map(selectorOf) as [LabelSelector, LabelSelector];
  expect(mayOverlap(blue, rest)).toBe(false);
  for (const labels of [{}, { shard: 'blue' }, { shard: 'green' }]) expect(matchesLabels(blue, labels)).not.toBe(matchesLabels(rest, labels));
});

test('its commands print installations that are not in each other’s way', async () => {
  const commands = [...PAGE.matchAll(/^mcp-operator (install .*?) \|/gm)].map(([, command = '']) => command.replaceAll("'", '').split(' '));
  expect(commands).toHaveLength(4);
  const printed = await Promise.all(commands.map((command) => call(command)));
  expect(printed.map(({ code, stderr }) => [code, stderr])).toEqual(commands.map(() => [0, '']));
  const installations = printed.map(({ stdout }) => manifestsIn(stdout));
  expectApart(installations.slice(0, 2));
  expectApart(installations.slice(2));
  expect(mayOverlap(...(installations.slice(2).map(selectorOf) as [LabelSelector, LabelSelector]))).toBe(false);
});
