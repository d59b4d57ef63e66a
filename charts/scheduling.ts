// Where pods run: spread softly over nodes and zones unless the user says otherwise. Always rendered, so that scaling
// changes no pod template.
import type { k8s } from 'cdk8s-plus-28';
import { selectorLabels } from './api/labels.ts';
import { withoutEmptyMatchLabels } from './selectors.ts';
import type { ResolvedServer } from './server.ts';

/** The part of the pod that concerns scheduling. What is empty is left out. */
export function scheduling({ name, spec }: ResolvedServer): Partial<k8s.PodSpec> {
  const affinity = spec.affinity ? (withoutEmptyMatchLabels(spec.affinity) as k8s.Affinity) : defaultAffinity(name);
  const constraints = spec.topologySpreadConstraints;
  const spread = constraints ? (withoutEmptyMatchLabels(constraints) as k8s.TopologySpreadConstraint[]) : defaultSpread(name);
  return {
    ...(isFilled(affinity) && { affinity }),
    ...(isFilled(spec.nodeSelector) && { nodeSelector: spec.nodeSelector }),
    ...(spec.priorityClassName !== undefined && { priorityClassName: spec.priorityClassName }),
    ...(spec.runtimeClassName !== undefined && { runtimeClassName: spec.runtimeClassName }),
    ...(spec.schedulerName !== undefined && { schedulerName: spec.schedulerName }),
    ...(isFilled(spec.tolerations) && { tolerations: spec.tolerations as k8s.Toleration[] }),
    ...(isFilled(spread) && { topologySpreadConstraints: spread }),
  };
}

function isFilled<T extends object>(value: T | undefined): value is T {
  return value !== undefined && Object.keys(value).length > 0;
}

/** Prefer nodes that run no pod of the same server. */
function defaultAffinity(name: string): k8s.Affinity {
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
function defaultSpread(name: string): k8s.TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(name) },
  }));
}
