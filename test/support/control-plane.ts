// One real control plane for all files of the vitest project `cluster`: started before the first, stopped after the last.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startControlPlane } from '../cluster/control-plane.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a kubeconfig that may do everything. */
    kubeconfig: string;
    /** Path of the real kubectl. */
    kubectl: string;
    /** Path of the API server's audit log: one JSON object per request and line. */
    auditLog: string;
  }
}

function print(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}

// oxlint-disable-next-line import/no-default-export -- vitest calls the default export of a global setup file
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-control-plane-'));
  const plane = await startControlPlane({ dir, log: print });
  project.provide('kubeconfig', plane.kubeconfig);
  project.provide('kubectl', plane.binaries.kubectl);
  project.provide('auditLog', plane.auditLogPath ?? '');
  return async () => {
    await plane.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
