// Whether pods may run under Pod Security `restricted`, and how it is said when they may not. That the API server's own
// admission decides alike is in pod-security.cluster.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { POD_SECURITY_CONTROLS, podSecurityViolations } from '../../../charts/checks/pod-security.ts';
import { restrictedMessage, restrictedViolations } from '../../../charts/checks/restricted.ts';
import type { ResolvedServer } from '../../../charts/server.ts';
import { arbitrarySpec } from '../../support/arbitrary-spec.ts';
import { brokenPods, restrictedPods } from '../../support/pod-security-examples.ts';
import { MINIMAL, renderSpec } from '../../support/rendered.ts';
import { SPEC_TO_JUDGE, unsaidViolations } from '../../support/restricted.ts';

function server(fields: Partial<MCPServerSpec> = {}): ResolvedServer {
  return { name: 'demo', namespace: 'tools', spec: resolveSpec('demo', { ...MINIMAL, ...fields }) };
}

const ON_HOST = { containerPort: 1, hostPort: 1 };
const PRIVILEGED = { securityContext: { privileged: true } };

describe('the evaluation of a pod', () => {
  it('knows the eighteen controls of the standards, one of them in both', () => {
    expect(POD_SECURITY_CONTROLS).toHaveLength(19);
  });

  it('has an example of every control', () => {
    const found = new Set(
      brokenPods()
        .flatMap(([, template]) => podSecurityViolations(template))
        .map(({ standard, control }) => `${standard} ${control}`),
    );
    // Validation lets no pod with an unmasked /proc pass unless it has user ids of its own, which relaxes other controls.
    expect(
      podSecurityViolations({ spec: { containers: [{ securityContext: { procMount: 'Unmasked' } }] } }).map(({ control }) => control),
    ).toContain('/proc Mount Type');
    expect([...found, 'baseline /proc Mount Type'].toSorted()).toEqual(POD_SECURITY_CONTROLS.map(({ standard, control }) => `${standard} ${control}`).toSorted());
  });

  it.each(restrictedPods())('finds nothing in %s', (_, template) => {
    expect(podSecurityViolations(template)).toEqual([]);
  });

  it.each(brokenPods())('finds what breaks %s', (control, template) => {
    expect(podSecurityViolations(template).map((violation) => violation.control)).toContain(control);
  });

  it('looks at init and ephemeral containers too, each for itself', () => {
    const { spec } = renderSpec().deployment.spec.template;
    const found = podSecurityViolations({
      spec: {
        ...spec,
        initContainers: [{ name: 'a' }],
        ephemeralContainers: [{ name: 'b', ...spec.containers[0], securityContext: { runAsUser: 0 } }],
      },
    });
    expect(found.map(({ field }) => field)).toEqual([
      'spec.initContainers[0].securityContext.allowPrivilegeEscalation',
      'spec.ephemeralContainers[0].securityContext.allowPrivilegeEscalation',
      'spec.ephemeralContainers[0].securityContext.runAsUser',
      'spec.initContainers[0].securityContext.capabilities.drop',
      'spec.ephemeralContainers[0].securityContext.capabilities.drop',
    ]);
  });

  it('of what is rendered is that of what is applied', () => {
    fc.assert(
      fc.property(arbitrarySpec(), (spec) => {
        const { template } = renderSpec(spec).deployment.spec;
        expect(restrictedViolations(server(spec)).map(({ control, problem }) => [control, problem])).toEqual(
          podSecurityViolations(template).map(({ control, problem }) => [control, problem]),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a random valid spec', () => {
  it('stays within restricted unless a field that says so was set', () => {
    const numRuns = Number(process.env['RUNS'] ?? 2000);
    fc.assert(fc.property(SPEC_TO_JUDGE, (spec) => { expect(unsaidViolations(spec)).toEqual([]); }), { numRuns });
  });
});

describe('what is said about pods that leave restricted', () => {
  it('is nothing when they do not', () => {
    expect(restrictedMessage(server())).toBeUndefined();
  });

  it('is quoted by docs/security.md', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../docs/security.md'), 'utf8')).toContain(
      `The spec passed every rule. ${restrictedMessage(server({ securityContext: { privileged: true } }))}"`,
    );
  });

  it.each<[Partial<MCPServerSpec>, string]>([
    [{ podSecurityContext: { runAsNonRoot: false } }, 'The pods do not meet Pod Security restricted: podSecurityContext.runAsNonRoot is false.'],
    [{ securityContext: { privileged: true } },
      'The pods do not meet Pod Security restricted, nor baseline: securityContext.privileged is true, securityContext.allowPrivilegeEscalation is not false.'],
    [{ securityContext: { capabilities: { add: ['CHOWN', 'SYS_TIME'] } } }, 'The pods do not meet Pod Security restricted, nor baseline: securityContext.capabilities.add has CHOWN, SYS_TIME.'],
    [{ probes: { readiness: { tcpSocket: { port: 'mcp', host: 'example.com' } } } }, 'The pods do not meet Pod Security restricted, nor baseline: probes.readiness.tcpSocket.host is set.'],
    [{ podMetadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/mcp-server': 'unconfined' } } },
      'The pods do not meet Pod Security restricted, nor baseline: podMetadata.annotations[container.apparmor.security.beta.kubernetes.io/mcp-server] is unconfined.'],
    [{ initContainers: [{ name: 'a', ...PRIVILEGED }], sidecars: [{ name: 'b' }, { name: 'c', securityContext: { runAsUser: 0 } }] },
      'The pods do not meet Pod Security restricted, nor baseline: initContainers[0].securityContext.privileged is true, ' +
        'initContainers[0].securityContext.allowPrivilegeEscalation is not false, sidecars[1].securityContext.runAsUser is 0.'],
    [{ podTemplate: { spec: { hostNetwork: true, hostPID: true, volumes: [{ name: 'a', hostPath: { path: '/' } }] } } },
      'The pods do not meet Pod Security restricted, nor baseline: podTemplate.spec.hostNetwork is true, podTemplate.spec.hostPID is true, podTemplate.spec.volumes[0].hostPath is set.'],
    [{ podTemplate: { metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' } } } },
      'The pods do not meet Pod Security restricted, nor baseline: podTemplate.metadata.annotations[container.apparmor.security.beta.kubernetes.io/a] is unconfined.'],
    [{ podTemplate: { spec: { securityContext: { runAsNonRoot: false }, containers: [{ name: 'a' }, { name: 'mcp-server', ...PRIVILEGED }] } } },
      'The pods do not meet Pod Security restricted, nor baseline: podTemplate.spec.containers[1].securityContext.privileged is true, ' +
        'podTemplate.spec.containers[0].securityContext.allowPrivilegeEscalation is not false, ' +
        'podTemplate.spec.securityContext.runAsNonRoot is false, podTemplate.spec.containers[0].securityContext.capabilities.drop lacks ALL.'],
    [{ initContainers: [{ name: 'y' }], podTemplate: { spec: { initContainers: [{ name: 'z', ports: [ON_HOST], ...PRIVILEGED }] } } },
      'The pods do not meet Pod Security restricted, nor baseline: podTemplate.spec.initContainers[0].securityContext.privileged is true, ' +
        'podTemplate.spec.initContainers[0].ports[0].hostPort is 1, podTemplate.spec.initContainers[0].securityContext.allowPrivilegeEscalation is not false, ' +
        'podTemplate.spec.initContainers[0].securityContext.capabilities.drop lacks ALL.'],
    [{ securityProfile: 'None' },
      'The pods do not meet Pod Security restricted: securityContext.allowPrivilegeEscalation is not false, podSecurityContext.runAsNonRoot is not set, ' +
        'podSecurityContext.seccompProfile.type is not set, securityContext.capabilities.drop lacks ALL (securityProfile is None).'],
  ])('names each field of the spec once: %j', (fields, message) => {
    expect(restrictedMessage(server(fields))).toBe(message);
  });
});
