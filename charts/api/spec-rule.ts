// What a rule between fields of the spec is.
import type { ResolvedSpec } from './spec.ts';

/** A rule about a valid spec. */
export interface SpecRule {
  /** Path below `spec` the message is about; empty for the spec as a whole. */
  readonly field: string;
  /**
   * CEL expression with the spec as `self`; undefined for what the API server cannot afford to check. Where stored objects are spared
   * `self` is the field unless `ofSpec` says otherwise, so that the API server spares them, too: it looks at the field only when that changes.
   */
  readonly cel: string | undefined;
  /** What is wrong and what to do, in one sentence. */
  readonly message: string;
  /** What the spec says there, put behind the message in brackets: in CEL with the same `self`, and in TypeScript. */
  readonly found?: { readonly cel: string; readonly of: (spec: ResolvedSpec) => string } | undefined;
  /** The same decision in TypeScript; must never throw on a spec that passed the schema. */
  readonly holds: (spec: ResolvedSpec) => boolean;
  /** Whether the operator keeps an MCPServer running that breaks it, because such a one may have been stored before the rule. */
  readonly sparesStored?: boolean | undefined;
  /** Whether `self` is the spec though stored objects are spared: an edit of anything in it then has to keep the rule. */
  readonly ofSpec?: boolean | undefined;
  /** What the operator does with a stored one that breaks it, for its status, which says so. */
  readonly meanwhile?: string | undefined;
}
