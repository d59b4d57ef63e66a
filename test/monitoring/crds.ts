// The CRDs of the Prometheus operator, generated from the types of its Go module by the generator that it uses itself.
import { execFile } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { builtFolder, fillFolder, unlessCached } from '../cluster/program-cache.ts';
import { obtainGoProgram } from '../support/go-program.ts';

/** Versions stand in go.mod here. */
const SOURCE = join(import.meta.dirname, 'go');
const GENERATOR = 'sigs.k8s.io/controller-tools/cmd/controller-gen';
const TYPES = 'github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1';
const FILES = ['podmonitors', 'prometheusrules', 'servicemonitors'].map((plural) => `monitoring.coreos.com_${plural}.yaml`);
const LIMIT_MS = 5 * 60_000;

/** The CRDs of PodMonitor, PrometheusRule and ServiceMonitor; the first call on a machine builds the generator, which takes about a minute. */
export async function monitoringCrds(log: (line: string) => void): Promise<KubernetesObject[]> {
  const { env } = process;
  const program = await obtainGoProgram({ name: 'controller-gen', source: SOURCE, packagePath: GENERATOR }, log);
  const dir = await builtFolder('monitoring-crds', { source: SOURCE, files: ['go.mod', 'go.sum', 'types.go'], env });
  const generate = async (temporary: string): Promise<void> => {
    await promisify(execFile)(program, ['crd', `paths=${TYPES}`, `output:crd:dir=${temporary}`], { cwd: SOURCE, env, timeout: LIMIT_MS });
    for (const file of FILES) await chmod(join(temporary, file), 0o755);
  };
  await unlessCached(dir, FILES, { log, signal: AbortSignal.timeout(LIMIT_MS), make: () => fillFolder(dir, FILES, generate) });
  return Promise.all(FILES.map(async (file) => parse(await readFile(join(dir, file), 'utf8')) as KubernetesObject));
}
