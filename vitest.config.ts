import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { GROUP } from './charts/api/group.ts';
import { COMPILED } from './test/support/compiled.ts';
import { PURE } from './test/support/pure-tests.ts';
import { SlowestFirst } from './test/support/slowest-first.ts';

/** Tests that need the real control plane end in `.cluster.test.ts`; all others run without one. */
const cluster = 'test/**/*.cluster.test.ts';

/** Tests that need real containers end in `.e2e.test.ts`. */
const e2e = 'test/e2e/**/*.e2e.test.ts';

/** Those of them that start clusters of their own as people do: one at a time, and beside no others. */
const startsCluster = ['test/e2e/start.e2e.test.ts', 'test/e2e/first-server.e2e.test.ts'];

/** Tests that need a vulnerability scanner, whose first build takes minutes. */
const scanner = 'test/**/*.scanner.test.ts';

/** Tests that need Python's MCP client, from a package index. */
const python = 'test/**/*.python.test.ts';

/** Tests of pure parts: none leaves anything behind for the next, so files of them share a worker and what it has loaded. */
const pure = PURE.map((folder) => `${folder}/**/*.test.ts`);

/** What no unit test is. */
const others = [cluster, e2e, scanner, python, 'test/**/*.oldest.test.ts'];

/** What is tried on the oldest Kubernetes that is supported, because its API server may see it otherwise. */
const oldest = [
  'test/oldest/*.oldest.test.ts',
  'test/charts/{api,operator}/*.cluster.test.ts',
  'test/charts/render.cluster.test.ts',
  'test/kubernetes/client.cluster.test.ts',
  'test/reconciler/children/image-volume.cluster.test.ts',
  'test/reconciler/{admission-guards,lifecycle,permissions,process,spec-text,upgrade}.cluster.test.ts',
];

/** examples/ import the package by its name, as its users do. */
const resolve = {
  alias: [
    { find: /^mcp-server-operator$/, replacement: join(import.meta.dirname, 'charts/library.ts') },
    { find: /^mcp-server-operator\/imports$/, replacement: join(import.meta.dirname, `imports/${GROUP}.ts`) },
  ],
};

/** Files of both projects at a time: tests on the control plane wait most of their time, and others compute meanwhile. */
const maxWorkers = Math.min(availableParallelism() + 1, 8);

const onControlPlane = { env: COMPILED, testTimeout: 120_000, hookTimeout: 180_000, maxWorkers, maxConcurrency: 10 };

// A test that asserted nothing has shown nothing. Elsewhere tests run side by side, where assertions are not counted by test.
const unit = { expect: { requireAssertions: true }, env: COMPILED, testTimeout: 120_000, hookTimeout: 120_000, maxWorkers };

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    coverage: {
      provider: 'v8',
      include: ['charts/**', 'kubernetes/**', 'reconciler/**', 'mcp-server/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      { resolve, test: { ...unit, name: 'unit', include: ['test/**/*.test.ts'], exclude: [...others, ...pure] } },
      { resolve, test: { ...unit, name: 'unit-pure', include: pure, exclude: others, isolate: false } },
      {
        resolve,
        test: { name: 'cluster', include: [cluster], globalSetup: ['test/support/control-plane.ts'], ...onControlPlane },
      },
      {
        resolve,
        test: { name: 'oldest', include: oldest, globalSetup: ['test/oldest/control-plane.ts'], ...onControlPlane },
      },
      {
        resolve,
        test: {
          name: 'e2e-start',
          include: startsCluster,
          globalSetup: ['test/e2e/support/machine.ts'],
          testTimeout: 240_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
      { resolve, test: { name: 'scanner', include: [scanner], testTimeout: 120_000, hookTimeout: 180_000 } },
      { resolve, test: { name: 'python-client', include: [python], hookTimeout: 10 * 60_000 } },
      {
        resolve,
        test: {
          name: 'e2e',
          include: [e2e],
          exclude: startsCluster,
          globalSetup: ['test/e2e/support/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A file starts a dozen servers at once, or packs hundreds of packages: beside another one of its kind two cores starve both.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
