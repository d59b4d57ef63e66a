// Brings the children of one MCPServer to what was rendered: refuse or adopt, apply what differs, prune the rest.
import type { Logger } from 'pino';
import type { Manifest } from '../../charts/render.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { immutableFields, isApiError, type ApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/objects.ts';
import { examine, isAsDesired, nameOf, obstacleIn, unwanted, type Child, type ChildReader } from './child.ts';
import { isRefusedWhenTried, takeOver } from './take-over.ts';
import { patchToMakeWay, steppingStone } from './make-way.ts';
import { leavesReplicas, missingOverlay, overlayHash, RUNTIME_FIELD_MANAGER, type ObservedState } from './overlay.ts';
import { appliedHash, CREATE_ONLY, FIELD_MANAGER, isOrphaning } from './ownership.ts';
import { recordOf, REFERENCES_ANNOTATION } from '../references/token.ts';
import { mayNotDelete } from './refusals.ts';
import type { EventRecorder } from '../runtime/events.ts';
import type { Obstacle } from '../status/situation.ts';
import type { View } from '../view/view.ts';
import type { Ruling, WriteConflicts } from './write-conflicts.ts';

/** What `convergeChildren` needs. */
export interface ChildrenContext extends ChildReader {
  readonly client: Pick<KubernetesClient, 'get' | 'apply' | 'patch' | 'delete'>;
  readonly view: Pick<View, 'child' | 'childrenOf' | 'remember'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly conflicts: WriteConflicts;
  readonly log: Pick<Logger, 'info'>;
  readonly observed: ObservedState;
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

/**
 * Applies and prunes. Sends no request when nothing differs, and writes nothing at all while an obstacle stands.
 * @throws ApiError of a failed request.
 */
export async function convergeChildren(context: ChildrenContext, manifests: readonly Manifest[]): Promise<Converged> {
  const children = await examine(context, manifests);
  const obstacle = obstacleIn(children, context.server);
  if (obstacle !== undefined) return { obstacle, strays: [] };
  await tryOut(context, children);
  const contested: Contested[] = [];
  for (const child of children) {
    const ruling = rulingOn(context, child);
    if (ruling.mayApply) await convergeChild(context, child);
    if (ruling.contested) contested.push({ child, ruling });
  }
  const pruned = await prune(context, children);
  if (contested.length === 0) return pruned;
  const waitMs = Math.min(...contested.map(({ ruling }) => ruling.waitMs ?? Infinity));
  return { ...pruned, obstacle: await conflictOver(context, contested), waitMs };
}

/** No half of a spec goes live: a child that the API server would refuse is applied first, so that its refusal leaves the others as they are. */
async function tryOut(context: ChildrenContext, children: readonly Child[]): Promise<void> {
  const differing = children.filter((child) => !isAsDesired(child, context.server));
  if (differing.length < 2 || children.every(({ live }) => live === undefined)) return;
  for (const child of differing) {
    if (await isRefusedAsIs(context, child)) await convergeChild(context, child);
  }
}

/** Whether what is to be applied now would be refused: another update of this very object, or its creation. */
function isRefusedAsIs(context: ChildrenContext, child: Child): Promise<boolean> {
  return isRefusedWhenTried(context, child.type, withPreconditions(context, child));
}

/** What is applied to a child by either field manager counts, for either may be contested. */
function rulingOn({ conflicts, server, observed }: ChildrenContext, child: Child): Ruling {
  const { desired, live } = child;
  const uid = live?.metadata.uid;
  if (live === undefined || uid === undefined) return { mayApply: true, contested: false };
  const hash = `${appliedHash(desired)} ${overlayHash(desired, live, observed)}`;
  return conflicts.rule({ uid, hash, asDesired: isAsDesired(child, server) && missingOverlay(desired, live, observed) === undefined });
}

interface Contested {
  readonly child: Child;
  readonly ruling: Ruling;
}

async function conflictOver(context: ChildrenContext, contested: readonly Contested[]): Promise<Obstacle> {
  const rivals = (await Promise.all(contested.map((each) => rivalsOver(context, each)))).flat();
  const by = rivals.length === 0 ? '' : ` Fields of it belong to ${[...new Set(rivals)].toSorted().join(', ')}.`;
  const names = contested.map(({ child }) => nameOf(child)).join(', ');
  const message = `Another writer keeps changing what the operator applies to ${names}.${by} Stop that writer, or set suspend; the operator tries again ever more rarely.`;
  return { reason: 'WriteConflict', message, stalled: true };
}

/** The other field managers of a child; asked, for caches do not keep them. */
async function rivalsOver({ client, conflicts, signal }: ChildrenContext, { child: { type, live }, ruling }: Contested): Promise<string[]> {
  if (live === undefined) return [];
  const uid = live.metadata.uid ?? '';
  if (ruling.askWho !== true) return conflicts.rivals(uid, []);
  const { metadata: { managedFields = [] } } = await client.get(type, live.metadata, { signal });
  const others = managedFields.filter(({ manager, subresource }) => ![FIELD_MANAGER, RUNTIME_FIELD_MANAGER].includes(manager) && subresource === undefined);
  return conflicts.rivals(uid, others.map(({ manager }) => manager));
}

/**
 * Whoever comes to hold a field does so before the other lets go of it, so the overlay comes first where it takes over
 * `replicas`. Otherwise last: what pods will have been started with goes on record when they are, in one write.
 */
async function convergeChild(context: ChildrenContext, child: Child): Promise<void> {
  const { desired, live } = child;
  const { observed, events, server, conflicts } = context;
  const restart = desired.kind === 'Deployment' ? observed.referenceToken?.restart : undefined;
  if (live === undefined || (!leavesReplicas(desired) && restart === undefined)) {
    const now = await applyOverlay(context, child, await applyChild(context, child));
    if (now !== live) conflicts.applied(now.metadata.uid ?? '');
    return;
  }
  const first = restart === undefined ? { ...observed, referenceToken: { record: recordOf(live) } } : observed;
  const held = await applyOverlay({ ...context, observed: first }, child, live);
  if (restart !== undefined) events.record(server, { type: 'Normal', reason: 'ReferenceChanged', action: 'Restart', note: `Pods are replaced, because of a change: ${restart.because}.` });
  const now = await applyOverlay(context, child, await applyChild(context, { ...child, live: held }));
  if (now !== live) conflicts.applied(now.metadata.uid ?? '');
}

/** The object after the apply. */
async function applyChild(context: ChildrenContext, child: Child): Promise<KubernetesObject> {
  const { log } = context;
  const { live } = child;
  if (live !== undefined && isAsDesired(child, context.server)) return live;
  try {
    await makeWay(context, child);
    const applied = await apply(context, child);
    log.info({ child: nameOf(child) }, live === undefined ? 'created' : 'applied');
    return applied;
  } catch (error) {
    const changed = isApiError(error, 'Invalid') ? await overcome(context, child, error) : undefined;
    if (changed === undefined) throw error;
    const applied = await apply(context, { ...child, live: changed });
    log.info({ child: nameOf(child) }, 'applied, after what stood in the way was changed first');
    return applied;
  }
}

async function apply(context: ChildrenContext, child: Child): Promise<KubernetesObject> {
  const { client, server, view, events, signal } = context;
  const { type, ownership: owner } = child;
  const written = await client.apply(type, withPreconditions(context, child), { fieldManager: FIELD_MANAGER, force: true, signal });
  const applied = await detached(context, type, written);
  view.remember(type, applied);
  if (owner?.kind === 'adoptable') events.record(server, { type: 'Normal', reason: 'Adopted', action: 'Adopt', note: `${nameOf(child)} was taken over, as its annotation allows.` });
  return applied;
}

/** The object with the overlay it should carry. The resourceVersion keeps an overlay from undoing what it has not seen, such as a scaling. */
async function applyOverlay({ client, view, observed, signal, log }: ChildrenContext, child: Child, live: KubernetesObject): Promise<KubernetesObject> {
  const overlay = missingOverlay(child.desired, live, observed);
  if (overlay === undefined) return live;
  const { uid, resourceVersion } = live.metadata;
  const metadata = { ...overlay.metadata, ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) };
  const applied = await client.apply(child.type, { ...overlay, metadata }, { fieldManager: RUNTIME_FIELD_MANAGER, force: true, signal });
  view.remember(child.type, applied);
  log.info({ child: nameOf(child) }, 'overlay applied');
  return applied;
}

async function makeWay({ client, signal }: ChildrenContext, { type, desired, live, ownership: owner }: Child): Promise<void> {
  const patch = live && owner?.kind === 'owned' ? patchToMakeWay(desired, live) : undefined;
  if (live === undefined || patch === undefined) return;
  const { uid, resourceVersion } = live.metadata;
  await client.patch(type, live.metadata, { metadata: { uid, resourceVersion }, ...patch }, { fieldManager: RUNTIME_FIELD_MANAGER, signal });
}

/** Changes what made the API server refuse an apply; the object after that, undefined when it is not in the operator's power. */
async function overcome(context: ChildrenContext, child: Child, error: ApiError): Promise<KubernetesObject | undefined> {
  const fields = immutableFields(error);
  if (fields.length === 0) return takeOver(context, child);
  const desired = steppingStone(child.desired, fields);
  if (desired === undefined) return undefined;
  const { client, signal } = context;
  return client.apply(child.type, withPreconditions(context, { ...child, desired }), { fieldManager: FIELD_MANAGER, force: true, signal });
}

/** Under Orphan, an owner reference survives an apply without it where another field manager wrote it too. */
async function detached({ client, server, signal }: ChildrenContext, type: ResourceType, child: KubernetesObject): Promise<KubernetesObject> {
  const { uid, resourceVersion, ownerReferences = [] } = child.metadata;
  const others = ownerReferences.filter((reference) => reference.uid !== server.metadata.uid);
  if (!isOrphaning(server) || others.length === ownerReferences.length) return child;
  return client.patch(type, child.metadata, { metadata: { uid, resourceVersion, ownerReferences: others } }, { signal });
}

/** An apply must never re-create a child or hit a namesake, nor attach an owner to an object that changed meanwhile. */
function withPreconditions({ server, observed }: ChildrenContext, { desired: marked, live, ownership: owner }: Child): KubernetesObject {
  const desired = withRecord(marked, observed);
  if (live === undefined) return { ...desired, metadata: { ...desired.metadata, resourceVersion: CREATE_ONLY } };
  const { uid, resourceVersion } = live.metadata;
  const attaches = owner?.kind !== 'owned' || (!owner.attached && !isOrphaning(server));
  return {
    ...desired,
    metadata: {
      ...desired.metadata,
      ...(uid !== undefined && { uid }),
      ...(attaches && resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/** With the record of references from the beginning, so that a change is noticed even if no overlay follows. */
function withRecord(desired: Manifest, { referenceToken }: ObservedState): Manifest {
  const { record } = referenceToken ?? {};
  if (desired.kind !== 'Deployment' || record === undefined) return desired;
  return { ...desired, metadata: { ...desired.metadata, annotations: { ...desired.metadata.annotations, [REFERENCES_ANNOTATION]: record } } };
}

/** What cannot be deleted is a stray like any other: the spec is live all the same. @throws ApiError where it may be possible in a moment. */
async function prune(context: ChildrenContext, children: readonly Child[]): Promise<Converged> {
  const { client, events, server, signal, log } = context;
  const { toDelete, strays } = unwanted(context, children);
  const [left, refusals] = [strays.map(({ type, object }) => `${type.kind} ${object.metadata.name}`), [] as unknown[]];
  for (const { type, object } of toDelete) {
    const { name, namespace, uid } = object.metadata;
    if (uid === undefined) continue;
    try {
      await client.delete(type, { namespace, name }, { uid, propagationPolicy: 'Background', signal });
      log.info({ child: `${type.kind} ${name}` }, 'deleted, because it is no longer rendered');
      events.record(server, { type: 'Normal', reason: 'Pruned', action: 'Delete', note: `${type.kind} ${name} was deleted, because the spec no longer leads to it.` });
    } catch (error) {
      if (mayNotDelete(error)) {
        left.push(`${type.kind} ${name}`);
        refusals.push(error);
      } else if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
      // Otherwise it is gone already, or replaced by a namesake that is not ours.
    }
  }
  return { strays: left, ...(refusals.length > 0 && { refusedDelete: refusals[0] }) };
}
