// The metrics of what the operator writes, and of what led to it.
import { Counter, type Registry } from 'prom-client';
import { WRITE_OUTCOMES, type Write } from '../children/counted-client.ts';
import { CHILD_TYPES, MCP_SERVERS } from '../kinds.ts';
import { CAUSES, type Cause } from './causes.ts';

/** What nothing explains: no change led to it, or the object was the same afterwards. */
const NEEDLESS = 'None';

/** Counts writes; `cause` is what explains one. */
export function writeCounter(registry: Registry): (write: Write, cause: Cause | undefined) => void {
  const applies = new Counter({
    registers: [registry], labelNames: ['kind', 'outcome'],
    name: 'mcp_operator_applies_total',
    help: 'Server-side applies by kind of object and outcome. Those of MCPServers are of their status.',
  });
  const writes = new Counter({
    registers: [registry], labelNames: ['cause'],
    name: 'mcp_operator_writes_total',
    help: 'Writes that the API server took, by the change that explains them; None: no change does, or the write changed nothing.',
  });
  for (const { kind } of [MCP_SERVERS, ...CHILD_TYPES]) for (const outcome of WRITE_OUTCOMES) applies.inc({ kind, outcome }, 0);
  for (const cause of [...CAUSES, NEEDLESS]) writes.inc({ cause }, 0);
  return ({ verb, kind, outcome }, cause) => {
    if (verb === 'apply') applies.inc({ kind, outcome });
    if (outcome === 'unchanged') writes.inc({ cause: NEEDLESS });
    else if (outcome === 'created' || outcome === 'changed') writes.inc({ cause: cause ?? NEEDLESS });
  };
}
