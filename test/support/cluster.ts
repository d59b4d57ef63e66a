// What tests on the real control plane share: clients, a namespace of their own, kubectl, bounded waiting, the audit log.
import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, inject } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect as connectTo } from '../../kubernetes/connect.ts';
import { NAMESPACES } from '../../kubernetes/objects.ts';
import { runKubectl } from '../cluster/kubectl.ts';
import type { CommandResult, KubectlOptions } from '../cluster/kubectl.ts';

/** A client that may do everything; its requests stand in the audit log under `userAgent`. The caller closes it. */
export async function connect(userAgent = 'cluster-tests'): Promise<KubernetesClient> {
  return new KubernetesClient(await connectTo({ kubeconfig: inject('kubeconfig'), env: {} }), { userAgent });
}

/** Runs the real kubectl as admin. Resolves whatever its exit code is. */
export function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<CommandResult> {
  return runKubectl(inject('kubectl'), args, { kubeconfig: inject('kubeconfig'), ...options });
}

/** The minor version of Kubernetes 1 that answers a client. */
export async function minorVersion(client: KubernetesClient): Promise<number> {
  const { body } = await client.request('GET', '/version');
  return Number.parseInt((JSON.parse(body.toString()) as { minor: string }).minor, 10);
}

/** From this minor version on, rules that an object broke before do not keep its status from being written (sources of k8s.io/apiextensions-apiserver). */
export const RATCHETS_STATUS = 33;

/** Gives the calling file (or describe block) a namespace of its own, created before its tests and deleted after them. */
export function useNamespace(prefix: string, labels: Readonly<Record<string, string>> = {}, name = uniqueName(prefix)): string {
  const served = inject('guarded') ? { 'mcp.example.com/servers': 'allowed' } : {};
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...served, ...labels } } };
  beforeAll(() => withClient((client) => client.create(NAMESPACES, namespace)));
  afterAll(() => withClient((client) => client.delete(NAMESPACES, { name })));
  return name;
}

/** A name no other test uses: the prefix and six random characters. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(3).toString('hex')}`;
}

async function withClient<T>(use: (client: KubernetesClient) => Promise<T>): Promise<void> {
  const client = await connect();
  try {
    await use(client);
  } finally {
    client.close();
  }
}

export interface WaitOptions {
  /** Default 40 s. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error. */
  readonly message?: string;
}

/** Calls `attempt` until it does not throw and returns its value. Throws the last error, with the message, when the time is over. */
export async function eventually<T>(attempt: () => T | Promise<T>, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = 40_000, message = 'what was expected' } = options;
  const deadline = Date.now() + timeoutMs;
  for (let pause = 50; ; pause = Math.min(pause * 1.2, 200)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${message} did not come within ${timeoutMs} ms: ${String(error)}`, { cause: error });
    }
    await sleep(pause);
  }
}

/** One request as the audit log records it. */
export interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  /** Of an operator without the reconcile. */
  readonly userAgent?: string;
  readonly reconcileID?: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** What was read of an audit log: from `offset` on it is new. */
interface Reading {
  offset: number;
  readonly events: AuditEvent[];
  /** One at a time. */
  turn: Promise<unknown>;
}

const sharedLog = inject('auditLog') as string | undefined;
const readings = new Map<string, Reading>();
// What was asked before the calling test file began is none of its business, and may be very much.
if (sharedLog) readings.set(sharedLog, { offset: statSync(sharedLog).size, events: [], turn: Promise.resolve() });

/**
 * All requests answered so far that `wanted` accepts, oldest first; of the shared control plane those since the calling
 * test file began. Watches stand there when they begin and when they end.
 */
export async function auditEvents(wanted: (event: AuditEvent) => boolean, file: string = inject('auditLog')): Promise<AuditEvent[]> {
  const reading = readings.get(file) ?? { offset: 0, events: [], turn: Promise.resolve() };
  readings.set(file, reading);
  reading.turn = reading.turn.catch(() => undefined).then(() => readOn(file, reading));
  await reading.turn;
  return reading.events.filter(wanted);
}

async function readOn(file: string, reading: Reading): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { start: reading.offset })) chunks.push(chunk as Buffer);
  const added = Buffer.concat(chunks);
  const complete = added.subarray(0, added.lastIndexOf('\n') + 1);
  reading.offset += complete.length;
  for (const line of complete.toString().split('\n').slice(0, -1)) reading.events.push(withPurpose(JSON.parse(line) as AuditEvent));
}

/** Requests of a reconcile say so behind the user agent. */
function withPurpose(event: AuditEvent): AuditEvent {
  const [userAgent, id] = event.userAgent?.split('/reconcile/') ?? [];
  return id === undefined || userAgent === undefined ? event : { ...event, userAgent, reconcileID: id };
}

/** Whether a request could have changed something. */
export function isWrite(event: AuditEvent): boolean {
  return ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(event.verb);
}
