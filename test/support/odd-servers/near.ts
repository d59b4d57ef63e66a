// Servers that are one member away from a right one: whatever they say is right, but for one value that is another one, or missing.
import { error, result, usual, type Answers } from './answers.ts';
import type { OddServer } from './odd-server.ts';

/** A server of this kind, called by what is another, and how. */
export type NearServer = Pick<OddServer, 'name' | 'answers' | 'isUnnamed'>;

/** What members become. */
const VALUES: readonly unknown[] = [null, true, -1.5, 'x', [], {}, undefined];

const CAPABILITIES = {
  tools: { listChanged: true }, prompts: { listChanged: false }, resources: { subscribe: true, listChanged: true },
  logging: {}, completions: {}, experimental: { a: {} }, extensions: { 'a/b': {} },
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};
const ICONS = [{ src: 'a.png', mimeType: 'image/png', sizes: ['1x1'], theme: 'light' }];
const SERVER_INFO = { name: 'near', version: '1', title: 't', description: 'd', websiteUrl: 'https://a.example.com', icons: ICONS };
const LISTED = { resultType: 'complete', ttlMs: 5, cacheScope: 'public' };

const INTRODUCTION = {
  protocolVersion: '2025-06-18', capabilities: CAPABILITIES, serverInfo: SERVER_INFO, instructions: 'hi', _meta: { a: 1, progressToken: 1 },
};
const DISCOVERED = {
  supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES, serverInfo: SERVER_INFO, instructions: 'hi',
  _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO }, ...LISTED,
};
const TOOL = {
  name: 'a', title: 't', description: 'd', icons: ICONS, execution: { taskSupport: 'optional' }, _meta: { a: 1 },
  inputSchema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], $defs: { x: {} } },
  outputSchema: { type: 'object', properties: { a: {} }, required: ['a'] },
  annotations: { title: 'x', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
};
const TOOLS = { tools: [TOOL], nextCursor: 'x', _meta: { a: 1, progressToken: 1 }, ...LISTED };
const REFUSAL = { code: -32_603, message: 'x', data: { a: 1 } };

const UNKNOWN = error({ code: -32_601, message: 'Method not found' }, { status: 404 });
const MODERN: Answers = { 'server/discover': result(DISCOVERED), 'tools/list': result(TOOLS), '*': UNKNOWN };
const EARLIER: Answers = { initialize: result(INTRODUCTION), 'tools/list': result(TOOLS), '*': usual };

/** By what is not as it should be. */
export const NEAR_SERVERS: Readonly<Record<string, readonly NearServer[]>> = {
  'the introduction': near(INTRODUCTION, (value) => ({ ...EARLIER, initialize: result(value) })),
  'the list of tools': near(TOOLS, (value) => ({ ...EARLIER, 'tools/list': result(value) })),
  'the introduction of the modern era': near(DISCOVERED, (value) => ({ ...MODERN, 'server/discover': result(value) })),
  'the list of tools of the modern era': near(TOOLS, (value) => ({ ...MODERN, 'tools/list': result(value) })),
  'the refusal of the modern era': near(REFUSAL, (value) => ({ ...EARLIER, 'server/discover': error(value) })),
};

function near(right: object, answers: (value: object) => Answers): NearServer[] {
  return placesIn(right).flatMap((place) => VALUES.map((value) => ({
    name: `${place.join('.')}: ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    answers: answers(changed(right, place, value)),
    ...(place.includes('properties') && { isUnnamed: true }),
  })));
}

function placesIn(value: unknown, place: readonly string[] = []): (readonly string[])[] {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return inside.flatMap(([name, member]) => [[...place, name], ...placesIn(member, [...place, name])]);
}

function changed(right: object, place: readonly string[], value: unknown): object {
  const copy = structuredClone(right);
  let parent = copy as Record<string, unknown>;
  for (const name of place.slice(0, -1)) parent = parent[name] as Record<string, unknown>;
  const last = place.at(-1) ?? '';
  if (value === undefined && !Array.isArray(parent)) delete parent[last];
  else parent[last] = value;
  return copy;
}
