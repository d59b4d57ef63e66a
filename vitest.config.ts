import { defineConfig } from 'vitest/config';

/** Tests that need the real control plane end in `.cluster.test.ts`; all others run without one. */
const cluster = 'test/**/*.cluster.test.ts';

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['charts/**', 'kubernetes/**', 'reconciler/**', 'mcp-server/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [cluster], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: 'cluster',
          include: [cluster],
          globalSetup: ['test/support/control-plane.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
