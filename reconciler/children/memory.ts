// What this process remembers of one MCPServer besides the caches: begun at its first reconcile, and gone with it.
import { DEFAULT_SETTINGS, isSame, type RenderSettings } from '../../charts/settings.ts';
import type { MCPServerObject } from '../kinds.ts';
import { TemplateChanges } from '../status/template-changes.ts';
import { Testimony } from '../verification/testimony.ts';
import type { Outcome } from './children.ts';
import type { Names } from './examine.ts';
import { Matching } from './matching.ts';
import type { Plan, Plans } from './plan.ts';
import type { Wording } from './wordings.ts';

type Generation = Pick<MCPServerObject['metadata'], 'uid' | 'generation'>;

/** One memory per MCPServer; another one of the same name begins anew. */
export class Memory {
  readonly uid: string;
  /** Until then another operator may still be ending its work on it. */
  readonly restsUntilMs: number;
  readonly templates = new TemplateChanges();
  readonly testimony = new Testimony();
  /** The endpoint that the status named last. */
  endpoint: string | undefined;
  /** What failed, and waits to be tried again. */
  failed: Outcome | undefined;
  /** In which words that was told. */
  wording: Wording | undefined;
  /** How often in a row an object changed while it was written. */
  races = 0;
  /** Since when a changed reference has been waiting for others to join it. */
  changedSinceMs: number | undefined;
  readonly matching = new Matching();
  readonly names: Names = { taken: false };
  #planned: { readonly of: Generation; readonly settings: RenderSettings; readonly plan: Plan } | undefined;

  constructor(uid: string, restsUntilMs = 0) {
    this.uid = uid;
    this.restsUntilMs = restsUntilMs;
  }

  /** The plan of the present generation, made once for each settings that hold for it. */
  plan(server: MCPServerObject, plans: Plans, settings: RenderSettings = DEFAULT_SETTINGS): Plan {
    const { uid, generation } = server.metadata;
    if (this.#planned?.of.generation === generation && isSame(this.#planned.settings, settings)) return this.#planned.plan;
    this.forget(plans);
    this.matching.clear();
    const plan = plans.make(server, settings);
    this.#planned = { of: { uid, generation }, settings, plan };
    return plan;
  }

  /** Gives back what is held elsewhere. */
  forget(plans: Plans): void {
    if (this.#planned !== undefined) plans.forget(this.#planned.of);
  }
}
