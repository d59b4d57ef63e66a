// Whose child the span of a message is.
import { expect, it } from 'vitest';
import { parentsOf } from '../../../mcp-server/tracing/parents.ts';

const of = (trace: string, span: string): string => `00-${trace.repeat(32)}-${span.repeat(16)}-01`;
const headers = (entries: Record<string, string>): Headers => new Headers(entries);

it('of the one in the message, and the one of the request is a link', () => {
  expect(parentsOf({ meta: { traceparent: of('a', 'b') }, headers: headers({ traceparent: of('c', 'd') }) })).toMatchObject({
    parent: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true },
    link: { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) },
  });
});

it('of the same one in both there is no link', () => {
  expect(parentsOf({ meta: { traceparent: of('a', 'b') }, headers: headers({ traceparent: of('a', 'b') }) }).link).toBeUndefined();
});

it('of the request where the message has none that can be read', () => {
  for (const meta of [undefined, null, {}, { traceparent: 'x' }, { traceparent: `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01` }, 'x']) {
    expect(parentsOf({ meta, headers: headers({ traceparent: of('c', 'd') }) })).toMatchObject({ parent: { spanId: 'd'.repeat(16) } });
  }
});

it.each([
  'x', '', `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `${of('a', 'b')}-more`, of('A', 'B'), of('a', '0'), `${of('a', 'b')}, ${of('c', 'd')}`,
  `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${'c'.repeat(1_000_000)}`,
])('of nobody where it says %.60s', (traceparent) => {
  expect(parentsOf({ meta: { traceparent }, headers: headers({ traceparent }) })).toEqual({});
});

it('a later version of the standard is understood as far as it can be', () => {
  expect(parentsOf({ meta: { traceparent: `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more` } })).toMatchObject({ parent: { traceId: 'a'.repeat(32) } });
});

function state(tracestate: unknown): string {
  const meta = { traceparent: of('a', 'b'), tracestate, baggage: 'user=alice' };
  return parentsOf({ meta }).parent?.traceState?.serialize() ?? '';
}

it('vendors are told what they said, and nothing of what is no tracestate, or too long', () => {
  expect(state('rojo=1,congo=2')).toBe('rojo=1,congo=2');
  for (const odd of ['', 'no state', `a=${'x'.repeat(600)}`, ['a=1'], { a: 1 }]) expect(state(odd)).toBe('');
});
