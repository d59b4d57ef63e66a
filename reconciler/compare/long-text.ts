// A long text of a live object as the caches keep it: enough to tell whether it is the one that is wanted. Pure.
import { createHash } from 'node:crypto';

/** Texts of more characters are kept as their hash. */
export const LONGEST_TEXT = 256;
/** What lies deeper stays as it is: how deep objects are is up to whoever writes them. */
const DEEPEST = 32;

/** Stands for a text; no JSON can pretend to be one. */
export class LongText {
  readonly hash: string;

  constructor(text: string) {
    this.hash = createHash('sha256').update(text).digest('base64');
  }

  /** Whether it stands for this text. */
  isOf(text: unknown): boolean {
    return typeof text === 'string' && text.length > LONGEST_TEXT && new LongText(text).hash === this.hash;
  }
}

/** The value with what stands for its long texts; itself, where it has none. */
export function withoutLongTexts(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > LONGEST_TEXT ? new LongText(value) : value;
  if (typeof value !== 'object' || value === null || depth === DEEPEST) return value;
  const kept = Object.entries(value).map(([field, below]) => [field, withoutLongTexts(below, depth + 1)] as const);
  if (kept.every(([field, below]) => below === (value as Readonly<Record<string, unknown>>)[field])) return value;
  return Array.isArray(value) ? kept.map(([, below]) => below) : Object.fromEntries(kept);
}
