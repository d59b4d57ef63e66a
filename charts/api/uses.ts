// Where a spec names Secrets, ConfigMaps and a ServiceAccount, use by use; and the rule how many of them it may name.
import { openUses } from './open-uses.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Kind of an object a server refers to. */
export type ReferenceKind = 'Secret' | 'ConfigMap' | 'ServiceAccount';

/** One use of an object. */
export interface Use {
  readonly kind: ReferenceKind;
  readonly name: string;
  /** Where the spec names it. */
  readonly field: string;
  readonly optional?: boolean | undefined;
  /** Keys that pods read; `all`: whatever is in it; empty: others read it for them, as image pull secrets and credentials of handshakes. */
  readonly keys: 'all' | readonly string[];
}

/** An MCPServer may refer to so many objects; of one that is stored with more, so many are followed. */
export const MAX_REFERENCES = 64;

/** Every use, in the order of the fields. Claims are not among them: a pod without its claim says so itself. */
export function usesOf(spec: ResolvedSpec): Use[] {
  const { serviceAccount, imagePullSecrets = [], tls, verification: { credentialsSecretRef: credentials } } = spec;
  return [
    ...(serviceAccount === undefined ? [] : [{ kind: 'ServiceAccount', name: serviceAccount, field: 'spec.serviceAccount', keys: [] } as const]),
    ...imagePullSecrets.map(({ name }, index): Use => ({ kind: 'Secret', name, field: `spec.imagePullSecrets[${index}]`, keys: [] })),
    ...(tls?.caBundleRef ? [{ kind: 'ConfigMap', name: tls.caBundleRef.name, field: 'spec.tls.caBundleRef', keys: [] } as const] : []),
    ...(credentials ? [{ kind: 'Secret', name: credentials.name, field: 'spec.verification.credentialsSecretRef', keys: [] } as const] : []),
    ...environmentUses(spec),
    ...fileUses(spec),
    ...openUses(spec),
  ];
}

export const REFERENCE_RULES: readonly SpecRule[] = [
  {
    field: '',
    // Telling names apart costs the square of their number, far more than the API server allows a rule.
    cel: undefined,
    sparesStored: true,
    message: `the spec may refer to at most ${MAX_REFERENCES} different Secrets, ConfigMaps and ServiceAccounts: put what belongs together into one of them`,
    holds: (spec) => new Set(usesOf(spec).map(({ kind, name }) => `${kind}/${name}`)).size <= MAX_REFERENCES,
  },
];

function environmentUses({ env = [], envFrom = [] }: ResolvedSpec): Use[] {
  const variables = env.flatMap(({ valueFrom }, index): Use[] => {
    const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom ?? {};
    const field = `spec.env[${index}]`;
    return [
      ...(secret ? [{ kind: 'Secret', name: secret.name, field, optional: secret.optional, keys: [secret.key] } as const] : []),
      ...(configMap ? [{ kind: 'ConfigMap', name: configMap.name, field, optional: configMap.optional, keys: [configMap.key] } as const] : []),
    ];
  });
  const sources = envFrom.flatMap(({ secretRef, configMapRef }, index): Use[] => {
    const use = { field: `spec.envFrom[${index}]`, keys: 'all' } as const;
    return [
      ...(secretRef ? [{ ...use, ...secretRef, kind: 'Secret' } as const] : []),
      ...(configMapRef ? [{ ...use, ...configMapRef, kind: 'ConfigMap' } as const] : []),
    ];
  });
  return [...variables, ...sources];
}

function fileUses({ files = [] }: ResolvedSpec): Use[] {
  return files.flatMap(({ secret, configMap, projected, csi }, index) => {
    const field = `spec.files[${index}]`;
    const sources = [{ secret, configMap }, ...(projected?.sources ?? [])];
    const handed = csi?.nodePublishSecretRef;
    return [
      ...sources.flatMap((each) => [...usesIn('Secret', each.secret, field), ...usesIn('ConfigMap', each.configMap, field)]),
      ...(handed === undefined ? [] : [{ kind: 'Secret', name: handed.name, field, keys: 'all' } as const]),
    ];
  });
}

type Source = NonNullable<NonNullable<ResolvedSpec['files']>[number]['secret']>;

function usesIn(kind: ReferenceKind, source: Omit<Source, 'defaultMode'> | undefined, field: string): Use[] {
  if (source === undefined) return [];
  const { name, optional, items } = source;
  return [{ kind, name, field, optional, keys: items?.map(({ key }) => key) ?? 'all' }];
}
