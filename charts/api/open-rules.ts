// What the open fields may not say, because the spec says it in a field of its own, or because servers are known by it. In code
// alone: the API server's rules see nothing below an open field.
import { GROUP } from './group.ts';
import { BRIDGE_NAME, CONTAINER_NAME, RESERVED_LABELS } from './labels.ts';
import { LAST_APPLIED, OWNER_PREFIXES } from './metadata-rules.ts';
import { fieldsAt, itemsAt, textAt, valueAt } from './open-values.ts';
import type { ResolvedSpec } from './spec.ts';

/** How keys begin by which the operator and GitOps tools know what is theirs. */
const TRACKING = [...OWNER_PREFIXES, 'helm.toolkit.fluxcd.io/', LAST_APPLIED];

/** A field of `podTemplate` that is refused, and what to do instead. */
export interface OpenRule {
  /** Below `spec`; `KEY` is any key that is meant. */
  readonly field: string;
  readonly message: string;
}

interface Found {
  readonly field: string;
  readonly message: string;
}

/** Of the pod. */
const POD_RULES: readonly OpenRule[] = [
  { field: 'podTemplate.spec.restartPolicy', message: 'pods of a Deployment restart always: leave it out' },
  { field: 'podTemplate.spec.serviceAccountName', message: 'spec.serviceAccount says it: write it there' },
  { field: 'podTemplate.spec.serviceAccount', message: 'spec.serviceAccount says it: write it there' },
  { field: 'podTemplate.spec.automountServiceAccountToken', message: 'spec.automountServiceAccountToken says it: write it there' },
];
/** Of the container `mcp-server`. */
const SERVER_RULES = {
  command: 'spec.command says it: write it there (args may be set here)',
  ports: 'spec.port and spec.extraPorts say them: write them there',
} as const;
const MESSAGES = {
  variable: 'variables of the server that begin with MCP_ are set by the operator: set it in spec.env, which wins over those',
  metadata: `labels and annotations by which servers are known cannot be set: app.kubernetes.io/{name,instance,component,managed-by}, example.com/transport, ${GROUP}/*, and what GitOps tools track objects by`,
  preStop: 'a hook beside the sleep of spec.drainSeconds: set that to 0, and have the hook wait itself',
  sidecar: 'a sidecar restarts always: leave it out, or move the container to spec.initContainers',
  server: `${CONTAINER_NAME} is the container of the server: choose another name`,
  bridge: `${BRIDGE_NAME} is the container that brings the bridge of a stdio server: choose another name`,
  twice: 'another container of the pod has this name: choose another one, or write all of the container in one place',
} as const;

const SERVER = `podTemplate.spec.containers[${CONTAINER_NAME}]`;
/** Every rule, for the reference. */
export const OPEN_RULES: readonly OpenRule[] = [
  ...POD_RULES,
  { field: 'podTemplate.metadata', message: MESSAGES.metadata },
  ...Object.entries(SERVER_RULES).map(([field, message]) => ({ field: `${SERVER}.${field}`, message })),
  { field: `${SERVER}.env`, message: MESSAGES.variable },
  { field: `${SERVER}.lifecycle.preStop`, message: MESSAGES.preStop },
  { field: 'sidecars[].restartPolicy', message: MESSAGES.sidecar },
  { field: 'initContainers, sidecars, podTemplate.spec.initContainers', message: MESSAGES.server },
  { field: 'initContainers, sidecars, podTemplate.spec', message: MESSAGES.bridge },
  { field: 'initContainers, sidecars, podTemplate.spec', message: MESSAGES.twice },
];

/** What the open fields of a spec say that they may not, in the order of the fields below `spec`. */
export function openProblems(spec: ResolvedSpec): Found[] {
  const { podTemplate, sidecars = [], drainSeconds } = spec;
  const pod = POD_RULES.filter(({ field }) => valueAt(spec, field) !== undefined);
  const restarts = sidecars.flatMap(({ restartPolicy }, index) =>
    restartPolicy === undefined || restartPolicy === 'Always' ? [] : [{ field: `sidecars.${index}.restartPolicy`, message: MESSAGES.sidecar }]);
  return [...restarts, ...nameProblems(spec), ...metadataProblems(podTemplate), ...pod, ...serverProblems(podTemplate, drainSeconds)];
}

function metadataProblems(podTemplate: unknown): Found[] {
  return ['labels', 'annotations'].flatMap((map) =>
    Object.keys(fieldsAt(podTemplate, `metadata.${map}`))
      .filter((key) => RESERVED_LABELS.includes(key) || TRACKING.some((start) => key.startsWith(start)))
      .map((key) => ({ field: `podTemplate.metadata.${map}.${key}`, message: MESSAGES.metadata })));
}

function serverProblems(podTemplate: unknown, drainSeconds: number): Found[] {
  return itemsAt(podTemplate, 'spec.containers').flatMap((container, index): Found[] => {
    if (textAt(container, 'name') !== CONTAINER_NAME) return [];
    const at = `podTemplate.spec.containers.${index}`;
    const said = Object.entries(SERVER_RULES).filter(([field]) => valueAt(container, field) !== undefined);
    return [
      ...said.map(([field, message]) => ({ field: `${at}.${field}`, message })),
      ...(drainSeconds > 0 && valueAt(container, 'lifecycle.preStop') !== undefined ? [{ field: `${at}.lifecycle.preStop`, message: MESSAGES.preStop }] : []),
      ...itemsAt(container, 'env').flatMap((variable, place) =>
        textAt(variable, 'name')?.startsWith('MCP_') === true ? [{ field: `${at}.env.${place}.name`, message: MESSAGES.variable }] : []),
    ];
  });
}

/** The containers of a pod have their names together. */
function nameProblems(spec: ResolvedSpec): Found[] {
  const taken = new Set<string>();
  return ['initContainers', 'sidecars', 'podTemplate.spec.initContainers', 'podTemplate.spec.containers'].flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index): Found[] => {
      const name = textAt(container, 'name');
      if (name === undefined) return [];
      const found = (message: string): Found[] => [{ field: `${list}.${index}.name`, message }];
      if (name === CONTAINER_NAME && list !== 'podTemplate.spec.containers') return found(MESSAGES.server);
      if (name === BRIDGE_NAME && spec.transport === 'stdio') return found(MESSAGES.bridge);
      if (taken.has(name)) return found(MESSAGES.twice);
      taken.add(name);
      return [];
    }));
}
