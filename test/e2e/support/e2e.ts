// What the end-to-end tests share: whether they can run here, and how they use the cluster as its users do.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, inject, onTestFinished } from 'vitest';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { V1Pod } from '@kubernetes/client-node';
import { runKubectl, type CommandResult, type KubectlOptions } from '../../cluster/kubectl.ts';
import { eventually } from '../../support/cluster.ts';

/** `describe`, but skipped where this machine cannot host a real node; the global setup has said why. */
export const describeOnNode: (name: string, tests: () => void) => void = inject('missing').length > 0 ? describe.skip : describe;

/** What an MCPServer of a test asks of the node, which is as small as this machine. */
export const MODEST = { requests: { cpu: '10m', memory: '64Mi' } } as const;

/** How a cluster is reached. */
interface Access {
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** Path of kubectl. */
  readonly program: string;
}

/** A cluster as its users see it: the shared one unless a test has another. */
export class User {
  readonly #access: Access;

  constructor(access: Access = { kubeconfig: inject('kubeconfig'), program: inject('kubectl') }) {
    this.#access = access;
  }

  /** Runs kubectl. Resolves whatever its exit code is. */
  kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<CommandResult> {
    const { program, kubeconfig } = this.#access;
    return runKubectl(program, args, { kubeconfig, ...options });
  }

  /** Runs kubectl; throws with what it wrote when it fails. */
  async run(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr || stdout}`);
    return stdout;
  }

  /** Applies objects, or YAML as it is, the way people do. */
  async apply(what: object | string): Promise<void> {
    await this.run(['apply', '-f', '-'], { input: typeof what === 'string' ? what : JSON.stringify(what) });
  }

  /** Applies an MCPServer; unless it says otherwise it asks for little, for the node is as small as this machine. */
  async server(namespace: string, name: string, spec: object): Promise<void> {
    await this.apply({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { namespace, name }, spec: { resources: MODEST, ...spec } });
  }

  async get<T>(resource: string, namespace: string): Promise<T> {
    return JSON.parse(await this.run(['-n', namespace, 'get', resource, '-o', 'json'])) as T;
  }

  /** Waits as scripts do: `kubectl wait` for Ready, at most a minute. */
  async ready(namespace: string, ...names: string[]): Promise<void> {
    await this.run(['-n', namespace, 'wait', '--for=condition=Ready', '--timeout=60s', ...names.map((name) => `mcps/${name}`)], { timeoutMs: 70_000 })
      .catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await this.explain(namespace)}`, { cause: error });
      });
  }

  /** Waits, at most half a minute, until Ready of this generation has a status, one of the reasons, and a message that fits. */
  async reason(
    [namespace, name]: readonly [string, string],
    [status, ...reasons]: readonly [string, ...string[]],
    message = /./,
  ): Promise<void> {
    await eventually(async () => {
      const server = await this.get<MCPServerObject>(`mcps/${name}`, namespace);
      const ready = server.status?.conditions?.find(({ type }) => type === 'Ready');
      const fits =
        ready?.status === status &&
        ready.observedGeneration === server.metadata.generation &&
        reasons.includes(ready.reason) &&
        message.test(ready.message);
      if (!fits) throw new Error(`it is ${JSON.stringify(ready)}`);
    }, { timeoutMs: 30_000, message: `${name} being ${status} (${reasons.join(' or ')})` });
  }

  async pods(namespace: string, name: string): Promise<V1Pod[]> {
    const { stdout } = await this.kubectl(['-n', namespace, 'get', 'pods', '-l', `mcp.example.com/server=${name}`, '-o', 'json']);
    return (JSON.parse(stdout) as { items: V1Pod[] }).items;
  }

  /** Name of one pod of an MCPServer that is Ready. */
  async pod(namespace: string, name: string): Promise<string> {
    const pods = await this.pods(namespace, name);
    const ready = pods.find(
      ({ metadata, status }) =>
        metadata?.deletionTimestamp === undefined && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    if (ready === undefined) throw new Error(`${namespace}/${name} has no Ready pod`);
    return ready.metadata?.name ?? '';
  }

  /** Runs JavaScript in a pod, with the Node of its image; returns what it prints. */
  async evaluate(namespace: string, pod: string, code: string): Promise<string> {
    return (await this.run(['-n', namespace, 'exec', pod, '--', '/nodejs/bin/node', '-e', code])).trim();
  }

  /** All that helps to see why something did not come. */
  async explain(namespace: string): Promise<string> {
    const parts = [['get', 'mcps,deployments,pods', '-o', 'wide'], ['get', 'events', '--sort-by=.lastTimestamp']];
    return (await Promise.all(parts.map((args) => this.kubectl(['-n', namespace, ...args])))).map(({ stdout }) => stdout).join('\n');
  }

  /** Forwards a port of a pod or Service to this machine for the rest of the test; returns the base URL. */
  async portForward(namespace: string, target: string, port: number): Promise<string> {
    const forward = spawn(this.#access.program, ['--kubeconfig', this.#access.kubeconfig, '-n', namespace, 'port-forward', target, `:${port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void forward.kill());
    for await (const line of createInterface({ input: forward.stdout })) {
      const address = /^Forwarding from (127\.0\.0\.1:\d+) /.exec(line)?.[1];
      if (address !== undefined) return `http://${address}`;
    }
    throw new Error(`kubectl port-forward ${target} ended`);
  }
}

/** An MCP client of the server at `url`, closed when the test is over. */
export async function mcpClient(url: string): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  onTestFinished(() => client.close());
  return client;
}

/** A pod that passes Pod Security `restricted`, with one container. */
export function restrictedPod(namespace: string, name: string, container: object): object {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name },
    spec: {
      restartPolicy: 'Never', terminationGracePeriodSeconds: 5, automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }, ...container }],
    },
  };
}
