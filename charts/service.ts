// The Service of an HTTP server, and the URL under which clients in the cluster reach it.
import { k8s } from 'cdk8s-plus-28';
import { selectorLabels } from './labels.ts';
import { serverPorts } from './ports.ts';
import { objectMetadata, servesHttp, type ResolvedServer } from './server.ts';

/** Props of the Service; undefined for a stdio server. */
export function service(server: ResolvedServer): k8s.KubeServiceProps | undefined {
  if (!servesHttp(server)) return undefined;
  return {
    metadata: objectMetadata(server),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(server.name),
      ports: serverPorts(server).map(({ name, port }) => ({ name, port, targetPort: k8s.IntOrString.fromString(name), protocol: 'TCP' })),
    },
  };
}

/** DNS name of the Service inside the cluster, without a cluster domain so that it is right in every cluster. */
export function serviceHost({ name, namespace }: Pick<ResolvedServer, 'name' | 'namespace'>): string {
  return namespace === undefined ? name : `${name}.${namespace}.svc`;
}

/** URL of the MCP endpoint; undefined for a stdio server. */
export function endpointUrl(server: ResolvedServer): string | undefined {
  if (!servesHttp(server)) return undefined;
  return `${server.spec.tls === undefined ? 'http' : 'https'}://${serviceHost(server)}:${server.spec.port}${server.spec.path}`;
}
