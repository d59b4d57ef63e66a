// Whether a status says what the stored one says already. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { MCPServerStatus } from '../../charts/api/status.ts';
import { folded } from '../../kubernetes/text.ts';

/** Text of others varies from one try to the next, in times, ports and ids: what differs in nothing else is not worth a write. */
export function saysTheSame(status: MCPServerStatus, stored: MCPServerStatus | undefined): boolean {
  if (stored === undefined) return false;
  if (isDeepStrictEqual(status, stored)) return true;
  // Folding costs more than all else: only what differs is folded, and nothing where more differs than texts.
  return isDeepStrictEqual(steady(status), steady(stored)) && haveSameTexts(textsOf(status), textsOf(stored));
}

/** All but the texts, of which it says how many there are. */
function steady({ conditions, server, ...rest }: MCPServerStatus): object {
  const { name: _name, version: _version, ...told } = server ?? {};
  return { ...rest, conditions: conditions?.map(({ message: _message, ...condition }) => condition), server: server && told };
}

function textsOf({ conditions = [], server: { name = '', version = '' } = {} }: MCPServerStatus): string[] {
  return [...conditions.map(({ message }) => message), name, version];
}

function haveSameTexts(texts: readonly string[], others: readonly string[]): boolean {
  return texts.every((text, index) => text === others[index] || folded(text) === folded(others[index] ?? ''));
}
