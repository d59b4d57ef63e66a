import { describe, expect, it } from 'vitest';
import { ApiError, type ApiErrorCause } from '../../kubernetes/errors.ts';
import { refusal } from '../../reconciler/refusals.ts';

function invalid(...causes: ApiErrorCause[]): ApiError {
  return new ApiError('Invalid', 'PATCH deployments tools/demo: 422 Invalid', { status: 422, causes });
}

describe('an error of the API server', () => {
  it('about an immutable field is an obstacle that names the field and the way out', () => {
    const obstacle = refusal(invalid({ field: 'spec.selector', message: 'Invalid value: {}: field is immutable' }));
    expect(obstacle).toMatchObject({ reason: 'ImmutableField', stalled: true });
    expect(obstacle?.message).toMatch(/cannot change spec\.selector of an existing object .*Delete that object/);
  });

  it('about the uid means that a namesake appeared: look again', () => {
    expect(refusal(invalid({ field: 'metadata.uid', message: 'Invalid value: field is immutable' }))).toBeUndefined();
  });

  it.each<[string, ApiError]>([
    ['invalid', invalid({ field: 'spec.replicas', message: 'must be greater than or equal to 0' })],
    ['one that apply cannot read', new ApiError('Rejected', 'failed to create typed patch object', { status: 500 })],
    ['a bad request', new ApiError('BadRequest', 'strict decoding error', { status: 400 })],
  ])('that calls the object %s stalls with what the server said', (_name, error) => {
    expect(refusal(error)).toEqual({ reason: 'InvalidSpec', message: `The API server refuses what the spec leads to: ${error.message}`, stalled: true });
  });

  it.each<[string, string, object]>([
    ['missing rights stalls', 'deployments.apps is forbidden: User "x" cannot patch', { reason: 'Forbidden', stalled: true }],
    ['a namespace on its way out passes', 'unable to create new content in namespace a because it is being terminated', { reason: 'Refused', stalled: false }],
    ['a full quota passes', 'services "a" is forbidden: exceeded quota: q', { reason: 'Refused', stalled: false }],
  ])('because of %s', (_name, message, expected) => {
    expect(refusal(new ApiError('Forbidden', message, { status: 403 }))).toEqual({ ...expected, message });
  });

  it('by a webhook that does not answer passes, and is told meanwhile', () => {
    const message = 'Internal error occurred: failed calling webhook "policy.example.com"';
    expect(refusal(new ApiError('Server', message, { status: 500 }))).toEqual({ reason: 'Refused', message, stalled: false });
  });

  it.each(['Network', 'Timeout', 'Server', 'TooManyRequests', 'Conflict', 'NotFound', 'Gone', 'Unauthorized'] as const)('%s says nothing about the MCPServer', (kind) => {
    expect(refusal(new ApiError(kind, 'x'))).toBeUndefined();
  });

  it('that is no answer at all is a defect, not an obstacle', () => {
    expect(refusal(new TypeError('x'))).toBeUndefined();
  });
});
