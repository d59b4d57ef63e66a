// The PodDisruptionBudget of a server with more than one replica: one pod may go at a time.
import { k8s } from 'cdk8s-plus-28';
import { selectorLabels } from './labels.ts';
import { objectMetadata, type ResolvedServer } from './server.ts';

/** Props of the budget; undefined while a single replica makes one meaningless (it could only block every drain). */
export function podDisruptionBudget(server: ResolvedServer): k8s.KubePodDisruptionBudgetProps | undefined {
  if (server.spec.replicas <= 1) return undefined;
  return {
    metadata: objectMetadata(server),
    spec: {
      selector: { matchLabels: selectorLabels(server.name) },
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
