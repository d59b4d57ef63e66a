// The guards on the control plane of the tests: rendered, applied, in force, and clients of the users they judge.
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { GuardsProps } from '../../charts/operator/guards/guards.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { CONFIG_MAPS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import { withOwner } from '../../reconciler/children/ownership.ts';
import { childType, MCP_SERVERS, type MCPServerObject } from '../../reconciler/kinds.ts';
import { eventually, kubectl, uniqueName } from './cluster.ts';
import { guardManifests, kubeconfigAs, toText } from './guard-manifests.ts';
import { mcpServer } from './rendered.ts';

/** A client of a user whom RBAC forbids nothing; the caller closes it. */
export async function clientAs(user: string): Promise<KubernetesClient> {
  const kubeconfig = await kubeconfigAs(user, inject('kubeconfig'));
  return new KubernetesClient(await connect({ kubeconfig, env: {} }), { userAgent: 'guarded' });
}

/** Guards of an operator whose user and namespace nobody else has, and that user, who may do everything else. */
export interface Guarded {
  readonly user: string;
  /** Of the operator. */
  readonly home: string;
  client: KubernetesClient;
}

/** Has the guards judge a user of their own in one namespace while the calling file runs. */
export function useGuards(namespace: string, props: GuardsProps): Guarded {
  const home = uniqueName('home');
  const user = uniqueName('operator');
  const guarded = { user, home } as Guarded;
  const text = toText(guardManifests({ namespaces: [namespace], ...props, namespace: home, user }));
  beforeAll(async () => {
    expect(await kubectl(['apply', '--server-side', '-f', '-'], { input: text })).toMatchObject({ code: 0 });
    guarded.client = await clientAs(user);
    const [deployment, service] = ownObjects({}, { namespace }).filter(({ kind }) => ['Deployment', 'Service'].includes(kind)).toReversed();
    const probes = [
      edited(deployment, ({ spec }) => void Object.assign(spec.template.spec, { hostNetwork: true })),
      edited(service, ({ spec }) => void Object.assign(spec, { externalIPs: ['192.0.2.1'] })),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unmarked', namespace } },
    ];
    await eventually(async () => {
      for (const probe of probes) expect(await refusalOf(guarded.client, probe)).toContain(`.${home}'`);
    }, { timeoutMs: 60_000, message: 'the guards' });
  });
  afterAll(async () => {
    guarded.client?.close();
    await kubectl(['delete', '--wait=false', '-f', '-'], { input: text });
  });
  return guarded;
}

interface OwnObjects {
  readonly namespace: string;
  readonly name?: string;
  /** Whether it may break rules that came later. */
  readonly stored?: boolean;
}

/** The objects of an MCPServer as its operator sends them. */
export function ownObjects(spec: Partial<MCPServerSpec>, { namespace, name = 'demo', stored = false }: OwnObjects): Manifest[] {
  const server = mcpServer({ image: 'example.com/server:1', ...spec }, { name, namespace });
  const live = { ...server, metadata: { name, namespace, uid: '0c1b6a2e-0000-4000-8000-000000000001' } } as MCPServerObject;
  return render(server, { stored }).map((manifest) => withOwner(manifest, live));
}

/** The parts of objects that tests change. */
export interface Editable extends Manifest {
  spec: {
    template: { metadata: Record<string, object>; spec: { containers: [Record<string, unknown>]; volumes: object[] } };
    ports: [object];
  };
}

/** A changed copy. */
export function edited(manifest: Manifest | undefined, change: (object: Editable) => void): Manifest {
  const copy = structuredClone(manifest) as Editable;
  change(copy);
  return copy;
}

/** An MCPServer to be created. */
export function serverObject(spec: Partial<MCPServerSpec>, namespace: string): Manifest {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name: 'demo', namespace }, spec: { image: 'example.com/server:1', ...spec } };
}

/** What the API server says to a creation that is only tried; nothing where it lets it pass. */
export async function refusalOf(
  client: KubernetesClient,
  object: Manifest | KubernetesObject,
  type: ResourceType = typeOf(object),
): Promise<string> {
  return client.create(type, object as KubernetesObject, { dryRun: true }).then(() => '', (error: unknown) => (error as Error).message);
}

function typeOf(object: { readonly kind?: string }): ResourceType {
  if (object.kind === 'ConfigMap') return CONFIG_MAPS;
  return object.kind === KIND ? MCP_SERVERS : childType(object as Manifest);
}
