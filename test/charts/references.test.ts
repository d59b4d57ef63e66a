import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { referencesOf, type Reference } from '../../charts/references.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { renderSpec } from '../support/rendered.ts';

function refer(spec: Partial<MCPServerSpec>): Reference[] {
  return referencesOf({ name: 'demo', spec: resolveSpec('demo', { image: 'a', ...spec }) });
}

/** Names of Secrets and ConfigMaps anywhere in what is rendered. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, below]) => {
    const { name, secretName } = below as { name?: string; secretName?: string };
    if (field === 'imagePullSecrets') return (below as { name: string }[]).map((each) => `Secret/${each.name}`);
    if (['secretKeyRef', 'secretRef', 'nodePublishSecretRef'].includes(field)) return [`Secret/${name}`];
    if (field === 'secret') return [`Secret/${secretName ?? name}`];
    return ['configMapKeyRef', 'configMapRef', 'configMap'].includes(field) ? [`ConfigMap/${name}`] : namesIn(below);
  });
}

describe('the references of a server', () => {
  it('are all Secrets, ConfigMaps and the named ServiceAccount, once each, sorted', () => {
    const found = refer({
      serviceAccount: 'robot',
      tls: { caBundleRef: { name: 'ca' } },
      verification: { credentialsSecretRef: { name: 'token', key: 'k' } },
      imagePullSecrets: [{ name: 'pull' }],
      env: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'b' } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional: true } } },
      ],
      envFrom: [{ secretRef: { name: 'e', optional: true } }, { configMapRef: { name: 'c', optional: true } }],
      files: [{ mountPath: '/a', secret: { name: 's', items: [{ key: 'a', path: 'a' }] } }, { mountPath: '/b', configMap: { name: 'f' } }],
    });
    expect(found).toEqual([
      { kind: 'ConfigMap', name: 'c', fields: ['spec.env[1]', 'spec.envFrom[1]'], required: false, holdsPods: false, requiredKeys: [], keys: 'all' },
      { kind: 'ConfigMap', name: 'ca', fields: ['spec.tls.caBundleRef'], required: true, holdsPods: false, requiredKeys: [], keys: [] },
      { kind: 'ConfigMap', name: 'f', fields: ['spec.files[1]'], required: true, holdsPods: true, requiredKeys: [], keys: 'all' },
      { kind: 'Secret', name: 'e', fields: ['spec.envFrom[0]'], required: false, holdsPods: false, requiredKeys: [], keys: 'all' },
      { kind: 'Secret', name: 'pull', fields: ['spec.imagePullSecrets[0]'], required: true, holdsPods: false, requiredKeys: [], keys: [] },
      { kind: 'Secret', name: 's', fields: ['spec.env[0]', 'spec.files[0]'], required: true, holdsPods: true, requiredKeys: ['a', 'b'], keys: ['a', 'b'] },
      { kind: 'Secret', name: 'token', fields: ['spec.verification.credentialsSecretRef'], required: true, holdsPods: false, requiredKeys: [], keys: [] },
      { kind: 'ServiceAccount', name: 'robot', fields: ['spec.serviceAccount'], required: true, holdsPods: false, requiredKeys: [], keys: [] },
    ]);
  });

  it('are those of the open fields, too, wherever these name one', () => {
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 's1', key: 'k' } } }];
    const containers = [{ name: 'a', env, envFrom: [{ configMapRef: { name: 'c1', optional: true } }] }];
    const more = JSON.parse(JSON.stringify(containers).replaceAll('1', '2').replaceAll('"a"', '"b"')) as typeof containers;
    const podTemplate = {
      spec: {
        containers: [{ name: 'c', envFrom: [{ secretRef: { name: 's3' } }] }],
        imagePullSecrets: [{ name: 'pull' }],
        volumes: [
          { name: 'a', secret: { secretName: 's4', items: [{ key: 'x', path: 'x' }], optional: true } },
          { name: 'b', configMap: { name: 'c4' } },
          { name: 'c', projected: { sources: [{ secret: { name: 's5', items: [{ key: 'y', path: 'y' }] } }, { configMap: { name: 'c5' } }] } },
          { name: 'd', csi: { driver: 'd', nodePublishSecretRef: { name: 's6' } } },
          { name: 'e', cephfs: { monitors: ['m'], secretRef: { name: 's7' } } },
          { name: 'f', azureFile: { shareName: 's', secretName: 's8' } },
          { name: 'g', secret: { secretName: '../../s9' } },
          { name: 'h', persistentVolumeClaim: { claimName: 'claim' } },
        ],
      },
    };
    const found = refer({ initContainers: containers, sidecars: more, podTemplate });
    const at = 'spec.podTemplate.spec.volumes';
    expect(found.map(({ kind, name, fields, keys, required }) => [`${kind}/${name}`, fields.join(', '), keys, required])).toEqual([
      ['ConfigMap/c1', 'spec.initContainers[0].envFrom[0]', 'all', false],
      ['ConfigMap/c2', 'spec.sidecars[0].envFrom[0]', 'all', false],
      ['ConfigMap/c4', `${at}[1]`, 'all', true],
      ['ConfigMap/c5', `${at}[2]`, 'all', true],
      ['Secret/pull', 'spec.podTemplate.spec.imagePullSecrets[0]', [], true],
      ['Secret/s1', 'spec.initContainers[0].env[0]', ['k'], true],
      ['Secret/s2', 'spec.sidecars[0].env[0]', ['k'], true],
      ['Secret/s3', 'spec.podTemplate.spec.containers[0].envFrom[0]', 'all', true],
      ['Secret/s4', `${at}[0]`, ['x'], false],
      ['Secret/s5', `${at}[2]`, ['y'], true],
      ...['s6', 's7', 's8'].map((name, index) => [`Secret/${name}`, `${at}[${index + 3}]`, [], true]),
    ]);
  });

  it('are required as soon as one use is', () => {
    const secretKeyRef = { name: 's', key: 'k' };
    const env = [
      { name: 'A', valueFrom: { secretKeyRef: { ...secretKeyRef, optional: true } } },
      { name: 'B', valueFrom: { secretKeyRef } },
    ];
    expect(refer({ env }))
      .toMatchObject([{ required: true, holdsPods: true }]);
  });

  it('do not hold the pods back where only the pull needs them', () => {
    expect(refer({ imagePullSecrets: [{ name: 's' }], envFrom: [{ secretRef: { name: 's', optional: true } }] })).toMatchObject([
      { required: true, holdsPods: false, keys: 'all' },
    ]);
  });

  it('leave out the ConfigMap that is rendered', () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'demo-config', key: 'A' } } }];
    expect(refer({ config: { A: '1' }, env })).toEqual([]);
    expect(refer({ env })).toHaveLength(1);
  });

  it('are exactly what the rendered pods refer to, for any spec', () => {
    fc.assert(fc.property(arbitrarySpec(['serviceAccount', 'config', 'tls', 'verification']), (spec) => {
      const found = referencesOf({ name: 'demo', spec: resolveSpec('demo', spec) });
      expect(found.map(({ kind, name }) => `${kind}/${name}`)).toEqual([...new Set(namesIn(renderSpec(spec).pod))].toSorted());
    }));
  });
});
