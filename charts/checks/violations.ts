// What is wrong with a set of manifests before any cluster sees them: MCPServers, and the objects rendered for them. Pure.
import { API_VERSION, GROUP, KIND } from '../api/group.ts';
import { InvalidMCPServerError, resolveSpec, type Problem } from '../api/mcpserver.ts';
import { MANAGED_BY, selectorLabels, SERVER_LABEL } from '../api/labels.ts';
import type { Manifest } from '../render.ts';

/** Rules by name, with the reason for each. */
export const VALIDATION_RULES = {
  'mcpserver-is-valid': 'An MCPServer keeps the schema and the rules of its API; the API server refuses any other.',
  'selector-is-stable': 'Pods of a server are selected by two labels, for ever: the selector of a live Deployment cannot be changed.',
  'list-keys-are-unique': 'A list that is merged by key holds each key once; otherwise server-side apply fails.',
  'text-is-read-as-meant': 'What kubectl reads of a text in YAML is that text: it knows more spellings of numbers than cdk8s, and fewer characters.',
  'declared-once': 'An object is declared once, and a server either as an MCPServer or as the objects rendered for it.',
} as const;

/** One thing wrong with an object. */
export interface Violation extends Problem {
  readonly rule: keyof typeof VALIDATION_RULES;
  readonly object: Manifest;
}

/** The lists of containers that a pod has. */
const CONTAINER_LISTS = ['initContainers', 'containers'] as const;

type Containers = { readonly [List in (typeof CONTAINER_LISTS)[number]]?: readonly Readonly<Record<string, unknown>>[] };

/** The parts of rendered objects that are looked at. */
interface Rendered {
  readonly spec?: {
    readonly selector?: unknown;
    readonly ports?: unknown;
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: { readonly volumes?: unknown } & Containers;
    };
  };
}

/** Everything wrong with the objects, in their order. */
export function violationsIn(objects: readonly Manifest[]): Violation[] {
  return objects.flatMap((object, index) => {
    const found = (rule: Violation['rule'], problems: readonly Problem[]): Violation[] =>
      problems.map((problem) => ({ rule, object, ...problem }));
    return [
      ...found('mcpserver-is-valid', resourceProblems(object)),
      ...found('declared-once', [...declaredTwice(object, objects.slice(0, index)), ...renderedToo(object, objects)]),
      ...(isRendered(object) ? [...found('selector-is-stable', selectorProblems(object)), ...found('list-keys-are-unique', keyProblems(object))] : []),
    ];
  });
}

function isMCPServerKind({ apiVersion, kind }: Manifest): boolean {
  return kind === KIND && apiVersion.startsWith(`${GROUP}/`);
}

/** Whether the construct, or the operator, rendered the object. */
function isRendered({ metadata: { labels } }: Manifest): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === MANAGED_BY && labels[SERVER_LABEL] !== undefined;
}

function resourceProblems(object: Manifest): readonly Problem[] {
  if (!isMCPServerKind(object)) return [];
  if (object.apiVersion !== API_VERSION) return [{ field: 'apiVersion', message: `${object.apiVersion} is not served: write ${API_VERSION}` }];
  try {
    resolveSpec(object.metadata.name, object['spec']);
    return [];
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return error.problems;
    throw error;
  }
}

function declaredTwice(object: Manifest, earlier: readonly Manifest[]): Problem[] {
  const { kind, metadata: { name, namespace } } = object;
  const isSame = (other: Manifest): boolean =>
    other.kind === kind && groupOf(other) === groupOf(object) && other.metadata.name === name && other.metadata.namespace === namespace;
  return earlier.some(isSame) ? [{ field: 'metadata.name', message: `${kind} ${name} is declared twice: rename one, or remove it` }] : [];
}

function renderedToo(object: Manifest, objects: readonly Manifest[]): Problem[] {
  const { name, namespace } = object.metadata;
  const isItsOwn = (other: Manifest): boolean =>
    isRendered(other) && other.metadata.labels?.[SERVER_LABEL] === name && other.metadata.namespace === namespace;
  if (!isMCPServerKind(object) || !objects.some(isItsOwn)) return [];
  return [{ field: 'metadata.name', message: `the objects of ${name} are there as well, which the operator would not touch: keep either them or the MCPServer` }];
}

function groupOf({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
}

function selectorProblems(object: Manifest): Problem[] {
  const { kind, metadata } = object;
  const { selector, template } = (object as Rendered).spec ?? {};
  const wanted = selectorLabels(metadata.labels?.[SERVER_LABEL] ?? '');
  const expected: Readonly<Record<string, unknown>> = {
    Service: wanted,
    Deployment: { matchLabels: wanted },
    PodDisruptionBudget: { matchLabels: wanted },
  };
  const written = Object.entries(wanted).map(([key, value]) => `${key}: ${value}`).join(', ');
  const strays = Object.entries(wanted).some(([key, value]) => template?.metadata?.labels?.[key] !== value);
  return [
    ...(kind in expected && !isEqual(selector, expected[kind]) ? [{ field: 'spec.selector', message: `select by exactly ${written}` }] : []),
    ...(kind === 'Deployment' && strays ? [{ field: 'spec.template.metadata.labels', message: `keep ${written}: the selector needs them` }] : []),
  ];
}

function isEqual(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)).map(([key, item]) => [key, sorted(item)]);
  };
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function keyProblems(object: Manifest): Problem[] {
  const { ports, template } = (object as Rendered).spec ?? {};
  const pod = 'spec.template.spec';
  return [
    ...(object.kind === 'Service' ? repeated('spec.ports', ports, ['port', 'protocol']) : []),
    ...repeated(`${pod}.volumes`, template?.spec?.volumes, ['name']),
    ...CONTAINER_LISTS.flatMap((list) => {
      const containers = template?.spec?.[list] ?? [];
      return [
        ...repeated(`${pod}.${list}`, containers, ['name']),
        ...containers.flatMap(({ env, ports: own, volumeMounts }, index) => [
          ...repeated(`${pod}.${list}[${index}].env`, env, ['name']),
          ...repeated(`${pod}.${list}[${index}].ports`, own, ['containerPort', 'protocol']),
          ...repeated(`${pod}.${list}[${index}].volumeMounts`, volumeMounts, ['mountPath']),
        ]),
      ];
    }),
  ];
}

function repeated(field: string, list: unknown, keys: readonly string[]): Problem[] {
  const items = (list ?? []) as Readonly<Record<string, unknown>>[];
  const names = items.map((item) => keys.map((key) => String(item[key])).join('/'));
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => ({ field, message: `${keys.join('/')} ${name} is there more than once: remove all but one` }));
}
