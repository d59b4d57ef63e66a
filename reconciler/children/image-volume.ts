// Whether this cluster keeps the image volume by which the bridge of a stdio server is to come: older API servers drop it without a
// word, still older ones do not know it. It is tried before anything is applied, so that no pod is started without its bridge.
import { BRIDGE_NAME } from '../../charts/api/labels.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import type { MCPServerObject } from '../kinds.ts';
import type { Obstacle } from '../status/situation.ts';
import type { Child } from './child.ts';
import { isRefused } from './refusals.ts';

/** How API servers before 1.31 word it; they call it an error of their own. */
const UNKNOWN = new RegExp(String.raw`volumes\[name="${BRIDGE_NAME}"\]\.image: field not declared in schema`);

interface PodSpec {
  readonly volumes?: readonly { readonly name: string; readonly image?: unknown }[];
}
interface WithPods extends KubernetesObject {
  readonly spec?: { readonly template?: { readonly spec?: PodSpec } };
}

/** What the trial needs. */
export interface ImageVolumeTrial {
  readonly server: MCPServerObject;
  /** Whether nothing is to be applied to a child. */
  readonly isSettled: (child: Child) => boolean;
  /** Applies a child without keeping it: the object as it would be. @throws ApiError */
  readonly dryRun: (child: Child) => Promise<KubernetesObject>;
}

/**
 * The obstacle where the cluster does not keep the volume that is to be applied. Sends a request only where a Deployment is to get such
 * a volume that has none: what was kept once stays. @throws ApiError of a request that failed for another reason than the object.
 */
export async function imageVolumeObstacle(children: readonly Child[], trial: ImageVolumeTrial): Promise<Obstacle | undefined> {
  const child = children.find((each) => each.type === DEPLOYMENTS);
  if (child === undefined || hasImageVolume(child.live) || trial.isSettled(child) || !hasImageVolume(child.desired)) return undefined;
  return (await isKept(child, trial)) ? undefined : { reason: 'NoImageVolume', message: messageFor(trial.server), stalled: true };
}

async function isKept(child: Child, { dryRun }: ImageVolumeTrial): Promise<boolean> {
  try {
    return hasImageVolume(await dryRun(child));
  } catch (error) {
    if (isApiError(error) && UNKNOWN.test(error.message)) return false;
    // The apply itself tells it better, and a webhook may refuse to be tried.
    if (isRefused(error)) return true;
    throw error;
  }
}

function hasImageVolume(deployment: WithPods | undefined): boolean {
  const { volumes = [] } = deployment?.spec?.template?.spec ?? {};
  return volumes.some(({ name, image }) => name === BRIDGE_NAME && image !== undefined);
}

/** Names the setting that says it, for whoever can change it. */
function messageFor({ spec }: MCPServerObject): string {
  const isOwn = spec.stdio?.bridge?.by === 'ImageVolume';
  const said = isOwn ? 'spec.stdio.bridge.by is ImageVolume' : 'the installation says ImageVolume';
  const change = isOwn
    ? 'Set spec.stdio.bridge.by to InitContainer'
    : 'Have the operator run with --bridge-by InitContainer (bridgeBy of the construct Operator), or set spec.stdio.bridge.by to InitContainer for this server alone';
  return `This cluster keeps no image volume, by which the bridge is to come (${said}), so nothing was applied. ${change}; or switch on the feature gate ImageVolume, which Kubernetes has on from 1.35.`;
}
