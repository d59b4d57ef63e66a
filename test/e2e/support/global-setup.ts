// One cluster of a real node for all end-to-end tests, the operator installed in it as users do; or a plain word on why there is none.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packImages } from './images.ts';
import { toldMissing } from './machine.ts';
import { install, startRealCluster } from './real-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Image archives the shared cluster was loaded with. */
    images: readonly string[];
    /** The command line that loads a further image archive, added as its last part, into the shared cluster. */
    imageLoader: readonly string[];
  }
}

const started = performance.now();

function print(line: string): void {
  process.stderr.write(`e2e ${((performance.now() - started) / 1000).toFixed(1)} s: ${line}\n`);
}

// oxlint-disable-next-line import/no-default-export -- vitest calls the default export of a global setup file
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if ((await toldMissing(project)).length > 0) {
    project.provide('images', []);
    project.provide('imageLoader', []);
    project.provide('kubeconfig', '');
    project.provide('kubectl', '');
    project.provide('auditLog', '');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'mcp-images-'));
  print('packing images');
  const images = await packImages(folder, print);
  const cluster = await startRealCluster(images, print);
  const stop = async (): Promise<void> => {
    await cluster.stop();
    await rm(folder, { recursive: true });
  };
  try {
    print('installing the operator');
    await install(cluster);
    print('the operator is available');
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('images', images);
  project.provide('imageLoader', cluster.node.loader());
  project.provide('kubeconfig', cluster.plane.kubeconfig);
  project.provide('kubectl', cluster.plane.binaries.kubectl);
  project.provide('auditLog', cluster.plane.auditLogPath ?? '');
  return stop;
}
