// The Deployment of an MCPServer and the pod it runs.
import type { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { configHash, hasConfig } from './config-map.ts';
import type { NewerDeploymentProps } from './newer-fields.ts';
import { environment, environmentSources } from './env.ts';
import { commonLabels, CONFIG_HASH_ANNOTATION, CONTAINER_NAME, selectorLabels } from './api/labels.ts';
import { containerPorts } from './ports.ts';
import { postStart, probes } from './probes.ts';
import { intOrString } from './int-or-string.ts';
import { nameResolution } from './name-resolution.ts';
import { managedReplicas } from './replicas.ts';
import { containerResources } from './compute-resources.ts';
import { scheduling } from './scheduling.ts';
import { containerSecurityContext, podSecurityContext } from './security.ts';
import { objectMetadata, type ResolvedServer } from './server.ts';
import { serviceAccountName } from './service-account.ts';
import { bridgeContainer, commandLine, imageVolumes } from './stdio-bridge.ts';
import { volumeMounts, volumes } from './volumes.ts';

/** Props of the Deployment. */
export function deployment(server: ResolvedServer): NewerDeploymentProps {
  const { name, spec } = server;
  const replicas = managedReplicas(spec);
  const annotations = { ...spec.podMetadata?.annotations, ...(hasConfig(server) && { [CONFIG_HASH_ANNOTATION]: configHash(server) }) };
  return {
    drainSeconds: spec.drainSeconds,
    imageVolumes: imageVolumes(server),
    metadata: objectMetadata(server, { of: 'deployment' }),
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: selectorLabels(name) },
      ...(spec.revisionHistoryLimit !== undefined && { revisionHistoryLimit: spec.revisionHistoryLimit }),
      ...(spec.progressDeadlineSeconds !== undefined && { progressDeadlineSeconds: spec.progressDeadlineSeconds }),
      strategy: strategy(spec),
      template: {
        metadata: {
          labels: { ...spec.podMetadata?.labels, ...commonLabels(name, spec.transport) },
          ...(Object.keys(annotations).length > 0 && { annotations }),
        },
        spec: podSpec(server),
      },
    },
  };
}

/** By default a new pod is Ready before an old one goes. */
function strategy({ strategy: { type, maxUnavailable = 0, maxSurge } }: ResolvedSpec): k8s.DeploymentStrategy {
  if (type === 'Recreate') return { type };
  const surge = maxSurge === undefined ? {} : { maxSurge: intOrString(maxSurge) };
  return { type, rollingUpdate: { maxUnavailable: intOrString(maxUnavailable), ...surge } };
}

function podSpec(server: ResolvedServer): k8s.PodSpec {
  const { spec } = server;
  const securityContext = podSecurityContext(server);
  const bridge = bridgeContainer(server);
  const mountToken = spec.automountServiceAccountToken ?? (spec.serviceAccount === undefined ? false : undefined);
  return {
    ...scheduling(server),
    ...nameResolution(server),
    ...(mountToken !== undefined && { automountServiceAccountToken: mountToken }),
    containers: [container(server)],
    ...(bridge && { initContainers: [bridge] }),
    enableServiceLinks: false,
    ...(spec.imagePullSecrets?.length && { imagePullSecrets: spec.imagePullSecrets }),
    ...(securityContext && { securityContext }),
    serviceAccountName: serviceAccountName(server),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    volumes: volumes(server),
  };
}

function container(server: ResolvedServer): k8s.Container {
  const { spec } = server;
  const env = environment(server);
  const ports = containerPorts(server);
  const envFrom = environmentSources(server);
  const securityContext = containerSecurityContext(server);
  return {
    name: CONTAINER_NAME,
    image: spec.image,
    imagePullPolicy: spec.imagePullPolicy,
    ...commandLine(server),
    ...(spec.workingDir !== undefined && { workingDir: spec.workingDir }),
    ...(ports && { ports }),
    ...probes(server),
    ...postStart(server),
    ...(env.length > 0 && { env }),
    ...(envFrom && { envFrom }),
    resources: containerResources(server),
    ...(securityContext && { securityContext }),
    terminationMessagePolicy: spec.lastWords === 'Hide' ? 'File' : 'FallbackToLogsOnError',
    volumeMounts: volumeMounts(server),
  };
}
