// What a claim means for a rollout and for several pods. The spec only names claims, and who else may mount them nobody here may read.
import { openClaims } from '../api/open-uses.ts';
import type { ResolvedSpec } from '../api/spec.ts';
import { isNoPod } from '../api/pod-rules.ts';
import { canRunSeveral } from '../replicas.ts';

/**
 * One sentence about claims that only one node, or one pod, may be able to mount, where pods of one MCPServer would wait for each
 * other; undefined where there is no claim, and where old pods go before a new one comes. For a condition: nothing is refused.
 */
export function claimMessage(spec: ResolvedSpec): string | undefined {
  const named = (spec.storage ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []);
  const claims = [...new Set([...named, ...openClaims(spec)])];
  if (claims.length === 0 || spec.strategy.type === 'Recreate') return undefined;
  const [subject, one] = claims.length === 1 ? [`claim ${claims[0]}`, 'it'] : [`claims ${claims.join(', ')}`, 'one of them'];
  if (canRunSeveral(spec)) {
    return `More than one pod can run with ${subject}: if only one node can mount ${one} (ReadWriteOnce), pods on other nodes wait for ever, and with ReadWriteOncePod all but one: keep to one replica with strategy: {type: Recreate}, or use a claim that several nodes can mount (ReadWriteMany).`;
  }
  if (isNoPod(spec.strategy.maxSurge ?? 1)) return undefined;
  return `A rolling update starts the new pod while the old one has ${subject}: if only one node can mount ${one} (ReadWriteOnce, ReadWriteOncePod), set strategy: {type: Recreate}, so that the new pod does not wait for the old one.`;
}
