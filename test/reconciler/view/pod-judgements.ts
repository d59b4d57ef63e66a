// Everything that is concluded from pods, in one value, for tests that compare what different pods lead to.
import type { DeploymentObject, PodObject } from '../../../reconciler/kinds.ts';
import { awaited, podTrouble } from '../../../reconciler/status/pod-troubles.ts';
import { findMissing } from '../../../reconciler/references/missing.ts';
import type { Known } from '../../../reconciler/references/record.ts';
import { rolloutOf } from '../../../reconciler/status/rollout.ts';
import { volumeHeld, volumeLookMs } from '../../../reconciler/status/volume-held.ts';
import { nextLookMs } from '../../../reconciler/status/next-look.ts';
import { servingPods } from '../../../reconciler/verification/serving-pods.ts';

/** References of which the operator knows nothing, so that only pods can tell. */
const KNOWN: readonly Known[] = (['Secret', 'ConfigMap'] as const).map((kind) => ({
  reference: { kind, name: kind === 'Secret' ? 's' : 'c', fields: ['spec.env[0]'], required: true, holdsPods: true, requiredKeys: [], keys: 'all' },
  observed: { state: 'Refused', at: 0, told: false },
}));

/** Times of pods lie around the second. */
export const MUCH_LATER = new Date('2031-01-01T00:00:00Z');
const SOON = new Date('2030-01-01T00:00:01Z');

/** What verification, status and the search for what is missing make of the pods of a Deployment. */
export function judgementsOf(pods: readonly PodObject[], deployment: DeploymentObject, templateSince?: Date): object {
  return {
    trouble: podTrouble(pods, { now: MUCH_LATER }),
    awaited: awaited(pods, MUCH_LATER),
    rollout: rolloutOf(deployment, pods, { templateSince, now: MUCH_LATER }),
    held: volumeHeld(pods, { among: pods, now: MUCH_LATER }),
    nextLook: nextLookMs({ pods, now: SOON }),
    volumeLook: volumeLookMs(pods, SOON),
    serving: servingPods(pods),
    missing: findMissing(KNOWN, { namespace: 'tools', pods }),
  };
}
