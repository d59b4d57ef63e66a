import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { statusSchema } from '../../charts/api/status.ts';
import type { MCPServerObject } from '../../reconciler/kinds.ts';
import type { Situation } from '../../reconciler/situation.ts';
import { statusOf } from '../../reconciler/status.ts';
import { argoHealth, conditionOf, kstatus, meetsReady, type Readable } from '../support/kstatus.ts';
import {
  CRASH_LOOP, DEADLINE, NOW, ONCE_COMPLETE, PASSED, PULL_ERROR, SELECTOR, UNREACHABLE, deploymentObject, judged, podObject, servedBefore,
  serverObject, serving, situationOf,
} from './situations.ts';

/** One row of the table. `ready` and `others` read "Status (Reason)". */
interface Expected {
  readonly ready: string;
  readonly available: string;
  readonly others?: Readonly<Record<string, string | undefined>>;
  readonly phase: string;
  readonly kstatus: string;
  readonly argo: string;
  readonly wait: boolean;
  readonly endpoint: boolean;
}

const failing = (reason: 'WrongPath' | 'NotMCP' | 'Hang') => ({ outcome: 'Failed', reason, message: 'as seen' }) as const;
const half = { desired: 2, replicas: 2, updated: 1, ready: 1 };
const TAKEN = { reason: 'NameConflict', message: 'Not managed by this MCPServer, and left alone: Deployment demo.', stalled: true };
const HELD_BACK = { reason: 'Suspended', message: 'While spec.suspend is true the operator does not change Deployment demo.', stalled: false };
const CREATION_FAILED = (message: string) => ({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message });
const INVALID = { port: 0 };

const PROGRESSING = { phase: 'Pending', kstatus: 'InProgress', argo: 'Progressing', wait: false } as const;
const STALLED = { phase: 'Failed', kstatus: 'Failed', argo: 'Degraded', wait: false } as const;
const FAILED = { phase: 'Failed', kstatus: 'InProgress', argo: 'Degraded', wait: false } as const;
const FINE = { phase: 'Ready', kstatus: 'Current', argo: 'Healthy', wait: true } as const;

const updating = (observed: Partial<Situation> = {}): Situation =>
  serving(servedBefore(), { deployment: deploymentObject({ ...half, desired: 1, updated: 1 }), ...observed });

const ROWS: [string, Situation, Expected][] = [
  ['3: first rollout on its way', situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }) }),
    { ready: 'False (Progressing)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (Progressing)', DeploymentReady: 'False (Progressing)', ServiceReady: 'False (NoEndpoint)', Verified: 'Unknown (NotYetProbed)' }, ...PROGRESSING, endpoint: false }],
  ['3: pods ready, not asked yet', serving(serverObject(), { verdict: judged() }),
    { ready: 'False (Progressing)', available: 'Unknown (NotVerified)', others: { Reconciling: 'True (Progressing)', DeploymentReady: 'True (RolledOut)' }, ...PROGRESSING, endpoint: false }],
  ['4: rolled out and verified', serving(serverObject()),
    { ready: 'True (Verified)', available: 'True (Serving)', others: { ConfigurationValid: 'True (Valid)', DeploymentReady: 'True (RolledOut)', ServiceReady: 'True (EndpointReady)', Verified: 'True (Verified)', Reconciling: undefined, Stalled: undefined }, ...FINE, endpoint: true }],
  ['5: update on its way, old pods serve', updating(),
    { ready: 'False (Progressing)', available: 'True (Serving)', others: { Reconciling: 'True (Progressing)' }, ...PROGRESSING, endpoint: true }],
  ['6: update cannot pull its image, old pods serve', updating({ pods: [podObject('old'), podObject('new', PULL_ERROR)] }),
    { ready: 'False (ImagePullError)', available: 'True (Serving)', others: { Reconciling: 'True (ImagePullError)' }, ...PROGRESSING, endpoint: true }],
  ['7: the same after the progress deadline', updating({ pods: [podObject('old'), podObject('new', PULL_ERROR)], deployment: deploymentObject({ replicas: 2, conditions: [DEADLINE] }) }),
    { ready: 'False (ImagePullError)', available: 'True (Serving)', others: { Stalled: 'True (ProgressDeadlineExceeded)', Reconciling: undefined }, ...STALLED, endpoint: true }],
  ['8: first image cannot be pulled', situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }), pods: [podObject('new', PULL_ERROR)] }),
    { ready: 'False (ImagePullError)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (ImagePullError)' }, ...PROGRESSING, endpoint: false }],
  ['8: the same after the progress deadline', situationOf(serverObject(), { deployment: deploymentObject({ ready: 0, conditions: [DEADLINE] }), pods: [podObject('new', PULL_ERROR)] }),
    { ready: 'False (ImagePullError)', available: 'False (NoEndpoint)', others: { Stalled: 'True (ProgressDeadlineExceeded)' }, ...STALLED, endpoint: false }],
  ['9: crash loop in the first rollout', situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }), pods: [podObject('new', CRASH_LOOP)] }),
    { ready: 'False (CrashLoop)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (CrashLoop)' }, ...PROGRESSING, endpoint: false }],
  ['9: the same after the progress deadline', situationOf(serverObject(), { deployment: deploymentObject({ ready: 0, conditions: [DEADLINE] }), pods: [podObject('new', CRASH_LOOP)] }),
    { ready: 'False (CrashLoop)', available: 'False (NoEndpoint)', others: { Stalled: 'True (ProgressDeadlineExceeded)' }, ...STALLED, endpoint: false }],
  ['10: crash loop after having been Ready', situationOf(serverObject({}, { status: servedBefore().status }), { deployment: deploymentObject({ ready: 0, conditions: [ONCE_COMPLETE] }), pods: [podObject('demo-1', CRASH_LOOP)] }),
    { ready: 'False (CrashLoop)', available: 'False (NoEndpoint)', others: { Reconciling: undefined, Stalled: undefined }, ...FAILED, endpoint: false }],
  ['11: quota exceeded', situationOf(serverObject(), { deployment: deploymentObject({ replicas: 0, updated: 0, ready: 0, conditions: [CREATION_FAILED('pods "x" is forbidden: exceeded quota: q')] }) }),
    { ready: 'False (QuotaExceeded)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (QuotaExceeded)' }, ...PROGRESSING, endpoint: false }],
  ['12: Pod Security refuses the pods', situationOf(serverObject(), { deployment: deploymentObject({ replicas: 0, updated: 0, ready: 0, conditions: [CREATION_FAILED('violates PodSecurity "restricted:latest"')] }) }),
    { ready: 'False (PodsRejected)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (PodsRejected)' }, ...PROGRESSING, endpoint: false }],
  ['13: scaled to zero', situationOf(serverObject({ replicas: 0 }), { deployment: deploymentObject({ desired: 0 }), verdict: judged() }),
    { ready: 'True (ScaledToZero)', available: 'False (NoEndpoint)', others: { Verified: 'Unknown (ScaledToZero)', ServiceReady: 'False (ScaledToZero)', Reconciling: undefined }, ...FINE, endpoint: false }],
  ['14: scaling up', serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject(half) }),
    { ready: 'False (Progressing)', available: 'True (Serving)', others: { Reconciling: 'True (Progressing)' }, ...PROGRESSING, endpoint: true }],
  ['14: scaling down', serving(servedBefore(), { deployment: deploymentObject({ replicas: 2, ready: 2 }) }),
    { ready: 'False (Progressing)', available: 'True (Serving)', others: { Reconciling: 'True (Progressing)' }, ...PROGRESSING, endpoint: true }],
  ['14: the Deployment does not know its new scale yet', serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject({ observed: false }) }),
    { ready: 'False (Progressing)', available: 'True (Serving)', others: { Reconciling: 'True (Progressing)' }, ...PROGRESSING, endpoint: true }],
  ['15: suspended, children equal the spec', serving(serverObject({ suspend: true })),
    { ready: 'True (Verified)', available: 'True (Serving)', others: { Suspended: 'True (Suspended)', Reconciling: undefined, Stalled: undefined }, ...FINE, argo: 'Suspended', endpoint: true }],
  ['15: suspended, children equal the spec, which is not well', serving(servedBefore({ suspend: true }), { deployment: deploymentObject({ ready: 0, conditions: [ONCE_COMPLETE] }), pods: [podObject('demo-1', CRASH_LOOP)], hasReadyEndpoint: false }),
    { ready: 'False (CrashLoop)', available: 'False (NoEndpoint)', others: { Suspended: 'True (Suspended)', Reconciling: undefined, Stalled: undefined }, phase: 'Pending', kstatus: 'InProgress', argo: 'Suspended', wait: false, endpoint: false }],
  ['16: suspended, children differ from the spec', serving(servedBefore({ suspend: true, image: 'example.com/server:2' }), { obstacle: HELD_BACK }),
    { ready: 'False (Suspended)', available: 'True (Serving)', others: { Suspended: 'True (Suspended)', Reconciling: undefined, Stalled: undefined }, phase: 'Pending', kstatus: 'InProgress', argo: 'Suspended', wait: false, endpoint: true }],
  ['16: suspended before it had children', situationOf(serverObject({ suspend: true }), { obstacle: HELD_BACK }),
    { ready: 'False (Suspended)', available: 'False (NoEndpoint)', others: { Suspended: 'True (Suspended)', Reconciling: undefined }, phase: 'Pending', kstatus: 'InProgress', argo: 'Suspended', wait: false, endpoint: false }],
  ['4: the same under deletionPolicy Orphan', serving(serverObject({ deletionPolicy: 'Orphan' }), { detached: true }),
    { ready: 'True (Verified)', available: 'True (Serving)', others: { Orphaned: 'True (DeletionPolicyOrphan)', Suspended: undefined }, ...FINE, endpoint: true }],
  ['17: deleting', serving(servedBefore({}, { deletionTimestamp: '2030-01-01T00:00:00Z' })),
    { ready: 'False (Terminating)', available: 'True (Serving)', others: { Reconciling: undefined, Stalled: undefined }, phase: 'Terminating', kstatus: 'Terminating', argo: 'Progressing', wait: false, endpoint: false }],
  ['18: stdio before there is a bridge', situationOf(serverObject({ transport: 'stdio' }), { deployment: deploymentObject(), pods: [podObject()] }),
    { ready: 'False (NoBridge)', available: 'False (NoEndpoint)', others: { Verified: 'Unknown (NoBridge)', ServiceReady: 'False (NoService)', Stalled: 'True (NoBridge)', Reconciling: undefined }, ...STALLED, endpoint: false }],
  ['19: invalid object, no pod serves', situationOf(serverObject(INVALID)),
    { ready: 'False (InvalidSpec)', available: 'False (NoEndpoint)', others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)', Verified: 'Unknown (NotYetProbed)', Reconciling: undefined }, ...STALLED, endpoint: false }],
  ['19: invalid object, pods of the last valid spec serve', serving(servedBefore(INVALID), { verdict: undefined }),
    { ready: 'False (InvalidSpec)', available: 'True (InvalidSpec)', others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)', Verified: 'True (Verified)' }, ...STALLED, endpoint: true }],
  ["21: a child's name is taken", situationOf(serverObject(), { obstacle: TAKEN }),
    { ready: 'False (NameConflict)', available: 'False (NameConflict)', others: { Stalled: 'True (NameConflict)', Reconciling: undefined, ConfigurationValid: 'True (Valid)' }, ...STALLED, endpoint: false }],
  ["21: a child's name is taken while pods of that name serve", serving(servedBefore(), { obstacle: TAKEN, deployment: undefined }),
    { ready: 'False (NameConflict)', available: 'False (NameConflict)', others: { Stalled: 'True (NameConflict)' }, ...STALLED, endpoint: false }],
  ['19: only the API server sees the mistake', serving(servedBefore(), { obstacle: { reason: 'InvalidSpec', message: 'spec.containers[0].env[0]: refused', stalled: true } }),
    { ready: 'False (InvalidSpec)', available: 'True (Serving)', others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)' }, ...STALLED, endpoint: true }],
  ['21: a leftover child is being deleted', situationOf(serverObject(), { obstacle: { ...TAKEN, reason: 'WaitingForDeletion', stalled: false } }),
    { ready: 'False (WaitingForDeletion)', available: 'False (NoEndpoint)', others: { Reconciling: 'True (WaitingForDeletion)', Stalled: undefined }, ...PROGRESSING, endpoint: false }],
  ['22: the handshake says wrong path', serving(serverObject(), { verdict: judged(failing('WrongPath')) }),
    { ready: 'False (WrongPath)', available: 'False (WrongPath)', others: { Verified: 'False (WrongPath)' }, ...FAILED, endpoint: false }],
  ['22: the handshake says not MCP', serving(serverObject(), { verdict: judged(failing('NotMCP')) }),
    { ready: 'False (NotMCP)', available: 'False (NotMCP)', others: { Verified: 'False (NotMCP)' }, ...FAILED, endpoint: false }],
  ['22: not MCP, mode Observe', serving(serverObject({ verification: { mode: 'Observe' } }), { verdict: judged(failing('NotMCP')) }),
    { ready: 'False (NotMCP)', available: 'False (NotMCP)', others: { Verified: 'False (NotMCP)' }, ...FAILED, endpoint: false }],
  ['23: pods cannot be reached, mode Require', serving(serverObject(), { verdict: judged(UNREACHABLE) }),
    { ready: 'Unknown (VerificationUnreachable)', available: 'Unknown (NotVerified)', others: { Verified: 'Unknown (Unreachable)', Reconciling: undefined, Stalled: undefined }, ...PROGRESSING, endpoint: false }],
  ['24: pods cannot be reached, mode Observe', serving(serverObject({ verification: { mode: 'Observe' } }), { verdict: judged(UNREACHABLE) }),
    { ready: 'True (NotVerified)', available: 'True (Serving)', others: { Verified: 'Unknown (Unreachable)' }, ...FINE, endpoint: true }],
  ['25: verification Off', serving(serverObject({ verification: { mode: 'Off' } }), { verdict: undefined }),
    { ready: 'True (NotVerified)', available: 'True (Serving)', others: { Verified: 'Unknown (Disabled)' }, ...FINE, endpoint: true }],
  ['26: server demands authentication', serving(serverObject(), { verdict: judged({ outcome: 'Passed', reason: 'AuthRequired', message: '401' }) }),
    { ready: 'True (AuthRequired)', available: 'True (Serving)', others: { Verified: 'True (AuthRequired)' }, ...FINE, endpoint: true }],
  ['27: server hangs after having been verified', serving(serverObject({}, { status: servedBefore().status }), { verdict: judged(failing('Hang')) }),
    { ready: 'False (Hang)', available: 'False (Hang)', others: { Verified: 'False (Hang)' }, ...FAILED, endpoint: false }],
  ['28: one replica of two fails the handshake', serving(serverObject({ replicas: 2 }), { deployment: deploymentObject({ desired: 2 }), verdict: judged(PASSED, failing('NotMCP')) }),
    { ready: 'False (PartiallyVerified)', available: 'True (Serving)', others: { Verified: 'False (PartiallyVerified)' }, ...FAILED, endpoint: true }],
];

function shown(object: Readable, type: string): string | undefined {
  const condition = conditionOf(object, type);
  return condition && `${condition.status} (${condition.reason})`;
}

/** The MCPServer with the status of the situation, as the API server would hold it next. */
function judgedServer(situation: Situation): MCPServerObject {
  return { ...situation.server, status: statusOf(situation) };
}

describe('the truth table', () => {
  it.each(ROWS)('row %s', (_row, situation, expected) => {
    const server = judgedServer(situation);
    const others = Object.keys(expected.others ?? {});
    expect({
      ready: shown(server, 'Ready'),
      available: shown(server, 'Available'),
      others: Object.fromEntries(others.map((type) => [type, shown(server, type)])),
      phase: server.status?.phase,
      kstatus: kstatus(server),
      argo: argoHealth(server),
      wait: meetsReady(server),
      endpoint: server.status?.endpoint !== undefined,
    }).toEqual({ others: {}, ...expected });
  });

  it('row 1: what the operator has not seen is in progress to everybody', () => {
    const server = serverObject({}, { status: { observedGeneration: -1, phase: 'Pending' } });
    expect([kstatus(server), argoHealth(server), meetsReady(server)]).toEqual(['InProgress', 'Progressing', false]);
  });

  it('row 2: an edit not yet observed is in progress to everybody', () => {
    const server = servedBefore();
    expect([kstatus(server), argoHealth(server), meetsReady(server)]).toEqual(['InProgress', 'Progressing', false]);
  });

  it.each(ROWS)('row 30, nothing changed: looking again later changes nothing. %s', (_row, situation) => {
    const before = judgedServer(situation);
    const again = { ...situation, server: before, now: new Date(NOW.getTime() + 3_600_000) };
    expect(statusOf(again)).toEqual(before.status);
  });

  it.each(ROWS)('every condition carries generation, reason and message, and never both Reconciling and Stalled. %s', (_row, situation) => {
    const status = statusOf(situation);
    expect(statusSchema.safeParse(JSON.parse(JSON.stringify(status))).error).toBeUndefined();
    const { generation } = situation.server.metadata;
    expect(status.observedGeneration).toBe(generation);
    for (const condition of status.conditions ?? []) {
      expect(condition).toMatchObject({ observedGeneration: generation, reason: expect.stringMatching(/^[A-Z][A-Za-z]+$/), message: expect.stringMatching(/\w/) });
    }
    const types = (status.conditions ?? []).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['ConfigurationValid', 'DeploymentReady', 'ServiceReady', 'Verified', 'Available', 'Ready']));
    expect(types).not.toEqual(expect.arrayContaining(['Reconciling', 'Stalled']));
  });
});

describe('the rest of the status', () => {
  it('counts pods, and writes a zero', () => {
    expect(statusOf(situationOf(serverObject()))).toMatchObject({ replicas: 0, readyReplicas: 0 });
    expect(statusOf(serving(serverObject(), { deployment: deploymentObject({ desired: 3, ready: 2 }) }))).toMatchObject({ replicas: 3, readyReplicas: 2 });
  });

  it('has the selector the scale subresource needs from the first moment', () => {
    expect(statusOf(situationOf(serverObject())).selector).toBe(SELECTOR);
  });

  it('publishes the URL with port and path', () => {
    expect(statusOf(serving(serverObject({ port: 3001, path: '/x' }))).endpoint).toBe('http://demo.tools.svc:3001/x');
  });

  it('says what the server told about itself, and keeps it while nobody can be asked', () => {
    const status = statusOf(serving(serverObject()));
    expect(status.server).toEqual(PASSED.server);
    const server = serverObject({ replicas: 0 }, { status });
    expect(statusOf(situationOf(server, { deployment: deploymentObject({ desired: 0 }), verdict: judged() })).server).toEqual(PASSED.server);
  });

  it('tells Ready with its first failed handshake, before that counts against Verified', () => {
    const pending = { reason: 'NotMCP', message: 'It answered with a web page.' };
    const server = serverObject();
    const status = statusOf(serving(server, { verdict: { ...judged(), pending } }));
    expect(shown({ ...server, status }, 'Ready')).toBe('False (NotMCP)');
    expect(shown({ ...server, status }, 'Verified')).toBe('Unknown (NotYetProbed)');
    expect(conditionOf({ status }, 'Ready')?.message).toBe('It answered with a web page.');
  });

  it('names every problem of an invalid spec, where and what to do', () => {
    const status = statusOf(situationOf(serverObject({ transport: 'stdio', replicas: 2, config: { MCP_PORT: '1' } })));
    for (const type of ['ConfigurationValid', 'Ready', 'Stalled']) {
      const message = conditionOf({ status }, type)?.message;
      expect(message).toContain('spec.replicas: a stdio server cannot have more than one replica');
      expect(message).toContain('spec.config: config cannot set MCP_TRANSPORT, MCP_PORT');
    }
  });

  it('says in a valid configuration by which fields its pods leave Pod Security restricted', () => {
    expect(configurationMessage({})).toBe('The spec passed every rule.');
    expect(configurationMessage({ securityContext: { capabilities: { drop: ['CHOWN'] } } })).toBe(
      'The spec passed every rule. The pods do not meet Pod Security restricted: securityContext.capabilities.drop lacks ALL.',
    );
  });

  it('gives the evidence of a crash: exit code and last words', () => {
    const status = statusOf(situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }), pods: [podObject('demo-7', CRASH_LOOP)] }));
    expect(conditionOf({ status }, 'Ready')?.message).toContain('Pod demo-7 keeps ending with exit code 3, last words: no such file: /etc/x');
  });
});

function configurationMessage(spec: Partial<MCPServerSpec>): string | undefined {
  return conditionOf({ status: statusOf(serving(serverObject(spec))) }, 'ConfigurationValid')?.message;
}

function times(situation: Situation): Record<string, string> {
  return Object.fromEntries((statusOf(situation).conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
}

describe('lastTransitionTime', () => {
  const later = new Date('2030-01-01T01:00:00Z');

  it('is in whole seconds', () => {
    expect(times(serving(serverObject()))['Ready']).toBe('2030-01-01T00:00:00Z');
  });

  it('moves for exactly those conditions whose status moves, whatever reason and generation do', () => {
    const server = servedBefore({ replicas: 2 });
    const moved = times(serving(server, { deployment: deploymentObject(half), now: later }));
    const { Ready, DeploymentReady, Reconciling, ...others } = moved;
    expect([Ready, DeploymentReady, Reconciling]).toEqual(Array.from({ length: 3 }, () => '2030-01-01T01:00:00Z'));
    expect(new Set(Object.values(others))).toEqual(new Set(['2030-01-01T00:00:00Z']));
  });

  it('of the status as a whole is that of Ready', () => {
    const status = statusOf(serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject(half), now: later }));
    expect(status.lastTransitionTime).toBe('2030-01-01T01:00:00Z');
  });
});
