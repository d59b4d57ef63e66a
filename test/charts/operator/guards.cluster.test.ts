// The guards on the real API server, as those they judge meet them: MCPServers of tenants, and Deployments, Services and other
// objects that the operator sends, or somebody with its token.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { podSecurityViolations, type PodSecurityStandard, type PodTemplate } from '../../../charts/checks/pod-security.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { DEPLOYMENTS, SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import type { Manifest } from '../../../charts/render.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { arbitrarySpec } from '../../support/arbitrary-spec.ts';
import { connect, minorVersion, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { FULL_SPEC } from '../../support/full-spec.ts';
import { ASKED, NAMED, NEVER, NEWER, ORDINARY, SENT, STRICT } from '../../support/guard-cases.ts';
import { OPEN } from '../../support/guard-manifests.ts';
import { clientAs, edited, ownObjects, refusalOf, serverObject, useGuards, type Guarded } from '../../support/guards.ts';
import { brokenPods, restrictedPods } from '../../support/pod-security-examples.ts';

const namespaces = {
  strict: useNamespace('strict'), named: useNamespace('named'), open: useNamespace('open'), restricted: useNamespace('restricted'), baseline: useNamespace('baseline'),
};
const parts = {} as { admin: KubernetesClient; tenant: KubernetesClient };

beforeAll(async () => {
  parts.admin = await connect();
  await ensureCrd(parts.admin);
  parts.tenant = await clientAs('tenant');
  const kept = { ...serverObject({ securityProfile: 'None' }, namespaces.strict), metadata: { name: 'kept', namespace: namespaces.strict } };
  await parts.admin.create(MCP_SERVERS, kept);
});
afterAll(() => {
  parts.admin?.close();
  parts.tenant?.close();
});

const guards: Record<keyof typeof namespaces, Guarded> = {
  strict: useGuards(namespaces.strict, STRICT),
  named: useGuards(namespaces.named, NAMED),
  open: useGuards(namespaces.open, OPEN),
  restricted: useGuards(namespaces.restricted, { ...OPEN, podSecurity: 'restricted' }),
  baseline: useGuards(namespaces.baseline, { ...OPEN, podSecurity: 'baseline' }),
};
/** What is said to the objects of a spec, sent as the operator of these guards. */
async function refusalsOf(set: keyof typeof namespaces, objects: readonly Manifest[]): Promise<string[]> {
  const answers = await Promise.all(objects.map((object) => refusalOf(guards[set].client, object)));
  return answers.filter((answer) => answer !== '');
}

function ownObject(set: keyof typeof namespaces, kind: string): Manifest | undefined {
  return ownObjects({}, { namespace: namespaces[set] }).find((object) => object.kind === kind);
}

describe('an MCPServer that asks for more than is allowed', () => {
  test.each(ASKED)('is refused to its author, and where it passes unseen to the operator: $what', async ({ spec, guard, early }) => {
    const { strict } = namespaces;
    const refused = `ValidatingAdmissionPolicy 'mcp-operator-mcpservers.${guards.strict.home}'`;
    const answer = await refusalOf(parts.tenant, serverObject(spec, strict));
    expect([answer.includes(refused), answer !== '']).toEqual([early, early]);
    const [told, ...others] = await refusalsOf('strict', ownObjects(spec, { namespace: strict }));
    expect(told).toContain(`ValidatingAdmissionPolicy 'mcp-operator-${guard}.${guards.strict.home}'`);
    expect(others).toEqual([]);
  });

  test.each(ASKED)('passes where that is allowed: $what', async ({ spec }) => {
    expect(await refusalOf(parts.tenant, serverObject(spec, namespaces.named))).toBe('');
    expect(await refusalsOf('named', ownObjects(spec, { namespace: namespaces.named }))).toEqual([]);
  });

  test.each([
    { metadata: { serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a' } } } },
    { metadata: { all: { annotations: { team: 'a' } } } },
  ])('is refused an annotation of its ServiceAccount, which may be worth rights at a cloud, unless that is allowed: %j', async (spec) => {
    expect(await refusalOf(parts.tenant, serverObject(spec, namespaces.strict))).toContain('allowedServiceAccountAnnotations');
    const [told] = await refusalsOf('strict', ownObjects(spec, { namespace: namespaces.strict }));
    expect(told).toContain('allowedServiceAccountAnnotations');
    expect(await refusalOf(parts.tenant, serverObject(spec, namespaces.named))).toBe('');
    expect(await refusalsOf('named', ownObjects(spec, { namespace: namespaces.named }))).toEqual([]);
  });

  test.each(NEVER)('is refused to its author and to the operator, whatever is allowed, where nobody has judged it: %j', async (spec) => {
    const answer = await refusalOf(parts.tenant, serverObject(spec, namespaces.open));
    expect(answer).toMatch(new RegExp(`ValidatingAdmissionPolicy 'mcp-operator-mcpservers.${guards.open.home}'.*(guards let nobody have|labels and annotations alone)`));
    const told = await refusalsOf('open', ownObjects(spec, { namespace: namespaces.open }));
    expect(told).toEqual([expect.stringMatching(/mcp-operator-deployments.*guards let nobody have/)]);
  });

  test('passes in other namespaces, which these guards do not serve', async () => {
    expect(await refusalOf(parts.tenant, serverObject({ securityProfile: 'None' }, 'default'))).toBe('');
  });

  test('keeps what it had before the guards came, until its spec changes, and then to what is allowed', async () => {
    const { tenant } = parts;
    const kept = { namespace: namespaces.strict, name: 'kept' };
    await tenant.patch(MCP_SERVERS, kept, { metadata: { labels: { team: 'a' } } });
    await expect(tenant.patch(MCP_SERVERS, kept, { spec: { replicas: 2 } })).rejects.toThrow('spec.securityProfile None is not allowed');
    await tenant.patch(MCP_SERVERS, kept, { spec: { replicas: 2, securityProfile: 'Restricted' } });
  });
});

function many<T>(count: number, each: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => each(index));
}

describe('the ordinary', () => {
  test.each(ORDINARY)('passes all guards: %j', async (spec) => {
    expect(await refusalOf(parts.tenant, serverObject(spec, namespaces.strict))).toBe('');
    expect(await refusalsOf('strict', ownObjects(spec, { namespace: namespaces.strict }))).toEqual([]);
  });

  test('passes with every field set, and in any combination, where everything is allowed', async () => {
    for (const spec of [FULL_SPEC, ...fc.sample(arbitrarySpec(), 60)]) {
      const told = await refusalsOf('open', ownObjects(spec, { namespace: namespaces.open }));
      expect([spec, told.filter((answer) => answer.includes('ValidatingAdmissionPolicy'))]).toEqual([spec, []]);
    }
  });

  test('passes at its largest, for what judging costs is bounded', async () => {
    const text = 'x'.repeat(200);
    const spec = {
      env: many(256, (index) => ({ name: `V${index}`, valueFrom: { secretKeyRef: { name: `own-${index}`, key: 'a' } } })),
      envFrom: many(64, (index) => ({ secretRef: { name: `own-${index}` } })),
      files: many(32, (index) => ({ mountPath: `/f${index}`, secret: { name: `own-${index}` } })),
      args: many(128, () => text),
      podMetadata: { annotations: Object.fromEntries(many(32, (index) => [`prometheus.io/${index}`, text])) },
    };
    expect(await refusalOf(parts.tenant, serverObject(spec, namespaces.strict))).toBe('');
    // So many references only one has that is stored since before the rule about their number.
    expect(await refusalsOf('strict', ownObjects(spec, { namespace: namespaces.strict, stored: true }))).toEqual([]);
  });
});

describe('whoever has the token of the operator', () => {
  test.each(SENT)('cannot have %s in a %s, whatever MCPServers may ask for', async (what, kind, change) => {
    const answers = await refusalsOf('open', [edited(ownObject('open', kind), change)]);
    const isDropped = (NEWER.find(([field]) => what.includes(field))?.[1] ?? 0) > (await minorVersion(parts.admin));
    expect(answers.map((answer) => /ValidatingAdmissionPolicy '([^']+)'/.exec(answer)?.[1])).toEqual(isDropped ? [] : [`mcp-operator-${kind.toLowerCase()}s.${guards.open.home}`]);
  });

  test('cannot run pods as another ServiceAccount by its token', async () => {
    const account = { serviceAccountName: 'demo', automountServiceAccountToken: true };
    const [answer] = await refusalsOf('strict', [edited(ownObject('strict', 'Deployment'), ({ spec }) => void Object.assign(spec.template.spec, account))]);
    expect(answer).toContain('allowedTokenMounts');
  });
});

describe.each(['restricted', 'baseline'] as const)('guards that demand Pod Security %s', (standard) => {
  test.each([['that keep it', restrictedPods], ['that break a control each', brokenPods]])('judge pods %s as the standard does', async (_, pods) => {
    const minor = await minorVersion(parts.admin);
    const isKnown = ([, template]: [string, PodTemplate]): boolean =>
      NEWER.every(([field, since]) => since <= minor || !JSON.stringify(template).includes(field));
    const known = pods().filter(isKnown);
    const judged = await Promise.all(known.map(async ([label, template]): Promise<[string, boolean]> => {
      const deployment = edited(ownObject(standard, 'Deployment'), ({ spec }) => {
        const { labels, annotations } = { labels: spec.template.metadata['labels'] ?? {}, annotations: template.metadata?.annotations ?? {} };
        spec.template = { metadata: { labels, annotations }, spec: template.spec as typeof spec.template.spec };
      });
      const [answer = ''] = await refusalsOf(standard, [deployment]);
      expect(answer.replace(/^.*ValidatingAdmissionPolicy.*$/, '')).toBe('');
      return [label, answer !== ''];
    }));
    const expected = known.map(([label, template]): [string, boolean] => [label, isBroken(template, standard) || rendersNever(template)]);
    expect(judged).toEqual(expected);
  });
});

function isBroken(template: PodTemplate, standard: PodSecurityStandard): boolean {
  return podSecurityViolations(template).some((violation) => standard === 'restricted' || violation.standard === 'baseline');
}

/** Fields that the guards refuse under every standard. */
function rendersNever(template: PodTemplate): boolean {
  return /"(hostNetwork|hostPID|hostIPC|hostPath|nfs|hostPort|appArmorProfile|hostUsers|os|projected|csi|downwardAPI|ephemeral)"/.test(JSON.stringify(template));
}

const BY_OTHERS = {
  hostAliases: [{ ip: '192.0.2.1', hostnames: ['a'] }],
  priorityClassName: 'theirs',
  tolerations: [{ operator: 'Exists' }],
  volumes: [{ name: 'host', hostPath: { path: '/' } }, { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
  serviceAccountName: 'theirs',
  automountServiceAccountToken: true,
};

describe('an update by the operator', () => {
  test('passes where others put what it would be refused, and is refused where it comes from itself', async () => {
    const { client } = guards.strict;
    const created = await Promise.all(['Deployment', 'Service'].map((kind) => client.create(kind === 'Service' ? SERVICES : DEPLOYMENTS, {
      ...ownObject('strict', kind), metadata: { ...ownObject('strict', kind)?.metadata, ownerReferences: undefined },
    } as unknown as KubernetesObject)));
    const [deployment, service] = created.map(({ metadata }) => metadata);
    if (deployment === undefined || service === undefined) throw new Error('nothing was created');
    await parts.admin.patch(DEPLOYMENTS, deployment, { spec: { template: { spec: BY_OTHERS } } });
    const annotations = { 'cloud.example.com/status': 'a' };
    const spec = { externalIPs: ['192.0.2.1'], type: 'NodePort', selector: { app: 'a' } };
    await parts.admin.patch(SERVICES, service, { metadata: { annotations }, spec });
    await client.patch(DEPLOYMENTS, deployment, { spec: { replicas: 3, template: { metadata: { annotations: { 'mcp.example.com/references': 'a' } } } } });
    await client.patch(DEPLOYMENTS, deployment, { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } });
    const asOther = { spec: { template: { spec: { serviceAccountName: 'other' } } } };
    await expect(client.patch(DEPLOYMENTS, deployment, asOther)).rejects.toThrow('allowedServiceAccounts');
    await client.patch(SERVICES, service, { metadata: { annotations: { 'mcp.example.com/note': 'a' } }, spec: { sessionAffinity: 'ClientIP' } });
    await expect(client.patch(DEPLOYMENTS, deployment, { spec: { template: { spec: { hostNetwork: true } } } })).rejects.toThrow('guards let nobody have');
    await expect(client.patch(SERVICES, service, { spec: { externalIPs: ['192.0.2.2'] } })).rejects.toThrow('no MCPServer leads to');
    await expect(client.patch(SERVICES, service, { metadata: { annotations: { 'cloud.example.com/status': 'b' } } })).rejects.toThrow('allowedServiceAnnotations');
    await Promise.all([client.delete(SERVICES, service), parts.admin.delete(DEPLOYMENTS, deployment)]);
  });
});
