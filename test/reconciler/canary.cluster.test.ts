// Words that stand in specs, Secrets, variables, credentials and kubeconfigs stand nowhere else: in no line of the log, no Event, no
// status, no metric, and in no object but the one that is to carry them.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { EVENTS, SECRETS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { policy, type Refuser } from '../support/admission.ts';
import { eventually } from '../support/cluster.ts';
import { ECHO_SERVERS } from '../support/echo-servers.ts';
import { conditionOf } from '../support/kstatus.ts';
import type { RunningServer } from '../support/mcp-servers.ts';
import { onLoopback } from '../support/operator.ts';
import type { Fate, Pod } from '../support/pods.ts';
import { useScene } from './scene.ts';

/** Where each word stands. */
const WORDS = {
  secret: 'canary-of-a-secret-7f3c9a',
  credential: 'canary-of-a-credential-81d2e4',
  variable: 'canary-of-a-variable-5b60c7',
  argument: 'canary-of-an-argument-93e1f2',
  command: '/canary-of-a-command-c41b77',
  config: 'canary-of-a-config-2f8d5e',
  lastWords: 'canary-of-last-words-6a09be',
  environment: 'canary-of-the-environment-e7702d',
};
/** So many ways to repeat a credential are one here: each of them has a test without a cluster. */
const EVERY = 12;
/** What the operator itself may be asked with. */
const kubeconfig = readFileSync(inject('operatorKubeconfig'), 'utf8');
const keys = [...kubeconfig.matchAll(/"?(?:token|client-key-data|password)"?: *"?([^\s",}]{8,})/g)].map(([, value = '']) => value);

/** Words of the environment of the operator. */
process.env['CANARY'] = WORDS.environment;

/** Of `ends`, each pod ends and says why. */
function ending({ metadata, spec }: Pod): Fate | undefined {
  if (!metadata.name.startsWith('ends-')) return undefined;
  const [{ name, image } = { name: '', image: '' }] = spec.containers;
  const terminated = { exitCode: 7, reason: 'Error', message: `cannot reach db: ${WORDS.lastWords}`, startedAt: null, finishedAt: null };
  const status = { name, image, imageID: '', ready: false, started: false, restartCount: 4 };
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
  return { placed: true, status: { phase: 'Running', containerStatuses: [{ ...status, state, lastState: { terminated } }] } };
}

const echoes: RunningServer[] = [];
const ports = new Map<string, number>();
const scene = useScene('canary', {
  operator: { logLevel: 'trace' },
  fateOf: ending,
  exchangeFor: onLoopback(({ name }) => ports.get(name.split('-').slice(0, -2).join('-')) ?? scene.server.port),
});
let refuser: Refuser | undefined;

const SPEC = {
  command: [WORDS.command],
  args: ['--key', WORDS.argument],
  env: [
    { name: 'API_KEY', value: WORDS.variable },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
  ],
  envFrom: [{ prefix: 'S_', secretRef: { name: 'keys' } }],
  config: { 'settings.yaml': WORDS.config },
  onReferenceChange: 'Restart' as const,
};
const asking = { verification: { credentialsSecretRef: { name: 'keys', key: 'credential' } } };

beforeAll(async () => {
  const { fleet, namespace } = scene;
  const stringData = { key: WORDS.secret, credential: `Bearer ${WORDS.credential}` };
  await fleet.client.create(SECRETS, { metadata: fleet.ref('keys'), stringData } as never);
  for (const [index, echo] of Object.values(ECHO_SERVERS).filter((_, at) => at % EVERY === 0).entries()) {
    const server = await echo(WORDS.credential);
    echoes.push(server);
    ports.set(`echo-${index}`, server.port);
  }
  await fleet.create('well', SPEC);
  await fleet.create('ends', { ...SPEC, lastWords: 'Hide' });
  await fleet.create('silent', { ...SPEC, ...asking });
  for (const name of ports.keys()) await fleet.create(name, { ...SPEC, ...asking });
  await fleet.create('lacks', { ...SPEC, verification: { credentialsSecretRef: { name: 'keys', key: 'other' } } });
  await fleet.create('refused', SPEC);
  for (const name of ['well', 'refused']) await fleet.ready(name);
  refuser = await policy(fleet.client, { namespace, servers: ['refused'], apiGroup: 'apps', resource: 'deployments', operations: ['UPDATE'] });
  await fleet.edit('refused', { image: 'example.com/server:2' });
  await fleet.client.patch(SECRETS, fleet.ref('keys'), { stringData: { another: `${WORDS.secret}-changed` } });
  await fleet.until('ends', 'Ready', ['False']);
  await eventually(async () => {
    for (const name of ports.keys()) {
      const verified = conditionOf(await fleet.read(name), 'Verified');
      if (verified === undefined || verified.reason === 'NotYetProbed') throw new Error(`${name} was not asked yet`);
    }
    const status = JSON.stringify((await fleet.read('refused')).status);
    if (!status.includes('refused')) throw new Error(status);
  }, { timeoutMs: 75_000 });
});
afterAll(async () => {
  await refuser?.remove();
  await Promise.all(echoes.map((server) => server.close()));
});

/** A word as it is, and within base64, wherever it begins there. */
function guises(word: string): string[] {
  const encoded = (before: string): string => Buffer.from(before + word).toString('base64').slice(before === '' ? 0 : before.length + 1, -4);
  return [word, encoded(''), encoded('-'), encoded('--')];
}

const GUISES = [...Object.values(WORDS), ...keys].map((word) => [word, guises(word)] as const);

/** The words that a text has. */
function found(text: string): string[] {
  return GUISES.filter(([, guise]) => guise.some((each) => text.includes(each))).map(([word]) => word);
}

/** An object without what is to carry the words: what a spec says, and what is made of it. */
function told({ metadata, ...object }: KubernetesObject): string {
  const { managedFields: _, ...rest } = metadata;
  const { spec: _spec, data: _data, ...others } = object as Record<string, unknown>;
  return JSON.stringify({ metadata: rest, ...others });
}

test('the words are where they belong, so that this test can find them', async () => {
  const { fleet } = scene;
  const objects = JSON.stringify([await fleet.children('well'), await fleet.client.get(SECRETS, fleet.ref('keys'))]);
  expect(found(objects)).toEqual([WORDS.secret, WORDS.credential, WORDS.variable, WORDS.argument, WORDS.command, WORDS.config]);
  expect(keys.length).toBeGreaterThan(0);
});

test('no line of the log has one of them, at any level', async () => {
  const lines = scene.operator.errors;
  for (const part of ['"level":"debug"', '"msg":"handshake"', '"msg":"created"', '"name":"refused"']) expect(lines.join('\n')).toContain(part);
  expect(lines.filter((line) => found(line).length > 0)).toEqual([]);
});

test('no status, no annotation, no label and no Event has one of them', async () => {
  const { fleet, namespace } = scene;
  const names = ['well', 'ends', 'silent', 'lacks', 'refused', ...ports.keys()];
  const objects = (await Promise.all(names.map(async (name) => [await fleet.read(name), ...(await fleet.children(name))]))).flat();
  const events = (await fleet.client.list(EVENTS, { namespace })).items;
  expect(events.length).toBeGreaterThan(names.length);
  expect(objects.length).toBeGreaterThan(names.length * 3);
  const telling = [...objects.map(told), ...events.map((event) => JSON.stringify(event))];
  expect(telling.filter((text) => found(text).length > 0)).toEqual([]);
});

test('no metric has one of them', async () => {
  const text = await scene.operator.scrape();
  expect(text).toContain('mcp_operator_server_condition{');
  expect(found(text)).toEqual([]);
});
