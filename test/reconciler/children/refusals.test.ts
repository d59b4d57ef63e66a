import { describe, expect, it } from 'vitest';
import { ApiError, type ApiErrorCause } from '../../../kubernetes/errors.ts';
import { responseError } from '../../../kubernetes/responses.ts';
import { isRefused, mayNotDelete, refusal } from '../../../reconciler/children/refusals.ts';

const OWN = 'tools/demo';

/** What the client makes of an answer of the API server. */
function answered(code: number, message: string, more: { reason?: string; causes?: ApiErrorCause[] } = {}): ApiError {
  const { reason, causes } = more;
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, reason, details: { causes } };
  return responseError('PATCH deployments tools/demo', { status: code, headers: {}, body: Buffer.from(JSON.stringify(body)), truncated: false });
}

function invalid(...causes: ApiErrorCause[]): ApiError {
  return new ApiError('Invalid', 'PATCH deployments tools/demo: 422 Invalid', { status: 422, causes });
}

const WEBHOOK = 'admission webhook "policy.example.com" denied the request: no';
const VAP = "deployments.apps \"demo\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: failed expression: false";
const BROKEN = 'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://x": connection refused';

describe('an error of the API server', () => {
  it('about an immutable field is an obstacle that names the field and the way out', () => {
    const { obstacle } = refusal(invalid({ field: 'spec.selector', message: 'Invalid value: {}: field is immutable' }), OWN) ?? {};
    expect(obstacle).toMatchObject({ reason: 'ImmutableField', stalled: true });
    expect(obstacle?.message).toMatch(/cannot change spec\.selector of an existing object .*Delete that object/);
  });

  it('about the uid means that a namesake appeared: look again', () => {
    expect(refusal(invalid({ field: 'metadata.uid', message: 'Invalid value: field is immutable' }), OWN)).toBeUndefined();
  });

  it.each(['Conflict', 'AlreadyExists'] as const)('that is a race is none: look again (%s)', (kind) => {
    expect(refusal(new ApiError(kind, 'x', { status: 409 }), OWN)).toBeUndefined();
  });

  it.each<[string, ApiError]>([
    ['invalid', invalid({ field: 'spec.replicas', message: 'must be greater than or equal to 0' })],
    ['one that apply cannot read', new ApiError('Rejected', 'failed to create typed patch object', { status: 500 })],
    ['a bad request', new ApiError('BadRequest', 'strict decoding error', { status: 400 })],
    ['too large', answered(413, 'Request entity too large: limit is 3145728')],
  ])('that calls the object %s stalls with what the server said, and is shared by nobody', (_name, error) => {
    expect(refusal(error, OWN)).toEqual({ obstacle: { reason: 'InvalidSpec', message: `The API server refuses what the spec leads to: ${error.message}`, stalled: true }, group: OWN });
  });

  it.each<[string, ApiError, readonly [string, boolean, string]]>([
    ['missing rights stall', answered(403, 'deployments.apps "demo" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "deployments" in API group "apps" in the namespace "tools"'), ['Forbidden', true, 'Role/tools']],
    ['missing rights in the cluster stall', answered(403, 'x is forbidden: User "u" cannot get resource "nodes" in API group "" at the cluster scope'), ['Forbidden', true, 'Role/']],
    ['a namespace on its way out passes', answered(403, 'unable to create new content in namespace tools because it is being terminated'), ['Retrying', false, 'Namespace/tools']],
    ['a namespace that is gone passes', answered(404, 'namespaces "tools" not found', { reason: 'NotFound' }), ['Retrying', false, 'Namespace/tools']],
    ['a full quota passes', answered(403, 'services "demo" is forbidden: exceeded quota: q, requested: services=1, used: services=1, limited: services=1'), ['QuotaExceeded', false, 'Quota/tools/q']],
    ['a webhook that refuses stalls', answered(403, WEBHOOK), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that calls it invalid, with causes of its own', answered(422, WEBHOOK, { causes: [{ field: 'spec.replicas', message: 'too many' }] }), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that refuses by 400', answered(400, WEBHOOK), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that refuses by 404', answered(404, WEBHOOK), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that refuses by 409, which is no race', answered(409, WEBHOOK), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that gives no explanation', answered(400, 'admission webhook "policy.example.com" denied the request without explanation'), ['PolicyRefused', true, 'Webhook/policy.example.com']],
    ['a webhook that answers 500 passes', answered(500, WEBHOOK), ['Retrying', false, 'Webhook/policy.example.com']],
    ['a webhook that answers 429 passes', answered(429, WEBHOOK), ['Retrying', false, 'Webhook/policy.example.com']],
    ['a webhook that answers 504 passes', answered(504, WEBHOOK), ['Retrying', false, 'Webhook/policy.example.com']],
    ['a webhook that does not answer passes', answered(500, BROKEN), ['Retrying', false, 'BrokenWebhook/policy.example.com']],
    ['a conversion webhook that does not answer passes', answered(500, 'conversion webhook for mcp.example.com/v1, Kind=MCPServer failed: Post "https://x": EOF'), ['Retrying', false, 'BrokenWebhook/mcp.example.com/v1']],
    ['a ValidatingAdmissionPolicy stalls', answered(422, VAP, { reason: 'Invalid', causes: [{ message: VAP }] }), ['PolicyRefused', true, 'Policy/no-latest']],
    ['a ValidatingAdmissionPolicy that calls it forbidden', answered(403, VAP), ['PolicyRefused', true, 'Policy/no-latest']],
    ['an admission plugin', answered(403, 'services "demo" is forbidden: Use of external IPs is denied by admission control'), ['PolicyRefused', true, OWN]],
  ])('because of %s', (_name, error, [reason, stalled, group]) => {
    expect(refusal(error, OWN)).toEqual({
      obstacle: { reason, message: expect.stringContaining(error.message.slice(0, 60)), stalled },
      group,
    });
  });

  it.each<[string, ApiError]>([
    ['a 500', answered(500, 'etcdserver: leader changed')],
    ['a 503', answered(503, 'the server is currently unable to handle the request')],
    ['a 429', answered(429, 'too many requests')],
    ['a 504', answered(504, 'Timeout: request did not complete within requested timeout')],
    ['a 401', answered(401, 'Unauthorized')],
    ['an API that is not served', answered(404, 'the server could not find the requested resource')],
    ['a method nobody allows', answered(405, 'the server does not allow this method')],
    ['no answer', new ApiError('Network', 'PATCH deployments tools/demo: connect ECONNREFUSED')],
    ['no answer in time', new ApiError('Timeout', 'PATCH deployments tools/demo: no answer within 30 s')],
  ])('that nobody knows the cause of is told as such: %s', (_name, error) => {
    expect(refusal(error, OWN)).toEqual({ obstacle: { reason: 'Retrying', message: `A write failed and is tried again: ${error.message}.`, stalled: false }, group: undefined });
  });

  it('that is a defect of the operator is told, too', () => {
    expect(refusal(new TypeError('x is not a function'), OWN)).toEqual({ obstacle: { reason: 'Retrying', message: 'The operator itself failed: x is not a function. See its log; it tries again.', stalled: false }, group: undefined });
  });

  it.each([
    [answered(403, WEBHOOK), true],
    [invalid({ field: 'spec.x', message: 'bad' }), true],
    [answered(403, 'exceeded quota: q'), false],
    [answered(500, WEBHOOK), false],
    [answered(409, 'modified'), false],
  ])('of a dry run says whether the object itself is refused: %s', (error, refused) => {
    expect(isRefused(error)).toBe(refused);
  });

  it.each([
    [answered(403, WEBHOOK), true],
    [answered(404, WEBHOOK), true],
    [answered(403, 'User "x" cannot delete resource "services"'), true],
    [answered(404, 'services "x" not found'), false],
    [answered(500, 'no'), false],
  ])('of a delete says whether it is permitted: %s', (error, forbidden) => {
    expect(mayNotDelete(error)).toBe(forbidden);
  });
});
