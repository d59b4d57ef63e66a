// Stands for all that decides whether what the API server refused would be refused again: as long as it is the same, only time can help. Pure.
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { REVISION } from '../compare/our-fields.ts';
import { fingerprint } from '../runtime/fingerprint.ts';
import type { View } from '../view/view.ts';
import type { Wanted } from './converge.ts';

/** The MCPServer without its status, what was observed for its children, and the children themselves without theirs. */
export function attemptOf(view: Pick<View, 'child' | 'childrenOf'>, { server, observed, children }: Wanted): string {
  const { name, namespace, uid, generation, labels, annotations } = server.metadata;
  const wanted = children.map((child) => view.child(child.type, { namespace, name: child.name }));
  const owned = view.childrenOf(server.metadata).map(({ object }) => object);
  const objects = [...new Set([...wanted, ...owned])].map((object) => object && withoutStatus(object));
  return fingerprint([name, uid, generation, labels, annotations, observed, objects]);
}

/** What the object's writers want of it: its status and the counters that go with it move by themselves. */
function withoutStatus(object: KubernetesObject): object {
  const { metadata, status: _status, ...rest } = object as KubernetesObject & { readonly status?: unknown };
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, annotations = {}, ...meta } = metadata;
  const { [REVISION]: _revision, ...said } = annotations;
  return { ...rest, metadata: { ...meta, annotations: said } };
}
