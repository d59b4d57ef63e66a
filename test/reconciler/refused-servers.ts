// MCPServers that are refused for good, one for each of those who may refuse, and what may be sent of each while that lasts.
import { DEPLOYMENTS, SERVICES, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { brokenWebhook, policy, webhook, type Refuse, type Refuser, type Target } from '../support/admission.ts';
import { eventually, type AuditEvent } from '../support/cluster.ts';
import type { Fleet } from './scene.ts';

const RESOURCE_QUOTAS: ResourceType = { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced: true };

/** One that is refused. */
export interface RefusedServer {
  readonly reason: string;
  /** The condition that is True then; default: `Stalled`. */
  readonly condition?: 'Reconciling' | 'ConfigurationValid';
  /** What is sent again and again; undefined: nothing. */
  readonly sent?: 'deployments' | 'poddisruptionbudgets' | 'horizontalpodautoscalers';
  /** Has it refused, under its name; what refuses it is to be removed in the end. */
  readonly drive: (fleet: Fleet, name: string) => Promise<Refuser | undefined>;
}

const SCALED: Partial<MCPServerSpec> = { autoscaling: { maxReplicas: 2, targetCPUUtilizationPercentage: 80 } };
const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine', 'rowan', 'yew'];
let worded = 0;

/** In parts that always differ: who asked, when, under which number. */
function varying(): string {
  const port = 32_768 + Math.floor(Math.random() * 20_000);
  return `at ${new Date().toISOString()}, request id ${crypto.randomUUID()}, from 10.0.0.7:${port}, resourceVersion ${Math.floor(Math.random() * 1e6)}`;
}

/** In words that no one else says: never the same twice in a row. */
function otherWords(): string {
  worded += 1;
  return `the ${WORDS[worded % WORDS.length] ?? ''} is not pleased`;
}

const deployments = ({ namespace }: Fleet, name: string, operation: 'CREATE' | 'UPDATE' = 'CREATE'): Target =>
  ({ namespace, servers: [name], apiGroup: 'apps', resource: 'deployments', operations: [operation] });

/** Creates it behind what refuses it. */
async function behind(refuser: Promise<Refuser>, fleet: Fleet, name: string): Promise<Refuser> {
  const made = await refuser;
  await fleet.create(name);
  return made;
}

function refusing(fleet: Fleet, name: string, refuse: Refuse): Promise<Refuser> {
  return behind(webhook(fleet.client, deployments(fleet, name), refuse), fleet, name);
}

/** What only the API server knows to be wrong. */
async function mistaken(fleet: Fleet, name: string): Promise<undefined> {
  await fleet.create(name, { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] });
}

/** In an open field, of which no rule knows what may stand there. */
async function misspelt(fleet: Fleet, name: string): Promise<undefined> {
  await fleet.create(name, { podTemplate: { spec: { hostAlias: [] } } });
}

/** Nobody's quota but that of objects which no other MCPServer here leads to. */
async function crowded(fleet: Fleet, name: string): Promise<undefined> {
  const resource = 'count/poddisruptionbudgets.policy';
  const quota: KubernetesObject & { readonly spec: object } = { metadata: fleet.ref(name), spec: { hard: { [resource]: '0' } } };
  await fleet.client.create(RESOURCE_QUOTAS, quota);
  await eventually(async () => {
    const { status } = await fleet.client.get<KubernetesObject & { status?: { hard?: object } }>(RESOURCE_QUOTAS, fleet.ref(name));
    if (status?.hard === undefined) throw new Error('the quota is not in force');
  });
  await fleet.create(name, { replicas: 2 });
}

async function taken(fleet: Fleet, name: string): Promise<undefined> {
  await fleet.client.create(SERVICES, { metadata: fleet.ref(name), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create(name);
}

/** May be taken over, and cannot become what is wanted. */
async function unchangeable(fleet: Fleet, name: string): Promise<undefined> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/other:1' }] } };
  await fleet.client.create(DEPLOYMENTS, {
    metadata: { ...fleet.ref(name), annotations: { 'mcp.example.com/adopt-by': name } },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  } as KubernetesObject);
  await fleet.create(name);
}

async function refusedUpdate(fleet: Fleet, name: string): Promise<Refuser> {
  await fleet.create(name, { config: { a: 'old' } });
  await fleet.ready(name);
  const refuser = await policy(fleet.client, deployments(fleet, name, 'UPDATE'));
  await fleet.edit(name, { config: { a: 'new' }, image: 'example.com/server:2' });
  return refuser;
}

async function refusedDelete(fleet: Fleet, name: string): Promise<Refuser> {
  await fleet.create(name, { replicas: 2 });
  await fleet.ready(name);
  const target = { namespace: fleet.namespace, servers: [name], apiGroup: 'policy', resource: 'poddisruptionbudgets', operations: ['DELETE'] } as const;
  const refuser = await webhook(fleet.client, target, () => ({ code: 403, message: varying() }));
  await fleet.edit(name, { disruption: { mode: 'None' } });
  return refuser;
}

/** The operator of the test may not write autoscalers. */
async function unpermitted(fleet: Fleet, name: string): Promise<undefined> {
  await fleet.create(name, SCALED);
}

/** By name. */
export const REFUSED: Readonly<Record<string, RefusedServer>> = {
  mistaken: { reason: 'InvalidSpec', sent: 'deployments', drive: mistaken },
  misspelt: { reason: 'InvalidSpec', sent: 'deployments', drive: misspelt },
  governed: {
    reason: 'PolicyRefused', sent: 'deployments',
    drive: (fleet, name) => behind(policy(fleet.client, deployments(fleet, name)), fleet, name),
  },
  hooked: {
    reason: 'PolicyRefused', sent: 'deployments',
    drive: (fleet, name) => refusing(fleet, name, () => ({ code: 403, message: varying() })),
  },
  wordy: {
    reason: 'PolicyRefused', sent: 'deployments',
    drive: (fleet, name) => refusing(fleet, name, () => ({ code: 403, message: otherWords() })),
  },
  failing: {
    reason: 'Retrying', condition: 'Reconciling', sent: 'deployments',
    drive: (fleet, name) => refusing(fleet, name, () => ({ code: 500, message: varying() })),
  },
  deaf: {
    reason: 'Retrying', condition: 'Reconciling', sent: 'deployments',
    drive: (fleet, name) => behind(brokenWebhook(fleet.client, deployments(fleet, name)), fleet, name),
  },
  unpermitted: { reason: 'Forbidden', sent: 'horizontalpodautoscalers', drive: unpermitted },
  taken: { reason: 'NameConflict', drive: taken },
  unchangeable: { reason: 'ImmutableField', sent: 'deployments', drive: unchangeable },
  unchanged: { reason: 'PolicyRefused', sent: 'deployments', drive: refusedUpdate },
  undeleted: { reason: 'Valid', condition: 'ConfigurationValid', sent: 'poddisruptionbudgets', drive: refusedDelete },
  // After the one before, whose PodDisruptionBudget is there by then.
  crowded: { reason: 'QuotaExceeded', condition: 'Reconciling', sent: 'poddisruptionbudgets', drive: crowded },
};

/** Whether it asks what would come of a write. */
export const isQuestion = ({ requestURI }: AuditEvent): boolean => requestURI.includes('dryRun=All');

/** The MCPServer of which this is another attempt at what is refused, or a question whether it would be. */
export function retriedBy(event: AuditEvent): string | undefined {
  const { objectRef: { resource, name = '', subresource } = {}, responseStatus: { code = 0 } = {} } = event;
  if (subresource !== undefined) return undefined;
  if (isQuestion(event)) return Object.keys(REFUSED).find((each) => name === each || name.startsWith(`${each}-`));
  return code >= 400 && REFUSED[name]?.sent === resource ? name : undefined;
}

/** Of all that are refused together a request is sent in so many milliseconds. */
export const REQUEST_MS = 1100;
/** Pauses before the next attempt, in milliseconds: each doubles the one before, and jitter takes a quarter at most. */
const PAUSES = { least: 750, most: 225_000 };

/** How many attempts are allowed of one within so many milliseconds, after a first one that found an object changed meanwhile. */
export function attemptsWithin(ms: number): number {
  let attempts = 2;
  for (let [pause, at] = [PAUSES.least, PAUSES.least]; at <= ms; at += pause) {
    pause = Math.min(pause * 2, PAUSES.most);
    attempts += 1;
  }
  return attempts;
}
