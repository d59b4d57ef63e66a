// What an installation says about rendering, beside what specs say: where the bridge of stdio servers comes from. Pure.
import { IMAGE } from './api/fields.ts';
import type { MCPServerSpec } from './api/spec.ts';
import { BRIDGE_WAYS } from './api/stdio-fields.ts';
import { BRIDGE_VERSION } from './bridge-version.ts';
import { EXAMPLE_REGISTRY, inRegistry } from './registry.ts';

/** How the bridge comes into a pod. */
export type BridgeBy = (typeof BRIDGE_WAYS)[number];

/** What is rendered depends on these and on the spec, and on nothing else. */
export interface RenderSettings {
  /** Container image of the stdio bridge. `spec.stdio.bridge.image` wins over it. */
  readonly bridgeImage: string;
  /** How it comes into a pod. `spec.stdio.bridge.by` wins over it. */
  readonly bridgeBy: BridgeBy;
}

/** The bridge's image of this version. The registry is that of examples until a user says which is theirs. */
export const DEFAULT_SETTINGS: RenderSettings = { bridgeImage: `${EXAMPLE_REGISTRY}/stdio-bridge:${BRIDGE_VERSION}`, bridgeBy: 'InitContainer' };

/** The bridge's image beside another one of ours, in the same folder of the same registry. */
export function bridgeImageBeside(image: string): string {
  const folder = /^[!-~]*\//.exec(image)?.[0] ?? '';
  return `${folder}stdio-bridge:${BRIDGE_VERSION}`;
}

/** The bridge's image in another registry. */
export function bridgeImageIn(registry: string): string {
  return inRegistry(DEFAULT_SETTINGS.bridgeImage, registry);
}

/**
 * The settings with defaults for what is undefined.
 * @throws Error that names the setting which cannot be meant, and what is expected.
 */
export function resolveSettings({ bridgeImage, bridgeBy }: { readonly [Setting in keyof RenderSettings]?: unknown } = {}): RenderSettings {
  const settings = { bridgeImage: bridgeImage ?? DEFAULT_SETTINGS.bridgeImage, bridgeBy: bridgeBy ?? DEFAULT_SETTINGS.bridgeBy };
  const problem = settingsProblems(settings)[0];
  if (problem !== undefined) throw new Error(problem);
  return settings as RenderSettings;
}

/** Where the bridge of one server comes from: what its spec says wins. */
export function bridgeOf({ stdio }: Pick<MCPServerSpec, 'stdio'>, { bridgeImage, bridgeBy }: RenderSettings): RenderSettings {
  const { image = bridgeImage, by = bridgeBy } = stdio?.bridge ?? {};
  return { bridgeImage: image, bridgeBy: by };
}

/** Whether the same is rendered by both. */
export function isSame(one: RenderSettings, other: RenderSettings): boolean {
  return one.bridgeImage === other.bridgeImage && one.bridgeBy === other.bridgeBy;
}

/** What is wrong with settings, in a sentence each. */
export function settingsProblems({ bridgeImage, bridgeBy }: { readonly [Setting in keyof RenderSettings]?: unknown }): string[] {
  const isImage = bridgeImage === undefined || (typeof bridgeImage === 'string' && bridgeImage.length <= 1024 && IMAGE.test(bridgeImage));
  const isWay = bridgeBy === undefined || (BRIDGE_WAYS as readonly unknown[]).includes(bridgeBy);
  return [
    ...(isImage ? [] : [`bridgeImage is ${JSON.stringify(bridgeImage)}: name an image`]),
    ...(isWay ? [] : [`bridgeBy is ${JSON.stringify(bridgeBy)}: choose ${BRIDGE_WAYS.join(' or ')}`]),
  ];
}
