// What may refuse a write besides the API server: a real admission webhook, one that is out of order, and a real admission policy.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { CONFIG_MAPS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import { eventually, uniqueName } from './cluster.ts';
import { certificateFor } from './mcp-servers.ts';

const admission = (kind: string, plural: string): ResourceType => ({ group: 'admissionregistration.k8s.io', version: 'v1', kind, plural, namespaced: false });
const WEBHOOKS = admission('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations');
const POLICIES = admission('ValidatingAdmissionPolicy', 'validatingadmissionpolicies');
const BINDINGS = admission('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings');

/** What is refused: writes of these operations to objects of this resource that carry the label of one of these MCPServers. */
export interface Target {
  readonly namespace: string;
  readonly servers: readonly string[];
  readonly apiGroup: string;
  readonly resource: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
}

/** What a webhook answers; undefined: it lets the object pass. */
export type Refuse = () => { readonly code: number; readonly message: string } | undefined;

/** Something that refuses until it is taken away. */
export interface Refuser {
  readonly name: string;
  readonly remove: () => Promise<void>;
}

/** A webhook at an address where nothing listens. */
export function brokenWebhook(client: KubernetesClient, target: Target): Promise<Refuser> {
  return configure(client, target, { url: 'https://127.0.0.1:1/' });
}

/** A webhook of this process, with what it was asked so far. */
export async function webhook(
  client: KubernetesClient,
  target: Target,
  refuse: Refuse,
): Promise<Refuser & { readonly asked: () => number }> {
  const { key, cert } = certificateFor('127.0.0.1');
  let asked = 0;
  const server = createServer({ key, cert }, (request, response) => {
    void json(request).then((review) => {
      const { uid, object } = (review as { request: { uid: string; object?: KubernetesObject } }).request;
      // Of the probe below it only says that it is there.
      const refusal = object?.metadata.name?.startsWith(PROBE) === true ? { code: 403, message: 'probed' } : refuse();
      asked += object?.metadata.name?.startsWith(PROBE) === true ? 0 : 1;
      const answer = refusal === undefined ? { uid, allowed: true } : { uid, allowed: false, status: refusal };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
    }, () => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const refuser = await configure(client, target, { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(cert).toString('base64') });
  return {
    ...refuser,
    asked: () => asked,
    remove: async () => {
      await refuser.remove();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An admission policy that refuses everything it is about. */
export async function policy(client: KubernetesClient, target: Target): Promise<Refuser> {
  const name = uniqueName('refuser');
  const { matchConstraints, probe } = selection(target);
  const spec = { failurePolicy: 'Fail', matchConstraints, validations: [{ expression: 'false', message: 'refused by the test' }] };
  await client.create(POLICIES, { metadata: { name }, spec } as KubernetesObject);
  await client.create(BINDINGS, { metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } } as KubernetesObject);
  await inForce(client, probe);
  return {
    name,
    remove: async () => {
      await gone(client, BINDINGS, name);
      await gone(client, POLICIES, name);
      await out(client, probe);
    },
  };
}

const PROBE = 'probe-of-admission';

async function configure(client: KubernetesClient, target: Target, clientConfig: object): Promise<Refuser> {
  const name = uniqueName('refuser');
  const { matchConstraints: { resourceRules, objectSelector, namespaceSelector }, probe } = selection(target);
  const hook = {
    name: `${name}.example.com`,
    clientConfig,
    rules: resourceRules,
    objectSelector,
    namespaceSelector,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 2,
  };
  await client.create(WEBHOOKS, { metadata: { name }, webhooks: [hook] } as KubernetesObject);
  await inForce(client, probe);
  return {
    name: hook.name,
    remove: async () => {
      await gone(client, WEBHOOKS, name);
      await out(client, probe);
    },
  };
}

interface Selection {
  readonly matchConstraints: {
    readonly resourceRules: readonly object[];
    readonly objectSelector: object;
    readonly namespaceSelector: object;
  };
  /** A ConfigMap that is refused as the target is: by it one sees when refusing begins and ends. */
  readonly probe: KubernetesObject;
}

function selection({ namespace, servers, apiGroup, resource, operations }: Target): Selection {
  const label = servers[0] ?? '';
  return {
    matchConstraints: {
      resourceRules: [
        { apiGroups: [apiGroup], apiVersions: ['*'], operations, resources: [resource] },
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
      ],
      objectSelector: { matchExpressions: [{ key: SERVER_LABEL, operator: 'In', values: servers }] },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    },
    probe: { metadata: { name: uniqueName(PROBE), namespace, labels: { [SERVER_LABEL]: label } } },
  };
}

async function inForce(client: KubernetesClient, probe: KubernetesObject): Promise<void> {
  await eventually(async () => {
    const isRefused = await client.create(CONFIG_MAPS, probe, { dryRun: true }).then(() => false, (error: unknown) => isApiError(error));
    if (!isRefused) throw new Error('nothing is refused yet');
  }, { timeoutMs: 60_000, message: 'the refuser' });
}

async function out(client: KubernetesClient, probe: KubernetesObject): Promise<void> {
  await eventually(() => client.create(CONFIG_MAPS, probe, { dryRun: true }), { timeoutMs: 60_000, message: 'the end of refusing' });
}

async function gone(client: KubernetesClient, type: ResourceType, name: string): Promise<void> {
  await client.delete(type, { name }).catch((error: unknown) => {
    if (!isApiError(error, 'NotFound')) throw error;
  });
}
