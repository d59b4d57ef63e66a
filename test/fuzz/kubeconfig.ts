// What must hold of kubeconfigs and config files that people spoil: no error quotes what stands in them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { connect } from '../../kubernetes/connect.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { readSettings, SettingsError } from '../../mcp-server/settings.ts';
import type { FuzzProperty } from './fuzz-property.ts';

/** No six letters of it are in any word of ours. */
const CANARY = 'QzXwKvJqYzWxVkQj';
const FRAGMENT = 6;
const FRAGMENTS = Array.from({ length: CANARY.length - FRAGMENT + 1 }, (_, start) => CANARY.slice(start, start + FRAGMENT));

/** Clusters and users of every kind, the canary wherever it can be. */
const CLUSTERS = [
  { server: `https://${CANARY}:6443` },
  { server: `https://${CANARY}:6443/`, 'insecure-skip-tls-verify': true, 'tls-server-name': CANARY },
  { server: `http://${CANARY}`, 'proxy-url': `http://user:${CANARY}@proxy:3128` },
  { server: `https://user:${CANARY}@host`, 'proxy-url': `socks5://${CANARY}` },
  { server: `https://${CANARY}:6443`, 'certificate-authority': `/${CANARY}/ca.crt` },
  { server: `https://${CANARY}:6443`, 'certificate-authority-data': CANARY, 'certificate-authority': CANARY },
];
const USERS = [
  {},
  { token: CANARY },
  { token: CANARY, tokenFile: `/${CANARY}/token` },
  { tokenFile: '/etc/hostname', as: CANARY, 'as-uid': CANARY, 'as-groups': [CANARY], 'as-user-extra': { [CANARY]: [CANARY] } },
  { token: `${CANARY}\n${CANARY}` },
  { username: CANARY, password: CANARY },
  { username: CANARY, password: CANARY, token: CANARY },
  { 'client-certificate-data': CANARY, 'client-key-data': CANARY },
  { 'client-certificate': `/${CANARY}/crt`, 'client-key': `/${CANARY}/key` },
  { 'client-certificate': `/${CANARY}/crt` },
  { 'auth-provider': { name: 'oidc', config: { 'id-token': CANARY, 'refresh-token': CANARY } } },
  { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken(), 'refresh-token': CANARY } } },
  { 'auth-provider': { name: CANARY, config: { 'id-token': CANARY } } },
  { exec: exec({ command: `no-such-program --token=${CANARY}`, args: [`--token=${CANARY}`], installHint: CANARY }) },
  { exec: exec({ command: '/bin/sh', args: ['-c', `echo ${CANARY} >&2; echo ${CANARY}; exit 1`] }) },
  { exec: exec({ command: '/bin/sh', args: ['-c', `echo ${CANARY} >&2; echo '${execCredential()}'`], env: [{ name: 'A', value: CANARY }] }) },
  { exec: exec({ command: '/bin/sh', args: ['-c', `echo '{"status": {"${CANARY}"'`] }) },
  { exec: exec({ interactiveMode: 'Always' }) },
];

function exec(given: object): object {
  return { command: CANARY, apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', ...given };
}

function execCredential(): string {
  return JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: CANARY } });
}

/** Of OpenID Connect, good until 2100. */
function idToken(): string {
  return ['{}', JSON.stringify({ exp: 4_102_444_800, sub: CANARY })].map((part) => Buffer.from(part).toString('base64url')).concat(CANARY).join('.');
}

const kubeconfig = fc.tuple(fc.constantFrom(...CLUSTERS), fc.constantFrom(...USERS)).map(([cluster, user]) => stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': CANARY,
  contexts: [{ name: CANARY, context: { cluster: CANARY, user: CANARY, namespace: 'default' } }],
  clusters: [{ name: CANARY, cluster }],
  users: [{ name: CANARY, user }],
}, { lineWidth: 0 }));
const config = fc.constant(`{
  "LOG_LEVEL": "info", "MCP_SERVER_NAME": "${CANARY}",
  "RATE_LIMIT_REQUESTS": "600", "ENABLE_METRICS": true,
  "${CANARY}": "${CANARY}"
}`);
const PUT = ['', ' ', '\n', '\t', ':', ': ', '-', '- ', '{', '}', '[', ']', '"', "'", '|', '>', '&a ', '*a', '*',
  '!', '!!binary ', '? ', '#', ',', '\\', '%', '\u0000', '\r', '---\n', '1', 'null', CANARY];

/** The text, and as often with pieces put in or taken away, and lines gone. */
function spoiled(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...PUT)), { maxLength: 4 });
  const gone = fc.array(fc.nat(30), { maxLength: 3 });
  return fc.oneof(text, fc.tuple(text, edits, gone).map(([whole, changes, lines]) => {
    const kept = whole.split('\n').filter((_, index) => !lines.includes(index)).join('\n');
    return changes.reduce((edited, [at, length, put]) => {
      const place = at % (edited.length + 1);
      return edited.slice(0, place) + put + edited.slice(place + length);
    }, kept);
  }));
}

function mustNotQuote(error: unknown): void {
  const { message, stack = '', cause } = error as Error;
  const told = error instanceof KubeconfigError ? (error.told ?? '') : '';
  const found = FRAGMENTS.find((fragment) => `${message}${stack}${told}${String(cause)}`.includes(fragment));
  if (found !== undefined) throw new Error(`it quotes ${found}: ${message}`);
}

async function inFile<T>(text: string, use: (path: string) => T): Promise<Awaited<T>> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-fuzz-'));
  try {
    await writeFile(join(folder, 'file'), text);
    return await use(join(folder, 'file'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const KUBECONFIG_PROPERTIES: readonly FuzzProperty[] = [
  {
    name: 'a kubeconfig, however spoilt, connects or is a KubeconfigError that quotes nothing of it, and nothing is printed',
    property: fc.asyncProperty(spoiled(kubeconfig), async (text) => {
      const warnings: unknown[] = [];
      const listen = (warning: Error): void => void warnings.push(warning);
      process.on('warning', listen);
      const connected = inFile(text, async (file) => {
        const connection = await connect({ kubeconfig: file, env: {} });
        await Promise.all([connection.authorization(), connection.certificate?.()]);
      });
      const error: unknown = await connected.then(() => undefined, (reason: unknown) => reason);
      process.off('warning', listen);
      if (warnings.length > 0) throw new Error('a warning was printed');
      if (error === undefined) return;
      if (!(error instanceof KubeconfigError)) throw new Error('it is no KubeconfigError', { cause: error });
      mustNotQuote(error);
    }),
  },
  {
    name: 'a config file, however spoilt, is read or is a SettingsError that quotes nothing of it',
    property: fc.asyncProperty(spoiled(config), async (text) => {
      try {
        const { unknownKeys } = await inFile(text, (path) => readSettings({}, { MCP_CONFIG_FILE: path }));
        mustNotQuote(new Error(unknownKeys.join()));
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        mustNotQuote(error);
      }
    }),
  },
];
