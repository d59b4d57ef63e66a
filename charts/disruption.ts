// The PodDisruptionBudget: by default one pod may go at a time where more than one replica runs.
import type { k8s } from 'cdk8s-plus-28';
import { intOrString } from './int-or-string.ts';
import { selectorLabels } from './api/labels.ts';
import { canRunSeveral } from './replicas.ts';
import { objectMetadata, type ResolvedServer } from './server.ts';

/** Props of the budget; undefined when the user wants none, or while a single replica makes the default meaningless (it could only block every drain). */
export function podDisruptionBudget(server: ResolvedServer): k8s.KubePodDisruptionBudgetProps | undefined {
  const { mode, minAvailable, maxUnavailable = 1 } = server.spec.disruption;
  if (mode === 'None' || (mode === 'Default' && !canRunSeveral(server.spec))) return undefined;
  return {
    metadata: objectMetadata(server),
    spec: {
      selector: { matchLabels: selectorLabels(server.name) },
      ...(minAvailable === undefined ? { maxUnavailable: intOrString(maxUnavailable) } : { minAvailable: intOrString(minAvailable) }),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
