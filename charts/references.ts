// What a server refers to by name without rendering it: Secrets, ConfigMaps and a named ServiceAccount. Pure.
import { hasConfig } from './config-map.ts';
import { configMapName } from './api/labels.ts';
import type { ResolvedServer } from './server.ts';

/** Kind of an object a server refers to. */
export type ReferenceKind = 'Secret' | 'ConfigMap' | 'ServiceAccount';

/** Everything a server wants of one object in its namespace. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
  /** Where the spec names it, in order. */
  readonly fields: readonly string[];
  /** Whether some use is not optional. */
  readonly required: boolean;
  /** Whether no pod starts before the object is there: not so for what pods do not read. */
  readonly holdsPods: boolean;
  /** Keys no pod starts without. */
  readonly requiredKeys: readonly string[];
  /** Keys that pods read, sorted; `all`: whatever is in it; empty: others read it for them, as image pull secrets and credentials of handshakes. */
  readonly keys: 'all' | readonly string[];
}

/** One use of an object. */
interface Use {
  readonly kind: ReferenceKind;
  readonly name: string;
  readonly field: string;
  readonly optional?: boolean | undefined;
  readonly keys: Reference['keys'];
}

/** Every object the server refers to, once each, sorted by kind and name. Claims are not among them: a pod without its claim says so itself. */
export function referencesOf(server: ResolvedServer): Reference[] {
  const ownConfig = hasConfig(server) ? configMapName(server.name) : undefined;
  const uses = new Map<string, Use[]>();
  for (const use of usesOf(server)) {
    if (use.kind === 'ConfigMap' && use.name === ownConfig) continue;
    const key = `${use.kind}/${use.name}`;
    uses.set(key, [...(uses.get(key) ?? []), use]);
  }
  return [...uses].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, all]) => merged(all));
}

function merged(uses: readonly Use[]): Reference[] {
  const [first] = uses;
  if (first === undefined) return [];
  const needed = uses.filter(({ optional }) => optional !== true);
  return [{
    kind: first.kind,
    name: first.name,
    fields: uses.map(({ field }) => field),
    required: needed.length > 0,
    holdsPods: needed.some(({ keys }) => keys.length > 0),
    requiredKeys: sorted(needed.flatMap(({ keys }) => (keys === 'all' ? [] : keys))),
    keys: uses.some(({ keys }) => keys === 'all') ? 'all' : sorted(uses.flatMap(({ keys }) => keys)),
  }];
}

function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].toSorted();
}

function usesOf({ spec }: ResolvedServer): Use[] {
  const { serviceAccount, imagePullSecrets = [], tls, verification: { credentialsSecretRef: credentials } } = spec;
  return [
    ...(serviceAccount === undefined ? [] : [{ kind: 'ServiceAccount', name: serviceAccount, field: 'spec.serviceAccount', keys: [] } as const]),
    ...imagePullSecrets.map(({ name }, index): Use => ({ kind: 'Secret', name, field: `spec.imagePullSecrets[${index}]`, keys: [] })),
    ...(tls?.caBundleRef ? [{ kind: 'ConfigMap', name: tls.caBundleRef.name, field: 'spec.tls.caBundleRef', keys: [] } as const] : []),
    ...(credentials ? [{ kind: 'Secret', name: credentials.name, field: 'spec.verification.credentialsSecretRef', keys: [] } as const] : []),
    ...environmentUses(spec),
    ...fileUses(spec),
  ];
}

function environmentUses({ env = [], envFrom = [] }: ResolvedServer['spec']): Use[] {
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

function fileUses({ files = [] }: ResolvedServer['spec']): Use[] {
  return files.flatMap(({ secret, configMap }, index) => {
    const use = (kind: ReferenceKind, source: NonNullable<typeof secret>): Use =>
      ({ kind, name: source.name, field: `spec.files[${index}]`, keys: source.items?.map(({ key }) => key) ?? 'all' });
    return [...(secret ? [use('Secret', secret)] : []), ...(configMap ? [use('ConfigMap', configMap)] : [])];
  });
}
