// A sample of what `npm run fuzz` tries for longer on kubeconfigs, YAML documents and the HTTP endpoint.
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { DOCUMENT_PROPERTIES } from './documents.ts';
import { HTTP_PROPERTIES, stopHttp } from './http-endpoint.ts';
import { KUBECONFIG_PROPERTIES } from './kubeconfig.ts';

afterAll(stopHttp);

test.each([...KUBECONFIG_PROPERTIES, ...DOCUMENT_PROPERTIES, ...HTTP_PROPERTIES])('holds: $name', async ({ property }) => {
  const details = await fc.check(property, { seed: 20_261_129, numRuns: 400 });
  expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
});
