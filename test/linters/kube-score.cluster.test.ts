// Our manifests under the real kube-score. Here and not among the unit tests because the program must be built first.
import { beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { mcpServer, MINIMAL } from '../support/rendered.ts';
import { compare, explainedDeviations, type Finding } from './findings.ts';
import { lintedManifests } from './inputs.ts';
import { defaultChecks, kubeScore, obtainKubeScore } from './kube-score.ts';

const BUILD_LIMIT_MS = 16 * 60_000;
let program: string;

beforeAll(async () => {
  program = await obtainKubeScore((line) => process.stderr.write(`kube-score: ${line}\n`));
}, BUILD_LIMIT_MS);

describe('the default checks of kube-score', () => {
  it('are thirty-three', async () => {
    expect(await defaultChecks(program)).toHaveLength(33);
  });

  it('complain about a privileged container', async () => {
    const findings = await kubeScore(program, toYaml(render(mcpServer({ ...MINIMAL, securityContext: { privileged: true } }))));
    expect(findings).toContainEqual({ check: 'container-security-context-privileged', object: 'Deployment demo' });
  });

  it('find in our manifests what docs/security.md explains, and nothing else', async () => {
    const found = new Map<string, Finding[]>();
    for (const [name, manifests] of lintedManifests()) found.set(name, await kubeScore(program, toYaml(manifests)));
    expect(compare(found, explainedDeviations().filter(({ tool }) => tool === 'kube-score'))).toEqual([]);
  });
});
