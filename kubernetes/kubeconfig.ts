// Reads kubeconfig files through @kubernetes/client-node. Loaded only when there are some: client-node costs 80 MB.
import { access, readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import { KubeConfig, type Cluster, type Context, type User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Connection, TlsSettings } from './connection.ts';
import { tokenFile } from './in-cluster.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** The connection of the current context of the merged files. Missing files are skipped as kubectl does, unless all are missing. Throws KubeconfigError. */
export async function kubeconfigConnection(files: readonly string[]): Promise<Connection> {
  const present = await existing(files);
  const config = load(present);
  const { context, cluster, user } = select(present, config);
  const options = await httpsOptions(config, present);
  const impersonate = user.impersonateUser;
  return {
    server: cluster.server.replace(/\/+$/, ''),
    inCluster: false,
    tls: tlsSettings(options),
    authorization: await authorizer(config, user, present),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    ...(impersonate ? { headers: { 'impersonate-user': impersonate } } : {}),
    ...(cluster.proxyUrl ? { proxyUrl: httpProxy(present, cluster.proxyUrl) } : {}),
  };
}

async function existing(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) if (await access(file).then(() => true, () => false)) found.push(file);
  if (found.length === 0) throw new KubeconfigError(files, 'no such file; give the path of an existing kubeconfig');
  return found;
}

function load(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  for (const file of files) {
    try {
      const config = new KubeConfig();
      config.loadFromFile(resolve(file));
      merged.mergeConfig(config, Boolean(merged.currentContext));
    } catch (error) {
      throw new KubeconfigError([file], `cannot be read: ${messageOf(error)}`, error);
    }
  }
  // client-node refuses plain http unless TLS need not be verified.
  merged.clusters = merged.clusters.map((cluster) => (cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster));
  return merged;
}

interface Selection {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly user: User;
}

function select(files: readonly string[], config: KubeConfig): Selection {
  const name = config.getCurrentContext();
  if (!name) throw new KubeconfigError(files, 'has no current-context; choose one with `kubectl config use-context NAME`');
  const context = config.getContextObject(name);
  if (!context) throw new KubeconfigError(files, `its current-context ${name} does not exist; it has ${known(config.getContexts())}`);
  const cluster = config.getCluster(context.cluster);
  if (!cluster) throw new KubeconfigError(files, `context ${name} names cluster ${context.cluster}, which does not exist; it has ${known(config.getClusters())}`);
  const user = config.getUser(context.user);
  if (!user) throw new KubeconfigError(files, `context ${name} names user ${context.user}, which does not exist; it has ${known(config.getUsers())}`);
  return { context, cluster, user };
}

function known(entries: readonly { readonly name: string }[]): string {
  return entries.length === 0 ? 'none' : entries.map((entry) => entry.name).join(', ');
}

async function httpsOptions(config: KubeConfig, files: readonly string[]): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new KubeconfigError(files, `its credentials cannot be used: ${messageOf(error)}`, error);
  }
  return options;
}

function tlsSettings(options: RequestOptions): TlsSettings {
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  return Object.fromEntries(
    Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined),
  );
}

/** Fixed credentials are computed once; token files and credential plugins are asked each time (both keep what is still valid). */
async function authorizer(config: KubeConfig, user: User, files: readonly string[]): Promise<() => Promise<string | undefined>> {
  const path = await tokenPath(user, files);
  if (path !== undefined) {
    const token = tokenFile(path);
    return async () => `Bearer ${await token()}`;
  }
  if (!user.exec && !user.authProvider) {
    const fixed = headerOf(await httpsOptions(config, files));
    return () => Promise.resolve(fixed);
  }
  let pending: Promise<string | undefined> | undefined;
  return () => {
    pending ??= httpsOptions(config, files)
      .then(headerOf)
      .finally(() => (pending = undefined));
    return pending;
  };
}

function headerOf(options: RequestOptions): string | undefined {
  if (options.auth) return `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const headers = options.headers as Record<string, string> | undefined;
  return headers?.['Authorization'];
}

/** client-node does not know the `tokenFile` key of a user, so it is looked up in the files themselves. */
async function tokenPath(user: User, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const content = parse(await readFile(file, 'utf8')) as { users?: { name?: string; user?: { tokenFile?: string } }[] } | null;
    const found = content?.users?.find((entry) => entry.name === user.name)?.user?.tokenFile;
    if (found) return resolve(dirname(file), found);
  }
  return undefined;
}

function httpProxy(files: readonly string[], url: string): string {
  if (/^https?:/.test(url)) return url;
  throw new KubeconfigError(files, `proxy-url ${url} is not supported; use an http:// or https:// proxy`);
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
