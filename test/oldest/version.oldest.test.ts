// What all files of this project run on is the oldest Kubernetes that the documentation promises.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crd } from '../support/spec-schema.ts';
import { kubectl } from '../support/cluster.ts';
import { ruleCosts } from './rule-cost.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/installation.md'), 'utf8');

test('the control plane is the oldest Kubernetes that is promised, by whose estimator the cost of rules is judged', async () => {
  const { stdout } = await kubectl(['version', '-o', 'json']);
  const { serverVersion } = JSON.parse(stdout) as { serverVersion: { major: string; minor: string; gitVersion: string } };
  expect(PAGE).toContain(`Kubernetes ${serverVersion.major}.${serverVersion.minor} or newer`);
  expect((await ruleCosts(crd())).version).toBe(serverVersion.gitVersion.replace('v1.', 'v0.'));
});
