import { describe, expect, it } from 'vitest';
import type { ManagedFields } from '../../../kubernetes/objects.ts';
import { takeOverSpec } from '../../../reconciler/children/managed-fields.ts';

const PORT = (port: number): string => `k:{"port":${port},"protocol":"TCP"}`;
const own: ManagedFields = {
  manager: 'mcp-operator', operation: 'Apply',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': { 'f:selector': {}, 'f:ports': { [PORT(80)]: { '.': {}, 'f:name': {} } } } },
};
const edit: ManagedFields = {
  manager: 'kubectl-edit', operation: 'Update',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:b': {} } }, 'f:spec': { 'f:ports': { [PORT(81)]: { '.': {}, 'f:name': {} }, [PORT(80)]: { 'f:targetPort': {} } } } },
};
const scale: ManagedFields = { manager: 'autoscaler', operation: 'Update', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };

describe('taking over the spec', () => {
  it('gives the spec of everybody to one manager and leaves the rest where it is', () => {
    const ports = { [PORT(80)]: { '.': {}, 'f:name': {}, 'f:targetPort': {} }, [PORT(81)]: { '.': {}, 'f:name': {} } };
    expect(takeOverSpec([edit, own, scale], 'mcp-operator')).toEqual([
      { ...edit, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:b': {} } } } },
      { ...own, fieldsV1: { ...own.fieldsV1, 'f:spec': { 'f:selector': {}, 'f:ports': ports } } },
      scale,
    ]);
  });

  it("leaves replicas, and what the operator's overlay holds", () => {
    const replicas = { ...edit, fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } } };
    const overlay: ManagedFields = { manager: 'mcp-operator-runtime', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:template': {} } } };
    expect(takeOverSpec([replicas, own, overlay], 'mcp-operator')).toEqual([
      { ...edit, fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { ...own, fieldsV1: { ...own.fieldsV1, 'f:spec': { ...(own.fieldsV1?.['f:spec'] as object), 'f:paused': {} } } },
      overlay,
    ]);
    expect(takeOverSpec([{ ...replicas, fieldsV1: { 'f:spec': { 'f:replicas': {} } } }, own, overlay], 'mcp-operator')).toBeUndefined();
  });

  it.each<[string, ManagedFields[]]>([
    ['when nobody else has a part in it', [own]],
    ['when others wrote through a subresource only', [own, scale]],
    ['when others have no field of the spec', [own, { ...edit, fieldsV1: { 'f:metadata': {} } }]],
    ['when the manager never applied', [edit, { ...own, operation: 'Update' }]],
  ])('is not for %s', (_name, entries) => {
    expect(takeOverSpec(entries, 'mcp-operator')).toBeUndefined();
  });
});
