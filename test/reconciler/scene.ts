// A namespace with pods that run, an MCP server behind every pod, an operator, and the MCPServers a test puts there.
import { afterAll, beforeAll } from 'vitest';
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, MCP_SERVERS, type MCPServerObject } from '../../reconciler/kinds.ts';
import type { HttpExchange } from '../../reconciler/verification/exchange.ts';
import type { PodAddress } from '../../reconciler/verification/pod-access.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { conditionOf } from '../support/kstatus.ts';
import { serveStateless, type RunningServer } from '../support/mcp-servers.ts';
import { onLoopback, startOperator, type OperatorSettings, type TestOperator } from '../support/operator.ts';
import { runPods, type Fate, type Pod, type PodRunner } from '../support/pods.ts';

/** Access to MCPServers of one namespace and what belongs to them. */
export class Fleet {
  readonly client: KubernetesClient;
  readonly namespace: string;

  constructor(client: KubernetesClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  create(name: string, spec: Partial<MCPServerSpec> = {}, labels: Record<string, string> = {}): Promise<MCPServerObject> {
    const metadata = { name, namespace: this.namespace, labels };
    const object = { apiVersion: API_VERSION, kind: KIND, metadata, spec: { image: 'example.com/server:1', ...spec } };
    return this.client.create(MCP_SERVERS, object as unknown as MCPServerObject);
  }

  read(name: string): Promise<MCPServerObject> {
    return this.client.get(MCP_SERVERS, this.ref(name));
  }

  /** Changes fields of the spec; null takes one away. */
  edit(name: string, spec: { [Field in keyof MCPServerSpec]?: MCPServerSpec[Field] | null | object }): Promise<MCPServerObject> {
    return this.client.patch(MCP_SERVERS, this.ref(name), { spec });
  }

  async remove(name: string): Promise<void> {
    await this.client.delete(MCP_SERVERS, this.ref(name));
  }

  ref(name: string): { namespace: string; name: string } {
    return { namespace: this.namespace, name };
  }

  /** Waits until a condition of the present generation reads `status`, and `reason` if one is given. Garbage collection alone may take 40 s. */
  until(name: string, type: string, [status, reason]: readonly [string, string?]): Promise<MCPServerObject> {
    return eventually(async () => {
      const server = await this.read(name);
      const condition = conditionOf(server, type);
      const isCurrent = condition?.observedGeneration === server.metadata.generation;
      if (!isCurrent || condition?.status !== status || condition.reason !== (reason ?? condition.reason)) {
        throw new Error(JSON.stringify(server.status));
      }
      return server;
    }, { message: `${type}=${status} of ${name}`, timeoutMs: 75_000 });
  }

  ready(name: string): Promise<MCPServerObject> {
    return this.until(name, 'Ready', ['True']);
  }

  /** The child of a type, or undefined. */
  async find<T extends KubernetesObject>(type: ResourceType, name: string): Promise<T | undefined> {
    try {
      return await this.client.get<T>(type, this.ref(name));
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** All objects that carry the label of an MCPServer, of every kind that is rendered. */
  async children(name: string): Promise<KubernetesObject[]> {
    const selection = { namespace: this.namespace, labelSelector: `${SERVER_LABEL}=${name}` };
    const lists = await Promise.all(CHILD_TYPES.map((type) => this.client.list(type, selection)));
    return lists.flatMap(({ items }) => items);
  }

  /** Kind and name of the children. */
  async childNames(name: string): Promise<string[]> {
    return (await this.children(name)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }
}

/** What a test file plays on; the parts exist from the first test to the last. */
export interface Scene {
  readonly namespace: string;
  readonly fleet: Fleet;
  /** What answers for every pod, unless the file has its own `exchangeFor`. */
  readonly server: RunningServer;
  readonly pods: PodRunner;
  /** The operator running now. */
  operator: TestOperator;
  /** Stops the operator, if it runs, and starts a new one. */
  readonly restart: (settings?: OperatorSettings['settings']) => Promise<void>;
}

export interface SceneOptions {
  /** Name of the namespace, where objects are bound to it; default: one of its own. */
  readonly namespace?: string;
  /** How pods answer; default: all are the same MCP server. */
  readonly exchangeFor?: (pod: PodAddress) => HttpExchange;
  /** What becomes of a pod instead of running well. */
  readonly fateOf?: (pod: Pod) => Fate | undefined;
  /** What else the operator is told. */
  readonly operator?: Pick<OperatorSettings, 'labelSelector' | 'lastWords' | 'logLevel' | 'settings'>;
  /** Kubeconfig of the operator, made when all else stands. */
  readonly kubeconfig?: (client: KubernetesClient, namespace: string) => Promise<string>;
}

/** Sets the scene for the calling file. */
export function useScene(prefix: string, options: SceneOptions = {}): Scene {
  const namespace = useNamespace(prefix, {}, options.namespace);
  const scene = { namespace } as { -readonly [K in keyof Scene]: Scene[K] };
  const parts: { client?: KubernetesClient; pods?: PodRunner; server?: RunningServer } = {};
  beforeAll(async () => {
    const client = (parts.client = await connect());
    const [server] = await Promise.all([serveStateless(), ensureCrd(client)]);
    parts.server = scene.server = server;
    parts.pods = scene.pods = await runPods(client, namespace, options.fateOf);
    scene.fleet = new Fleet(client, namespace);
    const kubeconfig = await options.kubeconfig?.(client, namespace);
    const start = (settings = options.operator?.settings): Promise<TestOperator> =>
      startOperator({
        ...options.operator,
        ...(settings && { settings }),
        namespace,
        exchangeFor: options.exchangeFor ?? onLoopback(server.port),
        ...(kubeconfig !== undefined && { kubeconfig }),
      });
    scene.operator = await start();
    scene.restart = async (settings) => {
      await scene.operator.stop();
      scene.operator = await start(settings);
    };
  });
  afterAll(async () => {
    await scene.operator?.stop();
    await parts.pods?.stop();
    await parts.server?.close();
    parts.client?.close();
  });
  return scene;
}
