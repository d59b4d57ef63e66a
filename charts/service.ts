// The Service of a server, and the URL under which clients in the cluster reach it.
import { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { PORT_NAME, selectorLabels } from './api/labels.ts';
import { serverPorts } from './ports.ts';
import { objectMetadata, servesHttp, type ResolvedServer } from './server.ts';

type ServiceSpec = Partial<NonNullable<ResolvedSpec['service']>>;

/** What Kubernetes assumes too; said, so that nothing depends on it. */
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** The part of a Service that keeps a client at one pod, spelled as in the API. */
export interface ClientIPAffinity {
  readonly sessionAffinity: 'ClientIP';
  readonly sessionAffinityConfig: { readonly clientIP: { readonly timeoutSeconds: number } };
}

/** Props of the Service; undefined for a server that cannot be reached. */
export function service(server: ResolvedServer): k8s.KubeServiceProps | undefined {
  if (!servesHttp(server.spec)) return undefined;
  const { type = 'ClusterIP', annotations, ...options }: ServiceSpec = server.spec.service ?? {};
  const { loadBalancerClass, loadBalancerSourceRanges, externalTrafficPolicy, internalTrafficPolicy } = options;
  return {
    metadata: objectMetadata(server, { of: 'service', annotations }),
    spec: {
      type,
      selector: selectorLabels(server.name),
      ports: servicePorts(server),
      ...(loadBalancerClass !== undefined && { loadBalancerClass }),
      ...(loadBalancerSourceRanges && { loadBalancerSourceRanges }),
      ...(externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
      ...(internalTrafficPolicy !== undefined && { internalTrafficPolicy }),
      ...affinity(server.spec),
    },
  };
}

function servicePorts(server: ResolvedServer): k8s.ServicePort[] {
  const { appProtocol, nodePort } = server.spec.service ?? {};
  return serverPorts(server).map(({ name, port }) => ({
    name,
    port: name === PORT_NAME ? servicePort(server.spec) : port,
    targetPort: k8s.IntOrString.fromString(name),
    protocol: 'TCP',
    ...(name === PORT_NAME && appProtocol !== undefined && { appProtocol }),
    ...(name === PORT_NAME && nodePort !== undefined && { nodePort }),
  }));
}

/** Nothing for `Auto`: what was observed decides, and is applied on top by another field manager. */
function affinity(spec: ResolvedSpec): Pick<k8s.ServiceSpec, 'sessionAffinity' | 'sessionAffinityConfig'> {
  if (spec.service?.sessionAffinity === 'None') return { sessionAffinity: 'None' };
  if (spec.service?.sessionAffinity !== 'ClientIP') return {};
  const { sessionAffinity, sessionAffinityConfig } = clientIpAffinity(spec);
  return { sessionAffinity, sessionAffinityConfig: { clientIp: sessionAffinityConfig.clientIP } };
}

/** The fields of the Service with ClientIP affinity and the timeout of the spec. */
export function clientIpAffinity({ service: options }: ResolvedSpec): ClientIPAffinity {
  const timeoutSeconds = options?.sessionAffinityTimeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function servicePort({ port, service: options }: ResolvedSpec): number {
  return options?.port ?? port;
}

/** DNS name of the Service inside the cluster, without a cluster domain so that it is right in every cluster. */
function serviceHost({ name, namespace }: Pick<ResolvedServer, 'name' | 'namespace'>): string {
  return namespace === undefined ? name : `${name}.${namespace}.svc`;
}

/** The Host header of the Service's clients: with the port, except where a URL leaves it out. */
export function hostHeader(server: ResolvedServer): string {
  const port = servicePort(server.spec);
  return port === (server.spec.tls === undefined ? 80 : 443) ? serviceHost(server) : `${serviceHost(server)}:${port}`;
}

/** URL of the MCP endpoint; undefined for a server that cannot be reached. */
export function endpointUrl(server: ResolvedServer): string | undefined {
  if (!servesHttp(server.spec)) return undefined;
  return `${server.spec.tls === undefined ? 'http' : 'https'}://${serviceHost(server)}:${servicePort(server.spec)}${server.spec.path}`;
}
