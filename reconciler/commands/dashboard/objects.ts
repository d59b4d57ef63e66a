// The objects of an MCPServer: what is rendered, and how what lives differs from it. From caches alone, and masked. Pure.
import { toYaml } from '../../../charts/yaml-text.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { isFields } from '../../../charts/api/open-values.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { plain } from '../../../kubernetes/text.ts';
import { Child } from '../../children/child.ts';
import { leavesReplicas } from '../../children/overlay.ts';
import { Plans, type PlannedChild } from '../../children/plan.ts';
import { differences, withoutMoving, type Difference } from '../../compare/differences.ts';
import { laidOver } from '../../compare/laid-over.ts';
import { masked } from '../../compare/masked.ts';
import { OWNER_ANNOTATION } from '../../compare/our-fields.ts';
import type { Snapshot } from '../../explain/snapshot.ts';
import type { ObjectStanding } from '../../explain/tree.ts';
import { visible } from '../look/visible.ts';
import { objectLine, type ClusterFlags } from './lines.ts';
import type { ToldDifference, ToldObject } from './told.ts';

/** Of one object. */
const MOST_DIFFERENCES = 50;
const LONGEST_VALUE = 2000;
const LONGEST_PATH = 500;
const LONGEST_YAML = 64 * 1024;
/** Stands for each value of an environment variable, whatever its name. */
const HIDDEN = '***';

/** What the objects are compared by. */
export interface Comparing {
  /** By which the operator renders. */
  readonly settings: RenderSettings;
  readonly flags: ClusterFlags;
}

/** The objects, and why they could not be rendered. */
export interface Compared {
  readonly objects: readonly ToldObject[];
  readonly problem: string | null;
}

/** Of each object of the tree what is rendered and what differs. */
export function objectsOf({ server, children }: Snapshot, standings: readonly ObjectStanding[], { settings, flags }: Comparing): Compared {
  const { namespace } = server.metadata;
  const { configuration, children: planned } = new Plans().make(server, settings);
  const objects = standings.map((standing): ToldObject => {
    const { kind, name } = standing;
    const live = children.find((each) => each.kind === kind && each.metadata.name === name);
    const plan = planned.find((each) => each.type.kind === kind && each.name === name);
    const told = plan === undefined ? NOTHING : comparisonOf(new Child(server, plan, live), plan);
    const command = objectLine(namespace, standing, flags);
    return { ...standing, kind: plain(kind, LONGEST_PATH), name: plain(name, LONGEST_PATH), ...told, command };
  });
  const problems = 'problems' in configuration ? configuration.problems.map(({ field, message }) => `${field}: ${message}`).join('; ') : '';
  return { objects, problem: problems === '' ? null : plain(`It cannot be rendered: ${problems}`, LONGEST_VALUE) };
}

const NOTHING = { problem: null, differences: [], more: 0, text: null };

function comparisonOf({ live, ownership, desired }: Child, { outline }: PlannedChild): Pick<ToldObject, 'problem' | 'differences' | 'more' | 'text'> {
  const text = yamlOf(asRendered(desired));
  if (live === undefined) return { ...NOTHING, text };
  if (ownership?.kind === 'foreign') return { ...NOTHING, text, problem: plain(`It is not this MCPServer's (${ownership.owner}), and is left alone.`, LONGEST_VALUE) };
  const all = differences(live, laidOver(live, desired)).filter(({ path }) => path !== 'spec.replicas' || !leavesReplicas(outline));
  const more = Math.max(0, all.length - MOST_DIFFERENCES);
  return { ...NOTHING, text, differences: all.slice(0, MOST_DIFFERENCES).map(toldDifference), more };
}

function toldDifference(difference: Difference): ToldDifference {
  const { path, before, after } = hidden(masked(difference));
  return { path: plain(path, LONGEST_PATH), live: valueOf(before), rendered: valueOf(after) };
}

function valueOf(value: unknown): string | null {
  return value === undefined ? null : yamlText(value, LONGEST_VALUE);
}

/** Without what follows from the rest and tells nobody anything. */
function asRendered(object: KubernetesObject): unknown {
  const { ownerReferences: _owner, annotations, ...metadata } = object.metadata;
  const { [OWNER_ANNOTATION]: _mark, ...others } = annotations ?? {};
  return withoutMoving({ ...object, metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) } });
}

function yamlOf(object: unknown): string {
  return yamlText(withoutEnv(masked({ path: '', before: undefined, after: object }).after), LONGEST_YAML);
}

/** Lines fit to be shown. */
function yamlText(value: unknown, longest: number): string {
  const text = toYaml([value]).replace(/\n$/, '');
  const lines = text.slice(0, longest).split('\n').map(visible).join('\n');
  return text.length > longest ? `${lines}\n…` : lines;
}

/** Values of environment variables are masked whatever their name: nobody reads a page for them, and they may be credentials. */
function hidden({ path, before, after }: Difference): Difference {
  if (!/(^|\.)env(\[|$)/.test(path)) return { path, before: withoutEnv(before), after: withoutEnv(after) };
  const hide = (value: unknown, mask: string): unknown => {
    if (typeof value === 'string') return path.endsWith('.value') ? mask : value;
    return withoutEnv({ env: Array.isArray(value) ? value : [value] })['env'];
  };
  const areTwo = before !== undefined && after !== undefined;
  return { path, before: hide(before, areTwo ? `${HIDDEN} (live)` : HIDDEN), after: hide(after, areTwo ? `${HIDDEN} (rendered)` : HIDDEN) };
}

function withoutEnv<T>(value: T): T;
function withoutEnv(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutEnv(item));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    if (key !== 'env' || !Array.isArray(item)) return [key, withoutEnv(item)];
    return [key, item.map((each: unknown) => (isFields(each) && typeof each['value'] === 'string' ? { ...each, value: HIDDEN } : each))];
  }));
}
