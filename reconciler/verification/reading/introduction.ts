// What a server says about itself, and what clients refuse in it: the rules are those of the schemas that the official TypeScript
// clients check answers with, in versions 1 and 2 (`InitializeResultSchema`, `DiscoverResultSchema`), but for `_meta`, without which right there is no reply. Pure.
import { container, flag, isObject, list, object, oneOf, optional, record, text, type JsonObject, type Shape } from './shape.ts';

/** What a server says about itself. */
export interface Introduction {
  readonly versions: readonly string[];
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

/** So many revisions are looked at; more than a dozen exist nowhere. */
const MOST_VERSIONS = 64;

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

const icon = object({ src: text, mimeType: optional(text), sizes: optional(list(text)), theme: optional(oneOf('light', 'dark')) });
const implementation = object({
  name: text, version: text, title: optional(text), icons: optional(list(icon)), websiteUrl: optional(text), description: optional(text),
});
/** `open` is what may have any members. Version 1 of the clients takes a list for it, version 2 does not. */
const capabilitiesOf = (open: Shape, more: Readonly<Record<string, Shape>> = {}): Shape => object({
  experimental: optional(record(open)),
  logging: optional(open),
  completions: optional(open),
  prompts: optional(object({ listChanged: optional(flag) })),
  resources: optional(object({ subscribe: optional(flag), listChanged: optional(flag) })),
  tools: optional(object({ listChanged: optional(flag) })),
  extensions: optional(record(open)),
  ...more,
});
const tasksOf = (open: Shape): Shape => object({
  list: optional(open),
  cancel: optional(open),
  requests: optional(object({ tools: optional(object({ call: optional(open) })) })),
});

const initializedOf = (open: Shape): Shape => object({
  protocolVersion: text,
  capabilities: capabilitiesOf(open, { tasks: optional(tasksOf(open)) }),
  serverInfo: implementation,
  instructions: optional(text),
});
const INITIALIZED = initializedOf(container);
const INITIALIZED_STRICTLY = initializedOf(object());
const DISCOVERED = object({
  supportedVersions: list(text),
  capabilities: capabilitiesOf(object()),
  instructions: optional(text),
});

/** What clients refuse in a result of `initialize`, such as `capabilities.tools is null`; undefined when they take it. */
export function flawOfInitialize(result: JsonObject): string | undefined {
  return INITIALIZED(result)?.slice(1);
}

/** What clients of version 2 alone refuse in a result of `initialize` that those of version 1 take. */
export function strictFlawOfInitialize(result: JsonObject): string | undefined {
  return INITIALIZED_STRICTLY(result)?.slice(1);
}

/** The result of `server/discover`; undefined when clients do not take it for one. */
export function readDiscover(result: JsonObject): Introduction | undefined {
  const { supportedVersions, serverInfo, _meta: meta } = result;
  const versions = stringsOf(supportedVersions);
  if (versions.length === 0 || DISCOVERED(result) !== undefined) return undefined;
  return { versions, ...named((isObject(meta) ? meta[SERVER_INFO] : undefined) ?? serverInfo) };
}

/** The result of `initialize`, which may have flaws; undefined when it names no revision. */
export function readInitialize({ protocolVersion, serverInfo }: JsonObject): Introduction | undefined {
  if (typeof protocolVersion !== 'string') return undefined;
  return { versions: [protocolVersion], ...named(serverInfo) };
}

/** The strings of a list, as many as are looked at; nothing when something else is in it. */
export function stringsOf(list: unknown): string[] {
  const looked = Array.isArray(list) ? (list as unknown[]).slice(0, MOST_VERSIONS) : [];
  return looked.every((each) => typeof each === 'string') ? looked : [];
}

function named(info: unknown): Pick<Introduction, 'name' | 'version'> {
  if (!isObject(info)) return {};
  const { name, version } = info;
  return { ...(typeof name === 'string' && { name }), ...(typeof version === 'string' && { version }) };
}
