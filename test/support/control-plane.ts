// One real control plane for all files of the vitest project `cluster`: started before the first, stopped after the last.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { runKubectl } from '../cluster/kubectl.ts';
import { guardManifests, kubeconfigAs, OPEN, toText } from './guard-manifests.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a kubeconfig that may do everything. */
    kubeconfig: string;
    /** Path of a kubeconfig for operators within tests: the same, or under guards that of their user. */
    operatorKubeconfig: string;
    /** Whether guards judge those operators: `GUARDS=1` switches on such as let pass all that can be rendered. */
    guarded: boolean;
    /** Path of the real kubectl. */
    kubectl: string;
    /** Path of the API server's audit log: one JSON object per request and line. */
    auditLog: string;
    /** Path of the unix socket of etcd. */
    etcd: string;
  }
}

/** Shows how far a control plane is. */
export function printProgress(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}

// oxlint-disable-next-line import/no-default-export -- vitest calls the default export of a global setup file
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideControlPlane(project, process.env);
}

/** Starts a control plane for the files of a project; resolves to what stops it. `env` says where its programs come from. */
export async function provideControlPlane(
  project: TestProject,
  env: Readonly<Record<string, string | undefined>>,
): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-control-plane-'));
  const plane = await startControlPlane({ dir, log: printProgress, env });
  const guarded = env['GUARDS'] === '1';
  project.provide('kubeconfig', plane.kubeconfig);
  project.provide('guarded', guarded);
  project.provide('operatorKubeconfig', guarded ? await switchOnGuards(plane) : plane.kubeconfig);
  project.provide('kubectl', plane.binaries.kubectl);
  project.provide('auditLog', plane.auditLogPath ?? '');
  project.provide('etcd', plane.etcd);
  return async () => {
    await plane.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/** Applies the guards; the path of a kubeconfig of the user they judge. */
async function switchOnGuards({ kubeconfig, binaries }: ControlPlane): Promise<string> {
  const { code, stderr } = await runKubectl(binaries.kubectl, ['apply', '--server-side', '-f', '-'], { kubeconfig, input: toText(guardManifests(OPEN)) });
  if (code !== 0) throw new Error(`the guards cannot be applied: ${stderr}`);
  return kubeconfigAs('system:serviceaccount:mcp-operator-system:mcp-operator', kubeconfig);
}
