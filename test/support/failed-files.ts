// Reads the report of a test run, as vitest's reporter json writes it.

/** The part of it that is read. */
export interface Report {
  readonly success: boolean;
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

/** The test files in which anything failed: a test, a hook, or the file itself. */
export function failedFiles({ testResults }: Report): string[] {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name).toSorted();
}
