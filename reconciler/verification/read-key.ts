// Reads single keys of ConfigMaps and Secrets that an MCPServer names for its verification.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { CONFIG_MAPS, SECRETS } from '../../kubernetes/objects.ts';
import type { DataObject } from '../kinds.ts';
import type { KeyReference, ReadKey } from './secured-exchange.ts';

/** Asks the API server every time: what it answers is not kept. */
export function keyReader(client: Pick<KubernetesClient, 'get'>): ReadKey {
  return async (reference, signal) => {
    const { kind, namespace, name, key } = reference;
    const object = await find(client, reference, signal);
    const value = kind === 'Secret' ? decoded(object.data?.[key]) : (object.data?.[key] ?? decoded(object.binaryData?.[key]));
    if (value === undefined) throw new Error(`${kind} ${name} in ${namespace} has no key ${key}.`);
    return value;
  };
}

type Client = Pick<KubernetesClient, 'get'>;

async function find(client: Client, { kind, namespace, name }: KeyReference, signal?: AbortSignal): Promise<DataObject> {
  try {
    return await client.get<DataObject>(kind === 'Secret' ? SECRETS : CONFIG_MAPS, { namespace, name }, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) throw new Error(`${kind} ${name} in ${namespace} does not exist.`, { cause: error });
    if (isApiError(error, 'Forbidden')) throw new Error(`the operator may not read ${kind} ${name} in ${namespace}: give its ServiceAccount a Role with the verb get on it.`, { cause: error });
    throw error;
  }
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString();
}
