// What must hold of kubeconfigs and config files that people spoil: no error quotes what stands in them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { connect } from '../../kubernetes/connect.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { readSettings, SettingsError } from '../../mcp-server/settings.ts';
import type { FuzzProperty } from './fuzz-property.ts';

/** No six letters of it are in any word of ours. */
const CANARY = 'QzXwKvJqYzWxVkQj';
const FRAGMENT = 6;
const FRAGMENTS = Array.from({ length: CANARY.length - FRAGMENT + 1 }, (_, start) => CANARY.slice(start, start + FRAGMENT));

/** A value in every field, each with the canary. */
const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: ${CANARY}
contexts:
- name: ${CANARY}
  context: {cluster: ${CANARY}, user: ${CANARY}, namespace: default}
clusters:
- name: ${CANARY}
  cluster:
    server: https://${CANARY}:6443
    certificate-authority: /${CANARY}/ca.crt
    tls-server-name: ${CANARY}
    proxy-url: http://user:${CANARY}@proxy:3128
users:
- name: ${CANARY}
  user:
    token: ${CANARY}
    username: ${CANARY}
    password: "${CANARY}"
    client-certificate-data: ${CANARY}
    client-key-data: ${CANARY}
    tokenFile: /${CANARY}/token
    as: ${CANARY}
    as-groups: [${CANARY}]
    as-user-extra: {${CANARY}: [${CANARY}]}
    auth-provider:
      name: ${CANARY}
      config: {id-token: ${CANARY}, refresh-token: ${CANARY}}
    exec:
      command: "no-such-program --token=${CANARY}"
      apiVersion: client.authentication.k8s.io/v1
      interactiveMode: Never
      args: ["--token=${CANARY}"]
      env: [{name: A, value: ${CANARY}}]
      installHint: ${CANARY}
`;
const CONFIG = `{
  "LOG_LEVEL": "info", "MCP_SERVER_NAME": "${CANARY}",
  "RATE_LIMIT_REQUESTS": "600", "ENABLE_METRICS": true,
  "${CANARY}": "${CANARY}"
}`;
const PUT = ['', ' ', '\n', '\t', ':', ': ', '-', '- ', '{', '}', '[', ']', '"', "'", '|', '>', '&a ', '*a', '*',
  '!', '!!binary ', '? ', '#', ',', '\\', '%', '\u0000', '\r', '---\n', '1', 'null', CANARY];

/** Lines taken out, and pieces put in or taken away. */
function spoiled(text: string): fc.Arbitrary<string> {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...PUT)), { maxLength: 4 });
  const gone = fc.array(fc.nat(text.split('\n').length), { maxLength: 12 });
  return fc.tuple(edits, gone).map(([changes, lines]) => {
    const kept = text.split('\n').filter((_, index) => !lines.includes(index)).join('\n');
    return changes.reduce((edited, [at, length, put]) => {
      const place = at % (edited.length + 1);
      return edited.slice(0, place) + put + edited.slice(place + length);
    }, kept);
  });
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
    property: fc.asyncProperty(spoiled(KUBECONFIG), async (text) => {
      const warnings: unknown[] = [];
      const listen = (warning: Error): void => void warnings.push(warning);
      process.on('warning', listen);
      const connected = inFile(text, (kubeconfig) => connect({ kubeconfig, env: {} }));
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
    property: fc.asyncProperty(spoiled(CONFIG), async (text) => {
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
