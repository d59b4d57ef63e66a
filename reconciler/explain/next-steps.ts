// What to do next about each reason for which an MCPServer is not Ready. The messages say what to change; this says where to look. Pure.
import { MANAGED_BY, OPERATOR_NAMESPACE, SERVER_LABEL } from '../../charts/api/labels.ts';
import type { Reason } from '../../charts/api/reasons.ts';

/** The MCPServer that a step is about. */
export interface About {
  readonly namespace: string;
  readonly name: string;
}

type Step = 'logs' | 'previous' | 'events' | 'describe' | 'verify' | 'operator' | 'edit' | 'waits' | 'objects';

const STEPS: Readonly<Record<Step, (about: About) => string>> = {
  logs: ({ namespace, name }) => `Read what its pods say: mcp-operator logs ${name} -n ${namespace}`,
  previous: ({ namespace, name }) => `Read what the run before said: mcp-operator logs ${name} -n ${namespace} --previous`,
  events: ({ namespace, name }) => `Read what Kubernetes did: mcp-operator events ${name} -n ${namespace}`,
  describe: ({ namespace, name }) => `See the pods in full: kubectl -n ${namespace} describe pods -l ${SERVER_LABEL}=${name}`,
  verify: ({ namespace, name }) => `Ask the pods once more, and see each answer: mcp-operator verify ${name} -n ${namespace}`,
  operator: () => `Read the log of the operator: kubectl -n ${OPERATOR_NAMESPACE} logs deployment/${MANAGED_BY}`,
  edit: ({ namespace, name }) => `Change the spec where the message says so: kubectl -n ${namespace} edit mcps ${name}`,
  waits: () => 'Nothing has to be done but to wait; the operator goes on by itself.',
  objects: ({ namespace, name }) => `See which objects are there: mcp-operator status ${name} -n ${namespace}`,
};

const IN_PODS: readonly Step[] = ['edit', 'events', 'logs'];
const IN_ANSWERS: readonly Step[] = ['edit', 'verify', 'logs'];

/** For every reason that Ready may carry; an empty list: there is nothing to do. */
const NEXT: Readonly<Record<Reason<'Ready'>, readonly Step[]>> = {
  NotObserved: ['operator'],
  InvalidSpec: ['edit'],
  SecretNotFound: ['waits', 'edit'],
  ConfigMapNotFound: ['waits', 'edit'],
  ServiceAccountNotFound: ['waits', 'edit'],
  KeyNotFound: ['waits', 'edit'],
  Terminating: ['events', 'objects'],
  Suspended: ['edit'],
  NameConflict: ['objects'],
  WaitingForDeletion: ['waits', 'objects'],
  WriteConflict: ['events', 'operator'],
  ImmutableField: ['edit', 'events'],
  Forbidden: ['operator', 'verify'],
  PolicyRefused: ['edit', 'events'],
  Retrying: ['waits', 'operator'],
  NoBridge: ['edit'],
  NoImageVolume: ['edit'],
  Progressing: ['waits', 'events'],
  ProgressDeadlineExceeded: ['events', 'logs', 'describe'],
  ImagePullError: ['edit', 'events'],
  ContainerConfigError: ['edit', 'events'],
  ContainerStartError: ['edit', 'events'],
  InitFailed: ['previous', 'events', 'describe'],
  CrashLoop: ['previous', 'events', 'edit'],
  WrongPort: ['edit', 'previous'],
  NotStarted: ['previous', 'events'],
  NotReady: ['logs', 'events', 'describe'],
  ContainerWaiting: ['events', 'describe'],
  Paused: ['objects'],
  Unschedulable: ['edit', 'events', 'describe'],
  VolumeHeld: ['events', 'describe'],
  QuotaExceeded: ['edit', 'events'],
  PodsRejected: ['edit', 'events'],
  FailedCreate: IN_PODS,
  ScaledToZero: [],
  Verified: [],
  AuthRequired: [],
  NotVerified: ['verify'],
  NotYetProbed: ['waits', 'verify'],
  VerificationUnreachable: ['verify', 'operator'],
  PartiallyVerified: ['verify', 'logs'],
  ChildNotStarted: IN_ANSWERS,
  NotMCP: IN_ANSWERS,
  WrongPath: IN_ANSWERS,
  EraMismatch: IN_ANSWERS,
  SSEOnly: IN_ANSWERS,
  Hang: IN_ANSWERS,
  OneSession: IN_ANSWERS,
  ToolsNotListed: IN_ANSWERS,
  OversizedReply: IN_ANSWERS,
  NotTLS: IN_ANSWERS,
  BadCertificate: IN_ANSWERS,
};

/** The next steps, as sentences. Of a reason that is not known, as of a newer operator, the usual ones. */
export function nextSteps(reason: string, about: About): string[] {
  const steps = Object.hasOwn(NEXT, reason) ? NEXT[reason as Reason<'Ready'>] : IN_PODS;
  return steps.map((step) => STEPS[step](about));
}

/** What to do where no operator has looked. */
export function stepsWhereUnseen(): string[] {
  return ['See whether an operator runs, and what it watches: mcp-operator check', STEPS.operator({ namespace: '', name: '' })];
}
