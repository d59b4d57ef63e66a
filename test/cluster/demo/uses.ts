// What a client does with each of the servers that `npm start` knows, to show that they work: at least one tool is called.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { SAMPLE_IMAGE } from '../images.ts';
import { KUBERNETES_MCP_SERVER } from './examples.ts';
import { holdsCredentials } from './holds-credentials.ts';

/** In the namespace of the one server that may create it. */
const POD = { name: 'made-by-an-mcp-client', namespace: KUBERNETES_MCP_SERVER };
const LOGS_LIMIT_MS = 30_000;

export interface UseOptions {
  readonly signal: AbortSignal;
  /** Told of each thing that worked. */
  readonly done: (what: string) => void;
}

type Use = (client: Client, options: UseOptions) => Promise<void>;
interface Called {
  readonly text: string;
  readonly isError: boolean;
}

/** How a server that calls itself so is used; undefined for one that is not known. Throws when it does not work. */
export function useOf(name: string, { spec }: Pick<MCPServerObject, 'spec'>): Use | undefined {
  if (name === 'kubernetes-mcp-server') return holdsCredentials(spec) ? useKubernetes : useWithoutCredentials;
  return { dice: useDice, notes: useNotes }[name];
}

async function useDice(client: Client, { signal, done }: UseOptions): Promise<void> {
  const text = await works(client, ['roll-dice', { count: 3 }], signal);
  const [, ...numbers] = /(\d+) \+ (\d+) \+ (\d+) = (\d+)/.exec(text)?.map(Number) ?? [];
  const [sum, rolls] = [numbers.at(-1), numbers.slice(0, -1)];
  if (sum === undefined || rolls.reduce((all, roll) => all + roll, 0) !== sum) throw new Error(`roll-dice said ${text}`);
  done('roll-dice');
}

async function useNotes(client: Client, { signal, done }: UseOptions): Promise<void> {
  await works(client, ['add-note', { text: 'milk' }], signal);
  done('add-note');
  const text = await works(client, ['list-notes', {}], signal);
  if (!text.includes('1. milk')) throw new Error(`list-notes said ${text}`);
  done('list-notes');
}

/** One without credentials must say so, and what to do. */
async function useWithoutCredentials(client: Client, { signal, done }: UseOptions): Promise<void> {
  const { text, isError } = await called(client, ['get-pod-logs', { name: 'any' }], signal);
  if (!isError || !text.includes('no Kubernetes credentials')) throw new Error(`get-pod-logs said ${text}`);
  done('get-pod-logs, which says that it has no credentials');
}

async function useKubernetes(client: Client, { signal, done }: UseOptions): Promise<void> {
  await works(client, ['create-pod', { ...POD, image: SAMPLE_IMAGE }], signal);
  done('create-pod');
  await eventually(() => works(client, ['get-pod-logs', POD], signal), signal);
  done('get-pod-logs');
  await works(client, ['delete-pod', POD], signal);
  done('delete-pod');
  for (const uri of ['k8s://cluster/nodes', `k8s://namespace/${POD.namespace}/pods`]) {
    const { contents } = await client.readResource({ uri }, { signal });
    if (contents.length === 0) throw new Error(`${uri} is empty`);
    done(uri);
  }
}

type Call = readonly [name: string, args: Record<string, unknown>];

async function called(client: Client, [name, args]: Call, signal: AbortSignal): Promise<Called> {
  const { isError, content } = await client.callTool({ name, arguments: args }, undefined, { signal });
  return { text: JSON.stringify(content), isError: isError === true };
}

async function works(client: Client, call: Call, signal: AbortSignal): Promise<string> {
  const { text, isError } = await called(client, call, signal);
  if (isError) throw new Error(`${call[0]}: ${text}`);
  return text;
}

/** Logs exist only once the pod has started. */
async function eventually<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + LOGS_LIMIT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(500, undefined, { signal });
    }
  }
}
