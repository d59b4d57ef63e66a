// Requests and limits: defaults by transport that never contradict what the user wrote.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, parseQuantity } from '../../charts/api/quantity.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { renderSpec } from '../support/rendered.ts';

const LIMITS = { memory: '512Mi', 'ephemeral-storage': '512Mi' };

describe('resources nobody set', () => {
  it.each([
    ['stdio', '50m', '64Mi'],
    ['http', '100m', '128Mi'],
    ['streamable-http', '200m', '256Mi'],
  ] as const)('of a %s server are %s CPU and %s memory, with bounds on memory and disk and none on CPU', (transport, cpu, memory) => {
    expect(renderSpec({ transport, command: ['server'] }).container.resources).toEqual({ requests: { cpu, memory, 'ephemeral-storage': '64Mi' }, limits: LIMITS });
  });
});

describe('a default beside a value of the user', () => {
  it('request: is lowered to the limit', () => {
    const { requests, limits } = renderSpec({ resources: { limits: { cpu: '0.1', memory: '100Mi' } } }).container.resources;
    expect(requests).toMatchObject({ cpu: '100m', memory: '100Mi' });
    expect(limits).toMatchObject({ cpu: '100m', memory: '100Mi' });
  });

  it('limit: is raised to the request', () => {
    const { requests, limits } = renderSpec({ resources: { requests: { memory: '2048Mi' } } }).container.resources;
    expect(requests).toMatchObject({ memory: '2Gi' });
    expect(limits).toMatchObject({ memory: '2Gi' });
    expect(limits).not.toHaveProperty('cpu');
  });

  it('stays when there is room', () => {
    expect(renderSpec({ resources: { requests: { memory: '5Mi' }, limits: { cpu: 2 } } }).container.resources).toEqual({
      requests: { cpu: '200m', memory: '5Mi', 'ephemeral-storage': '64Mi' },
      limits: { ...LIMITS, cpu: '2' },
    });
  });

  it('stays for other resources, and other resources pass through', () => {
    expect(renderSpec({ resources: { limits: { 'example.com/device': 1 } } }).container.resources.limits).toEqual({ ...LIMITS, 'example.com/device': '1' });
  });
});

describe('any valid spec', () => {
  it('keeps what the user wrote, and no request above its limit', () => {
    fc.assert(
      fc.property(arbitrarySpec(), (spec) => {
        const { requests, limits } = renderSpec(spec).container.resources;
        expect(requests).toMatchObject(canonical(spec.resources?.requests));
        expect(limits).toMatchObject(canonical(spec.resources?.limits));
        for (const [name, limit] of Object.entries(limits)) {
          expect(parseQuantity(requests[name] ?? 0)).toBeLessThanOrEqual(parseQuantity(limit));
        }
      }),
      { numRuns: 200 },
    );
  });
});

function canonical(amounts: Readonly<Record<string, string | number>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, canonicalQuantity(amount)]));
}
