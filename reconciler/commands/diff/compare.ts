// What applying an MCPServer would change: itself, and the objects that the operator renders for it. Asks, and never writes.
import { selectorLabels } from '../../../charts/api/labels.ts';
import { resolveSpec, type MCPServerManifest } from '../../../charts/api/mcpserver.ts';
import { fieldsAt } from '../../../charts/api/open-values.ts';
import { render } from '../../../charts/render.ts';
import { DEFAULT_SETTINGS, type RenderSettings } from '../../../charts/settings.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { SERVICES, type KubernetesObject, type ObjectReference, type ResourceType } from '../../../kubernetes/objects.ts';
import { Child, unwanted, type Found } from '../../children/child.ts';
import { leavesReplicas } from '../../children/overlay.ts';
import { Plans, type Plan, type PlannedChild } from '../../children/plan.ts';
import { differences, withoutMoving, type Difference } from '../../compare/differences.ts';
import { masked } from '../../compare/masked.ts';
import { FIELD_MANAGER, OWNER_ANNOTATION } from '../../compare/our-fields.ts';
import { CHILD_TYPES, MCP_SERVERS, type MCPServerObject } from '../../kinds.ts';
import { isUnknownKind, liveOf, tryApply, type Tried } from './tried.ts';

/** One object, and what becomes of it. `Unknown`: it could not be compared, and `problem` says why. */
export interface Compared {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly change: 'None' | 'Create' | 'Change' | 'Delete' | 'Unknown';
  /** Credentials are masked. Of an object that is new, one with the whole of it. */
  readonly differences: readonly Difference[];
  /** Whether the API server tried it; otherwise its defaults and refusals are not known. */
  readonly isDryRun: boolean;
  readonly problem: string | null;
}

/** How one MCPServer is compared. */
export interface Comparing {
  readonly client: KubernetesClient;
  readonly namespace: string;
  /** By which the operator renders. */
  readonly settings: Partial<RenderSettings>;
  /** As whom the MCPServer is applied. */
  readonly fieldManager: string;
}

/** Stands for the uid of an MCPServer that is not there yet. */
const NO_UID = '00000000-0000-0000-0000-000000000000';

/** Compares an MCPServer and its objects. Throws InvalidMCPServerError; rejects with ApiError where the MCPServer itself may not be read. */
export async function compareServer({ metadata, spec, apiVersion, kind }: MCPServerManifest, comparing: Comparing): Promise<Compared[]> {
  const { client, namespace, settings, fieldManager } = comparing;
  const { name, labels, annotations } = metadata;
  resolveSpec(name, spec);
  render({ apiVersion, kind, metadata, spec }, settings);
  const live = await liveOf(client, MCP_SERVERS, { name, namespace });
  const said = { ...(labels && { labels: { ...labels } }), ...(annotations && { annotations: { ...annotations } }) };
  const object = { apiVersion, kind, metadata: { name, namespace, ...said }, spec };
  let tried: Tried;
  try {
    tried = await tryApply(client, { type: MCP_SERVERS, object, fieldManager }, live);
  } catch (error) {
    return [unknown(MCP_SERVERS, object.metadata, error)];
  }
  const { uid = NO_UID, generation = 1 } = tried.after.metadata;
  const server = { ...tried.after, metadata: { ...tried.after.metadata, namespace, uid, generation } } as unknown as MCPServerObject;
  const plan = new Plans().make(server, { ...DEFAULT_SETTINGS, ...settings });
  if ('problems' in plan.configuration) return [told(MCP_SERVERS, tried)];
  const children = await Promise.all(plan.children.map((planned) => compareChild(planned, server, client)));
  const gone = live === undefined ? [] : await leftOver(plan, server, client);
  return [told(MCP_SERVERS, tried), ...children, ...gone];
}

async function compareChild(planned: PlannedChild, server: MCPServerObject, client: KubernetesClient): Promise<Compared> {
  const { type, name } = planned;
  const reference = { name, namespace: server.metadata.namespace };
  try {
    const live = await liveOf(client, type, reference);
    const { ownership, desired } = new Child(server, planned, live);
    if (ownership?.kind === 'foreign') return unknown(type, reference, `it is not this MCPServer's (${ownership.owner}), and would be left alone: rename the MCPServer`);
    const tried = await tryApply(client, { type, object: desired, fieldManager: FIELD_MANAGER }, live);
    return told(type, tried, (path) => path === 'spec.replicas' && live !== undefined && leavesReplicas(planned.outline));
  } catch (error) {
    return unknown(type, reference, error);
  }
}

/** Its objects that are no longer rendered. A kind that may not be listed is one object that cannot be compared. */
async function leftOver(plan: Plan, server: MCPServerObject, client: KubernetesClient): Promise<Compared[]> {
  const { namespace, name } = server.metadata;
  const labelSelector = Object.entries(selectorLabels(name)).map((pair) => pair.join('=')).join(',');
  const problems: Compared[] = [];
  const found = await Promise.all(CHILD_TYPES.map(async (type): Promise<Found[]> => {
    try {
      const { items } = await client.list(type, { namespace, labelSelector });
      return items.map((object) => ({ type, object }));
    } catch (error) {
      if (!isApiError(error)) throw error;
      if (!plan.children.some((each) => each.type === type)) problems.push(unknown(type, { name, namespace }, error));
      return [];
    }
  }));
  const children = plan.children.map((planned) => new Child(server, planned, undefined));
  const { toDelete } = unwanted(found.flat(), children, { server, references: plan.references });
  const gone = toDelete.map(({ type, object: { metadata } }): Compared =>
    ({ ...whole(type, metadata), change: 'Delete', differences: [], isDryRun: true, problem: null }));
  return [...gone, ...problems];
}

function told(type: ResourceType, { before, after, isDryRun }: Tried, isLeftOut: (path: string) => boolean = () => false): Compared {
  const isNew = before === undefined;
  const all = isNew ? [{ path: '', before, after: asNew(after) }] : differences(before, after).filter(({ path }) => !isLeftOut(path));
  const changed = all.length > 0 ? 'Change' : 'None';
  const change = isNew ? 'Create' : changed;
  return { ...whole(type, after.metadata), change, differences: all.map(masked), isDryRun, problem: null };
}

/** Without what follows from the rest: a uid that nobody has yet, and addresses that a dry run does not give. */
function asNew(object: KubernetesObject): unknown {
  const { ownerReferences: _owner, annotations, ...metadata } = object.metadata;
  const { [OWNER_ANNOTATION]: _mark, ...others } = annotations ?? {};
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = fieldsAt(object, 'spec');
  const isService = object.kind === SERVICES.kind;
  const said = { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) };
  return withoutMoving({ ...object, metadata: said, ...(isService && { spec }) });
}

function unknown(type: ResourceType, reference: ObjectReference, error: unknown): Compared {
  const problem = isApiError(error) ? error.message : error;
  // Nothing of anything can be told where the cluster does not answer, or does not know the kind.
  if (typeof problem !== 'string' || isUnknownKind(error) || isApiError(error, 'Network', 'Timeout', 'Unauthorized')) throw error as Error;
  return { ...whole(type, reference), change: 'Unknown', differences: [], isDryRun: false, problem };
}

function whole({ kind }: ResourceType, { name, namespace = '' }: ObjectReference): Pick<Compared, 'kind' | 'name' | 'namespace'> {
  return { kind, namespace, name };
}
