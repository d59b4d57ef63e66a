// Situations made by hand for every line of the truth table.
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { UNOBSERVED_STATUS } from '../../../charts/api/status.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { Obstacle, Situation } from '../../../reconciler/status/situation.ts';
import {
  CRASH_LOOP, DEADLINE, ONCE_COMPLETE, PASSED, PULL_ERROR, UNREACHABLE, deploymentObject, judged, podObject, servedBefore,
  serverObject, serving, situationOf,
} from './situations.ts';
import { claimant, IN_USE, waitingPod } from './claimants.ts';
import type { LineName } from './truth-table.ts';

const failing = (reason: 'WrongPath' | 'NotMCP' | 'Hang' | 'ChildNotStarted') => ({ outcome: 'Failed', reason, message: 'as seen' }) as const;
const half = { desired: 2, replicas: 2, updated: 1, ready: 1 };
const taken: Obstacle = { reason: 'NameConflict', message: 'Not managed by this MCPServer, and left alone: Deployment demo.', stalled: true };
const retrying: Obstacle = { reason: 'Retrying', message: 'A write failed and is tried again: 500.', stalled: false };
const disliked: Obstacle = { reason: 'PolicyRefused', message: 'A policy of the cluster refuses what the spec leads to: no.', stalled: true };
const heldBack: Obstacle = { reason: 'Suspended', message: 'While spec.suspend is true the operator does not change Deployment demo.', stalled: false };
const refused = (message: string) => ({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message });
const lacking = (reason: 'SecretNotFound' | 'ConfigMapNotFound') => ({ missing: { reason, message: 'Missing in namespace tools: s (spec.env[0]).' }, refused: [], unfollowed: [] });
const quota = refused('pods "x" is forbidden: exceeded quota: q');
const podSecurity = refused('pods "x" is forbidden: violates PodSecurity "restricted:latest"');
const invalid = { port: 0 };
const unplaced = {
  ...podObject('new'),
  status: { conditions: [{ type: 'PodScheduled' as const, status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available.' }] },
};

const waiting = {
  ...podObject('new'),
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled' as const, status: 'True', lastTransitionTime: '2029-12-31T23:59:00Z' }],
    containerStatuses: [{ name: 'mcp-server', state: { waiting: { reason: 'ContainerCreating' } } }],
  },
};
/** A pod whose server waits for an init container in the given state, or for a sidecar. */
function initPod(container: Parameters<typeof podObject>[1] = CRASH_LOOP, restartPolicy?: string): Situation['pods'][number] {
  const pod = podObject('new', { state: { waiting: { reason: 'PodInitializing' } } });
  const spec = { containers: [{ name: 'mcp-server' }], initContainers: [{ name: 'setup', ...(restartPolicy !== undefined && { restartPolicy }) }] };
  return { ...pod, spec, status: { ...pod.status, initContainerStatuses: [{ name: 'setup', ...container }] } };
}

const updating = (observed: Partial<Situation> = {}): Situation =>
  serving(servedBefore(), { deployment: deploymentObject({ ...half, desired: 1, updated: 1 }), ...observed });
const starting = (pod: Situation['pods'][number], late = false): Situation =>
  situationOf(serverObject(), { deployment: deploymentObject({ ready: 0, ...(late && { conditions: [DEADLINE] }) }), pods: [pod] });
const uncreated = (...conditions: (typeof DEADLINE)[]): Situation =>
  situationOf(serverObject(), { deployment: deploymentObject({ replicas: 0, updated: 0, ready: 0, conditions }) });
const broken = { deployment: deploymentObject({ ready: 0, conditions: [ONCE_COMPLETE] }), pods: [podObject('demo-1', CRASH_LOOP)] };

/** An update whose pod waits while an old one, which uses the same claim, serves. */
const waitingFor = (pod: Situation['pods'][number], late = false): Situation =>
  updating({
    deployment: deploymentObject({ replicas: 2, conditions: late ? [DEADLINE] : [] }),
    pods: [claimant('old', { node: 'a', ip: '10.244.0.1' }), pod],
  });
const unplacedByVolume = claimant('new', { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: IN_USE }], template: '1' });

const STDIO: Partial<MCPServerSpec> = { transport: 'stdio', command: ['server'] };
const RUNNING = { ready: false, started: true, state: { running: { startedAt: '2029-12-31T23:58:00Z' } } };
const UNSTARTED = { pod: 'new', message: 'The stdio server does not start: as seen.' };
type Conditions = readonly (typeof DEADLINE)[];
/** A pod of a stdio server is not ready, because the server does not start. */
function bridged(pod: string, { settled }: { settled: boolean }, conditions: Conditions = []): Situation {
  const deployment = deploymentObject({ ready: 0, conditions });
  return situationOf(serverObject(STDIO), { deployment, pods: [podObject(pod, RUNNING)], unstarted: [{ ...UNSTARTED, pod, settled }] });
}
const bridgedUpdate = ({ settled } = { settled: true }, conditions: Conditions = []): Situation => ({
  ...serving(servedBefore(STDIO), { deployment: deploymentObject({ replicas: 2, updated: 1, conditions }) }),
  pods: [podObject('old'), podObject('new', RUNNING)],
  unstarted: [{ ...UNSTARTED, settled }],
});

/** What leads to each line, or, where no reconcile has been yet, the object as the API server holds it. */
export const SITUATIONS: Readonly<Record<LineName, readonly [Situation | { readonly stored: MCPServerObject }, ...Situation[]]>> = {
  '1': [{ stored: serverObject({}, { status: UNOBSERVED_STATUS }) }],
  '2': [{ stored: servedBefore() }],
  '3': [situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }) })],
  '3 unasked': [serving(serverObject(), { verdict: judged() })],
  '4': [serving(serverObject())],
  '4 orphaned': [serving(serverObject({ deletionPolicy: 'Orphan' }), { detached: true })],
  '5': [updating()],
  '6': [updating({ pods: [podObject('old'), podObject('new', PULL_ERROR)] })],
  '7': [
    updating({
      pods: [podObject('old'), podObject('new', PULL_ERROR)],
      deployment: deploymentObject({ replicas: 2, conditions: [DEADLINE] }),
    }),
  ],
  '8': [starting(podObject('new', PULL_ERROR))],
  '8 late': [starting(podObject('new', PULL_ERROR), true)],
  '9': [starting(podObject('new', CRASH_LOOP))],
  '9 late': [starting(podObject('new', CRASH_LOOP), true)],
  '10': [situationOf(serverObject({}, { status: servedBefore().status }), broken)],
  '33': [starting(waiting)],
  '33 late': [starting(waiting, true)],
  '11': [starting(unplaced)],
  '11 late': [starting(unplaced, true)],
  '11 serving': [
    serving(servedBefore({ replicas: 2 }), {
      deployment: deploymentObject({ ...half, updated: 2, conditions: [ONCE_COMPLETE] }),
      pods: [podObject(), unplaced],
    }),
  ],
  '11 quota': [uncreated(quota)],
  '11 quota late': [uncreated(quota, DEADLINE)],
  '12': [uncreated(podSecurity)],
  '12 late': [uncreated(podSecurity, DEADLINE)],
  '13': [situationOf(serverObject({ replicas: 0 }), { deployment: deploymentObject({ desired: 0 }), verdict: judged() })],
  '14': [
    serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject(half) }),
    serving(servedBefore(), { deployment: deploymentObject({ replicas: 2, ready: 2 }) }),
    serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject({ observed: false }) }),
  ],
  '15': [serving(serverObject({ suspend: true }))],
  '15 broken': [situationOf(servedBefore({ suspend: true }), broken)],
  '16': [serving(servedBefore({ suspend: true, image: 'example.com/server:2' }), { obstacle: heldBack })],
  '16 empty': [situationOf(serverObject({ suspend: true }), { obstacle: heldBack })],
  '17': [serving(servedBefore({}, { deletionTimestamp: '2030-01-01T00:00:00Z' }))],
  '18': [situationOf(serverObject({ transport: 'stdio' }), { deployment: deploymentObject(), pods: [podObject()] })],
  '19': [situationOf(serverObject(invalid))],
  '19 serving': [serving(servedBefore(invalid), { verdict: undefined, witnessed: true })],
  '19 replaced': [serving(servedBefore(invalid), { verdict: undefined, witnessed: false })],
  '19 refused': [serving(servedBefore(), { obstacle: { reason: 'InvalidSpec', message: 'spec.containers[0].env[0]: refused', stalled: true } })],
  '20': [situationOf(serverObject(), { references: lacking('SecretNotFound'), deployment: deploymentObject({ ready: 0 }) })],
  '20 late': [situationOf(serverObject(), { references: lacking('SecretNotFound'), deployment: deploymentObject({ ready: 0, conditions: [DEADLINE] }) })],
  '20 serving': [updating({ references: lacking('ConfigMapNotFound') })],
  '21': [situationOf(serverObject(), { obstacle: taken }), serving(servedBefore(), { obstacle: taken, deployment: undefined })],
  '21 leaving': [situationOf(serverObject(), { obstacle: { reason: 'WaitingForDeletion', message: 'Being deleted, and created again when gone: Deployment demo.', stalled: false } })],
  '22': [serving(serverObject(), { verdict: judged(failing('WrongPath')) })],
  '22 alien': [
    serving(serverObject(), { verdict: judged(failing('NotMCP')) }),
    serving(serverObject({ verification: { mode: 'Observe' } }), { verdict: judged(failing('NotMCP')) }),
  ],
  '23': [serving(serverObject(), { verdict: judged(UNREACHABLE) })],
  '24': [serving(serverObject({ verification: { mode: 'Observe' } }), { verdict: judged(UNREACHABLE) })],
  '25': [serving(serverObject({ verification: { mode: 'Off' } }), { verdict: undefined })],
  '26': [serving(serverObject(), { verdict: judged({ outcome: 'Passed', reason: 'AuthRequired', message: '401' }) })],
  '27': [serving(serverObject({}, { status: servedBefore().status }), { verdict: judged(failing('Hang')) })],
  '28': [serving(serverObject({ replicas: 2 }), { deployment: deploymentObject({ desired: 2 }), verdict: judged(PASSED, failing('NotMCP')) })],
  '29': [serving(servedBefore(), { obstacle: { reason: 'WriteConflict', message: 'Another writer keeps changing Deployment demo.', stalled: true } })],
  '30': [serving(serverObject({}, { status: servedBefore().status }))],
  '31': [serving(servedBefore(), { obstacle: retrying })],
  '31 first': [situationOf(serverObject(), { obstacle: retrying })],
  '31 live': [serving(servedBefore(), { obstacle: { ...retrying, live: true } })],
  '32': [serving(servedBefore(), { obstacle: disliked })],
  '32 first': [situationOf(serverObject(), { obstacle: disliked })],
  '34': [starting(initPod()), starting(initPod({ state: { terminated: { exitCode: 1 } } })), starting(initPod(PULL_ERROR))],
  '34 late': [starting(initPod(), true)],
  '34 sidecar': [starting(initPod(CRASH_LOOP, 'Always')), starting(initPod({ started: false, restartCount: 1, state: { running: {} } }, 'Always'))],
  '34 serving': [updating({ pods: [podObject('old'), initPod()] })],
  '35': [waitingFor(waitingPod('new', { node: 'b', template: '1' }))],
  '35 late': [waitingFor(waitingPod('new', { node: 'b', template: '1' }), true)],
  '35 unplaced': [waitingFor(unplacedByVolume)],
  '36': [bridged('new', { settled: true }), bridged('new', { settled: true }, [DEADLINE])],
  '36 young': [bridged('new', { settled: false })],
  '36 later': [
    bridged('demo-1', { settled: true }, [ONCE_COMPLETE]),
    serving(serverObject(STDIO, { status: servedBefore(STDIO).status }), { verdict: judged(failing('ChildNotStarted')) }),
  ],
  '36 serving': [bridgedUpdate(), bridgedUpdate({ settled: false })],
  '36 serving late': [bridgedUpdate({ settled: true }, [DEADLINE])],
};
