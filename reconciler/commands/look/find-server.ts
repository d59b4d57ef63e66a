// Finds the MCPServers a command is about, or says in one sentence why there is none.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import type { Cancellable } from '../../../kubernetes/requests.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../kinds.ts';
import { UserError } from '../user-error.ts';
import { didYouMean } from './did-you-mean.ts';

type Reader = Pick<KubernetesClient, 'get' | 'list'>;

/** Which MCPServer. */
export interface ServerName {
  readonly namespace: string;
  readonly name: string;
}

/** Said of a cluster that does not have the resource. */
export const NO_CRD = 'the cluster does not know MCPServers: install the operator first (mcp-operator crd and mcp-operator install), or name another cluster with --context';

/** Reads an MCPServer. Throws UserError where there is none; other refusals stay ApiErrors. */
export async function findServer(client: Reader, { namespace, name }: ServerName, options: Cancellable = {}): Promise<MCPServerObject> {
  try {
    return await client.get<MCPServerObject>(MCP_SERVERS, { namespace, name }, options);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    throw new UserError(await whyNot(client, { namespace, name }, options), { cause: error });
  }
}

/** Reads all MCPServers of a namespace, of all without one. Throws UserError where the cluster has no such resource. */
export async function listServers(client: Reader, namespace: string | undefined, options: Cancellable = {}): Promise<MCPServerObject[]> {
  try {
    const { items } = await client.list<MCPServerObject>(MCP_SERVERS, { namespace, ...options });
    return items;
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    throw new UserError(NO_CRD, { cause: error });
  }
}

async function whyNot(client: Reader, { namespace, name }: ServerName, options: Cancellable): Promise<string> {
  const names = await namesIn(client, namespace, options);
  if (names === 'NotFound') return NO_CRD;
  const missing = `there is no MCPServer ${name} in namespace ${namespace}`;
  const elsewhere = await placesOf(client, name, options);
  if (elsewhere.length > 0) return `${missing}, but one in ${elsewhere.slice(0, 3).join(', ')}: name the namespace with -n`;
  const near = didYouMean(name, names ?? []);
  return near === '' ? `${missing}: mcp-operator status -A lists those there are` : `${missing}.${near}`;
}

/** Undefined where they may not be listed. */
async function namesIn(client: Reader, namespace: string, options: Cancellable): Promise<string[] | 'NotFound' | undefined> {
  try {
    const { items } = await client.list(MCP_SERVERS, { namespace, metadataOnly: true, ...options });
    return items.map(({ metadata }) => metadata.name);
  } catch (error) {
    if (isApiError(error, 'NotFound')) return 'NotFound';
    if (isApiError(error)) return undefined;
    throw error;
  }
}

/** Namespaces that have one of that name, as far as the user may see. */
async function placesOf(client: Reader, name: string, options: Cancellable): Promise<string[]> {
  try {
    const { items } = await client.list(MCP_SERVERS, { metadataOnly: true, fieldSelector: `metadata.name=${name}`, ...options });
    return items.map(({ metadata: { namespace = '' } }) => namespace);
  } catch (error) {
    if (isApiError(error)) return [];
    throw error;
  }
}
