// Requests and limits: defaults by transport that never contradict what the user wrote.
import { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec, Transport } from './api/spec.ts';
import { canonicalQuantity, parseQuantity } from './api/quantity.ts';
import type { ResolvedServer } from './server.ts';
import { cacheSize } from './stdio-cache.ts';

type Quantities = Readonly<Record<string, string | number>>;

const EPHEMERAL_STORAGE = 'ephemeral-storage';
const DEFAULT_REQUESTS: Readonly<Record<Transport, Quantities>> = {
  stdio: { cpu: '50m', memory: '64Mi', [EPHEMERAL_STORAGE]: '64Mi' },
  http: { cpu: '100m', memory: '128Mi', [EPHEMERAL_STORAGE]: '64Mi' },
  'streamable-http': { cpu: '200m', memory: '256Mi', [EPHEMERAL_STORAGE]: '64Mi' },
};
/** No CPU limit: throttling a server that could run helps nobody. */
const DEFAULT_LIMITS = { memory: '512Mi', [EPHEMERAL_STORAGE]: '512Mi' };

/**
 * Resources of the container, in canonical spelling.
 * A default request is lowered to the user's limit, a default limit raised to the user's request.
 */
export function containerResources({ spec }: ResolvedServer): k8s.ResourceRequirements {
  const requests: Quantities = spec.resources?.requests ?? {};
  const limits: Quantities = spec.resources?.limits ?? {};
  return {
    requests: quantities({ ...bounded(DEFAULT_REQUESTS[spec.transport], limits, smaller), ...requests }),
    limits: quantities({ ...bounded(defaultLimits(spec), requests, larger), ...limits }),
  };
}

/** What is written to emptyDir volumes counts against a limit, in memory or on disk, so the default has room for what the user allows there. */
function defaultLimits(spec: ResolvedSpec): Quantities {
  const cache = cacheSize(spec);
  const own = cache === undefined ? [] : [{ sizeLimit: cache, medium: undefined }];
  const folders = [...(spec.storage ?? []).flatMap(({ emptyDir }) => emptyDir ?? []), ...own];
  const [inMemory, onDisk] = [folders.filter(({ medium }) => medium === 'Memory'), folders.filter(({ medium }) => medium !== 'Memory')];
  return { memory: withRoom(DEFAULT_LIMITS.memory, inMemory), [EPHEMERAL_STORAGE]: withRoom(DEFAULT_LIMITS[EPHEMERAL_STORAGE], onDisk) };
}

/** A limit that leaves room for what these folders may hold besides, in whole mebibytes. */
export function withRoom(limit: string, folders: readonly { readonly sizeLimit: string | number }[]): string {
  const more = folders.reduce((sum, { sizeLimit }) => sum + parseQuantity(sizeLimit), 0n);
  return more === 0n ? limit : `${(parseQuantity(limit) + more) / parseQuantity('1Mi') + 1n}Mi`;
}

type Choose = (a: string | number, b: string | number) => string | number;
const smaller: Choose = (a, b) => (parseQuantity(a) <= parseQuantity(b) ? a : b);
const larger: Choose = (a, b) => (parseQuantity(a) >= parseQuantity(b) ? a : b);

function bounded(defaults: Quantities, bounds: Quantities, choose: Choose): Quantities {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => {
      const bound = bounds[name];
      return [name, bound === undefined ? value : choose(value, bound)];
    }),
  );
}

function quantities(values: Quantities): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, k8s.Quantity.fromString(canonicalQuantity(value))]),
  );
}
