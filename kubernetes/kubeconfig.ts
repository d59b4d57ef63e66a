// Makes a connection of kubeconfig files: every key of the entries that count acts as with kubectl, or is refused with a sentence.
import { ownAuthorities } from './authorities.ts';
import type { Connection, TlsSettings } from './connection.ts';
import { tokenFile } from './in-cluster.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import { certificateAuthority, clientCertificate, pathOf } from './kubeconfig/certificates.ts';
import { bearer, CredentialPlugin } from './kubeconfig/credential-plugin.ts';
import { clusterOf, contextOf, entryError, userOf } from './kubeconfig/entries.ts';
import type { Cluster, Context, User } from './kubeconfig/entries.ts';
import { readKubeconfigs } from './kubeconfig/files.ts';
import type { Entry, Kubeconfig } from './kubeconfig/files.ts';
import { impersonationHeaders } from './kubeconfig/impersonation.ts';
import { idToken } from './kubeconfig/id-token.ts';
import { mustSupportProxies, proxyOf } from './proxy.ts';

/** What a credential plugin that failed said on standard error: cut, in one line, and without what looks like a credential. It may still hold one. */
export interface PluginComplaint {
  readonly plugin: string;
  readonly complaint: string;
}

/** Which context counts, and what credential plugins get: the environment they run in, and the milliseconds until they are ended, default 60 000. */
export interface KubeconfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pluginTimeoutMs?: number | undefined;
  /** Name of the context that counts. Default: the current one. */
  readonly context?: string | undefined;
  /** Hears what plugins complain of, which is for a debug log alone; no error has it. */
  readonly onComplaint?: ((complaint: PluginComplaint) => void) | undefined;
}

interface Selection {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly clusterEntry: Entry;
  readonly user: User;
  readonly userEntry: Entry;
}

/**
 * The connection of a context of the merged files. Missing files are skipped as kubectl does, unless all are missing.
 * A credential plugin is run once, so that one that fails is known at once. Throws KubeconfigError.
 */
export async function kubeconfigConnection(files: readonly string[], options: KubeconfigOptions): Promise<Connection> {
  const selection = select(await readKubeconfigs(files), options.context);
  const { context, cluster, clusterEntry, user } = selection;
  const ca = await certificateAuthority(clusterEntry, cluster);
  const headers = impersonationHeaders(user);
  const server = serverUrl(clusterEntry, cluster.server);
  const proxyUrl = cluster['proxy-url'] === undefined ? proxyOf(new URL(server), options.env) : httpProxy(clusterEntry, cluster['proxy-url']);
  return {
    server,
    inCluster: false,
    tls: tlsSettings(cluster, ca ?? (await ownAuthorities(options.env))),
    ...(await identitySource(selection, ca, options)),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    ...(user.as === undefined ? {} : { headers }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

function select({ files, currentContext, contexts, clusters, users }: Kubeconfig, asked?: string): Selection {
  const contextEntry = asked === undefined ? currentOf({ files, currentContext, contexts }) : contexts.get(asked);
  if (!contextEntry) throw new KubeconfigError(files, `the context that was asked for does not exist; ${known(contexts)}`);
  const context = contextOf(contextEntry);
  const clusterEntry = clusters.get(context.cluster);
  const userEntry = users.get(context.user);
  if (!clusterEntry) throw entryError(contextEntry, `cluster names one that does not exist; ${known(clusters)}`, { path: ['cluster'] });
  if (!userEntry) throw entryError(contextEntry, `user names one that does not exist; ${known(users)}`, { path: ['user'] });
  return { context, clusterEntry, userEntry, cluster: clusterOf(clusterEntry), user: userOf(userEntry) };
}

function currentOf({ files, currentContext, contexts }: Pick<Kubeconfig, 'files' | 'currentContext' | 'contexts'>): Entry {
  if (currentContext === undefined) throw new KubeconfigError(files, 'has no current-context; choose one with `kubectl config use-context NAME`');
  const { name, file, place } = currentContext;
  const contextEntry = contexts.get(name);
  if (!contextEntry) throw new KubeconfigError([file], `current-context (${place}) names a context that does not exist; ${known(contexts)}`);
  return contextEntry;
}

function known(entries: ReadonlyMap<string, Entry>): string {
  return entries.size === 0 ? 'there is none' : `there are ${[...entries.values()].map(({ title, place }) => `${title} (${place([])})`).join(', ')}`;
}

function serverUrl(entry: Entry, server: string): string {
  const url = URL.parse(server);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw entryError(entry, 'server is not the URL of an API server; use https://HOST:PORT', { path: ['server'] });
  }
  return server.replace(/\/+$/, '');
}

function httpProxy(entry: Entry, proxy: string): string {
  const url = URL.parse(proxy);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) {
    mustSupportProxies('proxy-url of the kubeconfig');
    return proxy;
  }
  throw entryError(entry, 'proxy-url is not supported; use an http:// or https:// proxy', { path: ['proxy-url'] });
}

function tlsSettings(cluster: Cluster, ca: Buffer | string | undefined): TlsSettings {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
    ...(cluster['tls-server-name'] === undefined ? {} : { servername: cluster['tls-server-name'] }),
  };
}

/** Tokens and certificates that stand in the kubeconfig count before those of a plugin, as in client-go. */
async function identitySource(
  { cluster, user, userEntry }: Selection,
  ca: Buffer | undefined,
  { env, pluginTimeoutMs = 60_000, onComplaint }: KubeconfigOptions,
): Promise<Pick<Connection, 'authorization' | 'certificate' | 'refused'>> {
  const authorization = await authorizer(userEntry, user);
  const certificate = await clientCertificate(userEntry, user);
  const { exec } = user;
  if (exec === undefined) return { authorization: authorization ?? anonymous, ...(certificate && { certificate }) };
  const options = { user: userEntry, exec, cluster, certificateAuthority: ca, env, timeoutMs: pluginTimeoutMs, onComplaint };
  const plugin = new CredentialPlugin(options);
  await plugin.credential();
  return {
    authorization: authorization ?? (async () => bearer(await plugin.credential())),
    certificate: certificate ?? (async () => (await plugin.credential()).certificate),
    refused: (identity) =>
      plugin.refused((current) => {
        const sameToken = authorization !== undefined || bearer(current) === identity.authorization;
        return sameToken && (certificate !== undefined || current.certificate === identity.certificate);
      }),
  };
}

function anonymous(): Promise<undefined> {
  return Promise.resolve(undefined);
}

/** Asks for the Authorization header that the kubeconfig itself leads to; undefined when it leads to none. */
async function authorizer(entry: Entry, user: User): Promise<(() => Promise<string | undefined>) | undefined> {
  const { token, tokenFile: path, username, password = '', 'auth-provider': provider } = user;
  if (path !== undefined) return fileAuthorizer(entry, path, token);
  if (token !== undefined) return () => Promise.resolve(`Bearer ${token}`);
  if (username !== undefined) return () => Promise.resolve(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  return provider && idToken(entry, provider);
}

/** A token beside the file counts while the file cannot be read, as in client-go. */
async function fileAuthorizer(entry: Entry, path: string, token: string | undefined): Promise<() => Promise<string>> {
  const read = tokenFile(pathOf(entry, path));
  const current = async (): Promise<string> => {
    try {
      return `Bearer ${await read()}`;
    } catch (error) {
      if (token !== undefined) return `Bearer ${token}`;
      const { code = 'it is empty' } = error as NodeJS.ErrnoException;
      throw entryError(entry, `tokenFile cannot be used: ${code}`, { path: ['tokenFile'] });
    }
  };
  await current();
  return current;
}
