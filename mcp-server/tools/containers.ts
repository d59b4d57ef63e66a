// Whose log is read when nobody names a container, and what is told of those that can be named.
import { DEFAULT_CONTAINER, type Container, type Pod } from '../cluster/port.ts';
import { RequestError } from '../errors.ts';

/** Names told of each kind of containers; a pod may have hundreds. */
const MOST_NAMES = 20;

/** The kinds of containers, in the order in which they are told. */
function kindsOf({ spec = {} }: Pod): readonly (readonly [kind: string, containers: readonly Container[]])[] {
  return [
    ['containers', spec.containers ?? []],
    ['init containers', spec.initContainers ?? []],
    ['ephemeral containers', spec.ephemeralContainers ?? []],
  ];
}

/** Whether a pod has a container of that name, of whatever kind. */
export function hasContainer(pod: Pod, name: string): boolean {
  return kindsOf(pod).some(([, containers]) => containers.some((each) => each.name === name));
}

/** The containers of a pod that can be named, by kind, in words that end a sentence. */
export function choicesOf(pod: Pod): string {
  const told = kindsOf(pod).flatMap(([kind, containers]) => (containers.length === 0 ? [] : [`${kind}: ${namesOf(containers)}`]));
  return `name one with the argument container (${told.join('; ')})`;
}

function namesOf(containers: readonly Container[]): string {
  const names = containers.slice(0, MOST_NAMES).map(({ name }) => name);
  return containers.length > MOST_NAMES ? `${names.join(', ')} and ${containers.length - MOST_NAMES} more` : names.join(', ');
}

/**
 * The container that the pod's annotation names, as kubectl takes it; undefined where the pod has but one. Throws a RequestError with
 * the choices where it has several and the annotation names none of them: kubectl takes the first one then, which may be an injected one.
 */
export function containerToRead(pod: Pod): string | undefined {
  const named = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (named !== undefined && hasContainer(pod, named)) return named;
  if ((pod.spec?.containers ?? []).length <= 1) return undefined;
  throw new RequestError(`it has several containers, and its annotation ${DEFAULT_CONTAINER} names none of them; ${choicesOf(pod)}`);
}
