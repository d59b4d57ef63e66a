// What goes wrong with real containers: each is named in the status soon, with what to do, and gone from it once repaired.
import { expect, test } from 'vitest';
import type { MCPServerObject } from '../../reconciler/kinds.ts';
import { useNamespace } from '../support/cluster.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { describeOnNode, MODEST, User } from './support/e2e.ts';

const user = new User();

interface Trouble {
  readonly spec: object;
  /** Of these one must be Ready's reason within 30 s. */
  readonly reasons: readonly [string, ...string[]];
  /** Must be in its message. */
  readonly message: RegExp;
  /** Merged into the spec. */
  readonly repair: object;
}

const node = (code: string): object => ({ command: ['/nodejs/bin/node', '-e', code] });
/** Takes memory bit by bit: at once the kernel would end it before its log is read. */
const GREEDY = 'const held = []; setInterval(() => held.push(Buffer.alloc(8 << 20, 1)), 20)';

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'an-image-that-does-not-exist': { spec: { image: 'registry.example.com/no-such-image:1' }, reasons: ['ImagePullError'], message: /no-such-image.*spec\.image/s, repair: { image: SERVER_IMAGE } },
  'a-crash-loop': { spec: { image: SERVER_IMAGE, ...node('console.error("no database"); process.exit(3)') }, reasons: ['CrashLoop', 'NotStarted'], message: /exit code 3.*no database/s, repair: { command: null } },
  'an-oom-kill': {
    spec: { image: SERVER_IMAGE, ...node(GREEDY), resources: { ...MODEST, limits: { memory: '96Mi' } } },
    reasons: ['CrashLoop', 'NotStarted'],
    message: /OOMKilled.*96Mi.*limits\.memory/s,
    repair: { command: null, resources: { limits: null } },
  },
  'a-pod-no-node-takes': { spec: { image: SERVER_IMAGE, nodeSelector: { disk: 'none-has-it' } }, reasons: ['Unschedulable'], message: /No node takes pod/, repair: { nodeSelector: null } },
  'too-little-room': { spec: { image: SERVER_IMAGE, resources: { requests: { cpu: '900' } } }, reasons: ['Unschedulable'], message: /Insufficient cpu/, repair: { resources: MODEST } },
  'a-wrong-port': {
    spec: { image: SERVER_IMAGE, port: 9000, env: [{ name: 'MCP_PORT', value: '3001' }] },
    reasons: ['Progressing', 'WrongPort'],
    message: /startup probe has not passed.*spec\.port|3001/s,
    repair: { port: 3001 },
  },
  'an-override-that-pod-security-rejects': {
    spec: { image: SERVER_IMAGE, securityContext: { privileged: true, allowPrivilegeEscalation: true } },
    reasons: ['PodsRejected'],
    message: /privileged/,
    repair: { securityContext: null },
  },
  'a-command-that-is-not-there': { spec: { image: SERVER_IMAGE, command: ['/no/such/program'] }, reasons: ['ContainerStartError', 'CrashLoop'], message: /no such file or directory/, repair: { command: null } },
  'a-wrong-path': { spec: { image: SERVER_IMAGE, path: '/elsewhere' }, reasons: ['WrongPath'], message: /elsewhere/, repair: { path: '/mcp' } },
  'a-missing-secret': {
    spec: { image: SERVER_IMAGE, env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'nowhere', key: 'key' } } }] },
    reasons: ['SecretNotFound', 'ContainerConfigError'],
    message: /nowhere/,
    repair: { env: null },
  },
  'a-program-that-speaks-stdio': { spec: { image: SERVER_IMAGE, args: ['--transport', 'stdio'] }, reasons: ['CrashLoop', 'NotStarted'], message: /stdio/, repair: { args: null } },
};

describeOnNode('in a namespace that enforces restricted', () => {
  const namespace = useNamespace('troubles', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  test.concurrent.each(Object.entries(TROUBLES))('%s is named within 30 s, and gone from the status when repaired', async (name, { spec, reasons, message, repair }) => {
    await user.server(namespace, name, spec);
    await user.reason([namespace, name], ['False', ...reasons], message);
    await user.run(['-n', namespace, 'patch', `mcps/${name}`, '--type=merge', '-p', JSON.stringify({ spec: repair })]);
    await user.ready(namespace, name);
    const { status } = await user.get<MCPServerObject>(`mcps/${name}`, namespace);
    const left = JSON.stringify(status?.conditions?.filter(({ type }) => type !== 'ConfigurationValid'));
    for (const reason of reasons) expect(left).not.toContain(`"${reason}"`);
    expect(status?.conditions?.filter(({ type }) => type === 'Stalled' || type === 'Reconciling')).toEqual([]);
    expect(status?.phase).toBe('Ready');
  });
});
