// What is rendered for a server that speaks stdio: the bridge, how it comes into the pod, and who says where from.
import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { BRIDGE_VERSION } from '../../charts/bridge-version.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { COMMAND_MESSAGE } from '../../charts/api/stdio-rules.ts';
import { MCPServer, type MCPServerProps } from '../../charts/mcpserver.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { bridgeImageIn, resolveSettings, type RenderSettings } from '../../charts/settings.ts';
import { mcpServer, renderSpec } from '../support/rendered.ts';

const STDIO = { image: 'registry.example.com/a:1', transport: 'stdio', command: ['/app/server', '--root', 'a b'], args: ['--', '$(POD_NAME)'] } as const;
const BRIDGE = [
  '/stdio-bridge/lib/ld.so', '--library-path', '/stdio-bridge/lib', '/stdio-bridge/node', '--max-semi-space-size=1', '--optimize-for-size',
  '/stdio-bridge/stdio-bridge.mjs',
];
const DEFAULT_IMAGE = `registry.example.com/mcp-server-operator/stdio-bridge:${BRIDGE_VERSION}`;
const MIRROR = 'registry.example.net/mirror/stdio-bridge:7';

type Init = { name: string; image: string; args: string[]; resources: object; securityContext: object };
type Volume = { name: string; emptyDir?: object; image?: object };

function rendered(fields: Partial<MCPServerSpec> = {}) {
  const all = renderSpec({ ...STDIO, command: [...STDIO.command], args: [...STDIO.args], ...fields });
  const { initContainers = [], volumes = [] } = all.pod as { initContainers?: Init[]; volumes?: Volume[] };
  return { ...all, init: initContainers[0], initContainers, volume: volumes.find(({ name }) => name === 'stdio-bridge') };
}

/** The flag of the bridge that says how long requests may take to end. */
function drain(fields: Partial<MCPServerSpec>): string | undefined {
  return (rendered(fields).container['command'] as string[]).find((each) => each.startsWith('--drain'));
}

/** Image and way of the bridge. */
function used(manifests: readonly Manifest[]): string {
  const text = JSON.stringify(manifests.find(({ kind }) => kind === 'Deployment'));
  const [, copied, mounted] = /"image":"([^"]*stdio-bridge[^"]*)"|"reference":"([^"]*)"/.exec(text) ?? [];
  return mounted === undefined ? `${copied} by InitContainer` : `${mounted} by ImageVolume`;
}

/** The Service by which replicas find each other. */
function peers(fields: Partial<MCPServerSpec>): Manifest | undefined {
  return rendered(fields).manifests.find(({ metadata }) => metadata.name === 'demo-mcp-peers');
}

/** What a bridge is told of the others. */
function told(fields: Partial<MCPServerSpec>): string[] {
  return (rendered(fields).container['command'] as string[]).filter((each) => /^--(peers|address)=/.test(each));
}

describe('a stdio server', () => {
  it('is served as any other: Service, port, endpoint, and the labels and selector of every server', () => {
    const { kinds, container, deployment, find } = rendered({ port: 9000 });
    expect(kinds).toEqual(['ServiceAccount', 'Service', 'Service', 'Deployment']);
    expect(find('Service')?.['spec']).toMatchObject({ ports: [{ name: 'mcp', port: 9000, targetPort: 'mcp' }] });
    expect(container['ports']).toEqual([{ name: 'mcp', containerPort: 9000, protocol: 'TCP' }, { name: 'health', containerPort: 18_081, protocol: 'TCP' }]);
    expect(deployment.spec.template.metadata.labels).toMatchObject({ 'example.com/transport': 'stdio' });
  });

  it('has its command behind that of the bridge, each argument for itself, and its args where pods have them', () => {
    const { container } = rendered();
    expect(container['command']).toEqual([
      ...BRIDGE, '--port=8080', '--path=/mcp', '--health-port=18081', '--sessions=PerSession', '--max-sessions=6', '--warm=1',
      '--idle-timeout=600', '--startup-timeout=120', '--drain=19', '--peers=demo-mcp-peers', '--address=$(MCP_STDIO_BRIDGE_ADDRESS)',
      '--', '/app/server', '--root', 'a b',
    ]);
    expect(container['args']).toEqual(['--', '$(POD_NAME)']);
  });

  it('is not told a port, which it might listen on', () => {
    expect(rendered().container.env.map(({ name }) => name)).toEqual(
      ['MCP_STDIO_BRIDGE_ADDRESS', 'MCP_TRANSPORT', 'MCP_SERVER_NAME', 'POD_NAME', 'POD_NAMESPACE'],
    );
  });

  it('leaves the time to end processes of what a pod has after its drain', () => {
    expect(drain({ terminationGracePeriodSeconds: 120, drainSeconds: 10 })).toBe('--drain=104');
    expect(drain({ terminationGracePeriodSeconds: 3, drainSeconds: 0 })).toBe('--drain=0');
  });

  it('is asked on a port of its bridge that is in no Service, and that gives way to those of the spec', () => {
    const { container, find } = rendered({ port: 18_081, extraPorts: [{ name: 'metrics', port: 18_082 }] });
    expect(container['ports']).toContainEqual({ name: 'health', containerPort: 18_083, protocol: 'TCP' });
    expect(find('Service')?.['spec']).toMatchObject({ ports: [{ name: 'mcp' }, { name: 'metrics' }] });
    expect(container['startupProbe']).toMatchObject({ httpGet: { path: '/healthz', port: 'health' } });
    expect(container['readinessProbe']).toMatchObject({ httpGet: { path: '/readyz', port: 'health' } });
    expect(container).not.toHaveProperty('livenessProbe');
    expect(rendered({ probes: { readiness: { tcpSocket: { port: 'mcp' } } } }).container['readinessProbe']).toEqual({ tcpSocket: { port: 'mcp' } });
  });
});

describe('replicas of a stdio server', () => {
  it('find each other by a headless Service, those that drain included, on the port that MCP is served on', () => {
    expect(peers({ port: 9000, service: { type: 'NodePort', port: 80 } })).toMatchObject({
      kind: 'Service',
      spec: {
        clusterIP: 'None', publishNotReadyAddresses: true, ports: [{ name: 'mcp', port: 9000, targetPort: 'mcp' }],
        selector: { 'app.kubernetes.io/name': 'mcp-server', 'mcp.example.com/server': 'demo' },
      },
    });
  });

  it('do so however many there are, so that scaling replaces no pod, also without variables of the operator', () => {
    for (const fields of [{}, { replicas: 3 }, { replicas: 0 }, { operatorEnv: 'Omit' as const }]) {
      expect(told(fields)).toEqual(['--peers=demo-mcp-peers', '--address=$(MCP_STDIO_BRIDGE_ADDRESS)']);
      expect(rendered(fields).container.env[0]).toEqual({ name: 'MCP_STDIO_BRIDGE_ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } });
    }
  });

  it('need none of it where any of them serves any request', () => {
    expect([peers({ stdio: { sessions: 'Shared' } }), told({ stdio: { sessions: 'Shared' } })]).toEqual([undefined, []]);
    expect(peers({ transport: 'http' })).toBeUndefined();
  });
});

describe('the bridge', () => {
  it('is copied by an init container that comes first, with nothing but a folder of bounded size', () => {
    const { init, volume, container, initContainers } = rendered({ initContainers: [{ name: 'own', image: 'a' }] });
    expect(initContainers.map(({ name }) => name)).toEqual(['stdio-bridge', 'own']);
    expect(init).toMatchObject({ image: DEFAULT_IMAGE, imagePullPolicy: 'IfNotPresent', args: ['install', '/stdio-bridge'] });
    expect(init).not.toHaveProperty('env');
    expect(init).not.toHaveProperty('envFrom');
    expect(init).toMatchObject({ volumeMounts: [{ name: 'stdio-bridge', mountPath: '/stdio-bridge' }] });
    expect(volume).toEqual({ name: 'stdio-bridge', emptyDir: { sizeLimit: '256Mi' } });
    expect(container['volumeMounts']).toContainEqual({ name: 'stdio-bridge', mountPath: '/stdio-bridge', readOnly: true });
  });

  it('takes no more of a node than the server, so that neither quota nor quality of service change, but room for its folder', () => {
    const resources = { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: 1, memory: '1Gi', 'ephemeral-storage': '64Mi', 'example.com/device': 1 } };
    expect(rendered({ resources }).init?.resources).toEqual({
      requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '321Mi' },
    });
  });

  it('runs without rights whatever the server may do, as the user that the server is', () => {
    const none = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
    expect(rendered().init?.securityContext).toEqual(none);
    const same = { runAsUser: 7, seccompProfile: { type: 'RuntimeDefault' } } as const;
    const securityContext = { privileged: true, readOnlyRootFilesystem: false, ...same };
    expect(rendered({ securityProfile: 'None', securityContext }).init?.securityContext).toEqual({ ...none, ...same });
    expect(rendered({ securityContext: { seccompProfile: { type: 'Unconfined' } } }).init?.securityContext).toEqual(none);
  });

  it('is a volume where its image shall be one, and then nothing is copied', () => {
    const { initContainers, volume, container } = rendered({ stdio: { bridge: { by: 'ImageVolume' } } });
    expect(initContainers).toEqual([]);
    expect(volume).toEqual({ name: 'stdio-bridge', image: { reference: DEFAULT_IMAGE, pullPolicy: 'IfNotPresent' } });
    expect((container['command'] as string[]).slice(0, BRIDGE.length)).toEqual(BRIDGE);
  });

  it('is no part of a server that speaks HTTP', () => {
    const { initContainers, volume, container } = rendered({ transport: 'http' });
    expect([initContainers, volume, container['command']]).toEqual([[], undefined, STDIO.command]);
  });
});

describe('where the bridge comes from', () => {
  const spec = { ...STDIO, command: [...STDIO.command], args: [...STDIO.args] };
  const constructed = (props: Partial<MCPServerProps>, context: Readonly<Record<string, string>> = {}): string => {
    const app = new App();
    for (const [key, value] of Object.entries(context)) app.node.setContext(key, value);
    const chart = new Chart(app, 'chart');
    const { deployment } = new MCPServer(chart, 'demo', { ...spec, ...props });
    return used([deployment.toJson() as Manifest]);
  };
  const rendering = (settings: Partial<RenderSettings>, fields: Partial<MCPServerSpec> = {}): string =>
    used(render(mcpServer({ ...spec, ...fields }), settings));

  it('say the settings of the installation, else the version of this package', () => {
    expect(rendering({})).toBe(`${DEFAULT_IMAGE} by InitContainer`);
    expect(rendering({ bridgeImage: MIRROR, bridgeBy: 'ImageVolume' })).toBe(`${MIRROR} by ImageVolume`);
  });

  it('say props before context, and the spec before both', () => {
    const context = { 'mcp.example.com/bridgeImage': MIRROR, 'mcp.example.com/bridgeBy': 'ImageVolume' };
    expect(constructed({}, context)).toBe(`${MIRROR} by ImageVolume`);
    expect(constructed({ bridgeImage: 'a/stdio-bridge:1', bridgeBy: 'InitContainer' }, context)).toBe('a/stdio-bridge:1 by InitContainer');
    expect(constructed({ bridgeImage: 'a/stdio-bridge:1', stdio: { bridge: { image: 'b/stdio-bridge:2' } } })).toBe('b/stdio-bridge:2 by InitContainer');
    expect(rendering({ bridgeBy: 'ImageVolume' }, { stdio: { bridge: { by: 'InitContainer' } } })).toBe(`${DEFAULT_IMAGE} by InitContainer`);
  });

  it('cannot say what can be no image, or no way, and hears what can', () => {
    expect(() => rendering({ bridgeImage: 'a b' })).toThrow('bridgeImage is "a b": name an image');
    expect(() => constructed({}, { 'mcp.example.com/bridgeBy': 'initContainer' })).toThrow('bridgeBy is "initContainer": choose InitContainer or ImageVolume');
    expect(resolveSettings({ bridgeImage: undefined })).toEqual({ bridgeImage: DEFAULT_IMAGE, bridgeBy: 'InitContainer' });
  });

  it('is nothing for a spec, where such a field is named as one', () => {
    expect(() => render(mcpServer({ ...spec, bridgeImage: MIRROR } as MCPServerSpec))).toThrow('spec.bridgeImage: unknown field: it is stdio.bridge.image here');
  });

  it('changes with the registry of examples', () => {
    expect(bridgeImageIn('ghcr.example.com/team')).toBe(`ghcr.example.com/team/stdio-bridge:${BRIDGE_VERSION}`);
  });
});

describe('a stdio server that was stored before it had to name its command', () => {
  const { command: _command, args: _args, ...stored } = STDIO;

  it('is what it was: nothing listens, and nothing is asked', () => {
    const manifests = render(mcpServer(stored), { stored: true });
    expect(manifests.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Deployment']);
    expect(JSON.stringify(manifests)).not.toMatch(/stdio-bridge|Probe|containerPort/);
  });

  it('is told what is missing, and how to look it up, where it is new', () => {
    expect(() => render(mcpServer(stored))).toThrow(`spec.command: ${COMMAND_MESSAGE}`);
  });
});

function caches({ pod }: { readonly pod: unknown }): Volume[] {
  return ((pod as { volumes?: Volume[] }).volumes ?? []).filter(({ name }) => name === 'stdio-cache');
}

describe('the folder of a server that npx or uvx starts', () => {
  const NPX = ['npx', '-y', 'server@1.0.0'];
  const variables = (fields: Partial<MCPServerSpec>): Record<string, string | undefined> =>
    Object.fromEntries(rendered({ command: NPX, ...fields }).container.env.map(({ name, value }) => [name, value]));

  it('is a volume of its own, which counts against what the container may write', () => {
    const all = rendered({ command: NPX });
    expect(caches(all)).toEqual([{ name: 'stdio-cache', emptyDir: { sizeLimit: '1Gi' } }]);
    expect(all.container['volumeMounts']).toContainEqual({ name: 'stdio-cache', mountPath: '/stdio-cache' });
    expect(all.container['command']).toContain('--packages=/stdio-cache/packages');
    expect(all.container['resources']).toMatchObject({ limits: { memory: '512Mi', 'ephemeral-storage': '1537Mi' } });
    const larger = rendered({ command: ['/usr/bin/uvx', 'server==1.0'], stdio: { cache: { sizeLimit: '4096Mi' } } });
    expect(caches(larger)).toEqual([{ name: 'stdio-cache', emptyDir: { sizeLimit: '4Gi' } }]);
  });

  it('is not there for others', () => {
    for (const fields of [{ command: ['node', 'npx'] }, { command: NPX, transport: 'http' as const, env: [] }]) {
      const all = rendered(fields);
      expect(caches(all)).toEqual([]);
      expect(all.container['command']).not.toContain('--packages=/stdio-cache/packages');
      expect(all.container.env.map(({ name }) => name)).not.toContain('UV_CACHE_DIR');
    }
  });

  it('gives way to storage of the spec', () => {
    const all = rendered({ command: NPX, storage: [{ mountPath: '/stdio-cache', persistentVolumeClaim: { claimName: 'packages' } }] });
    expect(caches(all)).toEqual([]);
    expect((all.container['volumeMounts'] as { mountPath: string }[]).filter(({ mountPath }) => mountPath === '/stdio-cache')).toHaveLength(1);
    expect(all.container['command']).toContain('--packages=/stdio-cache/packages');
    expect(all.container['resources']).toMatchObject({ limits: { 'ephemeral-storage': '512Mi' } });
  });

  it('is told to npm and uv, which are to run and build nothing; what the spec sets wins, in whatever case npm reads it', () => {
    expect(variables({ operatorEnv: 'Omit' })).toEqual({
      npm_config_cache: '/stdio-cache/npm', npm_config_ignore_scripts: 'true',
      UV_CACHE_DIR: '/stdio-cache/uv', UV_TOOL_DIR: '/stdio-cache/uv-tools', UV_NO_BUILD: '1', UV_PYTHON_DOWNLOADS: 'never',
    });
    const own = variables({ env: [{ name: 'NPM_CONFIG_IGNORE_SCRIPTS', value: 'false' }, { name: 'uv_no_build', value: '0' }] });
    expect(own).toMatchObject({ NPM_CONFIG_IGNORE_SCRIPTS: 'false', UV_NO_BUILD: '1' });
    expect(own).not.toHaveProperty('npm_config_ignore_scripts');
    const { container } = rendered({ command: NPX, config: { UV_NO_BUILD: '0' } });
    expect(container.env.filter(({ name }) => name === 'UV_NO_BUILD')).toEqual([{ name: 'UV_NO_BUILD', valueFrom: { configMapKeyRef: { name: 'demo-config', key: 'UV_NO_BUILD' } } }]);
  });
});
