// A sample of what `npm run fuzz` tries for longer.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { READER_PROPERTIES } from './reader.ts';

describe('the reader of answers', () => {
  it.each(READER_PROPERTIES)('holds: $name', async ({ property }) => {
    const details = await fc.check(property, { seed: 20_261_129, numRuns: 3000 });
    expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
  });
});
