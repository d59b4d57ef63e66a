// Environment and configuration: who wins, and what rolls the pods.
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { FIELD_EXAMPLES, specWith } from '../support/field-examples.ts';
import { type EnvVar, MINIMAL, renderSpec } from '../support/rendered.ts';

const envOf = (spec: Partial<MCPServerSpec>): Record<string, EnvVar> =>
  Object.fromEntries(renderSpec(spec).container.env.map((variable) => [variable.name, variable]));
const fromConfig = (key: string): EnvVar => ({ name: key, valueFrom: { configMapKeyRef: { name: 'demo-config', key } } });

const hashOf = (spec: object): string | undefined => renderSpec(spec).deployment.spec.template.metadata.annotations?.['mcp.example.com/config-hash'];

describe('the environment', () => {
  it('tells every server its transport, port, name, pod and namespace', () => {
    expect(renderSpec({ port: 3001 }).container.env).toEqual([
      { name: 'MCP_TRANSPORT', value: 'streamable-http' },
      { name: 'MCP_PORT', value: '3001' },
      { name: 'MCP_SERVER_NAME', value: 'demo' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ]);
  });

  it('holds config keys that are C identifiers, by reference', () => {
    const env = envOf({ config: { LOG_LEVEL: 'info', _x1: '', 'a.b': '', '1A': '', 'a-b': '' } });
    expect(env['LOG_LEVEL']).toEqual(fromConfig('LOG_LEVEL'));
    expect(env['_x1']).toEqual(fromConfig('_x1'));
    expect(['a.b', '1A', 'a-b'].filter((key) => key in env)).toEqual([]);
  });

  it('prefers config to what the operator sets', () => {
    expect(envOf({ config: { MCP_SERVER_NAME: 'other' } })['MCP_SERVER_NAME']).toEqual(fromConfig('MCP_SERVER_NAME'));
  });

  it('prefers env to config and to what the operator sets', () => {
    const env = envOf({ config: { A: 'config' }, env: [{ name: 'A', value: 'env' }, { name: 'MCP_PORT', value: '1' }] });
    expect(env['A']).toEqual({ name: 'A', value: 'env' });
    expect(env['MCP_PORT']).toEqual({ name: 'MCP_PORT', value: '1' });
  });

  it('names no variable twice', () => {
    const names = renderSpec({
      config: { A: '1', POD_NAME: 'x' },
      env: [{ name: 'A' }, { name: 'POD_NAME' }, { name: 'MCP_TRANSPORT' }],
    }).container.env.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('lets a variable refer to those of the operator, which stand before it', () => {
    expect(renderSpec({ env: [{ name: 'URL', value: 'http://localhost:$(MCP_PORT)' }] }).container.env.map(({ name }) => name)).toEqual([
      'MCP_TRANSPORT', 'MCP_PORT', 'MCP_SERVER_NAME', 'POD_NAME', 'POD_NAMESPACE', 'URL',
    ]);
  });

  it.each<[string, Partial<MCPServerSpec>, string[]]>([
    ['keeps the place of what it overrides where it refers to nothing', { config: { A: '', B: '' }, env: [{ name: 'C' }, { name: 'A', value: 'x' }] }, ['A', 'B', 'C']],
    ['keeps it where what it refers to stands before', { config: { A: '', B: '' }, env: [{ name: 'C' }, { name: 'B', value: '$(A)-$(MCP_PORT)' }] }, ['A', 'B', 'C']],
    ['keeps it where what it refers to is nowhere, or only follows', { config: { A: '' }, env: [{ name: 'A', value: '$(C)$(NONE)$(A)' }, { name: 'C' }] }, ['A', 'C']],
    ['keeps it where a dollar sign is meant', { config: { A: '' }, env: [{ name: 'C' }, { name: 'A', value: '$$(C) $C ${C} $(C $$$$(C)' }] }, ['A', 'C']],
    ['takes its own place to refer to an entry before it', { config: { BASE: 'x' }, env: [{ name: 'TENANT', value: 'blue' }, { name: 'BASE', value: '$(TENANT)-x' }, { name: 'Z' }] }, ['TENANT', 'BASE', 'Z']],
    ['takes it to refer to a key of config', { config: { A: '', B: '' }, env: [{ name: 'A', value: '$$$(B)' }] }, ['B', 'A']],
    ['takes it to refer to one that took its own', { config: { A: '', B: '' }, env: [{ name: 'C' }, { name: 'A', value: '$(C)' }, { name: 'B', value: '$(A)' }] }, ['C', 'A', 'B']],
  ])('an overriding entry %s', (_what, spec, names) => {
    const { env } = renderSpec(spec).container;
    expect(env.map(({ name }) => name).filter((name) => !/^(MCP|POD)_/.test(name))).toEqual(names);
    for (const variable of spec.env ?? []) expect(env).toContainEqual(variable);
  });

  it('lets an entry in place of an operator\'s variable refer to another entry', () => {
    const env = [{ name: 'OFFSET', value: '1' }, { name: 'MCP_PORT', value: '808$(OFFSET)' }];
    expect(renderSpec({ env }).container.env.slice(-2)).toEqual(env);
  });

  it('drops an empty value, as the API server would', () => {
    expect(envOf({ env: [{ name: 'A', value: '' }] })['A']).toEqual({ name: 'A' });
  });

  it('spells divisors canonically', () => {
    const valueFrom = { resourceFieldRef: { resource: 'limits.memory', divisor: '1024Ki' } };
    expect(envOf({ env: [{ name: 'A', valueFrom }] })['A']).toEqual({
      name: 'A',
      valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
    });
  });

  it('leaves envFrom weakest, in its own list and order', () => {
    const envFrom = [{ secretRef: { name: 'b' } }, { configMapRef: { name: 'a' } }];
    expect(renderSpec({ envFrom }).container['envFrom']).toEqual(envFrom);
    expect(renderSpec({ envFrom: [] }).container).not.toHaveProperty('envFrom');
  });
});

describe('config', () => {
  const config = { LOG_LEVEL: 'info', 'a.txt': 'x\n', A: '' };
  const { find, pod, container } = renderSpec({ config });

  it('becomes one ConfigMap with every key as it is and all of them in config.json, sorted', () => {
    expect(find('ConfigMap')).toMatchObject({ apiVersion: 'v1', metadata: { name: 'demo-config', namespace: 'tools' } });
    expect(find('ConfigMap')?.['data']).toEqual({ ...config, 'config.json': '{\n  "A": "",\n  "LOG_LEVEL": "info",\n  "a.txt": "x\\n"\n}\n' });
  });

  it('is mounted read-only at /etc/mcp, where MCP_CONFIG_FILE points', () => {
    expect(pod['volumes']).toContainEqual({ name: 'config', configMap: { name: 'demo-config' } });
    expect(container['volumeMounts']).toContainEqual({ name: 'config', mountPath: '/etc/mcp', readOnly: true });
    expect(container.env).toContainEqual({ name: 'MCP_CONFIG_FILE', value: '/etc/mcp/config.json' });
  });

  it.each([undefined, {}])('%j leaves no trace', (none) => {
    const bare = renderSpec(none === undefined ? {} : { config: none });
    expect(bare.kinds).not.toContain('ConfigMap');
    expect(JSON.stringify(bare.manifests)).not.toMatch(/config/i);
  });
});

describe('the hash of the configuration on the pod template', () => {
  const base = { config: { A: '1', B: '2' } };

  it('is sixteen hexadecimal digits', () => {
    expect(hashOf(base)).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([{ A: '1' }, { A: '2', B: '2' }, { A: '1', C: '2' }, { A: '2', B: '1' }, { A: '1', B: '2', C: '' }])('changes with config: %j', (config) => {
    expect(hashOf({ config })).not.toBe(hashOf(base));
  });

  it('does not depend on the order of keys', () => {
    expect(hashOf({ config: { B: '2', A: '1' } })).toBe(hashOf(base));
  });

  it.each(Object.keys(FIELD_EXAMPLES).filter((path) => path !== 'config'))('does not change with %s', (path) => {
    for (const value of FIELD_EXAMPLES[path]?.accepted ?? []) {
      expect(hashOf({ ...specWith(path, value, { ...MINIMAL, ...base }), ...base })).toBe(hashOf(base));
    }
  });
});
