import { describe, expect, test } from 'vitest';
import { ApiError, immutableFields, isApiError } from '../../kubernetes/errors.ts';
import type { ApiErrorKind } from '../../kubernetes/errors.ts';
import { parseAnswer, responseError, statusError } from '../../kubernetes/responses.ts';
import { folded } from '../../kubernetes/text.ts';

const SUBJECT = 'PATCH deployments demo/x';

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Parameters<typeof responseError>[1] {
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), truncated: false };
}

function status(reason: string, message: string, causes?: object[]): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details: { causes } };
}

const IMMUTABLE_SELECTOR = status('Invalid', 'Deployment.apps "x" is invalid: spec.selector: Invalid value: {…}: field is immutable', [
  { reason: 'FieldValueInvalid', field: 'spec.selector', message: 'Invalid value: {"matchLabels":{"a":"b"}}: field is immutable' },
]);

/** What is folded of a webhook's refusal, longer than what is shown of it. */
const refusal = (time: string, id: string, port: number): string =>
  folded(responseError(SUBJECT, answer(500, status('InternalError', `failed calling webhook "p.demo.svc" at ${time}: dial tcp 10.0.0.5:${port}->10.96.0.1:443: refused, request id ${id}; ${'details '.repeat(100)}`))).message);

describe('the kind of an error', () => {
  test.each<[number, object, ApiErrorKind]>([
    [400, status('BadRequest', 'strict decoding error'), 'BadRequest'],
    [401, status('Unauthorized', 'Unauthorized'), 'Unauthorized'],
    [403, status('Forbidden', 'pods is forbidden'), 'Forbidden'],
    [404, status('NotFound', 'pods "x" not found'), 'NotFound'],
    [405, status('MethodNotAllowed', 'no'), 'BadRequest'],
    [408, status('Timeout', 'slow'), 'Timeout'],
    [409, status('AlreadyExists', 'pods "x" already exists'), 'AlreadyExists'],
    [409, status('Conflict', 'the object has been modified'), 'Conflict'],
    [410, status('Expired', 'too old'), 'Gone'],
    [413, status('RequestEntityTooLarge', 'limit is 3145728'), 'BadRequest'],
    [422, IMMUTABLE_SELECTOR, 'Invalid'],
    [429, status('TooManyRequests', 'storage is (re)initializing'), 'TooManyRequests'],
    [500, status('InternalError', 'boom'), 'Server'],
    [500, status('', 'failed to create typed patch object (demo/x; apps/v1, Kind=Deployment): duplicate entries'), 'Rejected'],
    [500, status('', 'failed to convert new object (demo/x; v1): cannot parse'), 'Rejected'],
    [500, status('', 'etcdserver: request is too large'), 'Rejected'],
    [503, status('ServiceUnavailable', 'shutting down'), 'Server'],
    [504, status('Timeout', 'Too large resource version'), 'Timeout'],
  ])('of %i %o is %s', (code, body, kind) => {
    const error = responseError(SUBJECT, answer(code, body));
    expect(error.kind).toBe(kind);
    expect(error.status).toBe(code);
    expect(isApiError(error)).toBe(true);
    expect(isApiError(error, 'NotFound', kind)).toBe(true);
    expect(isApiError(error, kind === 'Gone' ? 'Network' : 'Gone')).toBe(false);
  });

  test('is not found in other errors', () => {
    expect(isApiError(new Error('404'))).toBe(false);
    expect(isApiError(undefined, 'NotFound')).toBe(false);
  });
});

describe('the message of an error', () => {
  test('is one bounded line without control and bidi characters, whatever the answer is made of', () => {
    const odd = 'a\u202Eb\x1b[31mc\0\r\nd\uD800'.repeat(1000);
    const answers = [
      status('Invalid', odd.repeat(50)),
      status('Invalid', 'x', Array.from({ length: 500 }, () => ({ field: odd, message: odd, reason: odd }))),
      odd,
      `<html><style>${odd}`,
      '<'.repeat(200_000),
      '<style'.repeat(50_000),
      { message: { a: 1 }, reason: 'x', details: { causes: 'none' } },
      { message: 7, reason: 'x', details: { causes: [null, { field: 1, message: 2 }] } },
      { reason: 'x', message: null, details: null },
    ];
    for (const body of answers) {
      const error = responseError(SUBJECT, answer(500, body));
      expect(error.message.length).toBeLessThan(600);
      expect(error.message).toMatch(/^PATCH deployments demo\/x: 500 Server/);
      for (const text of [
        error.message,
        error.reason ?? '',
        ...error.causes.flatMap((cause) => [cause.message, cause.field ?? '', cause.reason ?? '']),
      ]) {
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(text.length).toBeLessThan(2500);
      }
    }
  });

  test('tells an immutable field by what stands behind its value, however long that is', () => {
    const message = `Invalid value: ${JSON.stringify({ a: 'x'.repeat(100_000) })}: field is immutable`;
    const error = responseError(SUBJECT, answer(422, status('Invalid', 'no', [{ field: 'spec.selector', message }])));
    expect(error.message).toBe('PATCH deployments demo/x: 422 Invalid: spec.selector: field is immutable');
    expect(immutableFields(error)).toEqual(['spec.selector']);
  });

  test('is the same for comparing when the same refusal has other variable parts, also where it is cut', () => {
    expect(refusal('2026-11-28T21:46:25.1Z', '7f3a', 43_210)).toBe(refusal('2026-11-28T09:06:05.123456789Z', '0199-AB-7f3a', 60_001));
  });

  test('names request, status, kind, field and problem in one line', () => {
    expect(responseError(SUBJECT, answer(422, IMMUTABLE_SELECTOR)).message).toBe(
      'PATCH deployments demo/x: 422 Invalid: spec.selector: field is immutable',
    );
  });

  test('lists every field and keeps the values that are short', () => {
    const body = status('Invalid', 'long text', [
      { field: 'spec.replicas', message: 'Invalid value: -1: must be at least 0' },
      { field: 'spec.port', message: 'Required value' },
    ]);
    expect(responseError(SUBJECT, answer(422, body)).message).toBe(
      'PATCH deployments demo/x: 422 Invalid: spec.replicas: Invalid value: -1: must be at least 0; spec.port: Required value',
    );
  });

  test('shows the text of a page that is not JSON, without markup, shortened', () => {
    const page = `<html><style>p{}</style><h1>502 Bad\nGateway</h1>${'<p>long</p>'.repeat(500)}</html>`;
    const { message, kind } = responseError(SUBJECT, answer(502, page));
    expect(kind).toBe('Server');
    expect(message).toMatch(/^PATCH deployments demo\/x: 502 Server: 502 Bad Gateway long long/);
    expect(message.length).toBeLessThan(300);
    expect(message).not.toMatch(/[<>\n]/);
  });

  test('is short for an empty answer', () => {
    expect(responseError(SUBJECT, answer(503, '')).message).toBe('PATCH deployments demo/x: 503 Server');
  });
});

describe('an error carries', () => {
  test('reason and complete causes', () => {
    const error = responseError(SUBJECT, answer(422, IMMUTABLE_SELECTOR));
    expect(error.reason).toBe('Invalid');
    expect(error.causes).toEqual([
      { reason: 'FieldValueInvalid', field: 'spec.selector', message: 'Invalid value: {"matchLabels":{"a":"b"}}: field is immutable' },
    ]);
  });

  test('the seconds to wait from the Retry-After header, or else from the Status', () => {
    const body = { ...status('TooManyRequests', 'wait'), details: { retryAfterSeconds: 7 } };
    expect(responseError(SUBJECT, answer(429, body, { 'retry-after': '3' })).retryAfterSeconds).toBe(3);
    expect(responseError(SUBJECT, answer(429, body)).retryAfterSeconds).toBe(7);
    const dated = { 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' };
    expect(responseError(SUBJECT, answer(503, 'no', dated)).retryAfterSeconds).toBe(30);
  });
});

describe('the seconds to wait that a server asks for', () => {
  const DATE = 'Wed, 21 Oct 2026 07:28:00 GMT';
  test.each<[string, number | undefined]>([
    ['0', 0],
    ['300', 300],
    ['301', 300],
    ['999999999999999999999999', 300],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 300],
    ['Wed, 21 Oct 2020 07:28:00 GMT', undefined],
    ['-5', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e9', undefined],
    ['', undefined],
    ['soon', undefined],
  ])('as %j are %j', (text, seconds) => {
    expect(responseError(SUBJECT, answer(429, 'no', { 'retry-after': text, date: DATE })).retryAfterSeconds).toBe(seconds);
  });

  test.each<[unknown, number | undefined]>([
    [0, 0],
    [300, 300],
    [1e9, 300],
    [-1, undefined],
    ['7', undefined],
    [null, undefined],
    [{}, undefined],
  ])('in a Status, also one of a watch, as %j are %j', (given, seconds) => {
    const body = { ...status('TooManyRequests', 'wait'), details: { retryAfterSeconds: given } };
    expect(responseError(SUBJECT, answer(429, body)).retryAfterSeconds).toBe(seconds);
    expect(statusError(SUBJECT, { ...body, code: 429 } as Parameters<typeof statusError>[1]).retryAfterSeconds).toBe(seconds);
  });

  test('as a date of an answer without its own date are none', () => {
    expect(responseError(SUBJECT, answer(503, 'no', { 'retry-after': DATE })).retryAfterSeconds).toBeUndefined();
  });
});

describe('immutable fields', () => {
  test('are named once each, whatever the words of the refusal', () => {
    const causes = [
      { field: 'spec.selector', message: 'Invalid value: {}: field is immutable' },
      { field: 'spec.selector', message: 'Invalid value: {}: field is immutable' },
      { field: 'spec.clusterIPs[0]', message: 'Invalid value: []: may not change once set' },
      { field: 'spec', message: "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden" },
      { field: 'spec.replicas', message: 'Invalid value: -1: must be at least 0' },
    ];
    const error = responseError(SUBJECT, answer(422, status('Invalid', 'x', causes)));
    expect(immutableFields(error)).toEqual(['spec.selector', 'spec.clusterIPs[0]', 'spec']);
  });

  test('are none in any other error', () => {
    expect(immutableFields(new ApiError('Server', 'spec.selector: field is immutable'))).toEqual([]);
    expect(immutableFields(new Error('field is immutable'))).toEqual([]);
  });
});

test('a successful answer that is no JSON, such as a login page, is a Server error', () => {
  expect(() => parseAnswer('GET pods', answer(200, '<html>Please log in</html>'))).toThrow('GET pods: 200 with a body that is not JSON: Please log in');
  expect(parseAnswer('GET pods', answer(200, { items: [] }))).toEqual({ items: [] });
});
