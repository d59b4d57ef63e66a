// How a command of a person at a shell comes to a cluster: by the flags kubectl has, else as kubectl does without them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { ClientOptions, KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError, type ApiError } from '../../kubernetes/errors.ts';
import { namespaceName } from './options.ts';
import type { Surroundings } from './surroundings.ts';
import { UserError } from './user-error.ts';

/** The flags that `connectFlags` adds. */
export interface ConnectFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** A cluster, while a command uses it. */
export interface Cluster {
  readonly client: KubernetesClient;
  /** The namespace of the flags, else of the context, else `default`. */
  readonly namespace: string;
}

const USER_AGENT = 'mcp-operator-cli';
/** For one request: somebody waits at a terminal. */
const REQUEST_MS = 15_000;

/** Adds --kubeconfig, --context and, unless a command has no use for one, -n. */
export function connectFlags(command: Command, { namespace = 'namespace of the MCPServers; default: that of the context' }: { readonly namespace?: string | false } = {}): Command {
  command.optionsGroup('Cluster:');
  command.option('--kubeconfig <file>', 'credentials of the cluster; default: $KUBECONFIG, else ~/.kube/config, else the service account of the pod');
  command.option('--context <name>', 'context of the kubeconfig; default: its current one');
  if (namespace !== false) command.addOption(new Option('-n, --namespace <name>', namespace).argParser(namespaceName));
  command.optionsGroup('Options:');
  return command;
}

/**
 * Connects, and hands the cluster to `use`; its connections end with it. Throws UserError for whatever the API server refuses
 * or does not answer, with what to do.
 */
export async function withCluster<T>(
  flags: ConnectFlags,
  { env, client: options = {} }: Pick<Surroundings, 'env'> & { readonly client?: ClientOptions },
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  // Loaded on use: commands that need no cluster start without it.
  const [{ connect }, { KubernetesClient }] = await Promise.all([import('../../kubernetes/connect.ts'), import('../../kubernetes/client.ts')]);
  const { kubeconfig = usualFile(env), context } = flags;
  const connection = await connect({ kubeconfig, context, env });
  const client = new KubernetesClient(connection, { userAgent: USER_AGENT, requestTimeoutMs: REQUEST_MS, ...options });
  try {
    return await use({ client, namespace: flags.namespace ?? connection.namespace ?? 'default' });
  } catch (error) {
    throw isApiError(error) ? clusterError(error, connection.server) : error;
  } finally {
    client.close();
  }
}

/** kubectl's file, where nothing else is named and it is there. */
function usualFile(env: Surroundings['env']): string | undefined {
  const { KUBECONFIG = '', HOME = '' } = env;
  const file = join(HOME, '.kube/config');
  return KUBECONFIG === '' && HOME !== '' && existsSync(file) ? file : undefined;
}

/** What a user is told of a request that failed. */
export function clusterError(error: ApiError, server: string): UserError {
  return new UserError(sentenceOf(error, server), { cause: error });
}

function sentenceOf({ kind, message }: ApiError, server: string): string {
  const where = `the cluster at ${server}`;
  if (kind === 'Network' || kind === 'Timeout') return `${where} cannot be asked: ${message}; check that it runs and can be reached from here, or name another one with --context or --kubeconfig`;
  if (kind === 'Unauthorized') return `${where} does not take the credentials: ${message}; renew those of the kubeconfig`;
  if (kind === 'Forbidden') return `a right is missing: ${message}; ask whoever administers the cluster for it`;
  return `${where} refused: ${message}`;
}
