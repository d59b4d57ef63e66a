// The API server's own Pod Security admission as the judge of the product's evaluation of pods, in both directions.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { podSecurityViolations, type PodSecurityStandard, type PodTemplate } from '../../../charts/checks/pod-security.ts';
import { arbitrarySpec } from '../../support/arbitrary-spec.ts';
import { kubectl, useNamespace } from '../../support/cluster.ts';
import { admissionReasons, brokenPods, reasonsIn, restrictedPods } from '../../support/pod-security-examples.ts';
import { renderSpec } from '../../support/rendered.ts';

const namespaces = {
  baseline: useNamespace('baseline', { 'pod-security.kubernetes.io/enforce': 'baseline' }),
  restricted: useNamespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' }),
};

beforeAll(async () => {
  for (const namespace of Object.values(namespaces)) await kubectl(['create', 'serviceaccount', 'demo', '-n', namespace]);
});

/** Why the API server refuses each pod, in the words of its admission; nothing if it may run, `invalid` where it is refused before that. */
async function refusals(templates: readonly PodTemplate[], enforced: PodSecurityStandard): Promise<string[][]> {
  const items = templates.map(({ metadata, spec }, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `pod-${index}` },
    spec,
  }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { stdout, stderr } = await kubectl(['create', '--dry-run=server', '-n', namespaces[enforced], '-f', '-'], { input });
  return items.map(({ metadata: { name } }) => {
    if (stdout.includes(`pod/${name} created`)) return [];
    const refused = stderr.split('\n').find((line) => line.includes(`pods "${name}" is forbidden: violates PodSecurity "${enforced}:latest"`));
    // An environment variable of a pod template may get both a value and a source, as kubectl's merge would give it.
    if (stderr.includes(`Pod "${name}" is invalid`)) return ['invalid'];
    return refused === undefined ? [`not judged: ${stderr}`] : reasonsIn(refused);
  });
}

describe.each(['baseline', 'restricted'] as const)('the Pod Security admission of the API server, enforcing %s', (enforced) => {
  it.each<[string, () => [label: string, template: PodTemplate][]]>([
    ['within restricted', restrictedPods],
    ['that break a control each', brokenPods],
    // What these fields name does not exist, which another admission refuses first.
    [
      'of random valid specs',
      () =>
        fc
          .sample(arbitrarySpec(['serviceAccount', 'priorityClassName', 'runtimeClassName']), 100)
          .map((spec) => [JSON.stringify(spec), renderSpec(spec).deployment.spec.template]),
    ],
  ])('judges pods %s as we do', async (_, pods) => {
    const judged = pods();
    const found = await refusals(judged.map(([, template]) => template), enforced);
    const expected = judged.map(([, template]) => admissionReasons(podSecurityViolations(template), enforced));
    const all = judged.map(([label], index) => [label, found[index], expected[index]] as const);
    const valid = all.filter(([, reasons]) => reasons?.[0] !== 'invalid');
    expect(valid.length).toBeGreaterThan(judged.length * 0.9);
    expect(valid.map(([label, reasons]) => [label, reasons])).toEqual(valid.map(([label, , reasons]) => [label, reasons]));
  });
});

describe('a pod with an unmasked /proc', () => {
  it('is refused by restricted, also where its user ids are its own, as validation demands', async () => {
    const { metadata, spec } = renderSpec({ securityContext: { procMount: 'Unmasked' } }).deployment.spec.template;
    const template = { metadata, spec: { ...spec, hostUsers: false } };
    expect(await refusals([template], 'restricted')).toEqual([admissionReasons(podSecurityViolations(template), 'restricted')]);
  });
});
