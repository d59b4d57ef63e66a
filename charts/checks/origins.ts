// Which field of an MCPServer a field of its pods comes from. Pure.
import { BRIDGE_NAME, CONTAINER_NAME } from '../api/labels.ts';
import { ITEM_KEYS } from '../api/merge-keys.ts';
import { isFields, itemsAt, textAt, valueAt } from '../api/open-values.ts';
import type { ResolvedSpec } from '../api/spec.ts';

/** Fields of the pod template, and the fields of the spec they come from, the server's container as `container`. */
const ORIGINS: readonly [rendered: RegExp, written: string][] = [
  [/^container\.(liveness|readiness|startup)Probe/, 'probes.$1'],
  [/^container\.lifecycle\./, ''],
  [/^container\./, ''],
  [/^spec\.securityContext/, 'podSecurityContext'],
  [/^metadata/, 'podMetadata'],
];

/** A field as `podTemplate` writes it, while it is looked for. */
interface Written {
  readonly value: unknown;
  readonly path: string;
  /** Whether all of it comes from there, what it leaves out included. */
  readonly isWhole: boolean;
}

/** Field names, and what stands in brackets. */
const STEP = /\[([^\]]*)\]|[^.[\]]+/g;

/**
 * The field below `spec` that leads to a field of the rendered pod template, such as `spec.containers[0].securityContext.privileged`:
 * what `podTemplate` writes comes from there, what the container with the bridge has from what the server's is given, and otherwise init containers and sidecars from the list that has them.
 */
export function originOf(field: string, template: unknown, spec: ResolvedSpec): string {
  const written = inPodTemplate(field, template, spec.podTemplate);
  if (written !== undefined) return written;
  const [, list = '', index = '', rest = ''] = /^spec\.(\w+)\[(\d+)\](.*)$/s.exec(field) ?? [];
  const name = textAt(itemsAt(template, `spec.${list}`)[Number(index)], 'name');
  if (list === 'initContainers' && name === BRIDGE_NAME) return rest.replace(/^\./, '');
  if (list === 'initContainers') return ofOpenList(name, rest, spec) ?? field;
  const rendered = list === 'containers' && name === CONTAINER_NAME ? `container${rest}` : field;
  const origin = ORIGINS.find(([pattern]) => pattern.test(rendered));
  return origin === undefined ? field : rendered.replace(...origin);
}

function ofOpenList(name: string | undefined, rest: string, spec: ResolvedSpec): string | undefined {
  for (const list of ['initContainers', 'sidecars'] as const) {
    const index = (spec[list] ?? []).findIndex((container) => container.name === name);
    if (index >= 0) return `${list}[${index}]${rest}`;
  }
  return undefined;
}

function inPodTemplate(field: string, template: unknown, podTemplate: unknown): string | undefined {
  let written: Written | undefined = { value: podTemplate, path: 'podTemplate', isWhole: false };
  let [rendered, list] = [template, ''];
  for (const [step, inBrackets] of field.matchAll(STEP)) {
    const name: string = inBrackets ?? step;
    const isItem = Array.isArray(rendered);
    const next: unknown = (rendered as Readonly<Record<string, unknown>> | undefined)?.[name];
    written = isItem ? itemOf(written, list, { item: next, index: Number(name) }) : fieldOf(written, name, step);
    if (written === undefined) return undefined;
    [rendered, list] = [next, name];
  }
  return written.path;
}

function fieldOf({ value, path, isWhole }: Written, name: string, step: string): Written | undefined {
  if (!isWhole && !(isFields(value) && Object.hasOwn(value, name))) return undefined;
  return { value: isFields(value) ? value[name] : undefined, path: `${path}${step.startsWith('[') ? '' : '.'}${step}`, isWhole };
}

interface Item {
  readonly item: unknown;
  readonly index: number;
}

/** Containers have their names together: one that stands in `podTemplate`, and is not the server's, stands nowhere else. */
function itemOf({ value, path, isWhole }: Written, list: string, { item, index }: Item): Written | undefined {
  const items = itemsAt({ value }, 'value');
  const key = ITEM_KEYS.get(list)?.merge;
  const place = key === undefined ? index : items.findIndex((each) => valueAt(each, key) === valueAt(item, key));
  if (items[place] === undefined) return isWhole ? { value: undefined, path: `${path}[${index}]`, isWhole } : undefined;
  const isOwn = ['containers', 'initContainers'].includes(list) && textAt(item, 'name') !== CONTAINER_NAME;
  return { value: items[place], path: `${path}[${place}]`, isWhole: isWhole || isOwn };
}
