// Which unit tests share workers, and what none of them may do, because the next one would feel it.

/** Folders of tests of pure parts. */
export const PURE = ['test/charts', ...['compare', 'explain', 'references', 'status'].map((part) => `test/reconciler/${part}`)] as const;

const CHANGES: readonly RegExp[] = [
  /\bvi\b/,
  /\bprocess\.(on|once|chdir|umask|exitCode|title)\b/,
  /\bprocess\.env(\.\w+|\[[^\]]+\])\s*=(?!=)/,
  /\b(globalThis|global)\b/,
  /\bconfigureGlobal\b/,
  /\bglobalAgent\b/,
];

/** What in the text of a test changes its process. */
export function changesIn(text: string): string[] {
  return CHANGES.flatMap((change) => change.exec(text)?.[0] ?? []);
}
