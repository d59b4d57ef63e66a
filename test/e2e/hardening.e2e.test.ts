// What the security context does to a running container, as the kernel reports it from inside.
import { beforeAll, expect, test } from 'vitest';
import { useNamespace } from '../support/cluster.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { describeOnNode, User } from './support/e2e.ts';

const user = new User();

/** Runs in the pod: what the process may do, and where it may write. */
const INSPECT = `
const fs = require('fs');
const tries = (path) => { try { fs.writeFileSync(path, 'x'); return 'written'; } catch (error) { return error.code; } };
const status = Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
console.log(JSON.stringify({
  uid: process.getuid(), gid: process.getgid(), capabilities: status.CapEff, bounding: status.CapBnd, noNewPrivileges: status.NoNewPrivs, seccomp: status.Seccomp,
  root: tries('/app/x'), tmp: tries('/tmp/x'), config: tries('/etc/mcp/x'),
  token: fs.existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'),
  serviceLinks: Object.keys(process.env).filter((name) => /_SERVICE_HOST$/.test(name) && !name.startsWith('KUBERNETES_')),
}));`;

describeOnNode('a pod of an MCPServer in a namespace that enforces restricted', () => {
  const namespace = useNamespace('hardened', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  async function inspect(name: string): Promise<Record<string, unknown>> {
    return JSON.parse(await user.evaluate(namespace, await user.pod(namespace, name), INSPECT)) as Record<string, unknown>;
  }

  beforeAll(async () => {
    await user.server(namespace, 'plain', { image: SERVER_IMAGE, config: { LOG_LEVEL: 'info' } });
    await user.server(namespace, 'own-user', { image: SERVER_IMAGE, securityProfile: 'ImageUser', automountServiceAccountToken: true });
    await user.ready(namespace, 'plain', 'own-user');
  });

  test('runs without root, capabilities, new privileges, unfiltered system calls, a writable root or a token', async () => {
    expect(await inspect('plain')).toEqual({
      uid: 1000, gid: 1000, capabilities: '0000000000000000', bounding: '0000000000000000', noNewPrivileges: '1', seccomp: '2',
      root: 'EROFS', tmp: 'written', config: 'EROFS', token: false, serviceLinks: [],
    });
  });

  test('runs as the user of the image under ImageUser, and gets a token when it is asked for', async () => {
    expect(await inspect('own-user')).toMatchObject({ uid: 65_532, gid: 65_532, root: 'EROFS', tmp: 'written', token: true, seccomp: '2' });
  });

  test('has its memory bounded: /tmp and the container by what the spec says or defaults to', async () => {
    const pod = await user.pod(namespace, 'plain');
    const limit = await user.evaluate(namespace, pod, "console.log(['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map((file) => { try { return require('fs').readFileSync(file, 'utf8').trim() } catch { return '' } }).join(''))");
    expect(limit).toBe(String(512 * 1024 * 1024));
  });
});
