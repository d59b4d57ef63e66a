// Security contexts: hardened by default, merged field by field with what the user wrote.
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { renderSpec } from '../support/rendered.ts';

const containerContext = (securityContext: MCPServerSpec['securityContext']): Record<string, unknown> =>
  renderSpec({ securityContext }).container.securityContext ?? {};
const podContext = (podSecurityContext: MCPServerSpec['podSecurityContext']): Record<string, unknown> =>
  renderSpec({ podSecurityContext }).pod.securityContext ?? {};

const POD_DEFAULTS = { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } };

describe('the security context nobody set', () => {
  it('of the container forbids escalation, capabilities and writing to the image', () => {
    expect(containerContext(undefined)).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('of the pod is user, group and volume group 1000 behind the default seccomp profile', () => {
    expect(renderSpec().pod.securityContext).toEqual(POD_DEFAULTS);
  });
});

describe('a security context of the user', () => {
  it('replaces defaults field by field', () => {
    expect(containerContext({ readOnlyRootFilesystem: false, runAsUser: 7 })).toEqual({
      allowPrivilegeEscalation: false, readOnlyRootFilesystem: false, runAsUser: 7, capabilities: { drop: ['ALL'] },
    });
  });

  it('can add a capability and still drop all others, or drop other ones', () => {
    expect(containerContext({ capabilities: { add: ['NET_BIND_SERVICE'] } })['capabilities']).toEqual({ add: ['NET_BIND_SERVICE'], drop: ['ALL'] });
    expect(containerContext({ capabilities: { drop: ['CHOWN'] } })['capabilities']).toEqual({ drop: ['CHOWN'] });
  });

  it('keeps identity on the pod, so that the image of a sidecar gets it too', () => {
    expect(podContext({ runAsUser: 7 })).toEqual({ ...POD_DEFAULTS, runAsUser: 7 });
    expect(containerContext({ readOnlyRootFilesystem: true })).not.toHaveProperty('runAsUser');
  });

  it('replaces the seccomp profile as a whole', () => {
    expect(podContext({ seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } })['seccompProfile']).toEqual({ type: 'Localhost', localhostProfile: 'a.json' });
  });

  it.each([{ privileged: true }, { capabilities: { add: ['SYS_ADMIN'] } }, { capabilities: { add: ['CAP_SYS_ADMIN'] } }])(
    'that implies escalation drops the default against it, which the API server would refuse: %j',
    (context) => {
      expect(containerContext(context)).not.toHaveProperty('allowPrivilegeEscalation');
    },
  );

  it.each([{ privileged: false }, { capabilities: { add: ['CHOWN'] } }])('that does not imply escalation keeps it forbidden: %j', (context) => {
    expect(containerContext(context)).toHaveProperty('allowPrivilegeEscalation', false);
  });

  it('keeps an explicit allowPrivilegeEscalation', () => {
    expect(containerContext({ privileged: true, allowPrivilegeEscalation: true })).toHaveProperty('allowPrivilegeEscalation', true);
  });
});

describe('the security profile ImageUser', () => {
  it('leaves user and groups to the image and the cluster, and confines the process as ever', () => {
    const { pod, container } = renderSpec({ securityProfile: 'ImageUser' });
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual(containerContext(undefined));
  });

  it('renders the ids that the user gives', () => {
    expect(renderSpec({ securityProfile: 'ImageUser', podSecurityContext: { fsGroup: 2000 } }).pod.securityContext).toMatchObject({
      fsGroup: 2000,
      runAsNonRoot: true,
    });
  });
});

describe('the security profile None', () => {
  it('renders no security context', () => {
    const { pod, container } = renderSpec({ securityProfile: 'None' });
    expect([Object.hasOwn(pod, 'securityContext'), Object.hasOwn(container, 'securityContext')]).toEqual([false, false]);
  });

  it('renders what the user wrote and nothing else', () => {
    const { pod, container } = renderSpec({
      securityProfile: 'None',
      podSecurityContext: { runAsUser: 0 },
      securityContext: { capabilities: { add: ['CHOWN'] } },
    });
    expect([pod.securityContext, container.securityContext]).toEqual([{ runAsUser: 0 }, { capabilities: { add: ['CHOWN'] } }]);
  });

  it('renders nothing of what the user left empty', () => {
    const { pod, container } = renderSpec({ securityProfile: 'None', podSecurityContext: {}, securityContext: { capabilities: {} } });
    expect([pod.securityContext, container.securityContext]).toEqual([undefined, undefined]);
  });
});
