// Which metrics and labels an expression in PromQL names. It reads the part of the language that the alerts are written in.

/** What an expression names. */
export interface Names {
  readonly metrics: readonly string[];
  /** Labels by which series are matched to each other or grouped. */
  readonly labels: readonly string[];
  /** Metric and label of each matcher in braces. */
  readonly matchers: readonly (readonly [metric: string, label: string])[];
  /** Labels that the result has as far as groupings and matchers with `=` say. */
  readonly kept: readonly string[];
}

const WORDS = new Set(['by', 'on', 'and', 'or', 'unless', 'bool', 'without', 'ignoring', 'group_left', 'group_right', 'offset']);
const GROUPING = /\b(by|on|without|ignoring)\s*\(([^)]*)\)/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)\{([^}]*)\}/g;

/** Strings, durations and functions are no names. */
export function namesIn(expr: string): Names {
  const groupings = [...expr.matchAll(GROUPING)].map(([, word = '', list = '']) => ({ word, list: list.split(/\s*,\s*/) }));
  const matchers = [...expr.matchAll(SELECTOR)].flatMap(([, metric = '', body = '']) =>
    [...body.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']): [string, string] => [metric, label]));
  const bare = expr.replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ').replaceAll(GROUPING, ' ');
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w)(\s*\()?/g)].filter(([, call]) => call === undefined).map(([word]) => word.trim());
  const metrics = [...new Set(words.filter((word) => !WORDS.has(word) && !isAggregation(bare, word)))];
  const kept = groupings.filter(({ word }) => word === 'by').flatMap(({ list }) => list);
  return { metrics, labels: [...new Set(groupings.flatMap(({ list }) => list))], matchers, kept: [...new Set(kept)] };
}

/** After `by (…)` was taken out an aggregation is a word before a parenthesis, as a function is. */
function isAggregation(bare: string, word: string): boolean {
  return new RegExp(`\\b${word}\\s*\\(`).test(bare);
}
