// Whatever text users write: every string of the spec, with characters of every kind, is written and read back equal, or is
// refused by a sentence that names the character. Lone surrogates are U+FFFD from the API server on.
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { resourcePath } from '../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { conditionOf } from '../support/kstatus.ts';
import { ODD_CHARACTERS, oddText } from '../support/odd-text.ts';
import { writesBy } from '../support/operator.ts';
import { placesOf, SPECS_WITH_ALL_TEXTS, textAt, withTextAt, type Place } from '../support/spec-texts.ts';
import { converged } from './converged.ts';
import { useScene } from './scene.ts';

const SEED = 20_261_129;
const scene = useScene('spec-text');

/** Without pods, without handshakes, and without what others must have made before. */
const BASES = SPECS_WITH_ALL_TEXTS.map(({ imagePullSecrets: _secrets, tls: _tls, runtimeClassName: _class, ...spec }): MCPServerSpec =>
  ({ ...spec, suspend: false, replicas: 0, verification: { mode: 'Off' } }));

/** Characters of every kind in one text, and random texts, by turns at the places of a spec. */
const ALL = Object.values(ODD_CHARACTERS).join('-');
const RANDOM = fc.sample(oddText, { numRuns: 200, seed: SEED });
const ROUNDS: readonly (readonly string[])[] = [[ALL], RANDOM.slice(0, 100), RANDOM.slice(100)];

function problemsOf(spec: MCPServerSpec, stored = false): string | undefined {
  try {
    resolveSpec('demo', spec, { stored });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A spec as an API server stores it. */
function wellFormed<Spec>(spec: Spec): Spec {
  return JSON.parse(JSON.stringify(spec), (_name, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)) as Spec;
}

/** Whether text of a place is limited to printable ASCII, or by its meaning. */
function isLimited(spec: MCPServerSpec, place: Place): boolean {
  if (!place.isFree || place.kind.endsWith('runAsUserName')) return true;
  return problemsOf(withTextAt(spec, place, `${textAt(spec, place)}\u{1F680}`)) !== undefined;
}

/** The spec with the next text at every place that is not limited, but for characters it cannot have and as far as there is room. */
function oddly(base: MCPServerSpec, texts: readonly string[]): MCPServerSpec {
  const places = placesOf(base).filter((place) => !isLimited(base, place));
  return places.reduce((spec, place, index) => {
    const text = texts[index % texts.length] ?? '';
    const parts = [text, text.replaceAll('\0', ''), text.replaceAll('\0', '').slice(0, 20)];
    const odd = parts.map((part) => `${textAt(base, place)}${place.key === undefined ? part : part.toWellFormed()}`);
    const found = odd.map((each) => withTextAt(spec, place, each)).find((each) => problemsOf(wellFormed(each)) === undefined);
    if (found === undefined) throw new Error(`${place.kind} takes no odd text`);
    return found;
  }, base);
}

/** Creates an MCPServer of a body that says lone surrogates as JSON does. */
async function create(name: string, spec: MCPServerSpec): Promise<void> {
  const { client, namespace } = scene.fleet;
  const body = JSON.stringify({ apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace }, spec });
  const { status, body: answer } = await client.request('POST', resourcePath(MCP_SERVERS, { namespace }), { body });
  expect([status, status === 201 || answer.toString()]).toEqual([201, true]);
}

/** With names and numbers of its own of what a namespace or a cluster has one of. */
const apart = (spec: MCPServerSpec, index: number): MCPServerSpec =>
  ({ ...spec, configAs: { ...spec.configAs, configMapName: `settings-${index}` }, service: { ...spec.service, nodePort: 30_030 + index } });

const ODD = ROUNDS.flatMap((texts) => BASES.map((base) => oddly(base, texts))).map(apart);

test('of every kind is written and read back equal, wherever text is not limited', async () => {
  await Promise.all(ODD.map((spec, index) => create(`odd-${index}`, spec)));
  for (const [index, spec] of ODD.entries()) {
    const { server } = await converged(scene.fleet, `odd-${index}`);
    expect(server.spec).toMatchObject(wellFormed(spec));
    const told = [conditionOf(server, 'ConfigurationValid')?.reason, conditionOf(server, 'Stalled')?.reason];
    expect([index, told.includes('InvalidSpec')]).toEqual([index, false]);
  }
});

test.each([
  ['U+0000', '\0', 20],
  ['U+007F', '\x7F', 15],
  ['U+2028', '\u2028', 15],
  ['U+1F680', '\u{1F680}', 15],
])('is refused by name where it cannot be: %s', async (character, text, least) => {
  const odd = (spec: MCPServerSpec, place: Place): MCPServerSpec => withTextAt(spec, place, `${textAt(spec, place)}${text}`);
  // One of the specs is enough: what makes them differ is spared, for pods may run with it.
  const [base = { image: '' }] = BASES;
  const isNamed = (place: Place): boolean => problemsOf(odd(base, place), true)?.includes(` has the character ${character}, `) === true;
  const refused = placesOf(base).filter((place) => place.isFree && isNamed(place));
  expect(refused.length).toBeGreaterThanOrEqual(least);
  const name = `named-${character.slice(2).toLowerCase()}`;
  await create(name, refused.reduce(odd, base));
  const server = await scene.fleet.until(name, 'ConfigurationValid', ['False', 'InvalidSpec']);
  const problems = conditionOf(server, 'ConfigurationValid')?.message?.split('; ') ?? [];
  for (const { path, key } of refused) {
    const sentence = `spec.${path.join('.')}: ${key === undefined ? '' : 'a key '}has the character ${character}, `;
    expect([sentence, problems.some((problem) => problem.startsWith(sentence))]).toEqual([sentence, true]);
  }
  expect(await scene.fleet.childNames(name)).toEqual([]);
});

test('costs no write once it is there', async () => {
  const { userAgent, errors } = scene.operator;
  const writes = (await writesBy(userAgent)).length;
  expect(writes).toBeGreaterThan(ODD.length);
  await sleep(4000);
  expect(await writesBy(userAgent)).toHaveLength(writes);
  expect(errors).toEqual([]);
});
