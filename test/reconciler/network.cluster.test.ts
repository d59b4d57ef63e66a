// Edits of ports, Service and network policy on the real API server: each converges, leaves nothing behind, and rests.
import { expect, test } from 'vitest';
import { render } from '../../charts/render.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { contains } from '../../reconciler/contains.ts';
import { eventually } from '../support/cluster.ts';
import { writesBy } from '../support/operator.ts';
import { ownedButNotRendered } from './owned-fields.ts';
import { useScene } from './scene.ts';

const scene = useScene('network');
type Edit = { [Field in keyof MCPServerSpec]?: MCPServerSpec[Field] | null | object };

/** In what the children differ from what is rendered: live fields, applied fields, objects. */
async function deviations(name: string): Promise<unknown[]> {
  await scene.fleet.ready(name);
  const manifests = render(await scene.fleet.read(name));
  const children = await scene.fleet.children(name);
  const leftovers = children.filter(({ kind, metadata }) => !manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === metadata.name));
  const differing = manifests.flatMap((manifest): unknown[] => {
    const live = children.find(({ kind, metadata }) => kind === manifest.kind && metadata.name === manifest.metadata.name);
    return live === undefined || !contains(live, manifest) ? [{ manifest, live }] : ownedButNotRendered(live, manifest);
  });
  return [...leftovers, ...differing];
}

const METRICS = { name: 'metrics', port: 9090 };
const PORT_EDITS: Edit[] = [
  { extraPorts: [METRICS, { name: 'health', port: 8081 }] },
  // The two change names, then the MCP port and one of them change numbers.
  { extraPorts: [{ ...METRICS, port: 8081 }, { name: 'health', port: 9090 }] },
  { port: 9090, extraPorts: [{ ...METRICS, port: 8080 }] },
  { extraPorts: [{ name: 'other', port: 8080 }] },
  { extraPorts: null, port: null },
];

test('ports converge, whatever they change to', async () => {
  const { fleet } = scene;
  await fleet.create('ports');
  for (const edit of PORT_EDITS) {
    await fleet.edit('ports', edit);
    await eventually(async () => expect([edit, await deviations('ports')]).toEqual([edit, []]));
  }
});

test('afterwards nothing is written', async () => {
  const before = await writesBy(scene.operator.userAgent);
  await scene.fleet.create('later');
  await scene.fleet.ready('later');
  const since = (await writesBy(scene.operator.userAgent)).slice(before.length);
  expect(since.filter(({ objectRef }) => objectRef?.resource !== 'events' && objectRef?.name !== 'later')).toEqual([]);
});
