// Where pods run: spread softly over nodes and zones. Always rendered, so that scaling changes no pod template.
import type { k8s } from 'cdk8s-plus-28';
import { selectorLabels } from './labels.ts';

/** Prefer nodes that run no pod of the same server. */
export function affinity(name: string): k8s.Affinity {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: selectorLabels(name) } },
        },
      ],
    },
  };
}

/** Spread evenly over nodes and zones where that is possible. */
export function topologySpreadConstraints(name: string): k8s.TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(name) },
  }));
}
