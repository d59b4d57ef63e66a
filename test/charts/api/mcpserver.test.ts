// What is accepted as an MCPServer and what is refused, in words a user can act on.
import { describe, expect, it } from 'vitest';
import { InvalidMCPServerError, resolveSpec } from '../../../charts/api/mcpserver.ts';
import { asSaid } from '../../../charts/api/said-rules.ts';
import { MAX_NAME_LENGTH, NAME_MESSAGE, SPEC_RULES } from '../../../charts/api/rules.ts';
import type { ResolvedSpec } from '../../../charts/api/spec.ts';
import { exampleSpecs, FIELD_EXAMPLES, specWith } from '../../support/field-examples.ts';
import { MINIMAL } from '../../support/rendered.ts';
import { RULE_EXAMPLES } from '../../support/rule-examples.ts';
import { crd, fieldsOf, mapsOf, type SchemaNode } from '../../support/spec-schema.ts';

const specFields = fieldsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec);

/** The problems of a spec as one line each. */
function problems(spec: unknown, name = 'demo'): string[] {
  try {
    resolveSpec(name, spec);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidMCPServerError)) throw error;
    return error.problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

/** Whether a text is bounded in length alone. */
function isFree({ enum: values, pattern, maxLength }: SchemaNode): boolean {
  return values === undefined && pattern === undefined && maxLength !== undefined;
}

/** Whether a stored MCPServer with these fields counts as valid. */
function isSpared(fields: object): boolean {
  try {
    return resolveSpec('demo', { ...MINIMAL, ...fields }, { stored: true }) !== undefined;
  } catch {
    return false;
  }
}

describe('every field of the spec', () => {
  it('has examples', () => {
    const leaves = specFields.filter(([, node]) => node.properties === undefined).map(([path]) => path);
    expect(Object.keys(FIELD_EXAMPLES).toSorted()).toEqual(leaves.toSorted());
  });

  it.each(Object.keys(FIELD_EXAMPLES))('%s accepts its accepted examples', (path) => {
    for (const value of FIELD_EXAMPLES[path]?.accepted ?? []) expect(problems(specWith(path, value))).toEqual([]);
  });

  it.each(Object.keys(FIELD_EXAMPLES))('%s refuses its rejected examples and is named in the message', (path) => {
    const named = `spec.${path.replaceAll('[]', '.0')}`;
    const { rejected = [], rejectedInCode = [] } = FIELD_EXAMPLES[path] ?? {};
    for (const value of [...rejected, ...rejectedInCode]) {
      const found = problems(specWith(path, value));
      expect(found.filter((problem) => problem.includes(named))).toEqual(found);
      expect(found).not.toEqual([]);
    }
  });

  it.each(specFields.filter(([, node]) => node.properties !== undefined).map(([path]) => path))('%s refuses a field it does not know', (path) => {
    expect(problems(specWith(`${path}.imagee`, 1))).toContain(`spec.${path.replaceAll('[]', '.0')}.imagee: unknown field: check the spelling, or remove it`);
  });

  it('is among the maps where it is one', () => {
    expect(mapsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec)).toEqual(expect.arrayContaining(['config', 'nodeSelector', 'resources.limits', 'networkPolicy.egressTo[].podSelector.matchLabels']));
  });

  it.each(mapsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec))('%s refuses a key that no JavaScript map can hold', (path) => {
    expect(problems(specWith(path, { constructor: '1' }))).toEqual([`spec.${path.replaceAll('[]', '.0')}: the keys constructor and __proto__ cannot be used`]);
  });

  const free = specFields.filter(([, node]) => node.type === 'string' && isFree(asSaid(node)));
  it.each(free)('%s is measured in characters, as the API server counts, and not in UTF-16 units', (path, node) => {
    const tooLong = (count: number): boolean => problems(specWith(path, '😀'.repeat(count))).some((problem) => problem.includes('must have at most'));
    expect([tooLong(Number(node['maxLength'])), tooLong(Number(node['maxLength']) + 1)]).toEqual([false, true]);
  });

  it('is optional except image', () => {
    expect(problems({})).toEqual(['spec.image: required: set it']);
  });
});

describe('every rule between fields', () => {
  it('has examples', () => {
    expect(Object.keys(RULE_EXAMPLES).toSorted()).toEqual(SPEC_RULES.map(({ message }) => message).toSorted());
  });

  it.each(SPEC_RULES)('"$message" accepts its accepted examples', ({ message }) => {
    for (const fields of RULE_EXAMPLES[message]?.accepted ?? []) expect(problems({ ...MINIMAL, ...fields })).toEqual([]);
  });

  it.each(SPEC_RULES)('"$message" is all that is said about its rejected examples', ({ field, message, found }) => {
    for (const fields of RULE_EXAMPLES[message]?.rejected ?? []) {
      const said = found === undefined ? message : `${message} (${found.of({ ...MINIMAL, ...fields } as ResolvedSpec)})`;
      expect(problems({ ...MINIMAL, ...fields })).toEqual([`${field === '' ? 'spec' : `spec.${field}`}: ${said}`]);
    }
  });

  it('may be younger than what is stored only where it says so', () => {
    for (const { message, sparesStored = false } of SPEC_RULES) {
      for (const fields of RULE_EXAMPLES[message]?.rejected ?? []) expect([message, isSpared(fields)]).toEqual([message, sparesStored]);
    }
  });

  it('holds for every accepted example of every field', () => {
    for (const [path, spec] of exampleSpecs('accepted')) {
      const resolved = resolveSpec('demo', spec);
      for (const rule of SPEC_RULES) expect([path, rule.message, rule.holds(resolved)]).toEqual([path, rule.message, true]);
    }
  });
});

describe('what is wrong with an MCPServer', () => {
  it('is listed completely, with the resource, every field and what to do', () => {
    const spec = { image: '', port: 0, replicaz: 1, env: [{ name: 'A=B' }] };
    expect(() => resolveSpec('Demo', spec)).toThrow(
      `MCPServer Demo is invalid: metadata.name: ${NAME_MESSAGE}; ` +
        'spec.image: must not be empty; ' +
        'spec.port: must be at least 1, not 0; ' +
        'spec.env.0.name: must be printable ASCII without blanks and without "="; ' +
        'spec.replicaz: unknown field: check the spelling, or remove it',
    );
  });

  it('is listed within bounds, however much of it there is and whatever it quotes', () => {
    const unknown = Object.fromEntries(Array.from({ length: 3000 }, (_each, index) => [`${index}${'😀'.repeat(5000)}`, 1]));
    const { message } = new InvalidMCPServerError('demo', [
      { field: 'spec.x', message: 'x'.repeat(9000) },
      ...Object.keys(unknown).map((key) => ({ field: `spec.${key}`, message: 'unknown field' })),
    ]);
    expect(message.length).toBeLessThan(50 * 250 + 600);
    expect(message).toMatch(/^MCPServer demo is invalid: spec\.x: x{499}…; spec\.0😀+…: unknown field; .*; and 2951 more$/u);
    expect(problems({ ...MINIMAL, ...unknown })).toHaveLength(3000);
  });

  it('names every broken rule at once', () => {
    expect(problems({ ...MINIMAL, transport: 'stdio', replicas: 2, config: { 'config.json': '' } })).toHaveLength(2);
  });

  it.each([
    [{ ...MINIMAL, transport: 'sse' }, 'spec.transport: transport is streamable-http, http or stdio: the old HTTP+SSE transport (sse) and WebSockets are not served; take an image, or an option of it, that speaks Streamable HTTP, and set streamable-http'],
    [
      { ...MINIMAL, storage: [{ mountPath: '/data/', emptyDir: { sizeLimit: 1 } }] },
      'spec.storage.0.mountPath: a mountPath starts with a slash and ends without one (write /data, not data or /data/), has no "//", no segment "." or "..", no colon, and printable ASCII without blanks alone',
    ],
    [{ ...MINIMAL, replicas: 1.5 }, 'spec.replicas: must be a whole number, not 1.5'],
    [{ ...MINIMAL, command: [] }, 'spec.command: must not be empty'],
    [{ ...MINIMAL, env: [{ name: 'A' }, { name: 'A' }] }, 'spec.env: must not hold two items with the same name'],
    [{ ...MINIMAL, config: Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`k${n}`, ''])) }, 'spec.config: must have at most 256 keys'],
    [
      { ...MINIMAL, resources: { limits: Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`example.com/device-${n}`, 1])) } },
      'spec.resources.limits: may name at most 7 resources: leave out those the server does not need',
    ],
    [{ ...MINIMAL, resources: { limits: { memory: '512m' } } }, 'spec.resources.limits: limits.memory is less than 4Mi, with which no server starts (was Mi meant, as in 512Mi?): write it with its unit (512m)'],
    [{ ...MINIMAL, env: [{ name: 'A', value: true }] }, 'spec.env.0.value: must be text, not true or false: put it in quotes, without which YAML makes a boolean of it'],
    [{ ...MINIMAL, config: { a: 8080 } }, 'spec.config.a: must be text, not a number: put it in quotes, without which YAML makes a number of it'],
    [{ ...MINIMAL, config: ['A'] }, 'spec.config: must be a mapping, not a list'],
    [undefined, 'spec: required: set it'],
    ['image', 'spec: must be a mapping, not text'],
  ])('is said plainly: %j', (spec, problem) => {
    expect(problems(spec)).toContain(problem);
  });
});

describe('the name of an MCPServer', () => {
  it.each(['a', 'a-1', 'x'.repeat(MAX_NAME_LENGTH)])('may be %s', (name) => {
    expect(problems(MINIMAL, name)).toEqual([]);
  });

  it.each(['', '1a', 'A', 'a.b', 'a_b', 'a-', '-a', 'ä', 'a\n', 'x'.repeat(MAX_NAME_LENGTH + 1)])('may not be "%s"', (name) => {
    expect(problems(MINIMAL, name)).toEqual([`metadata.name: ${NAME_MESSAGE}`]);
  });
});

describe('a spec without a field', () => {
  it('gets every default', () => {
    expect(resolveSpec('demo', { image: 'a' })).toEqual({
      image: 'a',
      imagePullPolicy: 'IfNotPresent',
      transport: 'streamable-http',
      port: 8080,
      path: '/mcp',
      lastWords: 'Show',
      replicas: 1,
      securityProfile: 'Restricted',
      scaling: 'Managed',
      strategy: { type: 'RollingUpdate' },
      disruption: { mode: 'Default' },
      terminationGracePeriodSeconds: 30,
      drainSeconds: 5,
      verification: { mode: 'Require', intervalSeconds: 300, timeoutSeconds: 10 },
      suspend: false,
      deletionPolicy: 'Delete',
      onReferenceChange: 'Restart',
      operatorEnv: 'Set',
    });
  });

  it('gets the defaults inside verification one by one', () => {
    expect(resolveSpec('demo', { image: 'a', verification: { mode: 'Off' } }).verification).toEqual({
      mode: 'Off',
      intervalSeconds: 300,
      timeoutSeconds: 10,
    });
  });

  it.each([null, undefined])('is the same as one where it is %s, at any depth', (unset) => {
    const written = {
      image: 'a', port: unset, command: unset, verification: unset, env: [{ name: 'A', value: unset, valueFrom: unset }],
      resources: { requests: unset, limits: { cpu: unset } }, config: { A: unset },
    };
    expect(resolveSpec('demo', written)).toEqual(resolveSpec('demo', { image: 'a', env: [{ name: 'A' }], resources: { limits: {} }, config: {} }));
  });
});
