// The order in which test files start: those that take longest first, so that none of them is left alone at the end.
import { join, relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const TEST = join(import.meta.dirname, '..');

/** Files that took half a minute or more beside others on two cores, longest first. Most of it they wait. */
export const SLOWEST: readonly string[] = [
  'e2e/outages.e2e.test.ts',
  'e2e/package-servers/package-servers.e2e.test.ts',
  'e2e/other-makers/other-makers.e2e.test.ts',
  'e2e/start.e2e.test.ts',
  'e2e/deletion.e2e.test.ts',
  'e2e/scaling.e2e.test.ts',
  'e2e/updates.e2e.test.ts',
  'reconciler/quiet.cluster.test.ts',
  'reconciler/random-edits.cluster.test.ts',
  'reconciler/children/refused.cluster.test.ts',
  'reconciler/verification/lost-route.cluster.test.ts',
  'start.cluster.test.ts',
  'images/images.test.ts',
  'charts/render.property.test.ts',
  'charts/checks/pod-security.test.ts',
  'reconciler/steady-state.cluster.test.ts',
  'reconciler/references/references.cluster.test.ts',
  'reconciler/status/truth-table.cluster.test.ts',
  'charts/operator/installation.cluster.test.ts',
  'charts/api/crd.cluster.test.ts',
  'reconciler/ending.cluster.test.ts',
  'reconciler/status/invalid-spec.cluster.test.ts',
  'reconciler/process.cluster.test.ts',
  'reconciler/leader-election.cluster.test.ts',
  'reconciler/busy-leader.cluster.test.ts',
  'cluster/control-plane.cluster.test.ts',
  'reconciler/children/scaling.cluster.test.ts',
  'charts/api/rules.cluster.test.ts',
  'reconciler/namespaced-permissions.cluster.test.ts',
  'charts/render.cluster.test.ts',
  'charts/operator/guards.cluster.test.ts',
  'reconciler/status/unstarted.cluster.test.ts',
  'reconciler/children/network.cluster.test.ts',
  'library/library.test.ts',
  'library/gitops-app.test.ts',
  'library/oldest-node.test.ts',
  'mcp-server/hostile-clients.test.ts',
  'reconciler/commands/mistakes.test.ts',
  'reconciler/commands/running.cluster.test.ts',
  'mcp-server/mcp-server.cluster.test.ts',
  'cluster/process-node.cluster.test.ts',
  'reconciler/verification/verification.cluster.test.ts',
  'reconciler/verification/exchange-api-server.cluster.test.ts',
  'mcp-server/lifecycle.test.ts',
  'mcp-server/stdio-bridge/odd-servers.test.ts',
  'mcp-server/stdio-bridge/hostile-clients.test.ts',
  'mcp-server/stdio-bridge/peers-lost.test.ts',
  'mcp-server/stdio-bridge/peers-hostile.test.ts',
  'mcp-server/stdio-bridge/storm/storm.test.ts',
  'mcp-server/stdio-bridge/lifecycle.test.ts',
  'mcp-server/stdio-bridge/packages.test.ts',
];

function rank({ moduleId }: TestSpecification): number {
  const index = SLOWEST.indexOf(relative(TEST, moduleId));
  return index === -1 ? SLOWEST.length : index;
}

function orderOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

/** Files that share workers come last, and together: a worker is ended when the next file in turn wants one of its own. */
function sharing({ project }: TestSpecification): number {
  return project.config.isolate ? 0 : 1;
}

/** All others follow in the order of vitest, which on a fresh clone knows their size only. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- not that of an array
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => orderOf(a) - orderOf(b) || sharing(a) - sharing(b) || rank(a) - rank(b));
  }
}
