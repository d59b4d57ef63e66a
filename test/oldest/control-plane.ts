// One real control plane of the oldest Kubernetes that is supported, for all files of the vitest project `oldest`.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { obtainBinaries, obtainBuiltKubernetes } from '../cluster/binaries.ts';
import type { KubernetesSource } from '../cluster/go-build.ts';
import { printProgress, provideControlPlane } from '../support/control-plane.ts';

const OLDEST: KubernetesSource = {
  version: 'v1.30.14',
  folder: join(import.meta.dirname, 'go'),
  names: ['kube-apiserver', 'kube-controller-manager'],
  // Without the cloud provider that 1.30 still carries.
  tags: ['providerless'],
};

/** Its etcd and kubectl are those of the other tests. Test files that start control planes of their own get the same programs. */
// oxlint-disable-next-line import/no-default-export -- vitest calls the default export of a global setup file
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { etcd, kubectl } = await obtainBinaries({ env: process.env, log: printProgress });
  const built = await obtainBuiltKubernetes({ env: process.env, log: printProgress }, OLDEST);
  const assets = await mkdtemp(join(tmpdir(), 'mcp-oldest-'));
  const programs = [etcd, kubectl, ...OLDEST.names.map((name) => join(built, name))];
  await Promise.all(programs.map((program) => symlink(program, join(assets, basename(program)))));
  project.config.env['KUBEBUILDER_ASSETS'] = assets;
  const stop = await provideControlPlane(project, { ...process.env, KUBEBUILDER_ASSETS: assets });
  return async () => {
    await stop();
    await rm(assets, { recursive: true, force: true });
  };
}
