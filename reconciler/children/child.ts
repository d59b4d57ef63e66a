// One child as it is and as it should be, and what follows from the two: what is in the way, what differs, what is left over.
import type { Reference } from '../../charts/references.ts';
import type { Manifest } from '../../charts/render.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  type KubernetesObject,
  type ResourceType,
} from '../../kubernetes/objects.ts';
import { contains } from '../compare/contains.ts';
import type { MCPServerObject } from '../kinds.ts';
import type { Obstacle } from '../status/situation.ts';
import type { Matching } from './matching.ts';
import { ADOPT_ANNOTATION, isOrphaning, ownership, type Ownership } from './ownership.ts';
import type { PlannedChild } from './plan.ts';

/** A planned object and what lives under its name. */
export class Child {
  readonly planned: PlannedChild;
  readonly live: KubernetesObject | undefined;
  readonly ownership: Ownership | undefined;
  readonly #server: MCPServerObject;
  #desired: Manifest | undefined;
  #holds: boolean | undefined;

  constructor(server: MCPServerObject, planned: PlannedChild, live: KubernetesObject | undefined) {
    this.#server = server;
    this.planned = planned;
    this.live = live;
    this.ownership = live && ownership(live, server);
  }

  get type(): ResourceType {
    return this.planned.type;
  }

  /** Kind and name, for people. */
  get name(): string {
    return `${this.planned.type.kind} ${this.planned.name}`;
  }

  /** All that is to be applied, with the operator's marks. */
  get desired(): Manifest {
    return (this.#desired ??= this.planned.object(this.#server));
  }

  /** The same child as it lives now. */
  with(live: KubernetesObject): Child {
    return live === this.live ? this : new Child(this.#server, this.planned, live);
  }

  /** Whether it is owned, and tied to the MCPServer's life exactly if it should be. */
  get isTied(): boolean {
    return this.ownership?.kind === 'owned' && this.ownership.attached !== isOrphaning(this.#server);
  }

  /** Whether it holds all that would be applied. `matching`: versions of children of which that is known. */
  isAsDesired(matching: Matching): boolean {
    const { live } = this;
    if (live === undefined || !this.isTied) return false;
    if (matching.has(live)) return true;
    this.#holds ??= contains(live, this.desired);
    if (this.#holds) matching.note(live);
    return this.#holds;
  }
}

/** What stands unused where it is new: nothing that runs reads it, is reached by it or is held back by it, until the Deployment changes. */
const UNUSED_WHILE_NEW: readonly ResourceType[] = [SERVICE_ACCOUNTS, CONFIG_MAPS, SERVICES, POD_DISRUPTION_BUDGETS];

function isUnused({ type, live }: Child): boolean {
  return live === undefined && UNUSED_WHILE_NEW.includes(type);
}

function isRunning(children: readonly Child[]): boolean {
  return children.some(({ type, live }) => type === DEPLOYMENTS && live !== undefined);
}

/** The order of writes: where something runs, what would stand unused comes first, for its refusal leaves what runs as it is. */
export function inOrder(children: readonly Child[]): readonly Child[] {
  if (!isRunning(children)) return children;
  return [...children.filter((child) => isUnused(child)), ...children.filter((child) => !isUnused(child))];
}

/** The children of which an apply changes what runs. */
export function changesToWhatRuns(children: readonly Child[], matching: Matching): Child[] {
  if (!isRunning(children)) return [];
  return children.filter((child) => !isUnused(child) && !child.isAsDesired(matching));
}

/** All names that are taken at once, so that a person need not find them one by one. */
export function obstacleIn(children: readonly Child[], server: MCPServerObject): Obstacle | undefined {
  const foreign = children.flatMap(({ name, ownership: owner }) => (owner?.kind === 'foreign' ? [`${name} (${owner.owner})`] : []));
  if (foreign.length > 0) {
    const message = `Not managed by this MCPServer, and left alone: ${foreign.join(', ')}. Rename the MCPServer, delete what is in its way, or hand it over by annotating it with ${ADOPT_ANNOTATION}=${server.metadata.name}.`;
    return { reason: 'NameConflict', message, stalled: true };
  }
  const leaving = children.filter(({ live, ownership: owner }) => owner?.kind === 'leftover' || live?.metadata.deletionTimestamp !== undefined);
  if (leaving.length === 0) return undefined;
  const names = leaving.map(({ name }) => name).join(', ');
  return { reason: 'WaitingForDeletion', message: `Being deleted, and created again when gone: ${names}.`, stalled: false };
}

/** An object with its type. */
export interface Found {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

/** Whose the objects may be, and what its pods refer to. */
interface Claims {
  readonly server: MCPServerObject;
  readonly references: readonly Reference[];
}

/** Objects of a server that are not rendered. */
export interface Unwanted {
  readonly toDelete: readonly Found[];
  /** Not the operator's to delete. */
  readonly strays: readonly Found[];
}

/**
 * What of `found` is the server's own, not on its way out, not among the children, and not what the spec refers to by its name. A
 * second Deployment can only be somebody's copy, as restores and canary tools make them, and the operator deletes none: a stray.
 */
export function unwanted(found: readonly Found[], children: readonly Child[], { server, references }: Claims): Unwanted {
  const wanted = new Set(children.map(({ name }) => name));
  const own = found.filter(({ type, object }) => {
    const isLeftOver = !wanted.has(`${type.kind} ${object.metadata.name}`) && object.metadata.deletionTimestamp === undefined;
    return isLeftOver && ownership(object, server).kind === 'owned';
  });
  const referred = new Set(references.map(({ kind, name }) => `${kind} ${name}`));
  return {
    strays: own.filter(({ type }) => type === DEPLOYMENTS),
    toDelete: own.filter(({ type, object }) => type !== DEPLOYMENTS && !referred.has(`${type.kind} ${object.metadata.name}`)),
  };
}
