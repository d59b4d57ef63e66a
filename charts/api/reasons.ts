// Every reason a condition of an MCPServer may carry, and what it means: the code may give no other, docs/api.md lists them.
import type { ConditionType } from './status.ts';

interface Meaning {
  /** The condition types that may carry the reason. */
  readonly of: readonly ConditionType[];
  /** One line, for people. */
  readonly meaning: string;
}

const ROLLOUT = ['DeploymentReady', 'Ready', 'Reconciling'] as const;
const REFERENCE = ['ConfigurationValid', 'Ready', 'Reconciling'] as const;
/** What the first handshake finds stands in Ready before it counts against Verified. */
const EVIDENCE = ['Verified', 'Available', 'Ready', 'Reconciling'] as const;
const PASSED = ['Verified', 'Ready'] as const;
const STALLED = ['Ready', 'Stalled'] as const;
const WAITING = ['Ready', 'Reconciling'] as const;

/** Reasons by name, in the order in which a person would ask. */
export const REASONS = {
  NotObserved: { of: ['Ready'], meaning: 'No operator has looked at the MCPServer yet: this is the default of the CRD.' },
  Valid: { of: ['ConfigurationValid'], meaning: 'The spec passed every rule, and what it refers to exists.' },
  InvalidSpec: { of: ['ConfigurationValid', 'Available', ...STALLED], meaning: 'The spec breaks a rule, or the API server refuses what it leads to.' },
  SecretNotFound: { of: REFERENCE, meaning: 'A Secret the spec refers to is missing.' },
  ConfigMapNotFound: { of: REFERENCE, meaning: 'A ConfigMap the spec refers to is missing.' },
  ServiceAccountNotFound: { of: REFERENCE, meaning: 'The ServiceAccount the spec names is missing.' },
  KeyNotFound: { of: REFERENCE, meaning: 'A Secret or ConfigMap lacks a key the spec refers to.' },
  Terminating: { of: ['Ready'], meaning: 'The MCPServer is being deleted.' },
  Suspended: { of: ['Suspended', 'Ready'], meaning: '`spec.suspend` is true; Ready carries it while the objects differ from the spec.' },
  NameConflict: { of: ['Available', ...STALLED], meaning: 'An object of somebody else has the name of one of the objects.' },
  WaitingForDeletion: { of: WAITING, meaning: 'An object is being deleted, and is created again when it is gone.' },
  WriteConflict: { of: STALLED, meaning: 'Another writer keeps undoing what the operator applies, or the API server does not keep it: a field whose feature is off.' },
  ImmutableField: { of: STALLED, meaning: 'The API server does not change this field of an existing object.' },
  Forbidden: { of: ['Verified', 'Available', ...WAITING, 'Stalled'], meaning: 'With Stalled: the operator lacks the right to a write. Otherwise: the server answers the handshake with HTTP 403, does not take its Host header, or demands a client certificate.' },
  PolicyRefused: { of: STALLED, meaning: 'An admission policy or webhook refuses a write.' },
  Retrying: { of: WAITING, meaning: 'A write failed for a reason that says nothing about the spec, such as an admission webhook that does not answer; it is tried again.' },
  NoBridge: { of: ['Verified', ...STALLED], meaning: 'A stdio server without `command`, which was stored before it had to name it: nothing can start it behind a bridge, so nothing outside its pod can reach it.' },
  NoImageVolume: { of: STALLED, meaning: 'The bridge of a stdio server is to come by an image volume, and the API server keeps none; nothing is applied.' },
  Progressing: { of: ROLLOUT, meaning: 'On its way, and nothing wrong was found.' },
  ProgressDeadlineExceeded: { of: ['DeploymentReady', ...STALLED], meaning: 'The rollout made no progress for too long.' },
  ImagePullError: { of: ROLLOUT, meaning: 'The image cannot be pulled.' },
  ContainerConfigError: { of: ROLLOUT, meaning: 'A container cannot be configured: for instance a Secret, a ConfigMap or a key is missing.' },
  ContainerStartError: { of: ROLLOUT, meaning: 'A container cannot be started: for instance the command cannot be run.' },
  InitFailed: { of: ROLLOUT, meaning: 'An init container or a sidecar fails, so that the container of the server does not start, or the pod is not ready.' },
  CrashLoop: { of: ROLLOUT, meaning: 'The container ends again and again.' },
  WrongPort: { of: ROLLOUT, meaning: 'The last words of the program name another port than `spec.port`.' },
  NotStarted: { of: ROLLOUT, meaning: 'The container has ended and is about to be restarted, or its startup probe does not pass after a restart.' },
  NotReady: { of: ROLLOUT, meaning: 'The readiness probe does not pass any more.' },
  ContainerWaiting: { of: ROLLOUT, meaning: 'Containers wait to be created, for more than 20 seconds: for a volume, the network of the pod, or the image.' },
  Paused: { of: ROLLOUT, meaning: 'Somebody paused the Deployment, so a change does not reach the pods.' },
  Unschedulable: { of: ROLLOUT, meaning: 'No node takes a pod.' },
  VolumeHeld: { of: ROLLOUT, meaning: 'A pod waits for a volume that another pod holds.' },
  QuotaExceeded: { of: ROLLOUT, meaning: 'A ResourceQuota refuses a pod, or one of the objects.' },
  PodsRejected: { of: ROLLOUT, meaning: 'Pod Security refuses the pods.' },
  FailedCreate: { of: ROLLOUT, meaning: 'A pod cannot be created, or deleted, for another reason.' },
  RolledOut: { of: ['DeploymentReady'], meaning: 'Every pod runs the current pod template and is available.' },
  NoService: { of: ['ServiceReady'], meaning: 'A stdio server without `command` has no Service.' },
  EndpointReady: { of: ['ServiceReady'], meaning: 'The Service has a ready endpoint.' },
  NoEndpoint: { of: ['ServiceReady', 'Available'], meaning: 'No pod is ready to serve.' },
  ScaledToZero: { of: ['ServiceReady', ...PASSED], meaning: 'No pod is wanted.' },
  Serving: { of: ['Available'], meaning: 'A pod serves, and is verified where that is required.' },
  Verified: { of: PASSED, meaning: 'The server passed the MCP handshake.' },
  AuthRequired: { of: PASSED, meaning: 'The server demands authentication, and was not asked further.' },
  NotVerified: { of: ['Available', 'Ready'], meaning: 'Pods serve, and nothing is known of their handshakes; `spec.verification.mode` decides what that means.' },
  NotYetProbed: { of: ['Verified', ...WAITING], meaning: 'No handshake was done yet with the pods that serve.' },
  Disabled: { of: ['Verified'], meaning: '`spec.verification.mode` is Off.' },
  Unreachable: { of: ['Verified'], meaning: 'The operator could not ask the server.' },
  TLSRequired: { of: ['Verified'], meaning: 'The server speaks TLS, and `spec.tls` is not set.' },
  VerificationUnreachable: { of: ['Ready'], meaning: 'Verified is Unknown, and `spec.verification.mode` is Require.' },
  PartiallyVerified: { of: ['Verified', 'Available', 'Ready'], meaning: 'Some pods pass the handshake, others fail it.' },
  ChildNotStarted: { of: [...EVIDENCE, 'DeploymentReady'], meaning: 'No process of a stdio server completes the handshake, and the message tells why; it heals by itself when one does.' },
  NotMCP: { of: EVIDENCE, meaning: 'What answers does not speak MCP.' },
  WrongPath: { of: EVIDENCE, meaning: 'There is no MCP endpoint at `spec.path`.' },
  EraMismatch: { of: EVIDENCE, meaning: 'The server speaks no MCP revision that is known here.' },
  SSEOnly: { of: EVIDENCE, meaning: 'The server speaks the deprecated HTTP+SSE transport only.' },
  Hang: { of: EVIDENCE, meaning: 'The server accepts the connection and does not answer in time.' },
  OneSession: { of: EVIDENCE, meaning: 'The server has one session for all its clients: the first to ask gets it, and nobody else until its container restarts.' },
  ToolsNotListed: { of: EVIDENCE, meaning: 'The server announces tools, but clients cannot list them.' },
  OversizedReply: { of: EVIDENCE, meaning: 'The answer to the handshake is too long to be one.' },
  NotTLS: { of: EVIDENCE, meaning: '`spec.tls` is set, and the server does not speak TLS.' },
  BadCertificate: { of: EVIDENCE, meaning: 'The certificate of the server is not trusted by `spec.tls.caBundleRef`.' },
  NoAffinity: { of: ['SessionsAtRisk'], meaning: 'The server keeps sessions, and a call may reach a pod that does not know its session.' },
  DeletionPolicyOrphan: { of: ['Orphaned'], meaning: 'No object goes with the MCPServer.' },
} as const satisfies Readonly<Record<string, Meaning>>;

type Reasons = typeof REASONS;

/** The reasons a condition of type `T` may carry. */
export type Reason<T extends ConditionType = ConditionType> = {
  [R in keyof Reasons]: T extends Reasons[R]['of'][number] ? R : never;
}[keyof Reasons];
