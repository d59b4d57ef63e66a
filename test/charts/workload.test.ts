// What Deployments, pods and the objects around them say besides, behaviour by behaviour.
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { claimMessage } from '../../charts/checks/claims.ts';
import { restrictedMessage } from '../../charts/checks/restricted.ts';
import { MINIMAL, renderSpec, type Rendered } from '../support/rendered.ts';

const mountsOf = ({ container }: Rendered): unknown => container['volumeMounts'];
const claim = (mountPath: string, more: object = {}): NonNullable<MCPServerSpec['storage']>[number] =>
  ({ mountPath, persistentVolumeClaim: { claimName: 'data' }, ...more });

const rollout = (strategy: MCPServerSpec['strategy']): unknown =>
  (renderSpec({ strategy }).deployment.spec as { strategy?: object }).strategy;
const messageWithClaim = (fields: Partial<MCPServerSpec>): string | undefined =>
  claimMessage(resolveSpec('demo', { ...MINIMAL, storage: [claim('/data')], ...fields }));

describe('labels and annotations of the objects', () => {
  const metadata = {
    all: { labels: { team: 'a', tier: 'all' }, annotations: { owner: 'all', tier: 'all' } },
    service: { labels: { tier: 'service' }, annotations: { owner: 'service', tier: 'service' } },
  };

  it('are those of all, then those of the kind, then service.annotations, and the operator keeps its own', () => {
    const { find, manifests } = renderSpec({ metadata, service: { annotations: { owner: 'field' } }, config: { A: '1' }, replicas: 2 });
    expect(find('Service')?.metadata).toMatchObject({ labels: { team: 'a', tier: 'service' }, annotations: { owner: 'field', tier: 'service' } });
    expect(manifests.length).toBe(5);
    for (const { metadata: { labels } } of manifests) expect(labels).toMatchObject({ team: 'a', 'app.kubernetes.io/name': 'mcp-server' });
    expect(find('ConfigMap')?.metadata.annotations).toEqual({ owner: 'all', tier: 'all' });
  });

  it('replace no pod: the pod template does not have them', () => {
    expect(renderSpec({ metadata }).deployment.spec.template).toEqual(renderSpec().deployment.spec.template);
  });
});

describe('the configuration', () => {
  const config = { LOG_LEVEL: 'debug' };

  it('goes where configAs says, by its name and its path, variables and MCP_CONFIG_FILE along', () => {
    const rendered = renderSpec({ config, configAs: { configMapName: 'settings', mountPath: '/etc/app' } });
    expect(rendered.find('ConfigMap')?.metadata.name).toBe('settings');
    expect(mountsOf(rendered)).toContainEqual({ name: 'config', mountPath: '/etc/app', readOnly: true });
    expect(rendered.container.env).toEqual(expect.arrayContaining([
      { name: 'MCP_CONFIG_FILE', value: '/etc/app/config.json' },
      { name: 'LOG_LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'LOG_LEVEL' } } },
    ]));
  });

  it('keeps its path when only the name is another, and the other way round', () => {
    expect(mountsOf(renderSpec({ config, configAs: { configMapName: 'settings' } }))).toContainEqual({ name: 'config', mountPath: '/etc/mcp', readOnly: true });
    expect(renderSpec({ config, configAs: { mountPath: '/etc/app' } }).find('ConfigMap')?.metadata.name).toBe('demo-config');
  });

  it('and env are all the environment with operatorEnv Omit', () => {
    expect(renderSpec({ operatorEnv: 'Omit' }).container).not.toHaveProperty('env');
    const { container } = renderSpec({ operatorEnv: 'Omit', config, env: [{ name: 'PORT', value: '1' }] });
    expect(container.env.map(({ name }) => name)).toEqual(['LOG_LEVEL', 'PORT']);
  });
});

describe('storage', () => {
  it('at /tmp takes the place of the small folder that is there otherwise', () => {
    const rendered = renderSpec({ storage: [{ mountPath: '/tmp', emptyDir: { sizeLimit: '2Gi' } }] });
    expect(rendered.pod['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '2Gi' } }]);
    expect(mountsOf(rendered)).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
    expect(rendered.container.resources.limits).toMatchObject({ 'ephemeral-storage': '2561Mi' });
  });

  it('in memory has room in the memory limit, not on disk', () => {
    const { container } = renderSpec({ storage: [{ mountPath: '/dev/shm', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }] });
    expect(container.resources.limits).toEqual({ memory: '1537Mi', 'ephemeral-storage': '512Mi' });
  });

  it('that is parts of one claim is one volume, under the name that one of them has', () => {
    const rendered = renderSpec({ storage: [claim('/b', { subPath: 'b' }), claim('/a', { subPath: 'a', volume: 'data' })] });
    expect(rendered.pod['volumes']).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data' } });
    const parts = ['b', 'a'].map((part) => ({ name: 'data', mountPath: `/${part}`, subPath: part }));
    expect(mountsOf(rendered)).toEqual(expect.arrayContaining(parts));
    const [one, other] = [['/a', '/b'], ['/b', '/a']].map((paths) => renderSpec({ storage: paths.map((path) => claim(path, { subPath: 'x' })) }));
    expect(one?.pod['volumes']).toEqual(other?.pod['volumes']);
  });

  it('mounts a claim read-only where one part is, and the volume where all are', () => {
    const readOnly = { persistentVolumeClaim: { claimName: 'data', readOnly: true }, subPath: 'a' };
    const mixed = renderSpec({ storage: [claim('/a', readOnly), claim('/b', { subPath: 'b' })] });
    expect(mixed.pod['volumes']).toContainEqual(expect.objectContaining({ persistentVolumeClaim: { claimName: 'data' } }));
    expect(mountsOf(mixed)).toContainEqual(expect.objectContaining({ mountPath: '/a', readOnly: true }));
    const all = renderSpec({ storage: [claim('/a', readOnly)] });
    expect(all.pod['volumes']).toContainEqual(expect.objectContaining({ persistentVolumeClaim: { claimName: 'data', readOnly: true } }));
  });

  it('and files have a volume under the name they ask for, so that other containers can mount it', () => {
    const rendered = renderSpec({ files: [{ mountPath: '/a', volume: 'keys', secret: { name: 's' } }], storage: [claim('/data', { volume: 'data' })] });
    expect(rendered.pod['volumes']).toEqual([
      expect.objectContaining({ name: 'tmp' }),
      { name: 'keys', secret: { secretName: 's' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    ]);
  });
});

describe('a rolling update', () => {
  it('loses no pod unless maxUnavailable says so, whatever maxSurge is', () => {
    expect(rollout({ maxSurge: '50%' })).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '50%' } });
    expect(rollout({ maxUnavailable: 1, maxSurge: 0 })).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
  });

  it('in which the old pod goes first holds no claim back, so nothing is said of it', () => {
    expect(messageWithClaim({})).toContain('A rolling update starts the new pod');
    expect(messageWithClaim({ strategy: { maxSurge: 0, maxUnavailable: 1 } })).toBeUndefined();
    expect(messageWithClaim({ strategy: { maxSurge: 0, maxUnavailable: 1 }, replicas: 2 })).toContain('More than one pod');
  });
});

describe('the hook after the start', () => {
  const postStart = { exec: { command: ['/bin/warm'] } };

  it('stands beside the drain before the end', () => {
    expect(renderSpec({ postStart }).container['lifecycle']).toEqual({ postStart, preStop: { sleep: { seconds: 5 } } });
    expect(renderSpec({ postStart, drainSeconds: 0 }).container['lifecycle']).toEqual({ postStart });
  });

  it('leaves restricted where it asks another host, and is named as it was written', () => {
    const spec = resolveSpec('demo', { ...MINIMAL, postStart: { httpGet: { port: 'mcp', host: '10.0.0.1' } } });
    expect(restrictedMessage({ name: 'demo', spec })).toContain('postStart.httpGet.host is set');
  });
});
