// MCPServers through many random edits of all their fields: the objects always become what the spec renders to, and
// nothing else happens on the way.
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render } from '../../charts/render.ts';
import { resourcePath, type KubernetesObject } from '../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { arbitrarySpec, SPEC_FIELDS } from '../support/arbitrary-spec.ts';
import { conditionOf } from '../support/kstatus.ts';
import { writesBy } from '../support/operator.ts';
import { repaired } from '../support/repaired-spec.ts';
import { ownedButNotRendered } from './children/owned-fields.ts';
import { converged, nameOf } from './converged.ts';
import { useScene } from './scene.ts';

/** Edited side by side. The first has pods all the time, the others when an autoscaler wants one: most pods of random specs cannot start, at a cost. */
const NAMES = ['first', 'second', 'third', 'fourth', 'fifth'];
/** Edits of each. */
const STEPS = 100;
const SEED = 20_261_123;
/** What stops changes is left to other tests. */
const FIELDS = SPEC_FIELDS.filter((field) => field !== 'suspend');
const MINIMAL: MCPServerSpec = { image: 'example.com/server:1' };

const scene = useScene('random');

/** Specs of which each differs from the one before in one to three fields, set to another value or left out. At most `pods` are wanted. */
function* walk(index: number, pods: number): Generator<MCPServerSpec> {
  const edit = fc.record({ fields: fc.uniqueArray(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 3 }), from: arbitrarySpec(['suspend']) });
  let spec: MCPServerSpec = MINIMAL;
  for (const { fields, from } of fc.sample(edit, { numRuns: STEPS, seed: SEED + index })) {
    const kept = Object.entries(spec).filter(([field]) => !(fields as string[]).includes(field));
    const edited = Object.entries({ ...MINIMAL, ...from }).filter(([field]) => (fields as string[]).includes(field));
    const { replicas = 1, autoscaling, ...rest } = repaired({ ...MINIMAL, ...Object.fromEntries([...kept, ...edited]) });
    spec = { ...rest, replicas: Math.min(replicas, pods), ...(autoscaling && { autoscaling: { ...autoscaling, minReplicas: 1 } }) };
    yield apart(spec, index);
  }
}

/** With a number and a name of its own, of what a cluster and a namespace have one of. */
function apart({ service, configAs, ...spec }: MCPServerSpec, index: number): MCPServerSpec {
  return {
    ...spec,
    ...(service && { service: { ...service, ...(service.nodePort !== undefined && { nodePort: 30_010 + index }) } }),
    ...(configAs && { configAs: { ...configAs, ...(configAs.configMapName !== undefined && { configMapName: `own-${index}` }) } }),
  };
}

async function replaceSpec(name: string, spec: MCPServerSpec): Promise<void> {
  const { client } = scene.fleet;
  const headers = { 'content-type': 'application/json-patch+json' };
  const { status, body } = await client.request('PATCH', resourcePath(MCP_SERVERS, scene.fleet.ref(name)), {
    headers,
    body: JSON.stringify([{ op: 'replace', path: '/spec', value: spec }]),
  });
  expect([status, status === 200 || [spec, body.toString()]]).toEqual([200, true]);
}

interface Deployed {
  readonly uid: string | undefined;
  readonly rendered: string;
  readonly live: string;
}

function templateOf(object: object | undefined): string {
  return JSON.stringify((object as { readonly spec: { readonly template: unknown } }).spec.template);
}

function deployed({ server, children }: Awaited<ReturnType<typeof converged>>): Deployed {
  const live = children.find(({ kind }) => kind === 'Deployment');
  return { uid: live?.metadata.uid, rendered: templateOf(render(server).find(({ kind }) => kind === 'Deployment')), live: templateOf(live) };
}

/** One MCPServer from its creation to its last edit, which takes away all that was set. */
async function edited(name: string, index: number): Promise<void> {
  await scene.fleet.create(name, MINIMAL);
  let before = deployed(await converged(scene.fleet, name));
  for (const [step, spec] of [...walk(index, index === 0 ? 3 : 0)].entries()) {
    await replaceSpec(name, spec);
    const state = await converged(scene.fleet, name);
    const after = deployed(state);
    expect([name, step, after.uid]).toEqual([name, step, before.uid]);
    expect([name, step, after.rendered !== before.rendered || after.live === before.live]).toEqual([name, step, true]);
    expect([step, spec, ['ImmutableField', 'InvalidSpec', 'WriteConflict', 'Forbidden'].includes(conditionOf(state.server, 'Stalled')?.reason ?? '')]).toEqual([step, spec, false]);
    before = after;
  }
  await replaceSpec(name, MINIMAL);
  const { server, children } = await converged(scene.fleet, name);
  for (const manifest of render(server)) {
    expect(ownedButNotRendered(children.find((child) => nameOf(child) === nameOf(manifest)) as KubernetesObject, manifest)).toEqual([]);
  }
  await scene.fleet.ready(name);
}

test(`${NAMES.length * STEPS} random edits all converge, leave nothing behind and change no pod template that was not meant`, async () => {
  const { operator } = scene;
  await Promise.all(NAMES.map((name, index) => edited(name, index)));
  const writes = (await writesBy(operator.userAgent)).length;
  await sleep(3000);
  expect(await writesBy(operator.userAgent)).toHaveLength(writes);
  expect(operator.errors).toEqual([]);
}, 900_000);
