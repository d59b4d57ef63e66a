// Whose turn it is to get another bridge. Where the installation's moves, the pods of every stdio server have to be replaced: so many
// MCPServers at a time get the new one, the others are rendered with the one they have until somebody is through.
import { BRIDGE_NAME } from '../../charts/api/labels.ts';
import { bridgeOf, isSame, type RenderSettings } from '../../charts/settings.ts';
import type { DeploymentObject, MCPServerObject } from '../kinds.ts';
import { isComplete, isGivenUp } from '../status/rollout.ts';

/** So many MCPServers have their pods replaced for another bridge at the same time. */
export const BRIDGES_AT_A_TIME = 10;

interface PodSpec {
  readonly initContainers?: readonly { readonly name: string; readonly image: string }[];
  readonly volumes?: readonly { readonly name: string; readonly image?: { readonly reference: string } }[];
}

/** Where the bridge in the pods of a Deployment comes from; undefined where they have none, or there is no Deployment. */
export function bridgeIn(deployment: DeploymentObject | undefined): RenderSettings | undefined {
  const template: { readonly spec?: PodSpec } = deployment?.spec.template ?? {};
  const { initContainers = [], volumes = [] } = template.spec ?? {};
  const copied = initContainers.find(({ name }) => name === BRIDGE_NAME);
  if (copied !== undefined) return { bridgeImage: copied.image, bridgeBy: 'InitContainer' };
  const mounted = volumes.find(({ name }) => name === BRIDGE_NAME)?.image;
  return mounted && { bridgeImage: mounted.reference, bridgeBy: 'ImageVolume' };
}

/** An MCPServer and its own Deployment. */
export interface Bridged {
  readonly server: MCPServerObject;
  readonly deployment: DeploymentObject | undefined;
}

export interface BridgeTurnsOptions {
  /** What the installation says. */
  readonly settings: RenderSettings;
  /** All there are, by key, to see once which of them were on it when this process began. */
  readonly all: () => Iterable<readonly [key: string, Bridged]>;
  /** Is called when it is the turn of one that had to wait. */
  readonly onTurn: (key: string) => void;
}

export class BridgeTurns {
  readonly #options: BridgeTurnsOptions;
  readonly #waiting = new Set<string>();
  /** Whose pods are being replaced; undefined until somebody needs another bridge. */
  #on: Set<string> | undefined;

  constructor(options: BridgeTurnsOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The settings an MCPServer is rendered with now. */
  settingsOf(key: string, { server, deployment }: Bridged): RenderSettings {
    const { settings } = this.#options;
    const live = bridgeIn(deployment);
    const isLeft = server.metadata.deletionTimestamp !== undefined || server.spec.suspend === true;
    if (live === undefined || isLeft) return this.#through(key, settings);
    if (isSame(live, bridgeOf(server.spec, settings))) return isRollingOut(deployment) ? settings : this.#through(key, settings);
    // Its pods are replaced anyway.
    const isEdited = server.metadata.generation !== server.status?.observedGeneration;
    if (isEdited || this.#take(key)) return settings;
    this.#waiting.add(key);
    return live;
  }

  /** The MCPServer is gone. */
  forget(key: string): void {
    this.#through(key, this.#options.settings);
  }

  #take(key: string): boolean {
    const on = (this.#on ??= this.#found());
    if (!on.has(key) && on.size >= BRIDGES_AT_A_TIME) return false;
    on.add(key);
    this.#waiting.delete(key);
    return true;
  }

  #through(key: string, settings: RenderSettings): RenderSettings {
    this.#waiting.delete(key);
    this.#on?.delete(key);
    const [next] = this.#waiting;
    if (next !== undefined && (this.#on?.size ?? 0) < BRIDGES_AT_A_TIME) this.#options.onTurn(next);
    return settings;
  }

  #found(): Set<string> {
    const { settings, all } = this.#options;
    const on = [...all()].filter(([, { server, deployment }]) => {
      const live = bridgeIn(deployment);
      return live !== undefined && isSame(live, bridgeOf(server.spec, settings)) && isRollingOut(deployment);
    });
    return new Set(on.map(([key]) => key));
  }
}

/** One that cannot get there by itself shall not keep others from it for ever: its old pods go on serving. */
function isRollingOut(deployment: DeploymentObject | undefined): boolean {
  return deployment !== undefined && !isComplete(deployment) && !isGivenUp(deployment);
}
