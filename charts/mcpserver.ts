// The MCPServer construct: one declaration in, one typed object per concern out.
import { k8s } from 'cdk8s-plus-28';
import { Chart, type ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { resolveSpec } from './api/mcpserver.ts';
import type { MCPServerSpec } from './api/spec.ts';
import { horizontalPodAutoscaler } from './autoscaling.ts';
import { configData, hasConfig } from './config-map.ts';
import { deployment } from './deployment.ts';
import { podDisruptionBudget } from './disruption.ts';
import { PORT_NAME, selectorLabels } from './api/labels.ts';
import { OpenDeployment } from './open-fields.ts';
import { networkPolicy } from './network-policy.ts';
import { configMapNameOf, objectMetadata, type ResolvedServer } from './server.ts';
import { serviceAccount } from './service-account.ts';
import { endpointUrl, service } from './service.ts';

/**
 * Props of the construct: the fields of an MCPServer's `spec`, plus its name and namespace.
 * Defaults and bounds are those of the resource; `kubectl explain mcpserver.spec` describes every field.
 */
export interface MCPServerProps extends MCPServerSpec {
  /**
   * Name of the server and of the objects rendered for it: a DNS label of at most 52 characters.
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Namespace of the objects.
   * @default - the chart's namespace; none if the chart has none
   */
  readonly namespace?: string | undefined;
}

/** Context under which an MCPServer counts as stored, so that rules which may be younger than it do not count. */
export const STORED = 'mcp.example.com/stored';

/** Everything Kubernetes needs to run one MCP server. Its objects have fixed names, whatever the construct's path. */
export class MCPServer extends Construct {
  /** Name of the server. */
  readonly name: string;
  /** Its own ServiceAccount; undefined when the props name one. */
  readonly serviceAccount: k8s.KubeServiceAccount | undefined;
  /** Its configuration; undefined without `config`. */
  readonly configMap: k8s.KubeConfigMap | undefined;
  /** Who may connect to it and to whom it may; undefined without `networkPolicy`. */
  readonly networkPolicy: k8s.KubeNetworkPolicy | undefined;
  /** Its Service; undefined for a stdio server. */
  readonly service: k8s.KubeService | undefined;
  /** Port of the Service that MCP is served on; undefined for a stdio server. */
  readonly servicePort: number | undefined;
  /** Its Deployment. */
  readonly deployment: ApiObject;
  /** Its disruption budget; undefined while one replica runs at most. */
  readonly podDisruptionBudget: k8s.KubePodDisruptionBudget | undefined;
  /** Its autoscaler; undefined without `autoscaling`. */
  readonly horizontalPodAutoscaler: k8s.KubeHorizontalPodAutoscalerV2 | undefined;
  /** URL of the MCP endpoint inside the cluster; undefined for a stdio server. */
  readonly endpoint: string | undefined;
  /** Labels that select its pods, for ever. */
  readonly selector: Readonly<Record<string, string>>;

  /** @throws InvalidMCPServerError naming every prop that breaks a rule, before anything is rendered. */
  constructor(scope: Construct, id: string, props: MCPServerProps) {
    super(scope, id);
    const { name = id, namespace = Chart.of(this).namespace, ...spec } = props;
    const server: ResolvedServer = { name, namespace, spec: resolveSpec(name, spec, { stored: this.node.tryGetContext(STORED) === true }) };
    const accountProps = serviceAccount(server);
    const policyProps = networkPolicy(server);
    const serviceProps = service(server);
    const budgetProps = podDisruptionBudget(server);
    const autoscalerProps = horizontalPodAutoscaler(server);

    this.name = name;
    this.selector = selectorLabels(name);
    this.servicePort = serviceProps?.spec?.ports?.find((port) => port.name === PORT_NAME)?.port;
    this.serviceAccount = accountProps && new k8s.KubeServiceAccount(this, 'service-account', accountProps);
    this.configMap = hasConfig(server)
      ? new k8s.KubeConfigMap(this, 'config-map', { metadata: objectMetadata(server, { name: configMapNameOf(server) }), data: configData(server) })
      : undefined;
    this.networkPolicy = policyProps && new k8s.KubeNetworkPolicy(this, 'network-policy', policyProps);
    this.service = serviceProps && new k8s.KubeService(this, 'service', serviceProps);
    this.deployment = new OpenDeployment(this, 'deployment', { ...deployment(server), server: server.spec });
    this.podDisruptionBudget = budgetProps && new k8s.KubePodDisruptionBudget(this, 'pod-disruption-budget', budgetProps);
    this.horizontalPodAutoscaler = autoscalerProps && new k8s.KubeHorizontalPodAutoscalerV2(this, 'horizontal-pod-autoscaler', autoscalerProps);
    this.endpoint = endpointUrl(server);
  }
}
