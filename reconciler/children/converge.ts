// Brings the children of one MCPServer to what was planned: refuse or adopt, apply what differs, prune the rest.
import type { Reference } from '../../charts/references.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';
import { contains } from '../compare/contains.ts';
import { lackingField } from '../compare/lacking.ts';
import { othersIn } from '../compare/our-fields.ts';
import type { Obstacle } from '../status/situation.ts';
import type { View } from '../view/view.ts';
import { Child, obstacleIn, unwanted, type Found } from './child.ts';
import type { ReconcilingClient } from './counted-client.ts';
import { missingOverlay, overlayHash } from './overlay.ts';
import type { PlannedChild } from './plan.ts';
import { mayNotDelete } from './refusals.ts';
import type { Ruling, WriteConflicts } from './write-conflicts.ts';
import { ChildWriter, type Control, type Subject, type WriterOptions } from './write-child.ts';

/** What converging needs from outside. */
export interface ConvergeOptions extends WriterOptions {
  readonly view: Pick<View, 'child' | 'childrenOf' | 'remember'>;
  readonly conflicts: WriteConflicts;
}

/** What is to be there. */
export interface Wanted extends Subject {
  readonly children: readonly PlannedChild[];
  readonly references: readonly Reference[];
  /** Which version of a child is known to hold all that is planned, by kind and name. */
  readonly matching: Map<string, string>;
}

/** What came of converging. */
export interface Converged {
  readonly obstacle?: Obstacle | undefined;
  /** Kind and name of objects that are the server's own, no longer rendered, and not the operator's to delete. */
  readonly strays: readonly string[];
  /** Why some of them could not be deleted. */
  readonly refusedDelete?: unknown;
  /** When to look again though nothing changes, in milliseconds. */
  readonly waitMs?: number | undefined;
}

/** After an apply of which the API server did not keep all: some of that the next one mends, such as an object emptied of what it held. */
const LOOK_AGAIN_MS = 1000;

interface Contested {
  readonly child: Child;
  readonly ruling: Ruling;
}

/** What is needed to look at the children of a server. */
export interface Examination {
  readonly client: Pick<ReconcilingClient, 'get'>;
  readonly view: Pick<View, 'child'>;
  readonly signal: AbortSignal;
}

/** Looks at what lives under the name of each planned child. @throws ApiError of a failed request. */
export function examine(reader: Examination, { server, children }: Pick<Wanted, 'server' | 'children'>): Promise<Child[]> {
  return Promise.all(children.map(async (planned) => {
    const ref = { namespace: server.metadata.namespace, name: planned.name };
    // The caches hold labelled objects only, so a name they do not know may still be taken.
    const live = reader.view.child(planned.type, ref) ?? (await find(reader, planned.type, ref));
    return new Child(server, planned, live);
  }));
}

async function find({ client, signal }: Examination, type: ResourceType, ref: ObjectReference): Promise<KubernetesObject | undefined> {
  try {
    return await client.get(type, ref, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/**
 * Applies and prunes. Sends no request when nothing differs, and writes nothing at all while an obstacle stands.
 * @throws ApiError of a failed request.
 */
export async function converge(options: ConvergeOptions, wanted: Wanted, control: Control): Promise<Converged> {
  return new Convergence(options, wanted, control).run();
}

class Convergence {
  readonly #options: ConvergeOptions;
  readonly #wanted: Wanted;
  readonly #control: Control;
  readonly #writer: ChildWriter;

  constructor(options: ConvergeOptions, wanted: Wanted, control: Control) {
    this.#options = options;
    this.#wanted = wanted;
    this.#control = control;
    this.#writer = new ChildWriter(options, wanted, control);
  }

  async run(): Promise<Converged> {
    const { client, view } = this.#options;
    const children = await examine({ client, view, signal: this.#control.signal }, this.#wanted);
    const obstacle = obstacleIn(children, this.#wanted.server);
    if (obstacle !== undefined) return { obstacle, strays: [] };
    await this.#tryOut(children);
    const contested: Contested[] = [];
    const waits: number[] = [];
    for (const child of children) {
      const isSettled = this.#isSettled(child);
      const ruling = this.#ruleOn(child, isSettled);
      // An apply that changes nothing is told by no watch.
      if (ruling.mayApply && !isSettled && !(await this.#write(child))) waits.push(LOOK_AGAIN_MS);
      if (ruling.contested) contested.push({ child, ruling });
    }
    const pruned = await this.#prune(children);
    for (const { ruling: { waitMs } } of contested) waits.push(waitMs ?? Infinity);
    const waitMs = waits.length === 0 ? undefined : Math.min(...waits);
    if (contested.length === 0) return { ...pruned, waitMs };
    return { ...pruned, obstacle: await this.#conflictOver(contested), waitMs };
  }

  /** No half of a spec goes live: a child that the API server would refuse is applied first, so that its refusal leaves the others as they are. */
  async #tryOut(children: readonly Child[]): Promise<void> {
    const differing = children.filter((child) => !child.isAsDesired(this.#wanted.matching));
    if (differing.length < 2 || children.every(({ live }) => live === undefined)) return;
    for (const child of differing) {
      if (await this.#writer.isRefused(child)) await this.#write(child);
    }
  }

  /** Whether nothing is to be applied, by either field manager. */
  #isSettled(child: Child): boolean {
    const { matching, observed } = this.#wanted;
    const { live, planned: { outline } } = child;
    return live !== undefined && child.isAsDesired(matching) && missingOverlay(outline, live, observed) === undefined;
  }

  /** Whether the API server keeps it as it was applied. */
  async #write(child: Child): Promise<boolean> {
    const written = await this.#writer.write(child);
    const isKept = contains(written, child.desired);
    if (written !== child.live) this.#options.conflicts.applied(written.metadata.uid ?? '', { isKept });
    return isKept;
  }

  /** What is applied to a child by either field manager counts, for either may be contested. */
  #ruleOn({ planned: { hash, outline }, live }: Child, asDesired: boolean): Ruling {
    const { observed } = this.#wanted;
    const uid = live?.metadata.uid;
    if (live === undefined || uid === undefined) return { mayApply: true, contested: false };
    return this.#options.conflicts.rule({ uid, hash: `${hash} ${overlayHash(outline, live, observed)}`, asDesired });
  }

  async #conflictOver(contested: readonly Contested[]): Promise<Obstacle> {
    const unkept = contested.filter(({ ruling }) => ruling.unkept === true);
    if (unkept.length > 0) return { reason: 'WriteConflict', message: unkept.map(({ child }) => unkeptMessage(child)).join(' '), stalled: true };
    const rivals = (await Promise.all(contested.map((each) => this.#rivalsOver(each)))).flat();
    const by = rivals.length === 0 ? '' : ` Fields of it belong to ${[...new Set(rivals)].toSorted().join(', ')}.`;
    const names = contested.map(({ child }) => child.name).join(', ');
    const message = `Another writer keeps changing what the operator applies to ${names}.${by} Stop that writer, or set suspend; the operator tries again ever more rarely.`;
    return { reason: 'WriteConflict', message, stalled: true };
  }

  /** The other field managers of a child; asked, for caches do not keep them. */
  async #rivalsOver({ child: { type, live }, ruling }: Contested): Promise<string[]> {
    const { client, conflicts } = this.#options;
    if (live === undefined) return [];
    const uid = live.metadata.uid ?? '';
    if (ruling.askWho !== true) return conflicts.rivals(uid, []);
    const { metadata: { managedFields = [] } } = await client.get(type, live.metadata, { signal: this.#control.signal });
    return conflicts.rivals(uid, othersIn(managedFields));
  }

  /** What cannot be deleted is a stray like any other: the spec is live all the same. @throws ApiError where it may be possible in a moment. */
  async #prune(children: readonly Child[]): Promise<Converged> {
    const { server, references } = this.#wanted;
    const { toDelete, strays } = unwanted(this.#options.view.childrenOf(server.metadata), children, { server, references });
    const left = strays.map(nameOf);
    const refusals: unknown[] = [];
    for (const found of toDelete) {
      try {
        await this.#delete(found);
      } catch (error) {
        if (mayNotDelete(error)) {
          left.push(nameOf(found));
          refusals.push(error);
        } else if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
        // Otherwise it is gone already, or replaced by a namesake that is not ours.
      }
    }
    return { strays: left, ...(refusals.length > 0 && { refusedDelete: refusals[0] }) };
  }

  async #delete(found: Found): Promise<void> {
    const { client, events } = this.#options;
    const { signal, log } = this.#control;
    const { type, object: { metadata: { name, namespace, uid } } } = found;
    if (uid === undefined) return;
    await client.delete(type, { namespace, name }, { uid, propagationPolicy: 'Background', signal });
    log.info({ child: nameOf(found) }, 'deleted, because it is no longer rendered');
    const note = `${nameOf(found)} was deleted, because the spec no longer leads to it.`;
    events.record(this.#wanted.server, { type: 'Normal', reason: 'Pruned', action: 'Delete', note });
  }
}

function unkeptMessage(child: Child): string {
  const field = lackingField(child.live, child.desired);
  const which = field === undefined ? '' : ` at ${field}`;
  return `The API server takes what the operator applies to ${child.name} and keeps something else${which}: a feature that is off in this cluster, or an admission webhook that changes it. Leave it out of the spec, or have it kept; the operator tries again ever more rarely.`;
}

function nameOf({ type, object }: Found): string {
  return `${type.kind} ${object.metadata.name}`;
}
