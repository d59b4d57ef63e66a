// How an MCPServer is brought into every line of the truth table on the real API server.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PODS, SERVICES, SERVICE_ACCOUNTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type DeploymentObject } from '../../../reconciler/kinds.ts';
import { brokenWebhook, policy, webhook, type Refuser, type Target } from '../../support/admission.ts';
import { eventually } from '../../support/cluster.ts';
import { tellPod, type Pod } from '../../support/pods.ts';
import type { Fleet } from '../scene.ts';
import {
  CONTAINER, CRASH, CRASHING, KEPT_OUT, STARTING, UNMOUNTED, UNPLACED, UNPULLABLE, UNREADY, UNREADY_POD, UNSTARTED, WAITING,
} from './truth-fates.ts';
import type { LineName } from './truth-table.ts';

/** Class that a ResourceQuota of the test namespace allows no pod. */
export const CROWDED = 'truth-crowded';
const STDIO: Partial<MCPServerSpec> = { transport: 'stdio', command: ['server'] };

/** Name of the MCPServer that is driven into a line. */
export function serverOf(line: LineName): string {
  return `row-${line.replaceAll(' ', '-')}`;
}

/** Brings the MCPServer of a name into its line, or as near as it gets there by itself. */
export type Drive = (fleet: Fleet, name: string) => Promise<unknown>;

const created = (spec: Partial<MCPServerSpec> = {}): Drive => (fleet, name) => fleet.create(name, spec);

const edited = (change: object, spec: Partial<MCPServerSpec> = {}): Drive => async (fleet, name) => {
  await fleet.create(name, spec);
  await fleet.ready(name);
  await fleet.edit(name, change);
};

const WITH_CLAIM: Partial<MCPServerSpec> = { storage: [{ mountPath: '/data', persistentVolumeClaim: { claimName: 'data' } }] };

/**
 * The progress deadline is nobody's field: a second is enough here. Not before the Deployment controller has told of the rollout: a
 * change that comes in between has it forget that there is one, and then no deadline passes.
 */
const late = (drive: Drive): Drive => async (fleet, name) => {
  await drive(fleet, name);
  await eventually(async () => {
    const { metadata, status } = (await fleet.find<DeploymentObject>(DEPLOYMENTS, name)) ?? {};
    const reason = status?.conditions?.find(({ type }) => type === 'Progressing')?.reason ?? 'NewReplicaSetAvailable';
    if (status?.observedGeneration !== metadata?.generation || reason === 'NewReplicaSetAvailable') throw new Error(JSON.stringify(status));
  }, { timeoutMs: 60_000 });
  await eventually(() => fleet.client.patch(DEPLOYMENTS, fleet.ref(name), { spec: { progressDeadlineSeconds: 1 } }), { timeoutMs: 60_000 });
};

/** Ready without pods, and those it is given later do not start. */
const NEVER_SERVED = { replicas: 0, image: STARTING };

/**
 * Somebody else puts a container before the server, as injectors do: the operator leaves it. The pods of the new template are made
 * when it has seen that.
 */
const injected = (container: object, spec: Partial<MCPServerSpec> = NEVER_SERVED): Drive => async (fleet, name) => {
  await fleet.create(name, spec);
  await fleet.ready(name);
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const initContainers = [{ image: 'example.com/injected:1', securityContext, ...container }];
  await fleet.client.patch(DEPLOYMENTS, fleet.ref(name), { spec: { paused: true, template: { spec: { initContainers } } } });
  await fleet.edit(name, { replicas: 1 });
  await fleet.until(name, 'Ready', ['False', 'Paused']);
  await fleet.client.patch(DEPLOYMENTS, fleet.ref(name), { spec: { paused: null } });
};

/** What becomes of the pods of a server that was Ready. */
async function turn(fleet: Fleet, name: string, status: object): Promise<void> {
  const { items } = await fleet.client.list<Pod>(PODS, { namespace: fleet.namespace, labelSelector: `${SERVER_LABEL}=${name}` });
  for (const pod of items) await tellPod(fleet.client, pod, status);
}

const crashed = (spec: Partial<MCPServerSpec> = {}): Drive => async (fleet, name) => {
  await fleet.create(name);
  await fleet.ready(name);
  await fleet.edit(name, spec);
  await turn(fleet, name, { conditions: UNREADY_POD.conditions, containerStatuses: [{ ...CRASH, restartCount: 3, ...CONTAINER }] });
};

const startsNoMore: Drive = async (fleet, name) => {
  await fleet.create(name, STDIO);
  await fleet.ready(name);
  await turn(fleet, name, { ...UNREADY_POD, containerStatuses: [{ ...UNREADY, ...CONTAINER }] });
};

const beingDeleted: Drive = async (fleet, name) => {
  await fleet.create(name);
  await fleet.ready(name);
  await fleet.client.patch(MCP_SERVERS, fleet.ref(name), { metadata: { finalizers: ['example.com/hold'] } });
  await fleet.remove(name);
};

const nameTaken: Drive = async (fleet, name) => {
  await fleet.client.create(SERVICES, { metadata: fleet.ref(name), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create(name);
};

const leftover: Drive = async (fleet, name) => {
  await fleet.create(name, { config: { A: '1' } });
  await fleet.ready(name);
  await fleet.client.patch(CONFIG_MAPS, fleet.ref(`${name}-config`), { metadata: { finalizers: ['example.com/hold'] } });
  await fleet.remove(name);
  await eventually(async () => {
    const config = await fleet.find(CONFIG_MAPS, `${name}-config`);
    if (config?.metadata.deletionTimestamp === undefined || (await fleet.children(name)).length > 1) throw new Error('not collected yet');
  }, { timeoutMs: 75_000 });
  await fleet.create(name, { config: { A: '1' } });
};

/** Stops another writer that undoes what the operator applies; by name of the MCPServer. */
export const writers = new Map<string, AbortController>();

const contested: Drive = async (fleet, name) => {
  await fleet.create(name);
  await fleet.ready(name);
  const stop = new AbortController();
  writers.set(name, stop);
  void (async () => {
    while (!stop.signal.aborted) {
      const account = await fleet.find<KubernetesObject & { automountServiceAccountToken?: boolean }>(SERVICE_ACCOUNTS, name);
      if (account?.automountServiceAccountToken === false) {
        await fleet.client.patch(SERVICE_ACCOUNTS, fleet.ref(name), { automountServiceAccountToken: true }, { fieldManager: 'other-controller' });
      }
      await sleep(50);
    }
  })().catch(() => undefined);
};

/** Every line, or why it is not driven there. Lines of an operator that is away are driven when it is. */
export const DRIVES: Readonly<Record<LineName, Drive | string>> = {
  '1': 'while the operator is away',
  '2': 'while the operator is away',
  '3': created({ image: STARTING }),
  '3 unasked': created({ verification: { timeoutSeconds: 60 } }),
  '4': created(),
  '4 orphaned': created({ deletionPolicy: 'Orphan' }),
  '5': edited({ image: STARTING }),
  '6': edited({ image: UNPULLABLE }),
  '7': late(edited({ image: UNPULLABLE })),
  '8': created({ image: UNPULLABLE }),
  '8 late': late(created({ image: UNPULLABLE })),
  '9': created({ image: CRASHING }),
  '9 late': late(created({ image: CRASHING })),
  '10': crashed(),
  '33': created({ image: WAITING }),
  '33 late': late(created({ image: WAITING })),
  '11': created({ image: UNPLACED }),
  '11 late': late(created({ image: UNPLACED })),
  '11 serving': edited({ replicas: 2 }),
  '11 quota': created({ priorityClassName: CROWDED }),
  '11 quota late': late(created({ priorityClassName: CROWDED })),
  '12': created({ securityProfile: 'None' }),
  '12 late': late(created({ securityProfile: 'None' })),
  '13': created({ replicas: 0 }),
  '14': edited({ replicas: 2 }),
  '15': edited({ suspend: true }),
  '15 broken': crashed({ suspend: true }),
  '16': edited({ suspend: true, image: 'example.com/server:2' }),
  '16 empty': created({ suspend: true }),
  '17': beingDeleted,
  '18': 'the CRD of the shared control plane refuses such an object',
  '19': 'the CRD of the shared control plane refuses such an object',
  '19 serving': 'the CRD of the shared control plane refuses such an object',
  '19 replaced': 'the CRD of the shared control plane refuses such an object',
  '19 refused': edited({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] }),
  '20': created({ image: STARTING, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'nowhere', key: 'a' } } }] }),
  '20 late': late(created({ image: STARTING, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'nowhere', key: 'a' } } }] })),
  '20 serving': edited({ image: STARTING, envFrom: [{ configMapRef: { name: 'nowhere' } }] }),
  '21': nameTaken,
  '21 leaving': leftover,
  '22': created({ path: '/wrong' }),
  '22 alien': created(),
  '23': created(),
  '24': created({ verification: { mode: 'Observe' } }),
  '25': created({ verification: { mode: 'Off' } }),
  '26': created(),
  '27': created({ verification: { intervalSeconds: 10, timeoutSeconds: 1 } }),
  '28': created({ replicas: 2 }),
  '29': contested,
  '30': 'while the operator is away',
  '31': async (fleet, name) => {
    await fleet.create(name);
    await fleet.ready(name);
    refusers.push(await brokenWebhook(fleet.client, about(fleet, name)));
    await fleet.edit(name, { image: 'example.com/server:2' });
  },
  '31 first': async (fleet, name) => {
    refusers.push(await brokenWebhook(fleet.client, { ...about(fleet, name), operations: ['CREATE'] }));
    await fleet.create(name);
  },
  '31 live': async (fleet, name) => {
    await fleet.create(name, { disruption: { mode: 'Custom', maxUnavailable: 1 } });
    await fleet.ready(name);
    refusers.push(await brokenWebhook(fleet.client, { ...about(fleet, name), apiGroup: 'policy', resource: 'poddisruptionbudgets', operations: ['DELETE'] }));
    await fleet.edit(name, { disruption: null });
  },
  '32': async (fleet, name) => {
    await fleet.create(name);
    await fleet.ready(name);
    refusers.push(await policy(fleet.client, about(fleet, name)));
    await fleet.edit(name, { image: 'example.com/server:2' });
  },
  '32 first': async (fleet, name) => {
    refusers.push(
      await webhook(fleet.client, { ...about(fleet, name), operations: ['CREATE'] }, () => ({
        code: 403,
        message: `not at ${new Date().toISOString()}`,
      })),
    );
    await fleet.create(name);
  },
  '34': injected({ name: 'setup' }),
  '34 late': late(injected({ name: 'setup' })),
  '34 sidecar': injected({ name: 'proxy', restartPolicy: 'Always' }),
  '34 serving': injected({ name: 'setup' }, {}),
  '35': edited({ image: UNMOUNTED }, WITH_CLAIM),
  '35 late': late(edited({ image: UNMOUNTED }, WITH_CLAIM)),
  '35 unplaced': edited({ image: KEPT_OUT }, WITH_CLAIM),
  '36': created({ ...STDIO, image: UNSTARTED }),
  '36 young': 'it is over after half a minute',
  '36 later': startsNoMore,
  '36 serving': edited({ image: UNSTARTED }, STDIO),
  '36 serving late': late(edited({ image: UNSTARTED }, STDIO)),
};

/** Taken away when all is over. */
export const refusers: Refuser[] = [];

function about(fleet: Fleet, name: string): Target {
  return { namespace: fleet.namespace, servers: [name], apiGroup: 'apps', resource: 'deployments', operations: ['UPDATE'] };
}
