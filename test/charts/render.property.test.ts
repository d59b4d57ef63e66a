// What holds for every valid spec: determinism, nothing lost, nothing the API server would drop or default.
import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MCPServer } from '../../charts/mcpserver.ts';
import { render } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { arbitrarySpec, SPEC_FIELDS } from '../support/arbitrary-spec.ts';
import { FIELD_EXAMPLES, NOT_RENDERED, specWith } from '../support/field-examples.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { empties } from '../support/leaves.ts';
import { mcpServer, renderSpec } from '../support/rendered.ts';
import { expectFound, isSteering, STEERING } from '../support/rendered-places.ts';

const RUNS = { numRuns: 100 };

/** Checks a property of the spec that sets every field, and of random valid ones. */
function forAnySpec(check: (spec: MCPServerSpec) => void): void {
  check(FULL_SPEC);
  fc.assert(fc.property(arbitrarySpec(), (spec) => { check(spec); }), RUNS);
}

describe('rendering any valid spec', () => {
  it('gives the same bytes every time, and leaves the spec as it was', () => {
    forAnySpec((spec) => {
      const before = structuredClone(spec);
      expect(toYaml(render(mcpServer(spec)))).toBe(toYaml(render(mcpServer(spec))));
      expect(spec).toEqual(before);
    });
  });

  it("gives the same bytes from the construct, wherever it stands in a user's chart", () => {
    forAnySpec((spec) => {
      const chart = new Chart(new App(), 'users-chart', { namespace: 'tools' });
      const { name } = new MCPServer(new Construct(chart, 'team'), 'search', { ...spec, name: 'demo' });
      expect([name, toYaml(chart.toJson())]).toEqual(['demo', toYaml(render(mcpServer(spec)))]);
    });
  });

  it('writes no empty list, empty map, null or empty string that the API server would drop', () => {
    // What it keeps: data, arguments, labels, and structs that the user left empty.
    const structs = ['seLinuxOptions', 'windowsOptions', 'preference', 'labelSelector', 'namespaceSelector', 'podSelector', 'metric/selector', 'nodeSelectorTerms/\\d+']
      .concat(['resources', 'emptyDir', 'capabilities', 'securityContext', 'nodeAffinity', 'podAffinity', 'podAntiAffinity', 'behavior', 'scaleUp', 'scaleDown']);
    const texts = /^\/data\/|\/(command|args|values)\/\d+$|\/(labels|annotations|matchLabels|nodeSelector|volumeAttributes)\//;
    const kept = new RegExp(`${texts.source}|/(${structs.join('|')})$`);
    const dropped = (spec: MCPServerSpec): string[] =>
      renderSpec(spec).manifests.flatMap((manifest) => empties(manifest)).filter((path) => !kept.test(path));
    forAnySpec((spec) => expect(dropped(spec)).toEqual([]));
  });

  it('repeats no key in lists that are merged by key', () => {
    forAnySpec((spec) => {
      const { pod, container, find } = renderSpec(spec);
      const service = find('Service')?.['spec'] as { ports: object[] } | undefined;
      const lists: [unknown, string[]][] = [
        [container.env, ['name']], [container['ports'], ['containerPort', 'protocol']], [container['volumeMounts'], ['mountPath']], [pod['volumes'], ['name']],
        [pod.containers, ['name']], [pod['imagePullSecrets'], ['name']], [pod['topologySpreadConstraints'], ['topologyKey', 'whenUnsatisfiable']],
        [pod.securityContext?.['sysctls'], ['name']], [service?.ports, ['port', 'protocol']],
      ];
      for (const [list, keys] of lists) {
        const found = ((list ?? []) as Record<string, unknown>[]).map((item) => JSON.stringify(keys.map((key) => item[key])));
        expect(found).toEqual([...new Set(found)]);
      }
    });
  });
});

describe('every field of a valid spec', () => {
  it('is found again in what is rendered', () => {
    forAnySpec((spec) => {
      const rendered = renderSpec(spec);
      expect(SPEC_FIELDS).toEqual(expect.arrayContaining(Object.keys(spec)));
      for (const [field, value] of Object.entries(spec) as [keyof MCPServerSpec, unknown][]) {
        expectFound(field, value, { rendered, spec });
      }
    });
  });

  it(`changes no rendered byte where it steers what the operator does: ${STEERING.join(', ')}`, () => {
    forAnySpec((spec) => {
      // The bridge of a stdio server is told its path.
      const isUsed = (field: string): boolean => !isSteering(field) || (field === 'path' && spec.transport === 'stdio');
      const rest = Object.fromEntries(Object.entries(spec).filter(([field]) => isUsed(field)));
      expect(renderSpec(spec).manifests).toEqual(renderSpec(rest).manifests);
    });
  });

  it.each(Object.keys(FIELD_EXAMPLES).filter((path) => !NOT_RENDERED.includes(path)))('%s changes what is rendered, whatever the rest says', (path) => {
    const [one, other] = FIELD_EXAMPLES[path]?.accepted ?? [];
    fc.assert(
      fc.property(arbitrarySpec([path.split(/[.[]/)[0] as keyof MCPServerSpec]), (spec) => {
        const [first, second] = [one, other].map((value) => specWith(path, value, { image: 'a', ...(spec as object) }));
        // Some pairs break a rule with the rest; one pod has no budget, and replicas may be left to others.
        const [isScaled, isAlone] = [spec.autoscaling !== undefined || spec.scaling === 'External', spec.autoscaling?.maxReplicas === 1];
        const isLeftOut = { replicas: isScaled, 'disruption.mode': isAlone }[path] === true;
        fc.pre(isValid(first) && isValid(second) && !isLeftOut);
        expect(render(mcpServer(first as unknown as MCPServerSpec))).not.toEqual(render(mcpServer(second as unknown as MCPServerSpec)));
      }),
      { numRuns: 3, maxSkipsPerRun: 1000 },
    );
  });
});

function isValid(spec: unknown): boolean {
  try {
    resolveSpec('demo', spec);
    return true;
  } catch {
    return false;
  }
}
