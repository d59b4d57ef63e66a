// What tests on the real control plane share: clients, a namespace of their own, kubectl, bounded waiting, the audit log.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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

/** Gives the calling file (or describe block) a namespace of its own, created before its tests and deleted after them. */
export function useNamespace(prefix: string, labels: Readonly<Record<string, string>> = {}): string {
  const name = uniqueName(prefix);
  beforeAll(() => withClient((client) => client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })));
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
  /** Default 20 s. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error. */
  readonly message?: string;
}

/** Calls `attempt` until it does not throw and returns its value. Throws the last error, with the message, when the time is over. */
export async function eventually<T>(attempt: () => T | Promise<T>, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = 20_000, message = 'what was expected' } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${message} did not come within ${timeoutMs} ms: ${String(error)}`, { cause: error });
    }
    await sleep(50);
  }
}

/** One request as the audit log records it. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** All requests answered so far that `wanted` accepts, oldest first; watches stand there when they begin and when they end. */
export async function auditEvents(wanted: (event: AuditEvent) => boolean, file: string = inject('auditLog')): Promise<AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent).filter(wanted);
}

/** Whether a request could have changed something. */
export function isWrite(event: AuditEvent): boolean {
  return ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(event.verb);
}
