// How a server is reached besides its MCP port, and by whom.
import * as z from 'zod';
import { boundedMap, listMap } from './fields.ts';
import { LABEL_KEY, LABEL_KEY_SYNTAX, labelSelector } from './scheduling-fields.ts';

/** What Kubernetes takes as the name of a port: letters, digits and single hyphens, at least one letter. */
const PORT_NAME_SYNTAX = /^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const portNumber = (description: string): z.ZodInt => z.int().min(1).max(65_535).describe(description);

/** Ports besides the MCP port, of the container and the Service alike. */
export const extraPorts = listMap(
  z.strictObject({
    name: z.string().min(1).max(15).regex(PORT_NAME_SYNTAX, 'must be lower-case letters, digits and single "-" between them, with a letter among them').describe('Name of the port, for instance metrics; probes may use it.'),
    port: portNumber('Number of the port, in the container and of the Service.'),
  }),
  { keys: ['name'], max: 16 },
);

const qualifiedName = (description: string): z.ZodString =>
  z.string().min(1).max(317).regex(LABEL_KEY, LABEL_KEY_SYNTAX).describe(description);

const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const GROUP = '[0-9a-fA-F]{1,4}';
/** With one `::` at most; that there are not too many groups around it the API server sees. */
const IPV6 = `(${GROUP}:){7}${GROUP}|(${GROUP}:){1,7}(:|(:${GROUP}){1,6})|:(:|(:${GROUP}){1,7})`;
const CIDR = new RegExp(`^(${BYTE}\\.){3}${BYTE}/(3[0-2]|[12]?[0-9])$|^(${IPV6})/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$`);
const ADDRESS = new RegExp(`^(${BYTE}\\.){3}${BYTE}$|^(${IPV6})$`);
/** Addresses in CIDR notation. */
const cidr = (): z.ZodString => z.string().min(1).max(43).regex(CIDR, 'must be addresses in CIDR notation, such as 10.0.0.0/8 or fd00::/8');
/** One address. */
export const ipAddress = (): z.ZodString => z.string().min(2).max(39).regex(ADDRESS, 'must be an IP address, such as 10.0.0.1 or fd00::1');

/** The Service in front of the pods. */
export const service = z.strictObject({
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP').describe('Whether the Service can be reached from outside the cluster, and how.'),
  port: portNumber('Port of the Service for MCP, also in the endpoint. Default: port.').optional(),
  appProtocol: qualifiedName('What is spoken on the MCP port, for gateways and meshes, for instance kgateway.dev/mcp.').optional(),
  annotations: boundedMap(z.string().max(4096), 32).describe('Annotations of the Service alone. Those the operator and GitOps tools set cannot be set here.').optional(),
  loadBalancerClass: qualifiedName('Which load balancer implementation is meant, for type LoadBalancer. A change replaces the load balancer.').optional(),
  externalTrafficPolicy: z
    .enum(['Cluster', 'Local'])
    .describe('Local keeps the address of the client and uses pods of the receiving node only; for NodePort and LoadBalancer. Kubernetes assumes Cluster.')
    .optional(),
  nodePort: portNumber('Port on every node for MCP, for NodePort and LoadBalancer. Default: the cluster chooses one.').optional(),
  loadBalancerSourceRanges: z.array(cidr()).min(1).max(64).describe('Addresses that may use the load balancer, such as 192.0.2.0/24, for type LoadBalancer.').optional(),
  internalTrafficPolicy: z
    .enum(['Cluster', 'Local'])
    .describe('Local uses pods of the node the client is on, and none where there is none. Kubernetes assumes Cluster.')
    .optional(),
  sessionAffinity: z
    .enum(['Auto', 'None', 'ClientIP'])
    .default('Auto')
    .describe('Whether calls from one address go to one pod. Auto: ClientIP once the server was found to keep sessions and more than one pod can run.'),
  sessionAffinityTimeoutSeconds: z.int().min(1).max(86_400).describe('Seconds without a call after which an address may get another pod. Default 10800; not with None.').optional(),
});

const peers = z
  .array(
    z.strictObject({
      podSelector: labelSelector.describe('Pods by label, in the own namespace unless namespaceSelector is there; empty: all of them.').optional(),
      namespaceSelector: labelSelector.describe('Namespaces of the pods, by label; empty: all of them.').optional(),
      ipBlock: z
        .strictObject({
          cidr: cidr().describe('Addresses, such as 192.0.2.0/24.'),
          except: z.array(cidr()).min(1).max(16).describe('Addresses within cidr that are not meant.').optional(),
        })
        .describe('Addresses outside the cluster.')
        .optional(),
    }),
  )
  .max(16);

/** Who may connect to the pods, and to whom they may connect. */
export const networkPolicy = z.strictObject({
  ingressFrom: peers.describe('Who may connect to the ports of the pods, besides the operator. Empty: nobody. Left out: not restricted.').optional(),
  egressTo: peers.describe('To whom the pods may connect, besides DNS of the cluster. Empty: nobody. Left out: not restricted.').optional(),
});
