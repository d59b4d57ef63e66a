// What a container's process is given: its environment, and its volumes as files in a folder of its pod.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, type KubernetesObject, type ObjectMeta } from '../../../kubernetes/objects.ts';
import { writeKubeconfig } from '../credentials.ts';
import { commandHere, STDIO_BRIDGE_IMAGES, type Images } from '../images.ts';
import type { ProcessOptions } from '../managed-process.ts';
import { NODE_ADDRESS } from './network.ts';

const SERVICE_ACCOUNT_MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** What Node loads first in every thread, so that a pod listens on no port of this machine. */
export const LISTEN_ON_SOCKETS = `--require="${join(import.meta.dirname, '../listen-on-sockets.ts')}"`;
/** Thirty days: no demonstration outlives it, so tokens are not renewed. */
const TOKEN_SECONDS = 30 * 86_400;

type ConfigData = KubernetesObject & { readonly data?: Readonly<Record<string, string>> };
type Reference = { readonly name?: string; readonly optional?: boolean } | undefined;

/** A pod as the API server stores it. */
export interface Pod extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly deletionGracePeriodSeconds?: number };
  readonly spec: V1PodSpec;
  readonly status?: { readonly phase?: string; readonly podIP?: string; readonly conditions?: readonly Record<'type' | 'status' | 'lastTransitionTime', string>[] };
}

/** A pod and where it is made: the folder of its files, its invented address, the folder of the sockets behind it; `signal` ends with the node. */
export interface PodPlace {
  readonly pod: Pod;
  readonly images: Images;
  /** Programs that a user named for images, which stand in for the first word of a command, too. */
  readonly programs: Images;
  readonly client: KubernetesClient;
  readonly signal: AbortSignal;
  readonly dir: string;
  readonly podIP: string;
  readonly sockets: string;
}

/** A program to run, with its whole environment. */
export type Launch = Omit<ProcessOptions, 'name' | 'logFile'>;
/** Why a container cannot be started. */
export type Waiting = { readonly reason: string; readonly message: string };

/** Makes the pod's files and the launch of one of its containers; never rejects. */
export async function prepareLaunch(place: PodPlace, container: V1Container): Promise<Launch | Waiting> {
  const { image = '' } = container;
  const program = place.programs[image] ?? place.images[image];
  if (program === undefined) return { reason: 'ErrImagePull', message: `the process node has no program for the image "${image}"` };
  try {
    if (place.pod.spec.initContainers?.some((each) => !STDIO_BRIDGE_IMAGES.includes(each.image ?? ''))) throw new Error('the process node runs no init containers');
    await writeVolumes(place);
    return await launchOf(place, container, program);
  } catch (error) {
    return { reason: 'CreateContainerConfigError', message: (error as Error).message };
  }
}

/** Makes the pod's folders and writes every volume to `<dir>/<volume>`. */
async function writeVolumes(place: PodPlace): Promise<void> {
  const { pod, dir, sockets } = place;
  for (const folder of [dir, sockets]) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, emptyDir, image, configMap, secret } of pod.spec.volumes ?? []) {
    // That of the service account: its token goes into a kubeconfig.
    if (name.startsWith('kube-api-access-')) continue;
    await mkdir(join(dir, name), { recursive: true });
    if (emptyDir !== undefined || image !== undefined) continue;
    const data = await readData(place, configMap, secret && { name: secret.secretName ?? '', optional: secret.optional === true });
    const items = (configMap ?? secret)?.items ?? Object.keys(data).map((key) => ({ key, path: key }));
    for (const { key, path } of items) await writeFile(join(dir, name, path), data[key] ?? '', { mode: 0o600 });
  }
}

async function launchOf(place: PodPlace, container: V1Container, program: readonly string[]): Promise<Launch> {
  const { dir, podIP } = place;
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath = '' }) => ({
    mountPath,
    folder: join(dir, name, subPath),
  }));
  /** A path below a mount becomes the path where its files really are. */
  const rewrite = (text: string): string => {
    const mount = mounts.find(({ mountPath }) => `${text}/`.startsWith(mountPath.replace(/\/*$/, '/')));
    return mount === undefined ? text : join(mount.folder, text.slice(mount.mountPath.length));
  };
  const variables = await variablesOf(place, container);
  const withToken = mounts.some(({ mountPath }) => mountPath === SERVICE_ACCOUNT_MOUNT);
  const env: Record<string, string> = { LANG: 'C.UTF-8', HOME: dir, TMPDIR: rewrite('/tmp'), HOSTNAME: place.pod.metadata.name };
  env['PATH'] = process.env['PATH'] ?? '/usr/bin:/bin';
  if (place.programs[container.image ?? ''] !== undefined) Object.assign(env, waysOut(process.env));
  for (const [name, value] of Object.entries(variables)) env[name] = rewrite(value);
  env['NODE_OPTIONS'] = `${LISTEN_ON_SOCKETS} ${env['NODE_OPTIONS'] ?? ''}`.trimEnd();
  Object.assign(env, { MCP_HOST: podIP, POD_SOCKETS: place.sockets }, withToken ? { KUBECONFIG: await kubeconfigOf(place) } : {});
  // The program is a file of this machine, wherever that lies; only what the pod says is about the pod's folders.
  const ofThePod = (word: string): string => rewrite(expand(word, variables));
  const given = commandHere(container.command, { podIP, rewrite: ofThePod, standIn: place.programs[container.image ?? ''] });
  const words = [...(given ?? []), ...(container.args ?? []).map(ofThePod)];
  const [command = '', ...args] = given ? words : [...program, ...words];
  return { command, args, env, cwd: dir };
}

/** Registries, proxies and authorities of whoever started it, for programs of theirs that fetch what they need, such as npx. */
function waysOut(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = /^(?:(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|node_extra_ca_certs|requests_ca_bundle|npm_config_registry|uv_(?:default_index|index|index_url)|pip_(?:index_url|cert))$/i;
  const wanted = Object.entries(env).filter(([name]) => names.test(name));
  return Object.fromEntries(wanted.map(([name, value = '']) => [name, value]));
}

/** For the pod's service account, with a token that ends with the pod. */
async function kubeconfigOf({ client, dir, pod }: PodPlace): Promise<string> {
  const { name, namespace = '', uid } = pod.metadata;
  const spec = { audiences: [], expirationSeconds: TOKEN_SECONDS, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } };
  const metadata = { name: pod.spec.serviceAccountName ?? 'default', namespace };
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec, status: { token: '' } };
  const { status } = await client.create(SERVICE_ACCOUNTS, request, { subresource: 'token' });
  const { server, tls: { ca = '' } } = client.connection;
  return writeKubeconfig(join(dir, 'kubeconfig'), { server, ca, token: status.token });
}

async function variablesOf(place: PodPlace, container: V1Container): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = await readData(place, configMapRef, secretRef);
    for (const [key, value] of Object.entries(data)) env[prefix + key] = String(value);
  }
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom ?? {};
    const reference = configMapKeyRef ?? secretKeyRef;
    const found = reference && (await readData(place, configMapKeyRef, secretKeyRef))[reference.key];
    if (valueFrom === undefined) env[name] = expand(value, env);
    else if (reference === undefined) env[name] = field(place, fieldRef?.fieldPath);
    else if (found !== undefined) env[name] = String(found);
    else if (reference.optional !== true) throw new Error(`couldn't find key ${reference.key} in ${reference.name}`);
  }
  return env;
}

async function readData(place: PodPlace, configMap: Reference, secret: Reference): Promise<Record<string, string | Buffer>> {
  const { name = '', optional } = configMap ?? secret ?? {};
  const type = configMap === undefined ? SECRETS : CONFIG_MAPS;
  if (name === '') throw new Error('the process node cannot give a volume of this kind');
  const ref = { namespace: place.pod.metadata.namespace, name };
  const { data = {} } = await place.client.get<ConfigData>(type, ref).catch((error: unknown): Partial<ConfigData> => {
    if (optional === true && isApiError(error, 'NotFound')) return {};
    throw error;
  });
  const decoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const);
  return type === SECRETS ? Object.fromEntries(decoded) : data;
}

function field({ pod: { metadata, spec }, podIP }: PodPlace, path = ''): string {
  const objects: Record<string, object> = { metadata, spec, status: { podIP, podIPs: podIP, hostIP: NODE_ADDRESS } };
  const [, part = '', name = '', key] = /^(metadata|spec|status)\.(\w+)(?:\['(.*)'\])?$/.exec(path) ?? [];
  const found = (objects[part] as Record<string, unknown> | undefined)?.[name];
  const value = key === undefined ? found : ((found as Record<string, string> | undefined)?.[key] ?? '');
  if (typeof value !== 'string') throw new Error(`the process node cannot give ${path || 'a resourceFieldRef'}`);
  return value;
}

/** `$(NAME)` in values, commands and arguments; an unknown name stays as it is. */
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([-._a-zA-Z0-9]+)\)/g, (whole, name: string | undefined) => (name === undefined ? '$' : (env[name] ?? whole)));
}
