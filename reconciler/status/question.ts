// What the pods of an MCPServer are asked, by its spec and by what its status says. Pure.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { isBridged } from '../../charts/server.ts';
import { hostHeader } from '../../charts/service.ts';
import type { MCPServerObject } from '../kinds.ts';
import type { Observation } from '../verification/observation.ts';
import { guardOf } from '../verification/secured-exchange.ts';
import { conditionOf } from './conditions.ts';
import { lastWordsIn } from './situation.ts';
import type { LastWords } from './trouble.ts';

/** The question, without the pods it is put to; `installation` says whether last words are quoted at all. */
export function questionOf(server: MCPServerObject, spec: ResolvedSpec, installation: LastWords): Omit<Observation, 'pods' | 'existing'> {
  const { path, verification: { intervalSeconds, timeoutSeconds } } = spec;
  const verifiedBefore = conditionOf(server.status, 'Verified')?.status === 'True';
  const lastWords = isBridged(spec) ? lastWordsIn(server.spec, installation) : undefined;
  const host = hostHeader({ ...server.metadata, spec });
  return { path, host, intervalSeconds, timeoutSeconds, verifiedBefore, guard: guardOf(spec), lastWords };
}
