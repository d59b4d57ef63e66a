// Brings the children of one MCPServer to what was planned: refuse or adopt, apply what differs, prune the rest.
import type { Reference } from '../../charts/references.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { contains } from '../compare/contains.ts';
import { lackingField } from '../compare/lacking.ts';
import { othersIn } from '../compare/our-fields.ts';
import type { Obstacle } from '../status/situation.ts';
import type { View } from '../view/view.ts';
import { changesToWhatRuns, inOrder, obstacleIn, unwanted, type Child, type Found } from './child.ts';
import { examine, known, looksFirst, type Names } from './examine.ts';
import { imageVolumeObstacle } from './image-volume.ts';
import { missingOverlay, overlayHash } from './overlay.ts';
import type { Matching } from './matching.ts';
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
  readonly matching: Matching;
  readonly names: Names;
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
  /** Whether something turned out to have the name of a child that was to be created. */
  #foundTaken = false;

  constructor(options: ConvergeOptions, wanted: Wanted, control: Control) {
    this.#options = options;
    this.#wanted = wanted;
    this.#control = control;
    this.#writer = new ChildWriter(options, wanted, control);
  }

  async run(): Promise<Converged> {
    const { client, view } = this.#options;
    const reader = { client, view, signal: this.#control.signal };
    if (!looksFirst(this.#wanted)) {
      try {
        return await this.#bring(known(view, this.#wanted));
      } catch (error) {
        if (!this.#foundTaken) throw error;
      }
    }
    return this.#bring(await examine(reader, this.#wanted));
  }

  async #bring(children: readonly Child[]): Promise<Converged> {
    const obstacle = obstacleIn(children, this.#wanted.server) ?? (await this.#withoutBridge(children));
    if (obstacle !== undefined) return { obstacle, strays: [] };
    await this.#tryOut(children);
    const contested: Contested[] = [];
    const waits: number[] = [];
    for (const child of inOrder(children)) {
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

  #withoutBridge(children: readonly Child[]): Promise<Obstacle | undefined> {
    const { server, matching } = this.#wanted;
    return imageVolumeObstacle(children, {
      server,
      isSettled: (child) => child.isAsDesired(matching),
      dryRun: (child) => this.#noting(child, this.#writer.tried(child)),
    });
  }

  /**
   * No half of a spec goes live: of several changes to what runs, the first is applied for real, for its refusal leaves the others as
   * they are, and what follows is tried out before; one that would be refused then comes first.
   */
  async #tryOut(children: readonly Child[]): Promise<void> {
    const [, ...others] = changesToWhatRuns(children, this.#wanted.matching);
    for (const child of others) {
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
    const written = await this.#noting(child, this.#writer.write(child));
    const isKept = contains(written, child.desired);
    if (isKept) this.#wanted.matching.note(written);
    if (written !== child.live) this.#options.conflicts.applied(written.metadata.uid ?? '', { isKept });
    return isKept;
  }

  /** Takes note where something has the name of a child that is to be created. */
  async #noting<T>(child: Child, writing: Promise<T>): Promise<T> {
    try {
      return await writing;
    } catch (error) {
      this.#foundTaken = child.live === undefined && isApiError(error, 'Conflict', 'AlreadyExists');
      throw error;
    }
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
        } else if (!isApiError(error, 'NotFound', ...(this.#options.isShared ? [] : ['Conflict' as const]))) throw error;
        // Otherwise it is gone already, or replaced by a namesake that is not ours. Where another operator may have written it, that is to be seen.
      }
    }
    return { strays: left, ...(refusals.length > 0 && { refusedDelete: refusals[0] }) };
  }

  async #delete(found: Found): Promise<void> {
    const { client, events, isShared } = this.#options;
    const { signal, log } = this.#control;
    const { type, object: { metadata: { name, namespace, uid, resourceVersion } } } = found;
    if (uid === undefined) return;
    const seen = isShared ? { uid, resourceVersion } : { uid };
    await client.delete(type, { namespace, name }, { ...seen, propagationPolicy: 'Background', signal });
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
