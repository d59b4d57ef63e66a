// kube-state-metrics, the real one: built once from its Go module into the user's cache, and run on the configuration in monitoring/.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../../cluster/managed-process.ts';
import { freePort } from '../../cluster/ports.ts';
import { obtainGoProgram } from '../../support/go-program.ts';

/** Its version stands in go.mod here. */
const SOURCE = join(import.meta.dirname, 'go');
/** The file. */
export const CONFIGURATION = join(import.meta.dirname, '../../../monitoring/kube-state-metrics.yaml');

/** One that runs. */
export interface KubeStateMetrics {
  /** What a scrape gives. */
  readonly scrape: () => Promise<string>;
  readonly logTail: (lines?: number) => string;
  readonly stop: () => Promise<void>;
}

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Starts it for one namespace; the first call on a machine builds it, which takes some minutes. The caller stops it. */
export async function startKubeStateMetrics(kubeconfig: string, namespace: string): Promise<KubeStateMetrics> {
  const command = await obtainGoProgram({ name: 'kube-state-metrics', source: SOURCE, packagePath: 'k8s.io/kube-state-metrics/v2' }, print);
  const dir = await mkdtemp(join(tmpdir(), 'kube-state-metrics-'));
  const [port, telemetryPort] = [await freePort(), await freePort()];
  const args = [
    `--kubeconfig=${kubeconfig}`, '--custom-resource-state-only=true', `--custom-resource-state-config-file=${CONFIGURATION}`, `--namespaces=${namespace}`,
    '--host=127.0.0.1', `--port=${port}`, '--telemetry-host=127.0.0.1', `--telemetry-port=${telemetryPort}`,
  ];
  const program = await startProcess({ name: 'kube-state-metrics', command, args, env: {}, logFile: join(dir, 'log') });
  return {
    scrape: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      if (!response.ok) throw new Error(`${response.status} ${program.logTail(5)}`);
      return response.text();
    },
    logTail: (lines) => program.logTail(lines),
    stop: async () => {
      await program.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
