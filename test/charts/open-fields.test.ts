// What the open fields become in the pod template, and what is said of those that cannot be meant. That API servers store what is
// rendered as it is, open-fields.cluster.test.ts tries.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidMCPServerError, resolveSpec } from '../../charts/api/mcpserver.ts';
import { OPEN_FIELDS } from '../../charts/api/open-fields.ts';
import { MAX_OPEN_BYTES } from '../../charts/api/open-mistakes.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { asStored } from '../../charts/as-stored.ts';
import type { JsonFields } from '../../charts/strategic-merge.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { FULL_OPEN, OPEN_EXAMPLES } from '../support/open-examples.ts';
import { MINIMAL, renderSpec, type Container } from '../support/rendered.ts';

const HARDENED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true };

function initContainers(spec: Partial<MCPServerSpec>): (Container & { name: string })[] {
  return renderSpec(spec).pod['initContainers'] as (Container & { name: string })[];
}

function problems(spec: object): string[] {
  try {
    resolveSpec('demo', { ...MINIMAL, ...spec });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidMCPServerError)) throw error;
    return error.problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

const withServer = (fields: object): object => ({ podTemplate: { spec: { containers: [{ name: 'mcp-server', ...fields }] } } });

/** An object of so many fields. */
function wide(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, null]));
}

const NAMES = [
  'metadata', 'spec', 'containers', 'initContainers', 'volumes', 'env', 'labels', 'securityContext', 'capabilities', 'add', 'name', 'resources', 'limits',
  'constructor', '__proto__', 'toString',
];
/** What nobody would write, and somebody does. */
const ANYTHING = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom<unknown>(undefined, null, 0, Number.NaN, '', 'a', true, [], {}, [null], [[]], ['a'], [{}], 1n),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value')),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;
const CONTAINER = fc.record(
  { name: fc.constantFrom('mcp-server', 'a', 'b'), securityContext: ANYTHING, resources: ANYTHING, env: ANYTHING, envFrom: ANYTHING, ports: ANYTHING },
  { requiredKeys: ['name'] },
);
const CONTAINERS = fc.array(CONTAINER, { maxLength: 3 });
const TEMPLATE = fc.record(
  { metadata: ANYTHING, spec: fc.record({ containers: CONTAINERS, volumes: ANYTHING, securityContext: ANYTHING }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);
const ANYTHING_OPEN = fc.record(
  { initContainers: fc.oneof(ANYTHING, CONTAINERS), sidecars: CONTAINERS, podTemplate: fc.oneof(ANYTHING, TEMPLATE) },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<MCPServerSpec>>;

describe('init containers and sidecars', () => {
  it('come in the order written, sidecars last, which restart always; an init container that does keeps its place', () => {
    const [restartPolicy, sidecars] = ['Always', [{ name: '1' }, { name: '0', restartPolicy: 'Always' }]];
    const spec = { initContainers: [{ name: 'b' }, { name: 'c', restartPolicy }, { name: 'a' }], sidecars };
    const found = initContainers(spec).map((container) => [container.name, container['restartPolicy']]);
    expect(found).toEqual([['b', undefined], ['c', 'Always'], ['a', undefined], ['1', 'Always'], ['0', 'Always']]);
  });

  it.each([
    ['Restricted', undefined, HARDENED],
    ['ImageUser', { runAsUser: 7 }, { ...HARDENED, runAsUser: 7 }],
    ['Restricted', { readOnlyRootFilesystem: false }, { ...HARDENED, readOnlyRootFilesystem: false }],
    ['Restricted', { capabilities: { add: ['CHOWN'] } }, { ...HARDENED, capabilities: { drop: ['ALL'], add: ['CHOWN'] } }],
    ['Restricted', { capabilities: { drop: ['CHOWN'] } }, { ...HARDENED, capabilities: { drop: ['CHOWN'] } }],
    ['Restricted', { privileged: true }, { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, privileged: true }],
    ['Restricted', { capabilities: { add: ['SYS_ADMIN'] } }, { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] }, readOnlyRootFilesystem: true }],
    ['None', { runAsUser: 7 }, { runAsUser: 7 }],
    ['None', undefined, undefined],
    ['Restricted', 'root', 'root'],
    ['Restricted', { capabilities: 'ALL' }, { ...HARDENED, capabilities: 'ALL' }],
  ] as const)('have the defaults of the profile %s, field by field: %j', (securityProfile, securityContext, expected) => {
    const container = { name: 'a', image: 'a', ...(securityContext !== undefined && { securityContext }) };
    for (const field of ['initContainers', 'sidecars'] as const) {
      expect(initContainers({ securityProfile, [field]: [container] })[0]?.securityContext).toEqual(expected);
    }
  });

  it('are not drained, and the server is, whatever runs beside it', () => {
    const { pod } = renderSpec(FULL_OPEN);
    const all = [...(pod['initContainers'] as Container[]), ...pod.containers];
    expect(all.filter((container) => container['lifecycle'] !== undefined).map((container) => container['name'])).toEqual(['mcp-server']);
  });

  it('change nothing where they are empty lists', () => {
    expect(renderSpec({ initContainers: [], sidecars: [], podTemplate: {} }).manifests).toEqual(renderSpec().manifests);
  });
});

describe('podTemplate', () => {
  it('is merged over what is rendered, also over init containers that it adds to, with lists by their keys', () => {
    const { deployment, pod } = renderSpec({
      initContainers: [{ name: 'a', image: 'a' }],
      podTemplate: {
        metadata: { labels: { team: 'a' } },
        spec: {
          hostNetwork: true,
          volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }],
          containers: [{ name: 'mcp-server', args: ['b'] }],
          initContainers: [{ name: 'b', image: 'b' }],
        },
      },
    });
    expect(deployment.spec.template.metadata.labels).toMatchObject({ team: 'a', 'mcp.example.com/server': 'demo' });
    expect(pod).toMatchObject({
      hostNetwork: true,
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } }],
      containers: [{ name: 'mcp-server', args: ['b'], image: MINIMAL.image }],
      // As kubectl orders them: what is new comes first.
      initContainers: [{ name: 'b' }, { name: 'a' }],
    });
  });

  it('gives the same bytes in whatever order the fields are written', () => {
    const [one, other] = [{ spec: { hostname: 'a', subdomain: 'b' }, metadata: {} }, { metadata: {}, spec: { subdomain: 'b', hostname: 'a' } }]
      .map((podTemplate) => JSON.stringify(renderSpec({ podTemplate }).manifests));
    expect(one).toBe(other);
  });
});

describe('a pod template as API servers store it', () => {
  it('is the rendered one itself where the closed fields alone are set', () => {
    fc.assert(fc.property(arbitrarySpec([...OPEN_FIELDS]), (spec) => {
      const { template } = renderSpec(spec).deployment.spec;
      const stored = asStored(template as unknown as JsonFields);
      expect(stored).toEqual(template);
    }), { numRuns: 100 });
  });

  it('keeps what stands in maps, and what no API server would take', () => {
    const template = {
      metadata: { labels: { tty: '', ports: '' }, annotations: { stdin: '' } },
      spec: { containers: [{ resources: { limits: { cpu: 'many' } }, comand: [], ports: [{ name: 'a' }] }], nodeSelector: { host: '' } },
    };
    expect(asStored(template)).toEqual(template);
  });
});

describe('what cannot be meant', () => {
  it.each([
    [{ sidecars: [{ name: 'a', restartPolicy: 'OnFailure' }] }, 'spec.sidecars.0.restartPolicy: a sidecar restarts always: leave it out, or move the container to spec.initContainers'],
    [{ initContainers: [{ name: 'a' }], podTemplate: { spec: { containers: [{ name: 'a' }] } } },
      'spec.podTemplate.spec.containers.0.name: another container of the pod has this name: choose another one, or write all of the container in one place'],
    [{ sidecars: [{ name: 'mcp-server' }] }, 'spec.sidecars.0.name: mcp-server is the container of the server: choose another name'],
    [withServer({ lifecycle: { preStop: { exec: { command: ['a'] } } } }), 'spec.podTemplate.spec.containers.0.lifecycle.preStop: a hook beside the sleep of spec.drainSeconds: set that to 0, and have the hook wait itself'],
    [withServer({ command: ['a'] }), 'spec.podTemplate.spec.containers.0.command: spec.command says it: write it there (args may be set here)'],
    [withServer({ ports: [{ containerPort: 1 }] }), 'spec.podTemplate.spec.containers.0.ports: spec.port and spec.extraPorts say them: write them there'],
    [withServer({ env: [{ name: 'A' }, { name: 'MCP_PORT' }] }),
      'spec.podTemplate.spec.containers.0.env.1.name: variables of the server that begin with MCP_ are set by the operator: set it in spec.env, which wins over those'],
    [{ podTemplate: { spec: { serviceAccountName: 'a' } } }, 'spec.podTemplate.spec.serviceAccountName: spec.serviceAccount says it: write it there'],
    [{ podTemplate: { spec: { nodeName: null } } }, 'spec.podTemplate.spec.nodeName: null cannot be said here: leave the field out'],
    [{ podTemplate: { spec: { containers: {} } } }, 'spec.podTemplate.spec.containers: must be a list'],
    [{ podTemplate: { spec: { a: new Date(0) } } }, 'spec.podTemplate.spec.a: is no value of JSON: write text, a number, true or false, a list or an object'],
    [{ podTemplate: { spec: { hostname: 'x'.repeat(MAX_OPEN_BYTES) } } }, 'spec.podTemplate: must be at most 65536 bytes as JSON: put data into ConfigMaps of your own'],
    [{ initContainers: [{ name: 'a', args: ['a\0'] }] },
      'spec.initContainers.0.args.0: has the character U+0000, with which no process can start: remove it, or hand the value over in an encoding'],
  ])('is told with what to do instead: %#', (spec, told) => {
    expect(problems(spec)).toEqual([told]);
  });

  it('is a sentence too where a value leads back to itself, or has no end', () => {
    const circle: Record<string, unknown> = {};
    circle['spec'] = circle;
    const many = Array.from({ length: 16 }, (_, index) => ({ name: `a${index}`, image: 'x'.repeat(5000) }));
    expect(problems({ podTemplate: circle })).toEqual([expect.stringMatching(/: is nested more than 24 levels deep, which no pod is$/)]);
    expect(problems({ podTemplate: { spec: wide(100) } })).toHaveLength(20);
    for (const spec of [{ podTemplate: wide(100_000) }, { sidecars: many }]) {
      expect(problems(spec)).toEqual([expect.stringContaining('must be at most 65536 bytes as JSON')]);
    }
  });

  it('is never an error of the program, whatever stands wherever', () => {
    let valid = 0;
    fc.assert(fc.property(ANYTHING_OPEN, (spec) => {
      if (problems(spec).length > 0) return;
      valid += 1;
      renderSpec(spec);
    }), { numRuns: 3000 });
    expect(valid).toBeGreaterThan(30);
  });

  it('has a sentence for every rejected example', () => {
    for (const [path, { rejected, rejectedInCode = [] }] of Object.entries(OPEN_EXAMPLES).filter(([each]) => !each.includes('['))) {
      for (const value of [...rejected, ...rejectedInCode]) expect(problems({ [path]: value }).length).toBeGreaterThan(0);
    }
  });
});
