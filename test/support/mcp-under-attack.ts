// The Kubernetes MCP server as its image starts it and with the limits that are shipped, before an API server whose logs are as long as a result can be.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { PROGRAMS } from '../../images/programs.ts';
import { kubeconfig } from '../kubernetes/credentials.ts';
import { startKubeletLogs } from '../mcp-server/cluster/kubelet-logs.ts';
import { raw, startServer, type ServerProcess } from '../mcp-server/server-process.ts';

/** In a container of 512 MiB, the default memory limit, V8 takes half for its heap. */
const HEAP = '--max-old-space-size=256';
const EXAMPLE = join(import.meta.dirname, '../../examples/kubernetes-mcp-server.yaml');
/** Beyond this nobody answers any more, however busy the machine is. */
const HEALTH_TIMEOUT_MS = 30_000;

export interface Target {
  readonly server: ServerProcess;
  /** Milliseconds that `/health` took; rejects when it does not answer. */
  health(): Promise<number>;
  /** A metric's value, 0 where there is none yet; summed over its labels that hold the text. */
  metric(name: string, label?: string): Promise<number>;
  /** The most memory the process ever had, in bytes. */
  peakBytes(): number;
  stop(): Promise<void>;
}

/** The configuration of the example, from a file as the operator mounts it. */
function exampleConfig(): object {
  const documents = parseAllDocuments(readFileSync(EXAMPLE, 'utf8')).map((each) => each.toJS() as { kind: string; spec: { config: object } });
  return documents.find(({ kind }) => kind === 'MCPServer')?.spec.config ?? {};
}

export async function startTarget(): Promise<Target> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-attack-'));
  const kubelet = await startKubeletLogs();
  // Each of these characters is six in JSON.
  kubelet.current.write(`${'\u0001'.repeat(1023)}\n`.repeat(64));
  await writeFile(join(directory, 'kubeconfig'), kubeconfig({ cluster: { server: `http://127.0.0.1:${kubelet.port}` } }));
  await writeFile(join(directory, 'config.json'), JSON.stringify(exampleConfig()));
  const flags = [...(PROGRAMS.find(({ name }) => name === 'kubernetes-mcp-server')?.config.Entrypoint?.slice(1, -1) ?? []), HEAP];
  const env = { MCP_CONFIG_FILE: join(directory, 'config.json'), MALLOC_ARENA_MAX: '1' };
  const server = await startServer({ args: ['--kubeconfig', join(directory, 'kubeconfig')], env, flags });
  const get = (path: string): ReturnType<typeof raw> => raw(server.port, { path });
  return {
    server,
    async health() {
      const started = performance.now();
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error('/health did not answer')), HEALTH_TIMEOUT_MS);
      try {
        const { status } = await Promise.race([get('/health'), late.promise]);
        if (status !== 200) throw new Error(`/health answered ${status}`);
        return performance.now() - started;
      } finally {
        clearTimeout(timer);
      }
    },
    async metric(name, label = '') {
      const lines = (await get('/metrics')).body.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    peakBytes: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid ?? 'self'}/status`, 'utf8'))?.[1]) * 1024,
    async stop() {
      await server.stop();
      kubelet.close();
      await rm(directory, { recursive: true });
    },
  };
}
