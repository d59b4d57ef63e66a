import { describe, expect, it, vi } from 'vitest';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import { render, renderResolved, type Manifest } from '../../../charts/render.ts';
import { Memory } from '../../../reconciler/children/memory.ts';
import { withOwner } from '../../../reconciler/children/ownership.ts';
import { Plans } from '../../../reconciler/children/plan.ts';
import { CHILD_TYPES, childType } from '../../../reconciler/kinds.ts';
import { serverObject } from '../status/situations.ts';

// The real functions, counted.
vi.mock(import('../../../charts/render.ts'), async (original) => {
  const real = await original();
  return { ...real, renderResolved: vi.fn<typeof real.renderResolved>(real.renderResolved) };
});
vi.mock(import('../../../charts/api/mcpserver.ts'), async (original) => {
  const real = await original();
  return { ...real, resolveSpec: vi.fn<typeof real.resolveSpec>(real.resolveSpec) };
});

const SPEC = { replicas: 2, config: { A: '1' }, envFrom: [{ secretRef: { name: 'keys' } }] };

function namedServer(index: number): ReturnType<typeof serverObject> {
  const server = serverObject(SPEC);
  return { ...server, metadata: { ...server.metadata, name: `s${index}`, uid: `uid-${index}` } };
}

function rank(manifest: Manifest): number {
  return CHILD_TYPES.indexOf(childType(manifest));
}

/** As they are applied. */
function inOrder(manifests: readonly Manifest[]): Manifest[] {
  return manifests.toSorted((a, b) => rank(a) - rank(b));
}

describe('the plan of a generation', () => {
  it('holds what is rendered with the marks of the operator, byte for byte, each time it is asked', () => {
    const server = serverObject(SPEC);
    const { children } = new Plans().make(server);
    const objects = inOrder(render(server)).map((manifest) => withOwner(manifest, server));
    for (let times = 0; times < 2; times += 1) {
      expect(children.map((child) => JSON.stringify(child.object(server)))).toEqual(objects.map((object) => JSON.stringify(object)));
    }
    expect(children.map(({ name, type }) => [type.kind, name])).toEqual(objects.map(({ kind, metadata }) => [kind, metadata.name]));
  });

  it('has them in the order in which they are applied, the Deployment last', () => {
    const autoscaling = { maxReplicas: 2, targetCPUUtilizationPercentage: 80 };
    const everything = { config: { A: '1' }, networkPolicy: { ingressFrom: [] }, autoscaling };
    const { children } = new Plans().make(serverObject({ ...SPEC, replicas: undefined, ...everything }));
    expect(children.map(({ type }) => type.kind)).toEqual([
      'ServiceAccount', 'ConfigMap', 'NetworkPolicy', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler', 'Deployment',
    ]);
  });

  it('is made once for a uid and a generation, whatever else of the MCPServer changes', () => {
    const [memory, plans] = [new Memory('uid-1'), new Plans()];
    const plan = memory.plan(serverObject(SPEC), plans);
    vi.mocked(renderResolved).mockClear();
    vi.mocked(resolveSpec).mockClear();
    const later = serverObject(SPEC);
    expect(memory.plan({ ...later, metadata: { ...later.metadata, labels: { a: 'b' } } }, plans)).toBe(plan);
    expect([vi.mocked(renderResolved).mock.calls.length, vi.mocked(resolveSpec).mock.calls.length]).toEqual([0, 0]);
    expect(memory.plan(serverObject({ ...SPEC, replicas: 3 }, { generation: 2 }), plans)).not.toBe(plan);
    expect(vi.mocked(renderResolved).mock.calls.length).toBe(1);
  });

  it('names the references, and says how the pods leave restricted', () => {
    const { references, configuration } = new Plans().make(serverObject({ ...SPEC, securityProfile: 'None' }));
    expect(references.map(({ kind, name }) => `${kind} ${name}`)).toContain('Secret keys');
    expect(configuration).toMatchObject({ sentences: expect.stringContaining('do not meet Pod Security restricted') });
  });

  it('of a spec that breaks a rule has nothing to apply', () => {
    const plan = new Plans().make(serverObject({ port: 0, verification: { mode: 'Off' } } as never));
    expect(plan).toEqual({ configuration: { problems: [expect.objectContaining({ field: 'spec.port' })], mode: 'Off' }, references: [], children: [] });
  });

  it('of a spec that cannot be rendered is invalid, too', () => {
    vi.mocked(renderResolved).mockImplementationOnce(() => {
      throw new Error('no such thing');
    });
    expect(new Plans().make(serverObject()).configuration).toEqual({ problems: [{ field: 'spec', message: 'cannot be rendered: no such thing' }], mode: 'Require' });
  });
});

describe('the texts of plans', () => {
  it('stay below their bound: those used longest ago go, and are rendered again when they are needed', () => {
    const one = new Plans();
    one.make(namedServer(0));
    const room = one.length;
    const plans = new Plans({ mostText: 3 * room + 100 });
    const made = [0, 1, 2, 3, 4].map((index) => ({ server: namedServer(index), plan: plans.make(namedServer(index)) }));
    expect(plans.length).toBeLessThanOrEqual(3 * room + 100);
    vi.mocked(renderResolved).mockClear();
    for (const { server, plan } of made) {
      for (const child of plan.children) expect(child.object(server).metadata.name).toBe(child.name);
    }
    expect(vi.mocked(renderResolved).mock.calls.length).toBeGreaterThan(0);
    expect(vi.mocked(renderResolved).mock.calls.length).toBeLessThanOrEqual(5);
    expect(plans.length).toBeLessThanOrEqual(3 * room + 100);
  });

  it('go with the MCPServer, and with its generation', () => {
    const plans = new Plans();
    const memory = new Memory('uid-1');
    memory.plan(serverObject(SPEC), plans);
    const length = plans.length;
    memory.plan(serverObject(SPEC, { generation: 2 }), plans);
    expect(plans.length).toBe(length);
    memory.forget(plans);
    expect(plans.length).toBe(0);
  });
});
