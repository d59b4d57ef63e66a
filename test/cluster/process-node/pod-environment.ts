// What a container's process is given: its environment, and its volumes as files in a folder of its pod.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { V1Container, V1VolumeProjection } from '@kubernetes/client-node';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../../../kubernetes/objects.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/objects.ts';
import { writeKubeconfig } from '../credentials.ts';
import type { Launch } from './container.ts';
import type { Pod } from './pod-status.ts';

const SERVICE_ACCOUNT_MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where a pod is made. */
export interface PodPlace {
  readonly client: KubernetesClient;
  /** Aborted when the node stops. */
  readonly signal: AbortSignal;
  readonly dir: string;
  readonly podIP: string;
  readonly hostIP: string;
  readonly loopback: string;
}

/** The launch of one container of a pod. Throws an Error that says what is missing or not supported. */
export async function prepareLaunch(container: V1Container, program: readonly string[], at: { pod: Pod; place: PodPlace }): Promise<Launch> {
  const { dir, loopback } = at.place;
  const mounts = (container.volumeMounts ?? []).map((mount) => ({ ...mount, folder: join(dir, mount.name, mount.subPath ?? '') }));
  /** A path below a mount becomes the path where its files really are. */
  const rewrite = (text: string): string => {
    const mount = mounts.find(({ mountPath }) => text === mountPath || text.startsWith(`${mountPath.replace(/\/$/, '')}/`));
    return mount === undefined ? text : join(mount.folder, text.slice(mount.mountPath.length));
  };
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: dir, TMPDIR: rewrite('/tmp'), HOSTNAME: at.pod.metadata.name };
  const own = await ownEnvironment(container, at);
  for (const [name, value] of Object.entries(own)) env[name] = rewrite(value);
  env['MCP_HOST'] = loopback;
  const account = mounts.find(({ mountPath }) => mountPath === SERVICE_ACCOUNT_MOUNT);
  if (account !== undefined) {
    const { server } = at.place.client.connection;
    // By file names, so that a renewed token is used at once.
    const login = { server, caFile: join(account.folder, 'ca.crt'), tokenFile: join(account.folder, 'token') };
    env['KUBECONFIG'] = await writeKubeconfig(join(dir, 'kubeconfig'), login);
  }
  const [command = '', ...args] = [...(container.command ?? program), ...(container.args ?? [])].map((word) => rewrite(expand(word, own)));
  return { command, args, env, cwd: dir };
}

/** Writes every volume of the pod to `<dir>/<volume>`; called again, it brings tokens and config maps up to date. Throws like prepareLaunch. */
export async function writeVolumes(pod: Pod, place: PodPlace): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const { configMap, secret, downwardAPI, projected, emptyDir } = volume;
    await mkdir(join(place.dir, volume.name), { recursive: true });
    if (emptyDir !== undefined) continue;
    const single = { configMap, downwardAPI, secret: secret && { ...secret, name: secret.secretName } } as V1VolumeProjection;
    for (const source of projected?.sources ?? [single]) {
      for (const [path, content] of Object.entries(await filesOf(source, pod, place))) {
        const file = join(place.dir, volume.name, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode: 0o600 });
      }
    }
  }
}

type Files = Record<string, string | Buffer>;

async function filesOf(source: V1VolumeProjection, pod: Pod, place: PodPlace): Promise<Files> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (serviceAccountToken !== undefined) return { [serviceAccountToken.path]: await requestToken(serviceAccountToken, pod, place.client) };
  if (downwardAPI !== undefined) {
    return Object.fromEntries((downwardAPI.items ?? []).map(({ path, fieldRef }) => [path, field(fieldRef?.fieldPath, pod, place)]));
  }
  const reference = configMap ?? secret;
  if (reference === undefined) throw new Error('the process node cannot give a volume of this kind');
  const data = await readData(configMap === undefined ? SECRETS : CONFIG_MAPS, reference, { pod, place });
  return reference.items === undefined ? data : Object.fromEntries(reference.items.map(({ key, path }) => [path, data[key] ?? '']));
}

async function requestToken(wanted: { audience?: string; expirationSeconds?: number }, pod: Pod, client: KubernetesClient): Promise<string> {
  const { name, namespace, uid } = pod.metadata;
  const { audience, expirationSeconds } = wanted;
  const spec = { audiences: audience === undefined ? [] : [audience], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } };
  const metadata = { name: pod.spec.serviceAccountName ?? 'default', ...(namespace === undefined ? {} : { namespace }) };
  const request: KubernetesObject & { spec: object; status?: { token: string } } = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec };
  return (await client.create(SERVICE_ACCOUNTS, request, { subresource: 'token' })).status?.token ?? '';
}

async function ownEnvironment(container: V1Container, at: { pod: Pod; place: PodPlace }): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = await readData(configMapRef === undefined ? SECRETS : CONFIG_MAPS, configMapRef ?? secretRef ?? {}, at);
    for (const [key, value] of Object.entries(data)) env[prefix + key] = String(value);
  }
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const reference = valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef;
    if (valueFrom === undefined) env[name] = expand(value, env);
    else if (reference === undefined) env[name] = field(valueFrom.fieldRef?.fieldPath, at.pod, at.place);
    else {
      const found = (await readData(valueFrom.configMapKeyRef === undefined ? SECRETS : CONFIG_MAPS, reference, at))[reference.key];
      if (found !== undefined) env[name] = String(found);
      else if (reference.optional !== true) throw new Error(`${reference.name} has no key ${reference.key}`);
    }
  }
  return env;
}

async function readData(type: ResourceType, reference: { name?: string; optional?: boolean }, { pod, place }: { pod: Pod; place: PodPlace }): Promise<Files> {
  const { name = '', optional } = reference;
  try {
    const found = await place.client.get<KubernetesObject & { data?: Record<string, string>; binaryData?: Record<string, string> }>(type, { namespace: pod.metadata.namespace, name });
    const encoded = Object.entries((type === SECRETS ? found.data : found.binaryData) ?? {});
    return { ...(type === SECRETS ? {} : found.data), ...Object.fromEntries(encoded.map(([key, value]) => [key, Buffer.from(value, 'base64')])) };
  } catch (error) {
    if (isApiError(error, 'NotFound') && optional === true) return {};
    throw isApiError(error, 'NotFound') ? new Error(`${type.kind.toLowerCase()} "${name}" not found`, { cause: error }) : error;
  }
}

/** `$(NAME)` in values, commands and arguments; an unknown name stays as it is. */
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([-._a-zA-Z0-9]+)\)/g, (whole, name: string | undefined) => (name === undefined ? '$' : (env[name] ?? whole)));
}

function field(path: string | undefined, pod: Pod, place: PodPlace): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path ?? '') ?? [];
  if (key !== undefined) return (map === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[key] ?? '';
  const { name, namespace = '', uid = '' } = pod.metadata;
  const { nodeName = '', serviceAccountName = '' } = pod.spec;
  const known: Record<string, string> = {
    'metadata.name': name, 'metadata.namespace': namespace, 'metadata.uid': uid, 'spec.nodeName': nodeName,
    'spec.serviceAccountName': serviceAccountName, 'status.podIP': place.podIP, 'status.podIPs': place.podIP, 'status.hostIP': place.hostIP,
  };
  const value = known[path ?? ''];
  if (value === undefined) throw new Error(`the process node cannot give ${path ?? 'a resourceFieldRef'}`);
  return value;
}
