// What of the page is shown, as the part of the URL behind # says: a reload, a bookmark and the way back keep it. Pure.
import { NO_FILTERS, SORTS, type Filters, type Sort } from './filters.ts';

/** The table, or one MCPServer. */
export type Route =
  | { readonly kind: 'fleet'; readonly filters: Filters }
  | { readonly kind: 'server'; readonly namespace: string; readonly name: string };

/** Reads it; what it cannot be is the whole table. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const [, namespace, name] = /^\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (namespace !== undefined && name !== undefined) return { kind: 'server', namespace: decoded(namespace), name: decoded(name) };
  const said = new URLSearchParams(query);
  const sort = SORTS.find((each) => each === said.get('sort')) ?? NO_FILTERS.sort;
  const page = Number(said.get('page') ?? 1);
  return {
    kind: 'fleet',
    filters: {
      text: said.get('text') ?? '',
      phase: said.get('phase') ?? '',
      reason: said.get('reason') ?? '',
      sort,
      isReversed: said.has('reversed'),
      page: Number.isInteger(page) && page > 0 ? page : 1,
    },
  };
}

/** Such as `#/?phase=Failed`: nothing is said that goes without saying. */
export function fleetHash({ text, phase, reason, sort, isReversed, page }: Filters): string {
  const said = new URLSearchParams();
  const words: readonly (readonly [string, string])[] = [['text', text], ['phase', phase], ['reason', reason]];
  for (const [name, value] of words) if (value !== '') said.set(name, value);
  if (sort !== NO_FILTERS.sort) said.set('sort', sort satisfies Sort);
  if (isReversed) said.set('reversed', '');
  if (page > 1) said.set('page', String(page));
  const query = said.toString();
  return query === '' ? '#/' : `#/?${query}`;
}

/** Of one MCPServer. */
export function serverHash({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `#/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
