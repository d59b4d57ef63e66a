// Writes one child: applies it and what is laid over it, after what stands in the way was moved.
import type { Logger } from 'pino';
import type { Manifest } from '../../charts/render.ts';
import { immutableFields, isApiError, type ApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { FIELD_MANAGER, RUNTIME_FIELD_MANAGER } from '../compare/our-fields.ts';
import type { MCPServerObject } from '../kinds.ts';
import { recordOf, REFERENCES_ANNOTATION } from '../references/token.ts';
import type { EventRecorder } from '../runtime/events.ts';
import type { View } from '../view/view.ts';
import type { Child } from './child.ts';
import type { ReconcilingClient } from './counted-client.ts';
import { Matching } from './matching.ts';
import { patchToMakeWay, steppingStone } from './make-way.ts';
import { leavesReplicas, missingOverlay, type ObservedState } from './overlay.ts';
import { CREATE_ONLY, isOrphaning } from './ownership.ts';
import { isRefusedWhenTried, takeOver } from './take-over.ts';

/** Where writes go, and who is told. */
export interface WriterOptions {
  readonly client: ReconcilingClient;
  readonly view: Pick<View, 'remember'>;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Whether another operator may have written meanwhile: then only what was seen is written to. */
  readonly isShared: boolean;
}

/** Whose children are written, by what was observed. */
export interface Subject {
  readonly server: MCPServerObject;
  readonly observed: ObservedState;
}

/** Ends what is under way, and takes notes. */
export interface Control {
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'info'>;
  /** Of all requests; see `Cancellable`. */
  readonly purpose: string;
}

/** The writer of the children of one MCPServer in one reconcile. Methods reject with ApiError. */
export class ChildWriter {
  readonly #options: WriterOptions;
  readonly #subject: Subject;
  readonly #control: Control;

  constructor(options: WriterOptions, subject: Subject, control: Control) {
    this.#options = options;
    this.#subject = subject;
    this.#control = control;
  }

  /** What is to be applied now as it would be kept. @throws ApiError where it would be refused. */
  tried(child: Child): Promise<KubernetesObject> {
    const options = { fieldManager: FIELD_MANAGER, force: true, dryRun: true, signal: this.#control.signal };
    return this.#options.client.apply(child.type, this.#withPreconditions(child, child), options);
  }

  /** Whether what is to be applied now would be refused: another update of this very object, or its creation. */
  isRefused(child: Child): Promise<boolean> {
    const { client } = this.#options;
    return isRefusedWhenTried({ client, signal: this.#control.signal }, child.type, this.#withPreconditions(child, child));
  }

  /**
   * The object as it is then; the very object that was there when nothing differed. Whoever comes to hold a field does so before the
   * other lets go of it, so the overlay comes first where it takes over `replicas`. Otherwise last: what pods will have been started
   * with goes on record when they are, in one write.
   */
  async write(child: Child): Promise<KubernetesObject> {
    const { observed, server } = this.#subject;
    const { live, planned } = child;
    const restart = planned.type.kind === 'Deployment' ? observed.referenceToken?.restart : undefined;
    if (live === undefined || (!leavesReplicas(planned.outline) && restart === undefined)) {
      return this.#overlay(child, await this.#apply(child), observed);
    }
    const first = restart === undefined ? { ...observed, referenceToken: { record: recordOf(live) } } : observed;
    const held = await this.#overlay(child, live, first);
    if (restart !== undefined) {
      const note = `Pods are replaced, because of a change: ${restart.because}.`;
      this.#options.events.record(server, { type: 'Normal', reason: 'ReferenceChanged', action: 'Restart', note });
    }
    return this.#overlay(child, await this.#apply(child.with(held)), observed);
  }

  /** The object after the apply. */
  async #apply(child: Child): Promise<KubernetesObject> {
    const { log } = this.#control;
    const { live } = child;
    // What is known of a version stands for that version alone: an overlay has just made another one.
    if (live !== undefined && child.isAsDesired(new Matching())) return live;
    try {
      await this.#makeWay(child);
      const applied = await this.#send(child);
      log.info({ child: child.name }, live === undefined ? 'created' : 'applied');
      return applied;
    } catch (error) {
      const changed = isApiError(error, 'Invalid') ? await this.#overcome(child, error) : undefined;
      if (changed === undefined) throw error;
      const applied = await this.#send(child.with(changed), child);
      log.info({ child: child.name }, 'applied, after what stood in the way was changed first');
      return applied;
    }
  }

  /** `as`: how it stood to the MCPServer before anything was done. */
  async #send(child: Child, as: Child = child): Promise<KubernetesObject> {
    const { client, view, events } = this.#options;
    const options = { fieldManager: FIELD_MANAGER, force: true, signal: this.#control.signal };
    const written = await this.#lookedAt(child, client.apply(child.type, this.#withPreconditions(child, as), options));
    const applied = await this.#detached(child, written);
    view.remember(child.type, applied);
    if (as.ownership?.kind === 'adoptable') {
      const note = `${child.name} was taken over, as its annotation allows.`;
      events.record(this.#subject.server, { type: 'Normal', reason: 'Adopted', action: 'Adopt', note });
    }
    return applied;
  }

  /** Where it turns out to be another version than that known of: has the next attempt know of it, for the watch may be behind. */
  async #lookedAt<T>({ type, live }: Child, writing: Promise<T>): Promise<T> {
    const { client, view, isShared } = this.#options;
    try {
      return await writing;
    } catch (error) {
      if (isShared && live !== undefined && isApiError(error, 'Conflict')) {
        view.remember(type, await client.get(type, live.metadata, { signal: this.#control.signal }));
      }
      throw error;
    }
  }

  /** The object with the overlay it should carry. The resourceVersion keeps an overlay from undoing what it has not seen, such as a scaling. */
  async #overlay({ planned, name }: Child, live: KubernetesObject, observed: ObservedState): Promise<KubernetesObject> {
    const { client, view } = this.#options;
    const overlay = missingOverlay(planned.outline, live, observed);
    if (overlay === undefined) return live;
    const { signal, log } = this.#control;
    const { uid, resourceVersion } = live.metadata;
    const metadata = { ...overlay.metadata, ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) };
    const options = { fieldManager: RUNTIME_FIELD_MANAGER, force: true, signal };
    const applied = await client.apply(planned.type, { ...overlay, metadata }, options);
    view.remember(planned.type, applied);
    log.info({ child: name }, 'overlay applied');
    return applied;
  }

  async #makeWay({ type, desired, live, ownership: owner }: Child): Promise<void> {
    const patch = live && owner?.kind === 'owned' ? patchToMakeWay(desired, live) : undefined;
    if (live === undefined || patch === undefined) return;
    const { uid, resourceVersion } = live.metadata;
    const options = { fieldManager: RUNTIME_FIELD_MANAGER, signal: this.#control.signal };
    await this.#options.client.patch(type, live.metadata, { metadata: { uid, resourceVersion }, ...patch }, options);
  }

  /** Changes what made the API server refuse an apply; the object after that, undefined when it is not in the operator's power. */
  async #overcome(child: Child, error: ApiError): Promise<KubernetesObject | undefined> {
    const { client } = this.#options;
    const { signal } = this.#control;
    const fields = immutableFields(error);
    if (fields.length === 0) return takeOver({ client, signal }, child);
    const stone = steppingStone(child.desired, fields);
    if (stone === undefined) return undefined;
    const object = this.#withPreconditions(child, { ownership: child.ownership, desired: stone });
    return client.apply(child.type, object, { fieldManager: FIELD_MANAGER, force: true, signal });
  }

  /** Under Orphan, an owner reference survives an apply without it where another field manager wrote it too. */
  async #detached({ type }: Child, child: KubernetesObject): Promise<KubernetesObject> {
    const { server } = this.#subject;
    const { uid, resourceVersion, ownerReferences = [] } = child.metadata;
    const others = ownerReferences.filter((reference) => reference.uid !== server.metadata.uid);
    if (!isOrphaning(server) || others.length === ownerReferences.length) return child;
    const patch = { metadata: { uid, resourceVersion, ownerReferences: others } };
    return this.#options.client.patch(type, child.metadata, patch, { signal: this.#control.signal });
  }

  /**
   * An apply must never re-create a child or hit a namesake, nor attach an owner to an object that changed meanwhile; nor, where another
   * operator may have written it, change anything of one that did.
   */
  #withPreconditions({ live }: Child, { ownership: owner, desired: planned }: Pick<Child, 'ownership' | 'desired'>): KubernetesObject {
    const { server, observed } = this.#subject;
    const desired = withRecord(planned, observed);
    if (live === undefined) return { ...desired, metadata: { ...desired.metadata, resourceVersion: CREATE_ONLY } };
    const { uid, resourceVersion } = live.metadata;
    const isSeen = this.#options.isShared || owner?.kind !== 'owned' || (!owner.attached && !isOrphaning(server));
    return {
      ...desired,
      metadata: {
        ...desired.metadata,
        ...(uid !== undefined && { uid }),
        ...(isSeen && resourceVersion !== undefined && { resourceVersion }),
      },
    };
  }
}

/** With the record of references from the beginning, so that a change is noticed even if no overlay follows. */
function withRecord(desired: Manifest, { referenceToken }: ObservedState): Manifest {
  const { record } = referenceToken ?? {};
  if (desired.kind !== 'Deployment' || record === undefined) return desired;
  const annotations = { ...desired.metadata.annotations, [REFERENCES_ANNOTATION]: record };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}
