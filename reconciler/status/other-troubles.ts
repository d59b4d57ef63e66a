// What stands in the way of a container that is not the server's own: one that runs before it, beside it, or was put there by
// somebody else. It is told by its name, and no field of the server is blamed. Pure.
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { courseOf, describeCommand, howItEnded, lastEnd, logsCommand } from './endings.ts';
import { unreadySince } from './server-troubles.ts';
import type { LastWords, Trouble } from './trouble.ts';
import { whyNotCreated } from './not-created.ts';

/** What a container is to its pod. A sidecar starts before the others and runs beside them. */
export type Role = 'init container' | 'sidecar' | 'container';

/** What is known of a container beside its status. */
export interface Other {
  readonly role: Role;
  readonly lastWords: LastWords;
}

/** The role of a container of `initContainerStatuses`. */
export function roleBefore({ spec }: PodObject, { name }: ContainerStatus): Role {
  return spec?.initContainers?.find((each) => each.name === name)?.restartPolicy === 'Always' ? 'sidecar' : 'init container';
}

/** A container with its role and name, as the subject of a sentence. */
export function subjectOf({ metadata }: PodObject, { name }: ContainerStatus, role: Role): string {
  return `${role.charAt(0).toUpperCase()}${role.slice(1)} ${name} of pod ${metadata.name}`;
}

/** Undefined when nothing stands in its way. What fails before the server starts is InitFailed, whatever it is. */
export function otherTrouble(pod: PodObject, container: ContainerStatus, other: Other): Trouble | undefined {
  const { role } = other;
  const trouble = waitingTrouble(pod, container, role) ?? endingTrouble(pod, container, other);
  if (trouble !== undefined) return role === 'container' ? trouble : { ...trouble, reason: 'InitFailed' };
  const since = role === 'init container' ? undefined : unreadySince(pod, container);
  return since === undefined ? undefined : { reason: 'NotReady', message: `${subjectOf(pod, container, role)} was ready and does not pass its readiness probe any more, since ${since}. ${describeCommand(pod)} says what the probe found.` };
}

function waitingTrouble(pod: PodObject, container: ContainerStatus, role: Role): Trouble | undefined {
  const { reason, evidence } = whyNotCreated(container) ?? {};
  const subject = subjectOf(pod, container, role);
  const more = `${describeCommand(pod)} says more.`;
  switch (reason) {
    case 'ImagePullError':
      return { reason, message: `${subject} cannot pull its image (${evidence}). Check its image, and spec.imagePullSecrets; ${more}` };
    case 'ContainerConfigError':
      return { reason, message: `${subject} cannot start: ${evidence} ${more}` };
    case 'ContainerStartError':
      return { reason, message: `${subject} cannot be started: ${evidence} Check its command and what is mounted; ${more}` };
    case undefined:
      break;
  }
  return undefined;
}

function endingTrouble(pod: PodObject, container: ContainerStatus, { role, lastWords }: Other): Trouble | undefined {
  const last = lastEnd(container);
  const course = role === 'init container' ? courseOfInit(container) : courseOf(container);
  if (course === undefined) return undefined;
  const subject = subjectOf(pod, container, role);
  const how = howItEnded({ last, lastWords });
  const hint = `${memoryHint(pod, container)}See ${logsCommand(pod, container)}.`;
  if (course === 'Loops') return { reason: 'CrashLoop', message: `${subject} keeps ending with ${how}. ${hint}` };
  if (course === 'Ended' || role === 'init container') return { reason: 'NotStarted', message: `${subject} ended with ${how}, and is tried again. ${hint}` };
  const after = last === undefined ? '' : ` after it ended with ${how}`;
  return { reason: 'NotStarted', message: `${subject} was restarted${after}, and has not passed its startup probe since. ${hint}` };
}

/** An init container has to end; only an error is trouble. It runs once more where a pod lost its sandbox, and that is none. */
function courseOfInit(container: ContainerStatus): ReturnType<typeof courseOf> {
  const last = lastEnd(container);
  if (last?.exitCode === 0 || container.ready === true) return undefined;
  // Of an init container that runs the kubelet says nothing about a startup, which it has none of.
  return courseOf({ ...container, started: false });
}

function memoryHint({ spec }: PodObject, container: ContainerStatus): string {
  if (lastEnd(container)?.reason !== 'OOMKilled') return '';
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const limit = all.find(({ name }) => name === container.name)?.resources?.limits?.memory;
  return `It needs more memory than its limit${limit === undefined ? '' : ` of ${limit}`}. `;
}
