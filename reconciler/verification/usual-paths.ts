// Where MCP answers when it does not at the path that was asked: a bounded look at the usual paths, for a sentence of advice. What is
// found is only suggested, never used.
import { withoutAdvice } from './advice.ts';
import type { Elsewhere, Failed, HandshakeResult } from './handshake-result.ts';

/** For all paths together, and for one of them, in milliseconds. */
const SEARCH_MS = 2000;
const PATH_MS = 1000;

export interface PathSearch {
  /** Path that was asked. */
  readonly path: string;
  /** Whether there is a web page. */
  readonly isPage: boolean;
  /** A handshake at another path, which takes about so long at most. It leaves no session behind, and goes without credentials. */
  readonly ask: (path: string, timeoutMs: number) => Promise<HandshakeResult>;
  /** Now, in milliseconds. */
  readonly now: () => number;
}

/** The result, with where MCP answers instead where that is so. The order of paths is fixed: the answers alone decide. Rejects as `ask` does. */
export async function searched(result: HandshakeResult, search: PathSearch): Promise<HandshakeResult> {
  if (result.outcome !== 'Failed' || !mayBeElsewhere(result, search)) return result;
  const found = await findEndpoint(search);
  return found === undefined || found.transport === 'HTTP+SSE' && result.reason === 'SSEOnly' ? result : suggested(result, found);
}

/** Whether a client would say that the path is wrong; whatever else is no MCP would answer in the same way elsewhere. */
function mayBeElsewhere({ reason }: Failed, { isPage }: PathSearch): boolean {
  return reason === 'WrongPath' || reason === 'SSEOnly' || (reason === 'NotMCP' && isPage);
}

/** The paths looked at, in their order, besides the one that was asked. */
export function usualPaths(asked: string): string[] {
  const path = asked.replace(/[?#].*$/, '');
  const stem = path.replace(/\/+$/, '');
  const ofStem = stem === '' ? [] : [path === stem ? `${stem}/` : stem, `${stem}/mcp`];
  return [...new Set(['/mcp', '/', '/mcp/', ...ofStem, '/http', '/sse', '/api/mcp'])].filter((each) => each !== path);
}

/** What to do about an endpoint that was found, in an MCPServer. */
export function suggestionOf({ path, kind, transport }: Elsewhere): string {
  if (transport === 'HTTP+SSE') return `GET ${path} speaks the deprecated HTTP+SSE transport of 2024-11-05: let the server speak Streamable HTTP.`;
  if (kind === 'AsksForCredentials') return `POST ${path} demands authentication, as an MCP endpoint may: try it as spec.path.`;
  return `POST ${path} ${kind === 'Works' ? 'works' : 'speaks MCP'}: set spec.path to it.`;
}

type Kind = Pick<Elsewhere, 'kind' | 'transport'>;

/** What a verdict on a path says of it, the best first. */
const KINDS: readonly (readonly [ReadonlySet<HandshakeResult['reason']>, Kind])[] = [
  [new Set(['Verified']), { kind: 'Works', transport: 'Streamable HTTP' }],
  [new Set(['OneSession', 'ToolsNotListed', 'EraMismatch']), { kind: 'SpeaksMCP', transport: 'Streamable HTTP' }],
  [new Set(['AuthRequired']), { kind: 'AsksForCredentials', transport: 'Streamable HTTP' }],
  [new Set(['SSEOnly']), { kind: 'Works', transport: 'HTTP+SSE' }],
];

/** The best there is; of the same kind the first. */
async function findEndpoint({ path: asked, ask, now }: PathSearch): Promise<Elsewhere | undefined> {
  const deadline = now() + SEARCH_MS;
  const found = new Map<Kind, string>();
  for (const path of usualPaths(asked)) {
    const leftMs = deadline - now();
    if (leftMs <= 0) break;
    const { reason } = await ask(path, Math.min(PATH_MS, leftMs));
    const [, kind] = KINDS.find(([reasons]) => reasons.has(reason)) ?? [];
    if (kind !== undefined && !found.has(kind)) found.set(kind, path);
    if (reason === 'Verified') break;
  }
  return KINDS.flatMap(([, kind]) => {
    const path = found.get(kind);
    return path === undefined ? [] : [{ path, ...kind }];
  })[0];
}

function suggested(result: Failed, elsewhere: Elsewhere): Failed {
  return { ...result, message: `${withoutAdvice(result.message).evidence} ${suggestionOf(elsewhere)}`, elsewhere };
}
