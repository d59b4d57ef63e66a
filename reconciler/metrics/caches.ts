// The metrics of what the operator knows of the cluster: its caches, their watches, and the objects it follows.
import { Counter, Gauge, type Registry } from 'prom-client';
import { isApiError } from '../../kubernetes/errors.ts';
import { ENDPOINT_SLICES, PODS, type ResourceType } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, MCP_SERVERS } from '../kinds.ts';
import type { CacheState } from '../view/view.ts';

/** Counts lists and watches that failed and were begun again; give it to the View as `onRestart`. */
export function watchRestarts(registry: Registry): (type: ResourceType, error: unknown) => void {
  const counter = new Counter({
    registers: [registry], labelNames: ['resource', 'reason'],
    name: 'mcp_operator_watch_restarts_total',
    help: 'Lists and watches that failed and were begun again, by resource and kind of error. Those that end as agreed do not count.',
  });
  for (const { plural } of [MCP_SERVERS, PODS, ENDPOINT_SLICES, ...CHILD_TYPES]) counter.inc({ resource: plural, reason: 'Network' }, 0);
  return ({ plural }, error) => counter.inc({ resource: plural, reason: isApiError(error) ? error.kind : 'Other' });
}

/** Shows, at every scrape, how many objects each cache has, and when it was last told something. */
export function exposeCaches(registry: Registry, caches: () => readonly CacheState[]): void {
  const common = { registers: [registry], labelNames: ['resource'] };
  const size: Gauge = new Gauge({
    ...common, name: 'mcp_operator_cache_objects', help: 'Objects in the cache of a resource.',
    collect: () => { for (const { type, size: objects } of caches()) size.set({ resource: type.plural }, objects); },
  });
  const heard: Gauge = new Gauge({
    ...common, name: 'mcp_operator_watch_last_event_timestamp_seconds',
    help: 'When the API server last told something of a resource, in seconds since 1970; of a quiet one it sends a bookmark within two minutes.',
    collect: () => {
      for (const { type, heardAt } of caches()) if (heardAt !== undefined) heard.set({ resource: type.plural }, heardAt.getTime() / 1000);
    },
  });
}

/** Shows, at every scrape, how many Secrets, ConfigMaps and ServiceAccounts are followed, because MCPServers refer to them. */
export function exposeReferences(registry: Registry, followed: () => number): void {
  const gauge: Gauge = new Gauge({
    registers: [registry], name: 'mcp_operator_references_followed',
    help: 'Secrets, ConfigMaps and ServiceAccounts that are followed, because MCPServers refer to them.',
    collect: () => gauge.set(followed()),
  });
}
