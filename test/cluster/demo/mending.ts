// The command that mends an MCPServer whose status says where MCP answers. Pure.
import { shellWord } from '../../../images/shell-word.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { readyOf } from './readiness.ts';

/** What the operator says where it found the endpoint at another path (reconciler/verification/usual-paths.ts). */
const FOUND = /POST (\/\S*) works: set spec\.path to it\./;

/** Arguments of kubectl that mend it; undefined where its status does not say how. */
export function mendingOf(server: MCPServerObject): string[] | undefined {
  const [, path] = FOUND.exec(readyOf(server)?.message ?? '') ?? [];
  if (path === undefined) return undefined;
  return patchOf(server, { path });
}

/** Arguments of kubectl that change fields of its spec. */
export function patchOf({ metadata: { namespace, name } }: Pick<MCPServerObject, 'metadata'>, spec: object): string[] {
  const where = namespace === 'default' ? [] : ['-n', namespace];
  return [...where, 'patch', 'mcps', name, '--type', 'merge', '-p', JSON.stringify({ spec })];
}

/** A command line as a person types it into a shell. */
export function typed(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(' ');
}
