// The MCPServer construct: one declaration in, one typed object per concern out.
import { k8s } from 'cdk8s-plus-28';
import { Chart, type ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { resolveSpec } from './api/mcpserver.ts';
import type { MCPServerSpec } from './api/spec.ts';
import { horizontalPodAutoscaler } from './autoscaling.ts';
import { configMap } from './config-map.ts';
import { deployment } from './deployment.ts';
import { podDisruptionBudget } from './disruption.ts';
import { PORT_NAME, selectorLabels } from './api/labels.ts';
import { OpenDeployment } from './open-fields.ts';
import { networkPolicy } from './network-policy.ts';
import type { ResolvedServer } from './server.ts';
import { serviceAccount } from './service-account.ts';
import { endpointUrl, service } from './service.ts';
import { resolveSettings, type BridgeBy } from './settings.ts';
import { peersService } from './stdio-bridge.ts';

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
  /**
   * Container image of the stdio bridge, for `transport: stdio`; `stdio.bridge.image` wins over it.
   * @default - the context `mcp.example.com/bridgeImage`; registry.example.com/mcp-server-operator/stdio-bridge and the bridge's version
   */
  readonly bridgeImage?: string | undefined;
  /**
   * How the bridge comes into pods: InitContainer or ImageVolume; `stdio.bridge.by` wins over it.
   * @default - the context `mcp.example.com/bridgeBy`; InitContainer
   */
  readonly bridgeBy?: BridgeBy | undefined;
}

/** Context, such as that of an App, with settings for all MCPServers below it. */
export const SETTINGS = { bridgeImage: 'mcp.example.com/bridgeImage', bridgeBy: 'mcp.example.com/bridgeBy' } as const;

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
  /** Its Service. Undefined only for a stdio server that was stored before it had to name its command, like the next two. */
  readonly service: k8s.KubeService | undefined;
  /** The Service by which the bridges of a stdio server find each other; undefined where none of its sessions lives in a pod. */
  readonly peersService: k8s.KubeService | undefined;
  /** Port of the Service that MCP is served on. */
  readonly servicePort: number | undefined;
  /** Its Deployment. */
  readonly deployment: ApiObject;
  /** Its disruption budget; undefined while one replica runs at most. */
  readonly podDisruptionBudget: k8s.KubePodDisruptionBudget | undefined;
  /** Its autoscaler; undefined without `autoscaling`. */
  readonly horizontalPodAutoscaler: k8s.KubeHorizontalPodAutoscalerV2 | undefined;
  /** URL of the MCP endpoint inside the cluster. */
  readonly endpoint: string | undefined;
  /** Labels that select its pods, for ever. */
  readonly selector: Readonly<Record<string, string>>;

  /** @throws InvalidMCPServerError naming every prop that breaks a rule, and Error for a setting that cannot be meant, before anything is rendered. */
  constructor(scope: Construct, id: string, props: MCPServerProps) {
    super(scope, id);
    const { name = id, namespace = Chart.of(this).namespace, bridgeImage, bridgeBy, ...spec } = props;
    const settings = resolveSettings({
      bridgeImage: bridgeImage ?? this.node.tryGetContext(SETTINGS.bridgeImage),
      bridgeBy: bridgeBy ?? this.node.tryGetContext(SETTINGS.bridgeBy),
    });
    const server: ResolvedServer = { name, namespace, spec: resolveSpec(name, spec), settings };
    const accountProps = serviceAccount(server);
    const mapProps = configMap(server);
    const policyProps = networkPolicy(server);
    const serviceProps = service(server);
    const peersProps = peersService(server);
    const budgetProps = podDisruptionBudget(server);
    const autoscalerProps = horizontalPodAutoscaler(server);

    this.name = name;
    this.selector = selectorLabels(name);
    this.servicePort = serviceProps?.spec?.ports?.find((port) => port.name === PORT_NAME)?.port;
    this.serviceAccount = accountProps && new k8s.KubeServiceAccount(this, 'service-account', accountProps);
    this.configMap = mapProps && new k8s.KubeConfigMap(this, 'config-map', mapProps);
    this.networkPolicy = policyProps && new k8s.KubeNetworkPolicy(this, 'network-policy', policyProps);
    this.service = serviceProps && new k8s.KubeService(this, 'service', serviceProps);
    this.peersService = peersProps && new k8s.KubeService(this, 'peers-service', peersProps);
    this.deployment = new OpenDeployment(this, 'deployment', { ...deployment(server), server: server.spec });
    this.podDisruptionBudget = budgetProps && new k8s.KubePodDisruptionBudget(this, 'pod-disruption-budget', budgetProps);
    this.horizontalPodAutoscaler = autoscalerProps && new k8s.KubeHorizontalPodAutoscalerV2(this, 'horizontal-pod-autoscaler', autoscalerProps);
    this.endpoint = endpointUrl(server);
  }
}
