// What tests take for all specs is all of them: the generator makes everything the schema knows, and the full spec has every field.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { arbitrarySpec, SPEC_FIELDS } from './arbitrary-spec.ts';
import { FULL_SPEC, FULL_STDIO_SPEC } from './full-spec.ts';
import { repaired } from './repaired-spec.ts';
import { crd, fieldsOf } from './spec-schema.ts';

const SPECS = fc.sample(arbitrarySpec(), { numRuns: 1000, seed: 20_261_128 });

function problemsOf(spec: MCPServerSpec): string[] {
  try {
    resolveSpec('demo', spec);
    return [];
  } catch (error) {
    return [`${String(error)} in ${JSON.stringify(spec)}`];
  }
}

/** Every value in `value` with its path; items of lists are `[]`. */
function valuesIn(value: unknown, path = ''): [path: string, value: unknown][] {
  if (Array.isArray(value)) return [[path, value], ...value.flatMap((item) => valuesIn(item, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return [[path, value], ...Object.entries(value).flatMap(([key, below]) => valuesIn(below, path === '' ? key : `${path}.${key}`))];
}

/** What the schema knows and pods refuse, or take together with other settings only. */
const REFUSED_BY_PODS = [
  'service.nodePort=1',
  'service.nodePort=65535',
  'securityContext.windowsOptions.hostProcess=true',
  'securityContext.procMount=Unmasked',
  'podSecurityContext.windowsOptions.hostProcess=true',
  'probes.startup.successThreshold=1000',
  'probes.liveness.successThreshold=1000',
  ...['requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]', 'preferredDuringSchedulingIgnoredDuringExecution[].preference'].flatMap(
    (terms) => ['Exists', 'DoesNotExist', 'Gt', 'Lt'].map((operator) => `affinity.nodeAffinity.${terms}.matchFields[].operator=${operator}`),
  ),
];

it('makes valid specs only, which need no further repair', () => {
  expect(SPECS.flatMap(problemsOf)).toEqual([]);
  expect(SPECS.slice(0, 100).map(repaired)).toEqual(SPECS.slice(0, 100));
});

it('makes every field, every value of an enum, both booleans, and both bounds of a number', () => {
  const seen = new Map<string, Set<unknown>>();
  for (const [path, value] of SPECS.flatMap((spec) => valuesIn(spec))) seen.set(path, (seen.get(path) ?? new Set()).add(value));
  const { spec } = crd().spec.versions[0].schema.openAPIV3Schema.properties;
  const missing = fieldsOf(spec).flatMap(([path, { type, enum: values, minimum, maximum }]) => {
    const found = seen.get(path);
    if (found === undefined) return [path];
    const wanted = [...(values ?? []), ...(type === 'boolean' ? [true, false] : []), ...(type === 'integer' ? [minimum, maximum] : [])];
    return wanted.filter((value) => !found.has(value)).map((value) => `${path}=${String(value)}`);
  });
  expect(missing).toEqual(REFUSED_BY_PODS);
});

it('has two valid specs with every field', () => {
  expect([problemsOf(FULL_SPEC), problemsOf(FULL_STDIO_SPEC)]).toEqual([[], []]);
  expect(Object.keys({ ...FULL_SPEC, ...FULL_STDIO_SPEC }).toSorted()).toEqual(SPEC_FIELDS.toSorted());
  expect(SPEC_FIELDS.filter((field) => !(field in FULL_SPEC) || !(field in FULL_STDIO_SPEC)).toSorted()).toEqual(['stdio', 'tls']);
});
