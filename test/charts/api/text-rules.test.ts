// Which characters texts of a spec may have: every place of the schema is tried, and what is refused names the character.
import { describe, expect, it, test } from 'vitest';
import { InvalidMCPServerError, resolveSpec } from '../../../charts/api/mcpserver.ts';
import { TEXT_RULES } from '../../../charts/api/text-rules.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { MINIMAL } from '../../support/rendered.ts';
import { kindsOf, placesOf, SPECS_WITH_ALL_TEXTS, textAt, withTextAt, type Place } from '../../support/spec-texts.ts';

/** A place of each kind. */
const PLACES = new Map<string, { readonly spec: MCPServerSpec; readonly place: Place }>(
  SPECS_WITH_ALL_TEXTS.flatMap((spec) => placesOf(spec).map((place) => [place.kind, { spec, place }])),
);

function problems(spec: unknown, stored = false): string[] {
  try {
    resolveSpec('demo', spec, { stored });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidMCPServerError)) throw error;
    return error.problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

/** Kinds of places that are refused with this character, by a sentence that names it. */
function refusing(character: string, name: string, stored = false): string[] {
  return [...PLACES].flatMap(([kind, { spec, place }]) => {
    if (!place.isFree) return [];
    const found = problems(withTextAt(spec, place, `${textAt(spec, place)}${character}z`), stored);
    const ours = found.filter((problem) => problem.startsWith(`spec.${place.path.join('.')}: `) && problem.includes(`has the character ${name}, `));
    return ours.length === 1 ? [kind] : [];
  });
}

const PROCESSES = ['command[]', 'args[]', 'config.*', 'env[].value', 'postStart.exec.command[]'];
const COMMANDS = ['startup', 'readiness', 'liveness'].map((probe) => `probes.${probe}.exec.command[]`);
const USERS = ['securityContext', 'podSecurityContext'].map((context) => `${context}.windowsOptions.runAsUserName`);
const BESIDES = ['autoscaling.metrics[].containerResource.container', ...['ingressFrom', 'egressTo'].flatMap((peers) =>
  ['podSelector', 'namespaceSelector'].map((selector) => `keys of networkPolicy.${peers}[].${selector}.matchLabels`))];
const ASCII = [
  ...['fieldRef.apiVersion', 'fieldRef.fieldPath', 'resourceFieldRef.resource'].map((field) => `files[].projected.sources[].downwardAPI.items[].${field}`),
  'env[].valueFrom.fieldRef.apiVersion', 'env[].valueFrom.fieldRef.fieldPath', 'env[].valueFrom.resourceFieldRef.resource', 'envFrom[].prefix',
  'keys of resources.requests', 'keys of resources.limits', 'podSecurityContext.sysctls[].name', 'tolerations[].value',
  'securityContext.windowsOptions.gmsaCredentialSpecName', 'podSecurityContext.windowsOptions.gmsaCredentialSpecName',
  ...['podAffinity', 'podAntiAffinity'].flatMap((affinity) => ['labelSelector', 'namespaceSelector'].flatMap((selector) => [
    `keys of affinity.${affinity}.requiredDuringSchedulingIgnoredDuringExecution[].${selector}.matchLabels`,
    `keys of affinity.${affinity}.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.${selector}.matchLabels`,
  ])),
  'keys of topologySpreadConstraints[].labelSelector.matchLabels',
];

describe('characters of a spec', () => {
  it('are tried at every place of the schema, in specs that are valid', () => {
    expect([...PLACES.keys()].toSorted()).toEqual(kindsOf().toSorted());
    for (const spec of SPECS_WITH_ALL_TEXTS) expect(problems(spec)).toEqual([]);
  });

  test.each([
    ['U+0000', '\0', [...PROCESSES, ...COMMANDS, ...ASCII, ...BESIDES, ...USERS]],
    ['U+0009', '\t', [...ASCII, ...BESIDES, ...USERS]],
    ['U+007F', '\x7F', [...ASCII, ...BESIDES, ...USERS]],
    ['U+009B', '\x9B', [...ASCII, ...BESIDES]],
    ['U+2028', '\u2028', [...ASCII, ...BESIDES]],
    ['U+FFFE', '\uFFFE', [...ASCII, ...BESIDES]],
    ['U+1F680', '\u{1F680}', [...ASCII, ...BESIDES]],
  ])('are refused where nothing could come of them: %s', (name, character, kinds) => {
    expect(refusing(character, name).toSorted()).toEqual(kinds.toSorted());
  });

  test.each([['U+D83D', '\uD83D'], ['U+DE80', '\uDE80']])('are refused everywhere when they are half a pair: %s', (name, character) => {
    const free = [...PLACES].filter(([, { place }]) => place.isFree).map(([kind]) => kind);
    expect(refusing(character, name).toSorted()).toEqual(free.toSorted());
  });

  it('are named by the pattern of a field as well', () => {
    for (const [kind, { spec, place }] of PLACES) {
      if (place.isFree) continue;
      const field = `spec.${place.path.join('.')}: `;
      const found = problems(withTextAt(spec, place, `${textAt(spec, place)}\x9B`)).filter((problem) => problem.startsWith(field));
      expect([kind, found.map((problem) => problem.endsWith('; it has the character U+009B'))]).toEqual([kind, [true]]);
    }
  });

  it('are held against what is stored only where nothing of it can run', () => {
    expect(refusing('\0', 'U+0000', true).toSorted()).toEqual([...PROCESSES, ...ASCII, ...USERS].toSorted());
    expect(refusing('\x9B', 'U+009B', true).toSorted()).toEqual(ASCII.toSorted());
  });

  it('may be any in a config file that is no environment variable', () => {
    expect(problems({ ...MINIMAL, config: { 'a.b': '\0' } })).toEqual([]);
    expect(problems({ ...MINIMAL, config: { A: '\0' }, env: [{ name: 'A', value: 'x' }] })).toEqual([]);
    const { reason } = TEXT_RULES.find(({ exempts }) => exempts !== undefined) ?? {};
    expect(problems({ ...MINIMAL, config: { A: '\0' } })).toEqual([`spec.config.A: has the character U+0000, ${reason}`]);
  });

  it('are kept whatever else they are', () => {
    const text = '\x01\x7F\x85\x9B\u2028\u202E\uFEFF\uFFFE\uFDD0\u{1F680}\u{1FFFE}';
    const podMetadata = { annotations: { a: `${text}\0` } };
    const spec = { ...MINIMAL, args: [text], env: [{ name: 'A', value: text }], config: { A: text }, podMetadata };
    expect(resolveSpec('demo', spec)).toMatchObject(spec);
  });
});
