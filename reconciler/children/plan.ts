// What a generation of an MCPServer leads to: computed once, remembered as text for a while, and rendered again when that had to go.
import { resolveSpec, InvalidMCPServerError } from '../../charts/api/mcpserver.ts';
import { restrictedMessage } from '../../charts/checks/restricted.ts';
import { referencesOf, type Reference } from '../../charts/references.ts';
import { renderResolved, type Manifest } from '../../charts/render.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import type { ResolvedServer } from '../../charts/server.ts';
import { DEFAULT_SETTINGS, type RenderSettings } from '../../charts/settings.ts';
import type { JsonFields } from '../../charts/strategic-merge.ts';
import { apiVersionOf, DEPLOYMENTS, type ResourceType } from '../../kubernetes/objects.ts';
import { SharedValues } from '../../kubernetes/shared-values.ts';
import { appliedHash } from '../compare/our-fields.ts';
import { CHILD_TYPES, childType, type MCPServerObject } from '../kinds.ts';
import { modeIn, type Configuration } from '../status/situation.ts';
import { specSentences } from '../status/spec-sentences.ts';
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
  object(server: MCPServerObject): Manifest;
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
interface Texts {
  readonly objects: readonly string[];
  readonly length: number;
}

/** Some 400 MCPServers of 5 KiB each: more than are worked on at a time. One whose children hold what is planned needs them no more. */
const MOST_TEXT = 2 * 1024 * 1024;

/** The plans of all MCPServers; the texts used longest ago go first when they are too long. */
export class Plans {
  readonly #mostText: number;
  /** By uid and generation, used longest ago first. */
  readonly #kept = new Map<string, Texts>();
  readonly #values = new SharedValues();
  #length = 0;

  constructor({ mostText = MOST_TEXT }: { readonly mostText?: number } = {}) {
    this.#mostText = mostText;
  }

  /** Characters kept now. */
  get length(): number {
    return this.#length;
  }

  /** Makes the plan of a generation: resolves, judges and renders, by the settings that hold for it. */
  make(server: MCPServerObject, settings: RenderSettings = DEFAULT_SETTINGS): Plan {
    const { name, namespace } = server.metadata;
    try {
      const spec = this.#sharing(resolveSpec(name, server.spec, { stored: true }));
      const resolved = { name, namespace, spec, settings };
      const objects = this.#render(server, resolved);
      const madeAnew = (of: MCPServerObject, index: number): Manifest => this.#object(of, resolved, index);
      const children = objects.map((object, index) => new RenderedChild(object, index, madeAnew)).toSorted(inOrder);
      const sentences = specSentences(spec, restrictedMessage(resolved, templateIn(objects)));
      return { configuration: { spec, sentences }, references: referencesOf(resolved), children };
    } catch (error) {
      return { configuration: { problems: problemsIn(error), mode: modeIn(server.spec) }, references: [], children: [] };
    }
  }

  /** Lets the texts of an MCPServer that is gone, or has another generation, go. */
  forget({ uid, generation }: Pick<MCPServerObject['metadata'], 'uid' | 'generation'>): void {
    this.#drop(`${uid}/${generation}`);
  }

  #object(server: MCPServerObject, resolved: ResolvedServer, index: number): Manifest {
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
    return JSON.parse(kept.objects[index] ?? 'null') as Manifest;
  }

  /** Most specs have most of what is in them in common, defaults before all. */
  #sharing(spec: ResolvedSpec): ResolvedSpec {
    return Object.fromEntries(Object.entries(spec).map(([field, value]) => [field, this.#values.shared<unknown>(value)])) as ResolvedSpec;
  }

  #render(server: MCPServerObject, resolved: ResolvedServer): Manifest[] {
    const objects = renderResolved(resolved).map((manifest) => withOwner(manifest, server));
    this.#keep(keyOf(server), objects.map((object) => JSON.stringify(object)));
    return objects;
  }

  #keep(key: string, objects: readonly string[]): void {
    this.#drop(key);
    const length = objects.reduce((sum, each) => sum + each.length, 0);
    this.#kept.set(key, { objects, length });
    this.#length += length;
    for (const oldest of this.#kept.keys()) {
      if (this.#length <= this.#mostText) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#length -= this.#kept.get(key)?.length ?? 0;
    this.#kept.delete(key);
  }
}

/** One of the objects that an MCPServer renders to, in its place among them. */
class RenderedChild implements PlannedChild {
  readonly type: ResourceType;
  readonly name: string;
  readonly hash: string;
  readonly #namespace: string | undefined;
  readonly #replicas: number | undefined;
  readonly #index: number;
  readonly #madeAnew: (server: MCPServerObject, index: number) => Manifest;

  constructor(object: Manifest, index: number, madeAnew: (server: MCPServerObject, index: number) => Manifest) {
    this.type = childType(object);
    this.name = object.metadata.name;
    this.#namespace = object.metadata.namespace;
    this.hash = appliedHash(object) ?? '';
    this.#replicas = (object['spec'] as { readonly replicas?: number } | undefined)?.replicas;
    this.#index = index;
    this.#madeAnew = madeAnew;
  }

  get outline(): Manifest {
    const { type, name } = this;
    const namespace = this.#namespace === undefined ? {} : { namespace: this.#namespace };
    const spec = type === DEPLOYMENTS ? { spec: { ...(this.#replicas !== undefined && { replicas: this.#replicas }) } } : {};
    return { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name, ...namespace }, ...spec };
  }

  object(server: MCPServerObject): Manifest {
    return this.#madeAnew(server, this.#index);
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
