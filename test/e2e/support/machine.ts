// Whether end-to-end tests can run on this machine, told to them; and a plain word on why not.
import { tmpdir } from 'node:os';
import type { TestProject } from 'vitest/node';
import { missingForExamples } from '../../cluster/real-node/requirements.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Why this machine cannot host a real node; empty where it can. */
    missing: readonly string[];
  }
}

/** Says it to the tests of a project, and returns it. */
export async function toldMissing(project: TestProject): Promise<readonly string[]> {
  const missing = await missingForExamples(tmpdir());
  project.provide('missing', missing);
  if (missing.length > 0) process.stderr.write(`SKIPPED, all end-to-end tests: a real node cannot run here, because ${missing.join('; ')}\n`);
  return missing;
}

// oxlint-disable-next-line import/no-default-export -- vitest calls the default export of a global setup file
export default async function setup(project: TestProject): Promise<void> {
  await toldMissing(project);
}
