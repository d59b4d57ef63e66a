// Puts objects into etcd as an API server stored them: with their uid, times and managed fields, which no request can set.
import { inject } from 'vitest';
import { GROUP } from '../../charts/api/group.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/objects.ts';

/** Where the API server keeps what it does not keep under its plural name. */
const FOLDERS: Readonly<Record<string, string>> = { services: 'services/specs' };

/**
 * Stores an object, with `apiVersion` and `kind` as it was served. The API server tells watches of it as of any other; it
 * reads JSON of every kind, though it writes built-in ones as protobuf. Nothing is checked: admission sees nothing of it.
 */
export async function store({ group, plural }: ResourceType, object: KubernetesObject): Promise<void> {
  const folder = group === GROUP ? `${group}/${plural}` : (FOLDERS[plural] ?? plural);
  const key = `/registry/${folder}/${object.metadata.namespace}/${object.metadata.name}`;
  const body = JSON.stringify({ key: btoa(key), value: Buffer.from(JSON.stringify(object)).toString('base64') });
  const response = await fetch(`${inject('etcd')}/v3/kv/put`, { method: 'POST', body });
  if (!response.ok) throw new Error(`etcd refuses ${key}: ${response.status} ${await response.text()}`);
}
