// Rules about labels and annotations of the objects around the pods: see rules.ts.
import { GROUP } from './group.ts';
import { isFreeLabel, freeLabelCel, LABEL_KEY } from './scheduling-fields.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Prefixes of tools that track what they applied: on an object they would claim it for somebody else. */
const GITOPS_PREFIXES = ['argocd.argoproj.io/', 'kustomize.toolkit.fluxcd.io/'];
/** The same, and that of the operator. */
export const OWNER_PREFIXES: readonly string[] = [`${GROUP}/`, ...GITOPS_PREFIXES];
/** The same, and that of the controller that writes a Deployment's revision. */
const RESERVED_PREFIXES = [...OWNER_PREFIXES, 'deployment.kubernetes.io/'];
/** Annotation of kubectl. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Metadata = NonNullable<ResolvedSpec['metadata']>;
const OBJECTS = ['all', 'deployment', 'service', 'serviceAccount'] as const satisfies (keyof Metadata)[];

/** Whether users may annotate an object with it. */
export function isFreeAnnotation(key: string, reserved = OWNER_PREFIXES): boolean {
  return LABEL_KEY.test(key) && key !== LAST_APPLIED && !reserved.some((prefix) => key.startsWith(prefix));
}

/** The same in CEL, of a key `k`. */
export function freeAnnotationCel(reserved = OWNER_PREFIXES): string {
  return [`k.matches(r'${LABEL_KEY.source}')`, `k != '${LAST_APPLIED}'`, ...reserved.map((prefix) => `!k.startsWith('${prefix}')`)].join(' && ');
}

type Part = 'labels' | 'annotations';

/** A rule about the keys of one kind of map of each object. */
function keyRules(part: Part, cel: string, { reserved, isFree }: { reserved: string; isFree: (key: string) => boolean }): SpecRule[] {
  return OBJECTS.map((object): SpecRule => {
    const [field, map] = [`metadata.${object}.${part}`, `self.metadata.${object}`];
    return {
      field,
      cel: `!has(self.metadata) || !has(${map}) || !has(${map}.${part}) || ${map}.${part}.all(k, ${cel})`,
      message: `${field} needs valid keys, and none of ${reserved}`,
      holds: ({ metadata }) => Object.keys(metadata?.[object]?.[part] ?? {}).every(isFree),
    };
  });
}

export const METADATA_RULES: readonly SpecRule[] = [
  ...keyRules('labels', [freeLabelCel(), ...GITOPS_PREFIXES.map((prefix) => `!k.startsWith('${prefix}')`)].join(' && '), {
    reserved: "the operator's own (app.kubernetes.io/{name,instance,component,managed-by}, example.com/transport) or of GitOps tools",
    isFree: (key) => isFreeLabel(key) && !GITOPS_PREFIXES.some((prefix) => key.startsWith(prefix)),
  }),
  ...keyRules('annotations', freeAnnotationCel(RESERVED_PREFIXES), {
    reserved: 'those by which the operator, GitOps tools, kubectl and controllers mark what is theirs',
    isFree: (key) => isFreeAnnotation(key, RESERVED_PREFIXES),
  }),
  {
    field: 'metadata.serviceAccount',
    cel: '!has(self.serviceAccount) || !has(self.metadata) || !has(self.metadata.serviceAccount)',
    message: 'metadata.serviceAccount is of the own ServiceAccount, and serviceAccount names another: put labels and annotations on that one, or leave serviceAccount out',
    holds: ({ serviceAccount, metadata }) => serviceAccount === undefined || metadata?.serviceAccount === undefined,
  },
];
