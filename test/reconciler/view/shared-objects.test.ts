// What the caches keep of a fleet: of the objects of a second MCPServer like the first, little but what names it. Counted, as memory is not.
import { describe, expect, it } from 'vitest';
import { render, type Manifest } from '../../../charts/render.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { SharedValues } from '../../../kubernetes/shared-values.ts';
import { withOwner } from '../../../reconciler/children/ownership.ts';
import { childType } from '../../../reconciler/kinds.ts';
import { keptDeployment } from '../../../reconciler/view/kept-fields.ts';
import { serverObject } from '../status/situations.ts';

const SPEC = { replicas: 2, config: { A: '1' }, env: [{ name: 'LOG_LEVEL', value: 'debug' }] };

/** As the API server sends them: each value anew. */
function objectsOf(name: string): Manifest[] {
  const server = serverObject(SPEC);
  const named = { ...server, metadata: { ...server.metadata, name, uid: `uid-of-${name}` } };
  return render(named).map((manifest) => JSON.parse(JSON.stringify(withOwner(manifest, named))) as Manifest);
}

/** Objects and lists in a value, but those among `known`. */
function objectsIn(value: unknown, known = new Set<object>(), found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || known.has(value) || found.has(value)) return found;
  found.add(value);
  for (const below of Object.values(value)) objectsIn(below, known, found);
  return found;
}

describe('of a second MCPServer like the first', () => {
  const values = new SharedValues();
  const kept = (object: Manifest): KubernetesObject => {
    const transform = object.kind === 'Deployment' ? keptDeployment : undefined;
    return new Informer({ client: {} as KubernetesClient, type: childType(object), values, transform }).kept(object);
  };
  const [first, second] = ['first', 'second'].map((name) => objectsOf(name).map((object) => kept(object))) as [KubernetesObject[], KubernetesObject[]];
  const known = objectsIn(first);

  it.each([
    // All on the way to its name: selectors, labels, terms of affinity and spreading, its variables and volumes.
    ['Deployment', 30],
    ['Service', 8],
    ['ServiceAccount', 6],
    ['ConfigMap', 6],
    ['PodDisruptionBudget', 9],
  ])('the cached %s has %i objects of its own at most', (kind, most) => {
    const object = second.find((each) => each.kind === kind);
    expect(objectsIn(object, known).size).toBeLessThanOrEqual(most);
    expect(object).toEqual(objectsOf('second').find((each) => each.kind === kind));
  });
});
