// The status truth table as data: what each situation must look like to the tools people trust. Used twice: on situations
// made by hand, and on the real API server. A row with several outcomes has a line for each.
import { conditionOf, type Readable } from '../../support/kstatus.ts';

/** One line. Conditions read "Status (Reason)"; one that is present only while true and is not named must be absent. */
export interface Line {
  readonly situation: string;
  readonly ready: string;
  readonly available: string | undefined;
  readonly others?: Readonly<Record<string, string>>;
  readonly phase: 'Pending' | 'Updating' | 'Ready' | 'Failed' | 'Terminating';
  readonly kstatus: 'InProgress' | 'Current' | 'Failed' | 'Terminating';
  readonly argo: 'Progressing' | 'Healthy' | 'Degraded' | 'Suspended';
  /** Whether `kubectl wait --for=condition=Ready` is met. */
  readonly wait: boolean;
  readonly endpoint: boolean;
}

const PROGRESSING = { phase: 'Pending', kstatus: 'InProgress', argo: 'Progressing', wait: false } as const;
const UPDATING = { ...PROGRESSING, phase: 'Updating' } as const;
const STALLED = { phase: 'Failed', kstatus: 'Failed', argo: 'Degraded', wait: false } as const;
const FAILED = { phase: 'Failed', kstatus: 'InProgress', argo: 'Degraded', wait: false } as const;
const FINE = { phase: 'Ready', kstatus: 'Current', argo: 'Healthy', wait: true } as const;
const HELD = { phase: 'Pending', kstatus: 'InProgress', argo: 'Suspended', wait: false } as const;
const LATE = { Stalled: 'True (ProgressDeadlineExceeded)' };
const SERVES = { available: 'True (Serving)', endpoint: true } as const;
const SERVES_NOT = { available: 'False (NoEndpoint)', endpoint: false } as const;

/** By row of the table, and a word where a row has several outcomes. */
export const TRUTH = {
  '1': { situation: 'created, the operator has not seen it', ready: 'Unknown (NotObserved)', available: undefined, ...PROGRESSING, endpoint: false },
  '2': { situation: 'spec edited, not yet observed', ready: 'True (Verified)', ...SERVES, ...PROGRESSING, phase: 'Ready' },
  '3': {
    situation: 'first rollout on its way',
    ready: 'False (Progressing)',
    ...SERVES_NOT,
    others: { Reconciling: 'True (Progressing)', DeploymentReady: 'False (Progressing)', ServiceReady: 'False (NoEndpoint)', Verified: 'Unknown (NotYetProbed)' },
    ...PROGRESSING,
  },
  '3 unasked': { situation: 'pods ready, not asked yet', ready: 'False (Progressing)', available: 'Unknown (NotVerified)', others: { Reconciling: 'True (Progressing)', DeploymentReady: 'True (RolledOut)' }, ...PROGRESSING, endpoint: false },
  '4': {
    situation: 'rolled out and verified',
    ready: 'True (Verified)',
    ...SERVES,
    others: { ConfigurationValid: 'True (Valid)', DeploymentReady: 'True (RolledOut)', ServiceReady: 'True (EndpointReady)', Verified: 'True (Verified)' },
    ...FINE,
  },
  '4 orphaned': { situation: 'the same under deletionPolicy Orphan', ready: 'True (Verified)', ...SERVES, others: { Orphaned: 'True (DeletionPolicyOrphan)' }, ...FINE },
  '5': { situation: 'update on its way, old pods serve', ready: 'False (Progressing)', ...SERVES, others: { Reconciling: 'True (Progressing)' }, ...UPDATING },
  '6': { situation: 'update cannot pull its image, old pods serve', ready: 'False (ImagePullError)', ...SERVES, others: { Reconciling: 'True (ImagePullError)' }, ...UPDATING },
  '7': { situation: 'the same after the progress deadline', ready: 'False (ImagePullError)', ...SERVES, others: LATE, ...STALLED },
  '8': { situation: 'first image cannot be pulled', ready: 'False (ImagePullError)', ...SERVES_NOT, others: { Reconciling: 'True (ImagePullError)' }, ...PROGRESSING },
  '8 late': { situation: 'the same after the progress deadline', ready: 'False (ImagePullError)', ...SERVES_NOT, others: LATE, ...STALLED },
  '9': { situation: 'crash loop in the first rollout', ready: 'False (CrashLoop)', ...SERVES_NOT, others: { Reconciling: 'True (CrashLoop)' }, ...PROGRESSING },
  '9 late': { situation: 'the same after the progress deadline', ready: 'False (CrashLoop)', ...SERVES_NOT, others: LATE, ...STALLED },
  '10': { situation: 'crash loop later, after having been Ready', ready: 'False (CrashLoop)', ...SERVES_NOT, ...FAILED },
  '11': { situation: 'unschedulable', ready: 'False (Unschedulable)', ...SERVES_NOT, others: { Reconciling: 'True (Unschedulable)' }, ...PROGRESSING },
  '11 late': { situation: 'the same after the progress deadline', ready: 'False (Unschedulable)', ...SERVES_NOT, others: LATE, ...STALLED },
  '11 serving': { situation: 'further pods are unschedulable, others serve', ready: 'False (Unschedulable)', ...SERVES, others: { Reconciling: 'True (Unschedulable)' }, ...UPDATING },
  '11 quota': { situation: 'quota exceeded', ready: 'False (QuotaExceeded)', ...SERVES_NOT, others: { Reconciling: 'True (QuotaExceeded)' }, ...PROGRESSING },
  '11 quota late': { situation: 'the same after the progress deadline', ready: 'False (QuotaExceeded)', ...SERVES_NOT, others: LATE, ...STALLED },
  '12': { situation: 'Pod Security refuses the pods', ready: 'False (PodsRejected)', ...SERVES_NOT, others: { Reconciling: 'True (PodsRejected)' }, ...PROGRESSING },
  '12 late': { situation: 'the same after the progress deadline', ready: 'False (PodsRejected)', ...SERVES_NOT, others: LATE, ...STALLED },
  '33': {
    situation: 'containers wait to be created for 20 s',
    ready: 'False (ContainerWaiting)',
    ...SERVES_NOT,
    others: { Reconciling: 'True (ContainerWaiting)' },
    ...PROGRESSING,
  },
  '33 late': { situation: 'the same after the progress deadline', ready: 'False (ContainerWaiting)', ...SERVES_NOT, others: LATE, ...STALLED },
  '13': { situation: 'scaled to zero', ready: 'True (ScaledToZero)', ...SERVES_NOT, others: { Verified: 'Unknown (ScaledToZero)', ServiceReady: 'False (ScaledToZero)' }, ...FINE },
  '14': { situation: 'scaling up or down', ready: 'False (Progressing)', ...SERVES, others: { Reconciling: 'True (Progressing)' }, ...UPDATING },
  '15': { situation: 'suspended, children equal the spec', ready: 'True (Verified)', ...SERVES, others: { Suspended: 'True (Suspended)' }, ...FINE, argo: 'Suspended' },
  '15 broken': { situation: 'the same, and its pods fail', ready: 'False (CrashLoop)', ...SERVES_NOT, others: { Suspended: 'True (Suspended)' }, ...HELD },
  '16': { situation: 'suspended, children differ from the spec', ready: 'False (Suspended)', ...SERVES, others: { Suspended: 'True (Suspended)' }, ...HELD },
  '16 empty': { situation: 'suspended before it had children', ready: 'False (Suspended)', ...SERVES_NOT, others: { Suspended: 'True (Suspended)' }, ...HELD },
  '17': { situation: 'deleting', ready: 'False (Terminating)', available: 'True (Serving)', phase: 'Terminating', kstatus: 'Terminating', argo: 'Progressing', wait: false, endpoint: false },
  '18': { situation: 'stdio without a command, stored earlier', ready: 'False (NoBridge)', ...SERVES_NOT, others: { Verified: 'Unknown (NoBridge)', ServiceReady: 'False (NoService)', Stalled: 'True (NoBridge)' }, ...STALLED },
  '19': { situation: 'invalid object stored before a rule existed', ready: 'False (InvalidSpec)', ...SERVES_NOT, others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)', Verified: 'Unknown (NotYetProbed)' }, ...STALLED },
  '19 serving': {
    situation: 'the same while pods of the last valid spec serve',
    ready: 'False (InvalidSpec)',
    available: 'True (InvalidSpec)',
    others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)', Verified: 'True (Verified)' },
    ...STALLED,
    endpoint: true,
  },
  '19 replaced': {
    situation: 'the same when no pod serves that gave the last verdict',
    ready: 'False (InvalidSpec)',
    available: 'Unknown (NotVerified)',
    others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)', Verified: 'Unknown (NotYetProbed)' },
    ...STALLED,
    endpoint: false,
  },
  '19 refused': { situation: 'only the API server sees the mistake', ready: 'False (InvalidSpec)', ...SERVES, others: { ConfigurationValid: 'False (InvalidSpec)', Stalled: 'True (InvalidSpec)' }, ...STALLED },
  '20': { situation: 'a Secret it refers to is missing', ready: 'False (SecretNotFound)', ...SERVES_NOT, others: { ConfigurationValid: 'False (SecretNotFound)', Reconciling: 'True (SecretNotFound)' }, ...PROGRESSING },
  '20 late': { situation: 'the same after the progress deadline', ready: 'False (SecretNotFound)', ...SERVES_NOT, others: { ConfigurationValid: 'False (SecretNotFound)', Reconciling: 'True (SecretNotFound)' }, ...PROGRESSING },
  '20 serving': { situation: 'a ConfigMap an update refers to is missing, old pods serve', ready: 'False (ConfigMapNotFound)', ...SERVES, others: { ConfigurationValid: 'False (ConfigMapNotFound)', Reconciling: 'True (ConfigMapNotFound)' }, ...UPDATING },
  '21': { situation: "a child's name is taken by a foreign object", ready: 'False (NameConflict)', available: 'False (NameConflict)', others: { Stalled: 'True (NameConflict)', ConfigurationValid: 'True (Valid)' }, ...STALLED, endpoint: false },
  '21 leaving': { situation: 'a leftover child is being deleted', ready: 'False (WaitingForDeletion)', ...SERVES_NOT, others: { Reconciling: 'True (WaitingForDeletion)' }, ...PROGRESSING },
  '22': { situation: 'pods ready, the handshake says wrong path', ready: 'False (WrongPath)', available: 'False (WrongPath)', others: { Verified: 'False (WrongPath)' }, ...FAILED, endpoint: false },
  '22 alien': { situation: 'pods ready, the handshake says not MCP', ready: 'False (NotMCP)', available: 'False (NotMCP)', others: { Verified: 'False (NotMCP)' }, ...FAILED, endpoint: false },
  '23': { situation: 'pods cannot be reached, mode Require', ready: 'Unknown (VerificationUnreachable)', available: 'Unknown (NotVerified)', others: { Verified: 'Unknown (Unreachable)' }, ...PROGRESSING, endpoint: false },
  '24': { situation: 'pods cannot be reached, mode Observe', ready: 'True (NotVerified)', ...SERVES, others: { Verified: 'Unknown (Unreachable)' }, ...FINE },
  '25': { situation: 'verification Off', ready: 'True (NotVerified)', ...SERVES, others: { Verified: 'Unknown (Disabled)' }, ...FINE },
  '26': { situation: 'the server demands authentication', ready: 'True (AuthRequired)', ...SERVES, others: { Verified: 'True (AuthRequired)' }, ...FINE },
  '27': { situation: 'the server hangs after having been verified', ready: 'False (Hang)', available: 'False (Hang)', others: { Verified: 'False (Hang)' }, ...FAILED, endpoint: false },
  '28': { situation: 'one replica of two fails the handshake', ready: 'False (PartiallyVerified)', ...SERVES, others: { Verified: 'False (PartiallyVerified)' }, ...FAILED },
  '29': { situation: 'another writer keeps changing our fields', ready: 'False (WriteConflict)', ...SERVES, others: { Stalled: 'True (WriteConflict)' }, ...STALLED },
  '30': { situation: 'operator away, nothing changed', ready: 'True (Verified)', ...SERVES, ...FINE },
  '31': { situation: 'a write of an update failed, nobody knows why', ready: 'False (Retrying)', ...SERVES, others: { Reconciling: 'True (Retrying)' }, ...UPDATING },
  '31 first': { situation: 'a write failed before anything was there', ready: 'False (Retrying)', ...SERVES_NOT, others: { Reconciling: 'True (Retrying)' }, ...PROGRESSING },
  '31 live': { situation: 'a write failed, and the spec is live all the same', ready: 'True (Verified)', ...SERVES, others: { Reconciling: 'True (Retrying)' }, ...PROGRESSING, phase: 'Ready', wait: true },
  '32': { situation: 'a policy refuses an update', ready: 'False (PolicyRefused)', ...SERVES, others: { Stalled: 'True (PolicyRefused)', ConfigurationValid: 'True (Valid)' }, ...STALLED },
  '32 first': { situation: 'a webhook refuses the first object', ready: 'False (PolicyRefused)', ...SERVES_NOT, others: { Stalled: 'True (PolicyRefused)', ConfigurationValid: 'True (Valid)' }, ...STALLED },
  '34': { situation: 'an init container fails in the first rollout', ready: 'False (InitFailed)', ...SERVES_NOT, others: { Reconciling: 'True (InitFailed)' }, ...PROGRESSING },
  '34 late': { situation: 'the same after the progress deadline', ready: 'False (InitFailed)', ...SERVES_NOT, others: LATE, ...STALLED },
  '34 sidecar': { situation: 'a sidecar fails in the first rollout', ready: 'False (InitFailed)', ...SERVES_NOT, others: { Reconciling: 'True (InitFailed)' }, ...PROGRESSING },
  '34 serving': { situation: 'an init container fails in an update, old pods serve', ready: 'False (InitFailed)', ...SERVES, others: { Reconciling: 'True (InitFailed)' }, ...UPDATING },
  '35': { situation: 'a pod waits for a volume that an old pod holds', ready: 'False (VolumeHeld)', ...SERVES, others: { Reconciling: 'True (VolumeHeld)' }, ...UPDATING },
  '35 late': { situation: 'the same after the progress deadline', ready: 'False (VolumeHeld)', ...SERVES, others: LATE, ...STALLED },
  '35 unplaced': { situation: 'no node takes a pod, for an old one holds a volume for one pod', ready: 'False (VolumeHeld)', ...SERVES, others: { Reconciling: 'True (VolumeHeld)' }, ...UPDATING },
  '36': {
    situation: 'stdio: no process can be started',
    ready: 'False (ChildNotStarted)',
    available: 'False (ChildNotStarted)',
    others: { Verified: 'False (ChildNotStarted)', DeploymentReady: 'False (ChildNotStarted)' },
    ...FAILED,
    endpoint: false,
  },
  '36 young': {
    situation: 'the same in the first seconds of a pod',
    ready: 'False (ChildNotStarted)',
    ...SERVES_NOT,
    others: { Verified: 'Unknown (NotYetProbed)', Reconciling: 'True (ChildNotStarted)' },
    ...PROGRESSING,
  },
  '36 later': { situation: 'the same after having been Ready', ready: 'False (ChildNotStarted)', available: 'False (ChildNotStarted)', others: { Verified: 'False (ChildNotStarted)' }, ...FAILED, endpoint: false },
  '36 serving': { situation: 'no process of an update can be started, old pods serve', ready: 'False (ChildNotStarted)', ...SERVES, others: { Verified: 'True (Verified)', Reconciling: 'True (ChildNotStarted)' }, ...UPDATING },
  '36 serving late': { situation: 'the same after the progress deadline', ready: 'False (ChildNotStarted)', ...SERVES, others: { ...LATE, Verified: 'True (Verified)' }, ...STALLED },
} satisfies Readonly<Record<string, Line>>;

/** Name of a line. */
export type LineName = keyof typeof TRUTH;

const WHILE_TRUE = ['Reconciling', 'Stalled', 'Suspended', 'Orphaned'];

function shown(object: Readable, type: string): string | undefined {
  const condition = conditionOf(object, type);
  return condition && `${condition.status} (${condition.reason})`;
}

/** What an object's status says of all that a line speaks of, in the line's words. */
export function statusPart(object: Readable, { others = {} }: Line): object {
  return {
    ready: shown(object, 'Ready'),
    available: shown(object, 'Available'),
    others: Object.fromEntries([...WHILE_TRUE, ...Object.keys(others)].map((type) => [type, shown(object, type)])),
    phase: object.status?.phase,
    endpoint: object.status?.endpoint !== undefined,
  };
}

/** The same as a line expects it. */
export function expectedPart({ ready, available, others = {}, phase, endpoint }: Line): object {
  return { ready, available, others: { ...Object.fromEntries(WHILE_TRUE.map((type) => [type, undefined])), ...others }, phase, endpoint };
}
