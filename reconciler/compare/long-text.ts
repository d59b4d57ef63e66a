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
  // Nearly all have none, which is found without making anything.
  if (typeof value !== 'object' || value === null || !hasLongText(value as Fields, depth)) return value;
  const kept = Object.entries(value).map(([field, below]) => [field, withoutLongTexts(below, depth + 1)] as const);
  return Array.isArray(value) ? kept.map(([, below]) => below) : Object.fromEntries(kept);
}

type Fields = Readonly<Record<string, unknown>>;

function hasLongText(fields: Fields, depth: number): boolean {
  if (depth === DEEPEST) return false;
  for (const field of Object.keys(fields)) {
    const value = fields[field];
    if (typeof value === 'string' && value.length > LONGEST_TEXT) return true;
    if (typeof value === 'object' && value !== null && hasLongText(value as Fields, depth + 1)) return true;
  }
  return false;
}
