// The guards: admission policies that bound what an MCPServer, and what the operator's token, is worth in a cluster.
import { Construct } from 'constructs';
import { deploymentsGuard } from './deployments.ts';
import { mcpserversGuard } from './mcpservers.ts';
import { addGuard } from './policy.ts';
import { resolveGuards, type GuardsProps } from './props.ts';
import { servicesGuard } from './services.ts';
import { writesGuard } from './writes.ts';

export type { GuardsProps } from './props.ts';

/**
 * ValidatingAdmissionPolicies and their bindings, of the whole cluster: part of the operator's installation for all
 * namespaces, and for one that watches some namespaces a chart of its own, which an administrator applies once.
 */
export class Guards extends Construct {
  /** @throws Error naming every prop that cannot be meant, before anything is rendered. */
  constructor(scope: Construct, id: string, props: GuardsProps = {}) {
    super(scope, id);
    const guards = resolveGuards(props);
    for (const guard of [mcpserversGuard, deploymentsGuard, servicesGuard, writesGuard]) addGuard(this, guard(guards), guards);
  }
}
