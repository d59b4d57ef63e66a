// Two MCP servers with shared configuration behind one Ingress, and objects of one's own that use what the construct exposes.
import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { MCPServer, type MCPServerProps } from 'mcp-server-operator';

export interface ToolsChartProps {
  readonly namespace: string;
  readonly host: string;
  readonly imageTag: string;
  readonly replicas?: number;
}

export class ToolsChart extends Chart {
  readonly weather: MCPServer;
  readonly tickets: MCPServer;

  constructor(scope: Construct, id: string, { namespace, host, imageTag, replicas = 1 }: ToolsChartProps) {
    super(scope, id, { namespace });
    // What the servers share is a plain object: every field is typed and checked again where it is used.
    const shared = {
      replicas,
      config: { LOG_LEVEL: 'info', UNITS: 'metric' },
      imagePullSecrets: [{ name: 'registry' }],
      podMetadata: { labels: { team: 'assistants' } },
    } satisfies Partial<MCPServerProps>;

    this.weather = new MCPServer(this, 'weather', { ...shared, image: `registry.example.com/weather-mcp:${imageTag}`, port: 3000 });
    this.tickets = new MCPServer(this, 'tickets', {
      ...shared,
      image: `registry.example.com/tickets-mcp:${imageTag}`,
      config: { ...shared.config, PAGE_SIZE: '50' },
      // Scaled by the queue of open tickets, which only this app knows of: no number of pods is rendered.
      scaling: 'External',
      files: [{ mountPath: '/etc/tickets', secret: { name: 'tickets-token' } }],
    });

    this.#ingress(host, [this.weather, this.tickets]);
    this.#onlyFromIngress([this.weather, this.tickets]);
    this.#byOpenTickets(this.tickets);
  }

  /** One host, one path per server, each to the Service and port the construct exposes. */
  #ingress(host: string, servers: readonly MCPServer[]): void {
    const paths = servers.flatMap(({ name, service, servicePort }) =>
      service && servicePort
        ? [{ path: `/${name}`, pathType: 'Prefix', backend: { service: { name: service.name, port: { number: servicePort } } } }]
        : [],
    );
    new k8s.KubeIngress(this, 'ingress', {
      metadata: { name: 'mcp' },
      spec: { ingressClassName: 'nginx', tls: [{ hosts: [host], secretName: 'mcp-tls' }], rules: [{ host, http: { paths } }] },
    });
  }

  /** Lets the namespace of the ingress controller in, and nobody else: a policy of one's own on the construct's pods. */
  #onlyFromIngress(servers: readonly MCPServer[]): void {
    for (const { name, selector } of servers) {
      new k8s.KubeNetworkPolicy(this, `only-from-ingress-${name}`, {
        metadata: { name: `${name}-only-from-ingress` },
        spec: {
          podSelector: { matchLabels: selector },
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }] }],
        },
      });
    }
  }
  /** An autoscaler of one's own on the construct's Deployment. */
  #byOpenTickets({ name, deployment }: MCPServer): void {
    new k8s.KubeHorizontalPodAutoscalerV2(this, 'by-open-tickets', {
      metadata: { name: `${name}-by-open-tickets` },
      spec: {
        scaleTargetRef: { apiVersion: deployment.apiVersion, kind: deployment.kind, name: deployment.name },
        minReplicas: 1,
        maxReplicas: 8,
        metrics: [{ type: 'External', external: { metric: { name: 'open_tickets' }, target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString('20') } } }],
      },
    });
  }
}
