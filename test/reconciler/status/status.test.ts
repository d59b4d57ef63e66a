import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import type { Situation } from '../../../reconciler/status/situation.ts';
import { statusOf } from '../../../reconciler/status/status.ts';
import { conditionOf, type Readable } from '../../support/kstatus.ts';
import { CRASH_LOOP, PASSED, SELECTOR, deploymentObject, judged, podObject, servedBefore, serverObject, serving, situationOf } from './situations.ts';

const half = { desired: 2, replicas: 2, updated: 1, ready: 1 };

function shown(object: Readable, type: string): string | undefined {
  const condition = conditionOf(object, type);
  return condition && `${condition.status} (${condition.reason})`;
}

describe('the status, besides what the truth table says of it', () => {
  it('counts pods, and writes a zero', () => {
    expect(statusOf(situationOf(serverObject()))).toMatchObject({ replicas: 0, readyReplicas: 0 });
    expect(statusOf(serving(serverObject(), { deployment: deploymentObject({ desired: 3, ready: 2 }) }))).toMatchObject({
      replicas: 3,
      readyReplicas: 2,
    });
  });

  it('has the selector the scale subresource needs from the first moment', () => {
    expect(statusOf(situationOf(serverObject())).selector).toBe(SELECTOR);
  });

  it('publishes the URL with port and path', () => {
    expect(statusOf(serving(serverObject({ port: 3001, path: '/x' }))).endpoint).toBe('http://demo.tools.svc:3001/x');
  });

  it('is at rest, scaled to zero, once the Service has no endpoint either', () => {
    const observed = { deployment: deploymentObject({ desired: 0 }), verdict: judged() };
    const server = serverObject({ replicas: 0 });
    const readyWith = (hasReadyEndpoint: boolean): string | undefined =>
      shown({ ...server, status: statusOf(situationOf(server, { ...observed, hasReadyEndpoint })) }, 'Ready');
    expect([readyWith(true), readyWith(false)]).toEqual(['False (Progressing)', 'True (ScaledToZero)']);
  });

  it('says what the server told about itself, and keeps it while nobody can be asked', () => {
    const status = statusOf(serving(serverObject()));
    expect(status.server).toEqual(PASSED.server);
    const server = serverObject({ replicas: 0 }, { status });
    expect(statusOf(situationOf(server, { deployment: deploymentObject({ desired: 0 }), verdict: judged() })).server).toEqual(
      PASSED.server,
    );
  });

  it('tells Ready with its first failed handshake, before that counts against Verified', () => {
    const pending = { reason: 'NotMCP', message: 'It answered with a web page.' } as const;
    const server = serverObject();
    const status = statusOf(serving(server, { verdict: { ...judged(), pending } }));
    expect(shown({ ...server, status }, 'Ready')).toBe('False (NotMCP)');
    expect(shown({ ...server, status }, 'Verified')).toBe('Unknown (NotYetProbed)');
    expect(conditionOf({ status }, 'Ready')?.message).toBe('It answered with a web page.');
  });

  it('names every problem of an invalid spec, where and what to do', () => {
    const status = statusOf(situationOf(serverObject({ stdio: { warm: 2 }, config: { MCP_PORT: '1' } })));
    for (const type of ['ConfigurationValid', 'Ready', 'Stalled']) {
      const message = conditionOf({ status }, type)?.message;
      expect(message).toContain('spec.stdio: stdio says how a server is served that speaks stdio');
      expect(message).toContain('spec.config: config cannot set MCP_TRANSPORT, MCP_PORT');
    }
  });

  it('says in a valid configuration by which fields its pods leave Pod Security restricted', () => {
    expect(configurationMessage({})).toBe('The spec passed every rule.');
    expect(configurationMessage({ securityContext: { capabilities: { drop: ['CHOWN'] } } })).toBe(
      'The spec passed every rule. The pods do not meet Pod Security restricted: securityContext.capabilities.drop lacks ALL.',
    );
  });

  it('says in a valid configuration what a claim means for a rolling update, after what its pods leave', () => {
    const storage = [{ mountPath: '/data', persistentVolumeClaim: { claimName: 'data' } }];
    expect(configurationMessage({ storage, securityContext: { capabilities: { drop: ['CHOWN'] } } })).toBe(
      'The spec passed every rule. The pods do not meet Pod Security restricted: securityContext.capabilities.drop lacks ALL. '
      + 'A rolling update starts the new pod while the old one has claim data: if only one node can mount it (ReadWriteOnce, ReadWriteOncePod), set strategy: {type: Recreate}, so that the new pod does not wait for the old one.',
    );
    expect(configurationMessage({ storage, strategy: { type: 'Recreate' } })).toBe('The spec passed every rule.');
  });

  it('says in a valid configuration which probes ask the MCP endpoint by GET', () => {
    const probes = { readiness: { httpGet: { path: '/mcp', port: 'mcp' } } };
    expect(configurationMessage({ probes })).toMatch(/^The spec passed every rule\. probes\.readiness asks for the MCP path by GET, which MCP servers answer with 400, 405 or 406/);
  });

  it('says in a valid configuration of which objects the operator sees no change', () => {
    const status = statusOf(serving(serverObject(), { references: { refused: ['Secret a', 'Secret b'], unfollowed: [] } }));
    expect(conditionOf({ status }, 'ConfigurationValid')).toMatchObject({ status: 'True', message: expect.stringContaining('does not see changes of Secret a, Secret b') });
  });

  it('names twenty of those that are too many to be followed, also where something is missing', () => {
    const unfollowed = Array.from({ length: 288 }, (_, index) => `Secret ${'s'.repeat(250)}${index}`);
    const missing = { reason: 'SecretNotFound', message: 'Secret a is missing.' } as const;
    for (const [status, references] of [['True', { refused: [], unfollowed }], ['False', { refused: [], unfollowed, missing }]] as const) {
      const condition = conditionOf({ status: statusOf(serving(serverObject(), { references })) }, 'ConfigurationValid');
      expect(condition).toMatchObject({ status, message: expect.stringContaining('The spec refers to more than 64 objects, so the operator does not see changes of Secret sss') });
      expect(condition?.message).toMatch(/s19, and 268 more\.$/);
    }
  });

  it('gives the evidence of a crash: exit code and last words', () => {
    const status = statusOf(situationOf(serverObject(), { deployment: deploymentObject({ ready: 0 }), pods: [podObject('demo-7', CRASH_LOOP)] }));
    expect(conditionOf({ status }, 'Ready')?.message).toContain('Pod demo-7 keeps ending with exit code 3, last words: no such file: /etc/x');
  });
});

function configurationMessage(spec: Partial<MCPServerSpec>): string | undefined {
  return conditionOf({ status: statusOf(serving(serverObject(spec))) }, 'ConfigurationValid')?.message;
}

function times(situation: Situation): Record<string, string> {
  return Object.fromEntries((statusOf(situation).conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
}

describe('lastTransitionTime', () => {
  const later = new Date('2030-01-01T01:00:00Z');

  it('is in whole seconds', () => {
    expect(times(serving(serverObject()))['Ready']).toBe('2030-01-01T00:00:00Z');
  });

  it('moves for exactly those conditions whose status moves, whatever reason and generation do', () => {
    const server = servedBefore({ replicas: 2 });
    const moved = times(serving(server, { deployment: deploymentObject(half), now: later }));
    const { Ready, DeploymentReady, Reconciling, ...others } = moved;
    expect([Ready, DeploymentReady, Reconciling]).toEqual(Array.from({ length: 3 }, () => '2030-01-01T01:00:00Z'));
    expect(new Set(Object.values(others))).toEqual(new Set(['2030-01-01T00:00:00Z']));
  });

  it('of the status as a whole is that of Ready', () => {
    const status = statusOf(serving(servedBefore({ replicas: 2 }), { deployment: deploymentObject(half), now: later }));
    expect(status.lastTransitionTime).toBe('2030-01-01T01:00:00Z');
  });
});
