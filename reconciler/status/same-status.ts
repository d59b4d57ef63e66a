// Whether a status says what the stored one says already. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { MCPServerStatus } from '../../charts/api/status.ts';
import { folded } from '../../kubernetes/text.ts';

/** Text of others varies from one try to the next, in times, ports and ids: what differs in nothing else is not worth a write. */
export function saysTheSame(status: MCPServerStatus, stored: MCPServerStatus | undefined): boolean {
  return stored !== undefined && (isDeepStrictEqual(status, stored) || isDeepStrictEqual(steady(status), steady(stored)));
}

function steady({ conditions, server, ...rest }: MCPServerStatus): object {
  const { name = '', version = '', ...told } = server ?? {};
  return {
    ...rest,
    conditions: conditions?.map((condition) => ({ ...condition, message: folded(condition.message) })),
    server: server && { ...told, name: folded(name), version: folded(version) },
  };
}
