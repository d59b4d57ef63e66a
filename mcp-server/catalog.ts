// The table of everything this server offers, free of any SDK, and the one place where calls pass through:
// here errors become answers, and calls are logged and counted. transports/ hands it to the SDKs.
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import type { Action, Cluster } from './cluster/port.ts';
import { explain, RequestError } from './errors.ts';
import { INTERNAL_ERROR } from './json-rpc.ts';
import { optimizeResources } from './prompts/optimize-resources.ts';
import type { Prompt } from './prompts/prompt.ts';
import { troubleshootPod } from './prompts/troubleshoot-pod.ts';
import { clusterNodes } from './resources/cluster-nodes.ts';
import { namespacePods } from './resources/namespace-pods.ts';
import type { Resource } from './resources/resource.ts';
import { createPod } from './tools/create-pod.ts';
import { deletePod } from './tools/delete-pod.ts';
import { getPodLogs } from './tools/get-pod-logs.ts';
import type { Tool } from './tools/tool.ts';

const TOOLS: readonly Tool[] = [createPod, getPodLogs, deletePod];
const RESOURCES: readonly Resource[] = [clusterNodes, namespacePods];
const PROMPTS: readonly Prompt[] = [troubleshootPod, optimizeResources];

const INSTRUCTIONS =
  'Reads and changes one Kubernetes cluster. Look at the resources k8s://cluster/nodes and k8s://namespace/{namespace}/pods before changing anything. Errors come with a hint on what to do.';

/** One finished call of a tool or read of a resource. */
export interface CallRecord {
  readonly method: 'tools/call' | 'resources/read';
  /** Name of the tool or resource, from the table. */
  readonly target: string;
  /** The URI of the resource, or its template: of a closed set. */
  readonly uri?: string;
  readonly outcome: 'ok' | 'error';
  readonly seconds: number;
}

interface Call extends Pick<CallRecord, 'method' | 'target' | 'uri'> {
  readonly action: Action;
  readonly signal: AbortSignal;
}

/** A tool's result, in the form both SDKs take. */
export interface ToolResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

/** Which document of a resource is read: its URI, and what its template says about it. */
export interface ReadRequest {
  readonly uri: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A resource's content, in the form both SDKs take. */
export interface ResourceResult {
  [key: string]: unknown;
  contents: { uri: string; mimeType: string; text: string }[];
}

/** Waits until a call may begin; the returned function says that it has ended. Rejects when it may not, as the cluster does. */
export type Admission = (action: Action, signal: AbortSignal) => Promise<() => void>;

/** What the catalog works with. */
export interface CatalogOptions {
  readonly cluster: Cluster;
  readonly log: Logger;
  /** Display name: the protocol's serverInfo.title. */
  readonly title?: string | undefined;
  readonly onCall?: ((record: CallRecord) => void) | undefined;
  /** Keys for the line of a call that lead to its trace; nothing where it has none. */
  readonly traceIds?: (() => object | undefined) | undefined;
  /** What every call passes before it does anything; without it all begin at once. */
  readonly admit?: Admission | undefined;
  /** Whether clients are told of files and addresses. False where whoever reaches the server may ask; default true. */
  readonly tellsDetails?: boolean | undefined;
}

/** The table and its three operations. */
export interface Catalog {
  readonly serverInfo: { readonly name: string; readonly version: string; readonly title?: string };
  readonly instructions: string;
  /** Nothing here changes while the server runs, so no list ever announces a change. */
  readonly capabilities: Readonly<Record<'tools' | 'resources' | 'prompts', { listChanged: false }>>;
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  /** Runs a tool with arguments its schema has accepted; never throws. */
  callTool(tool: Tool, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolResult>;
  /** Reads a resource; rejects with a RequestError only. */
  readResource(resource: Resource, request: ReadRequest, signal: AbortSignal): Promise<ResourceResult>;
}

/** Builds the catalog over a cluster. */
export function createCatalog({ cluster, log, title, onCall, traceIds, admit, tellsDetails = true }: CatalogOptions): Catalog {
  /** Runs one call and writes its one log line: what it does to the cluster, how it ended, how long it took. */
  async function attempt<T>({ action, signal, ...target }: Call, run: () => Promise<T>): Promise<{ result: T } | { failure: string }> {
    const started = performance.now();
    const finished = (outcome: CallRecord['outcome']): CallRecord & { action: Action } => {
      const record = { ...target, outcome, seconds: (performance.now() - started) / 1000 };
      onCall?.(record);
      return { ...record, action, ...traceIds?.() };
    };
    let end: (() => void) | undefined;
    try {
      end = await admit?.(action, signal);
      const result = await run();
      log.info(finished('ok'), 'call finished');
      return { result };
    } catch (error) {
      const record = finished('error');
      const { text, told, expected } = explain(error, action);
      if (signal.aborted) log.info(record, 'call cancelled by the client');
      else if (expected) log.warn({ ...record, reason: text }, 'call failed');
      else log.error({ ...record, err: error }, 'call failed for an unexpected reason');
      return { failure: tellsDetails ? text : told };
    } finally {
      end?.();
    }
  }

  return {
    serverInfo: { name: 'kubernetes-mcp-server', version: packageJson.version, ...(title === undefined ? {} : { title }) },
    instructions: INSTRUCTIONS,
    capabilities: { tools: { listChanged: false }, resources: { listChanged: false }, prompts: { listChanged: false } },
    tools: TOOLS,
    resources: RESOURCES,
    prompts: PROMPTS,
    async callTool(tool, args, signal) {
      const call: Call = { method: 'tools/call', target: tool.name, action: tool.action(args), signal };
      const outcome = await attempt(call, () => tool.handler(args, { cluster, signal }));
      if ('failure' in outcome) return { content: [{ type: 'text', text: outcome.failure }], isError: true };
      const { text, structured } = outcome.result;
      return { content: [{ type: 'text', text }], structuredContent: structured };
    },
    async readResource(resource, { uri, variables }, signal) {
      const call: Call = { method: 'resources/read', target: resource.name, uri: resource.uri, action: resource.action(variables), signal };
      const outcome = await attempt(call, () => resource.read(variables, { cluster, signal }));
      if ('failure' in outcome) throw new RequestError(outcome.failure, INTERNAL_ERROR);
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(outcome.result) }] };
    },
  };
}
