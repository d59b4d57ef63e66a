// What a generation of an MCPServer leads to: computed once, remembered as bytes, and rendered again when those had to go.
import { resolveSpec, InvalidMCPServerError } from '../../charts/api/mcpserver.ts';
import { restrictedMessage } from '../../charts/checks/restricted.ts';
import { referencesOf, type Reference } from '../../charts/references.ts';
import { renderResolved, type Manifest } from '../../charts/render.ts';
import type { ResolvedServer } from '../../charts/server.ts';
import { DEFAULT_SETTINGS, type RenderSettings } from '../../charts/settings.ts';
import type { JsonFields } from '../../charts/strategic-merge.ts';
import type { ResourceType } from '../../kubernetes/objects.ts';
import { appliedHash } from '../compare/our-fields.ts';
import { CHILD_TYPES, childType, type MCPServerObject } from '../kinds.ts';
import { modeIn, type Configuration } from '../status/situation.ts';
import { withOwner } from './ownership.ts';

/** An object to be applied, without what is in it. */
export interface PlannedChild {
  readonly type: ResourceType;
  readonly name: string;
  /** Stands for all that is applied. */
  readonly hash: string;
  /** Kind, names and, of a Deployment, the replicas: what an overlay needs to know of what it lies on. */
  readonly outline: Manifest;
  /** The object itself, with the operator's marks, made anew at each call; of the MCPServer as it is, of the same generation. */
  readonly object: (server: MCPServerObject) => Manifest;
}

/** What depends on the uid and the generation of an MCPServer, and on the settings that hold for it. */
export interface Plan {
  readonly configuration: Configuration;
  /** What its pods refer to; none where the spec is invalid. */
  readonly references: readonly Reference[];
  /** In the order of `CHILD_TYPES`, in which they are applied; none where the spec is invalid. */
  readonly children: readonly PlannedChild[];
}

/** Objects as they are sent, of one generation. */
interface Bytes {
  readonly objects: readonly Buffer[];
  readonly length: number;
}

/** Which of the objects that an MCPServer renders to. */
interface Place {
  readonly resolved: ResolvedServer;
  readonly index: number;
}

/** Some 5,000 MCPServers of 6 KiB each. */
const MOST_BYTES = 32 * 1024 * 1024;

/** The plans of all MCPServers; the bytes used longest ago go first when there are too many. */
export class Plans {
  readonly #mostBytes: number;
  /** By uid and generation, used longest ago first. */
  readonly #kept = new Map<string, Bytes>();
  #length = 0;

  constructor({ mostBytes = MOST_BYTES }: { readonly mostBytes?: number } = {}) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.#length;
  }

  /** Makes the plan of a generation: resolves, judges and renders, by the settings that hold for it. */
  make(server: MCPServerObject, settings: RenderSettings = DEFAULT_SETTINGS): Plan {
    const { name, namespace } = server.metadata;
    try {
      const spec = resolveSpec(name, server.spec, { stored: true });
      const resolved = { name, namespace, spec, settings };
      const objects = this.#render(server, resolved);
      const children = objects.map((object, index) => this.#planned(object, { resolved, index })).toSorted(inOrder);
      const weakened = restrictedMessage(resolved, templateIn(objects));
      return { configuration: { spec, weakened }, references: referencesOf(resolved), children };
    } catch (error) {
      return { configuration: { problems: problemsIn(error), mode: modeIn(server.spec) }, references: [], children: [] };
    }
  }

  /** Lets the bytes of an MCPServer that is gone, or has another generation, go. */
  forget({ uid, generation }: Pick<MCPServerObject['metadata'], 'uid' | 'generation'>): void {
    this.#drop(`${uid}/${generation}`);
  }

  #planned(object: Manifest, place: Place): PlannedChild {
    const { apiVersion, kind, metadata: { name, namespace } } = object;
    const { replicas } = (object['spec'] ?? {}) as { readonly replicas?: number };
    return {
      type: childType(object),
      name,
      hash: appliedHash(object) ?? '',
      outline: {
        apiVersion,
        kind,
        metadata: { name, ...(namespace !== undefined && { namespace }) },
        ...(kind === 'Deployment' && { spec: { ...(replicas !== undefined && { replicas }) } }),
      },
      object: (server) => this.#object(server, place),
    };
  }

  #object(server: MCPServerObject, { resolved, index }: Place): Manifest {
    const key = keyOf(server);
    const kept = this.#kept.get(key);
    if (kept === undefined) {
      const object = this.#render(server, resolved)[index];
      // The same spec renders to the same objects by the same settings.
      if (object === undefined) throw new Error(`nothing is rendered in place ${index}`);
      return object;
    }
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return JSON.parse(kept.objects[index]?.toString() ?? 'null') as Manifest;
  }

  #render(server: MCPServerObject, resolved: ResolvedServer): Manifest[] {
    const objects = renderResolved(resolved).map((manifest) => withOwner(manifest, server));
    this.#keep(keyOf(server), objects.map((object) => Buffer.from(JSON.stringify(object))));
    return objects;
  }

  #keep(key: string, objects: readonly Buffer[]): void {
    this.#drop(key);
    const length = objects.reduce((sum, each) => sum + each.length, 0);
    this.#kept.set(key, { objects, length });
    this.#length += length;
    for (const oldest of this.#kept.keys()) {
      if (this.#length <= this.#mostBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#length -= this.#kept.get(key)?.length ?? 0;
    this.#kept.delete(key);
  }
}

function templateIn(objects: readonly Manifest[]): JsonFields | undefined {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as { readonly spec?: { readonly template: JsonFields } } | undefined;
  return deployment?.spec?.template;
}

function inOrder(a: PlannedChild, b: PlannedChild): number {
  return CHILD_TYPES.indexOf(a.type) - CHILD_TYPES.indexOf(b.type);
}

function keyOf({ metadata: { uid, generation } }: MCPServerObject): string {
  return `${uid}/${generation}`;
}

type Problems = Extract<Configuration, { readonly problems: unknown }>['problems'];

/** What the rules let through and rendering cannot do is the spec's fault, too. */
function problemsIn(error: unknown): Problems {
  if (error instanceof InvalidMCPServerError) return error.problems;
  return [{ field: 'spec', message: `cannot be rendered: ${(error as Error).message}` }];
}
