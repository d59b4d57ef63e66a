// What must hold of the reader of servers' answers, whatever comes and however it is cut: told by the parsers that MCP clients use.
import { isJSONRPCResultResponse, JSONRPCMessageSchema, ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { EventStream } from '../../reconciler/verification/reading/event-stream.ts';
import { JsonScanner } from '../../reconciler/verification/reading/json-scanner.ts';
import { isMessage, MOST_EVENTS, ReplyReader } from '../../reconciler/verification/reading/reply-reader.ts';
import { ToolListReader, type ToolList } from '../../reconciler/verification/reading/tool-list-reader.ts';
import type { FuzzProperty } from './fuzz-property.ts';

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const ENDS = ['\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r'];

/** Where an answer is cut: lengths of pieces, over and over. */
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

function pieces(text: string, lengths: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const cut: Buffer[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    cut.push(bytes.subarray(start, start + length));
    start += length;
  }
  return cut;
}

const MEMBERS = ['jsonrpc', 'id', 'result', 'error', 'tools', 'name', 'inputSchema', 'code', 'message', '*', '__proto__', 'é'];
/** What is put into JSON to spoil it, or not. */
const PUT = ['', ...Array.from('"\\{}[],: \t0-e\x01é'), 'true', '\\u00'];

/** Values like those of a reply, right and nearly right. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(1, '1', 2, null, '2.0', 'a', true, -1.5e-7, '\u{1f680}\n"', {}, []),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...MEMBERS), tie('value'), { maxKeys: 4 }),
  ),
})).value;
const schema = fc.oneof(
  fc.constant({ type: 'object' }),
  value,
  fc.record({ type: fc.constantFrom('object', 'array'), properties: value, required: value }, { requiredKeys: [] }),
);
const icon = fc.record({ src: value, sizes: value, theme: fc.constantFrom('light', 'x') }, { requiredKeys: [] });
const tool = fc.oneof(
  fc.record({ name: fc.constant('a'), inputSchema: fc.constant({ type: 'object' }) }),
  fc.record({
    name: fc.oneof(fc.string(), value), inputSchema: schema, outputSchema: schema,
    title: value, description: value, _meta: value, execution: fc.constantFrom({}, []),
    annotations: fc.oneof(value, fc.dictionary(fc.constantFrom('title', 'readOnlyHint'), value)),
    icons: fc.oneof(value, fc.array(icon, { maxLength: 2 })),
  }, { requiredKeys: ['name', 'inputSchema'] }),
);
const list = fc.record({
  jsonrpc: fc.constantFrom<unknown>('2.0', '2.0', '1.0'),
  id: fc.constantFrom<unknown>(1, 1, '1', 2, null),
  result: fc.oneof(value, fc.record({
    tools: fc.oneof(fc.array(fc.oneof(tool, value), { maxLength: 3 }), value), nextCursor: value, _meta: fc.constantFrom({}, null),
  }, { requiredKeys: ['tools'] })),
  error: fc.record({ code: fc.oneof(fc.integer(), value), message: fc.oneof(fc.string(), value) }, { requiredKeys: [] }),
}, { requiredKeys: ['jsonrpc', 'id'] });

/** JSON, and text that was JSON before something was taken out, put in or doubled. */
const json = fc.tuple(
  fc.oneof(value, list).map((each) => JSON.stringify(each)),
  fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...PUT)), { maxLength: 2 }),
).map(([text, edits]) => edits.reduce((edited, [at, gone, put]) => {
  const place = at % (edited.length + 1);
  return (edited.slice(0, place) + put + edited.slice(place + gone)).toWellFormed();
}, text));

const stream = fc.array(fc.oneof(
  fc.constantFrom(...ENDS, 'data:', 'data: ', 'data', 'event:', 'event: message', 'event:other', 'id: 1', ': note', 'retry: 5', ' ', '\u{feff}', ':', '\u{1f680}', 'dat'),
  json.map((text) => `data: ${text}\n`),
  json.map((text) => `data: ${text}\n\n`),
), { maxLength: 20 }).map((parts) => parts.join(''));

/** The events that MCP clients see: those without data are none. */
function eventsOf(text: string): string[] {
  const events: string[] = [];
  const parser = createParser({
    onEvent: ({ data, event = 'message' }) => { if (data !== '' && event === 'message') events.push(data); },
  });
  // Clients decode the text before, and drop its byte order mark.
  parser.feed(text.replace(/^\u{feff}/u, ''));
  return events;
}

function readEvents(text: string, lengths: readonly number[]): string[] {
  const events: string[] = [];
  let parts: Buffer[] = [];
  const reader = new EventStream({
    data: (piece) => void parts.push(Buffer.from(piece)),
    end: (type) => {
      if (isMessage(type)) events.push(Buffer.concat(parts).toString());
      parts = [];
      return false;
    },
  });
  for (const piece of pieces(text, lengths)) reader.push(piece);
  return events;
}

function parses(text: string): unknown {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isClientsReply(text: string): boolean {
  const parsed = parses(text) as { value: { id?: unknown } } | undefined;
  const { success } = JSONRPCMessageSchema.safeParse(parsed?.value);
  return success && parsed !== undefined && ('result' in parsed.value || 'error' in parsed.value) && Number(parsed.value.id) === 1;
}

/** What `answer` is, given piece by piece, and how often JSON was parsed for it. */
function readReply(answer: string, headers: Record<string, string>, lengths: readonly number[]): { found: boolean; parsed: number } {
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (...args: Parameters<typeof parse>): unknown => {
    parsed += 1;
    return parse(...args) as unknown;
  };
  try {
    const reader = new ReplyReader();
    const look = reader.enough({ status: 200, headers });
    if (look !== true) for (const piece of pieces(answer, lengths)) if (look(piece)) break;
    return { found: reader.reply(answer) !== undefined, parsed };
  } finally {
    JSON.parse = parse;
  }
}

function readList(answer: string, headers: Record<string, string>, lengths: readonly number[]): ToolList['kind'] {
  const reader = new ToolListReader('legacy');
  const look = reader.enough({ status: 200, headers });
  if (look !== true) for (const piece of pieces(answer, lengths)) if (look(piece)) break;
  return reader.list(false).kind;
}

function isObject(each: unknown): each is Record<string, unknown> {
  return typeof each === 'object' && each !== null && !Array.isArray(each);
}

/** What a list of tools is to the client, told from the whole of it. */
function isList(text: string): boolean {
  const { value: body } = (parses(text) ?? {}) as { value?: unknown };
  const message: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  if (!isJSONRPCResultResponse(message) || Number(message.id) !== 1) return false;
  return ListToolsResultSchema.safeParse(JSON.parse(JSON.stringify(message.result, withoutProperties))).success;
}

/** Version 2 of the client does not look into the properties of schemas. */
function withoutProperties(this: unknown, name: string, each: unknown): unknown {
  return name === 'properties' && isObject(each) ? {} : each;
}

function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

export const READER_PROPERTIES: readonly FuzzProperty[] = [
  {
    name: 'the events of a stream are those that clients see',
    property: fc.property(stream, cuts, (text, lengths) => same(readEvents(text, lengths), eventsOf(text))),
  },
  {
    name: 'what is JSON to the scanner is JSON to clients, and nothing else',
    property: fc.property(json, cuts, (text, lengths) => {
      const scanner = new JsonScanner({ begin: () => undefined, end: () => undefined, scalar: () => undefined });
      for (const piece of pieces(text, lengths)) scanner.push(piece);
      same(scanner.end(), parses(text) !== undefined);
    }),
  },
  {
    name: 'a list of tools is one, in a body or as an event, read as it comes or as a whole',
    property: fc.property(json, cuts, (text, lengths) => {
      same(readList(text, {}, lengths) === 'Listed', isList(text));
      if (!/[\r\n]/.test(text)) same(readList(`data: ${text}\n\n`, EVENT_STREAM, lengths) === 'Listed', isList(text));
    }),
  },
  {
    name: 'a reply that clients take is found, at the cost of one parse for each event at most',
    property: fc.property(stream, json, cuts, (text, body, lengths) => {
      if (isClientsReply(body)) same(readReply(body, {}, lengths), { found: true, parsed: 1 });
      const events = eventsOf(text).slice(0, MOST_EVENTS);
      const { found, parsed } = readReply(text, EVENT_STREAM, lengths);
      if (events.some(isClientsReply)) same(found, true);
      same(parsed <= events.length, true);
    }),
  },
];
