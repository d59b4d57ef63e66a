// Sentences as API servers, webhooks, kubelets and servers say them: with parts that differ each time, and with others.
import * as fc from 'fast-check';

const digits = (min: number, max: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[1-9]\\d{${min - 1},${max - 1}}$`));
const hex = (min: number, max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${min},${max}}$`)).filter((id) => /\d/.test(id) && /[a-f]/.test(id));
const date = fc.date({ min: new Date('2024-01-01T00:00:00Z'), max: new Date('2036-06-30T00:00:00Z'), noInvalidDate: true });
const fraction = fc.oneof(fc.constant(''), digits(1, 9).map((part) => `.${part}`));
const mixed = fc.stringMatching(/^[a-uw-z]{1,9}[0-9][a-z0-9_-]{0,20}[a-z0-9]$/);
const number = digits(1, 6);
const [iso, utc] = [date.map((at) => at.toISOString().slice(0, 19)), date.map((at) => at.toUTCString())];
const clock = utc.map((text) => text.slice(17, 25));
const seconds = date.map((at) => String(Math.floor(at.getTime() / 1000)));
const goDuration = fc.oneof(
  fc
    .tuple(fc.integer({ max: 99, min: 0 }), fc.integer({ max: 59, min: 0 }), fraction)
    .map(([minutes, rest, part]) => `${minutes}m${rest}${part}s`),
  fc.tuple(number, fraction, fc.constantFrom('ms', 's', 'µs', 'ns')).map(([count, part, unit]) => `${count}${part}${unit}`),
);
/** `Sat Nov 28 21:46:25` of `Sat, 28 Nov 2026 21:46:25 GMT`. */
const ctime = utc.map((text) => `${text.slice(0, 3)} ${text.slice(8, 11)} ${text.slice(5, 7)} ${text.slice(17, 25)}`);
const ephemeral = fc.integer({ min: 32_768, max: 60_999 });

function slot(
  arbitrary: fc.Arbitrary<string | number>,
  ...around: ((part: string) => string)[]
): fc.Arbitrary<{ one: string; other: string }> {
  return fc
    .tuple(arbitrary, arbitrary, fc.constantFrom(...around))
    .map(([one, other, say]) => ({ one: say(String(one)), other: say(String(other)) }));
}

/** By kind of variable part, pairs of phrases that differ in nothing but such a part. */
export const FILLINGS: Readonly<Record<string, fc.Arbitrary<{ one: string; other: string }>>> = {
  'keyed id': slot(fc.stringMatching(/^[A-Za-z0-9][\w./+=~@:-]{0,60}$/), (id) => `requestId=${id}`, (id) => `x-request-id: ${id}`, (id) => `"trace_id":"${id}"`, (id) => `Correlation ID: ${id},`, (id) => `audit-id=${id};`),
  'keyed id after a blank': slot(fc.stringMatching(/^[0-9A-Z][\w-]{0,40}$/), (id) => `request id ${id}`, (id) => `(RequestID "${id}")`),
  'named id': slot(fc.stringMatching(/^[A-Za-z0-9-]{1,60}$/), (id) => `traceparent: ${id}`, (id) => `CF-RAY=${id}`, (id) => `?sig=${id}&x=1`),
  'short id': slot(mixed, (id) => `incident: ${id}`, (id) => `span=${id}`, (id) => `request #${id}`, (id) => `"id":"${id}"`),
  'short id after a blank': slot(fc.oneof(mixed, fc.tuple(number, mixed).map((parts) => parts.join('-'))), (id) => `transaction ${id} was ended`),
  'dashed id': slot(fc.stringMatching(/^[a-z]{0,5}[0-9][a-z0-9]{1,20}$/), (id) => `see req-${id}`, (id) => `(txn_${id})`),
  reference: slot(fc.stringMatching(/^[A-Z0-9]{4,32}$/), (id) => `Ref A: ${id} Ref B: AMS${id}`, (id) => `Reference #18.${id}`),
  'date and time': slot(
    fc.oneof(
      fc.tuple(iso, fraction, fc.constantFrom('Z', '+01:00', '-0530', '')).map(([at, part, zone]) => `${at}${part}${zone}`),
      fc.tuple(iso, fraction).map(([at, part]) => `${at.replace('T', ' ')}${part} +0000 UTC`),
      iso.map((at) => at.replace('T', ' ').replaceAll('-', '/')),
      iso.map((at) => `${at.replaceAll(/[-:]/g, '')}Z`),
    ),
    (at) => `at ${at}`, (at) => `"time":"${at}"`, (at) => `[${at}] said`,
  ),
  'worded date and time': slot(
    fc.oneof(
      utc,
      utc.map((text) => `${text.slice(5, 7)}-${text.slice(8, 11)}-${text.slice(14, 16)} ${text.slice(17, 25)} GMT`),
      ctime,
      fc.tuple(ctime, date).map(([text, at]) => `${text} UTC ${at.getUTCFullYear()}`),
      ctime.map((text) => text.slice(4)),
      utc.map((text) => `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 16)}:${text.slice(17, 25)} +0000`),
    ),
    (at) => `since ${at}`, (at) => `[${at}]`,
  ),
  'monotonic clock': slot(fc.tuple(fc.constantFrom('+', '-'), number, digits(1, 9)).map((parts) => `m=${parts[0]}${parts[1]}.${parts[2]}`), (at) => `noon ${at}`),
  'klog header': slot(
    fc.tuple(fc.stringMatching(/^(0\d|1[0-2])[0-2]\d$/), clock, digits(6, 6), number).map((parts) => `${parts[0]} ${parts[1]}.${parts[2]} ${parts[3]}`),
    (at) => `E${at} proxy.go:12] lost`,
  ),
  clock: slot(
    fc.oneof(
      fc.tuple(clock, fraction).map((parts) => parts.join('')),
      fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 59 })).map(([hour, minute]) => `${hour}:${minute}PM`),
    ),
    (at) => `at ${at}`,
    (at) => `[${at}] lost`,
  ),
  'Unix time': slot(
    fc.oneof(
      seconds,
      seconds.map((at) => `${at}123`),
      fc.tuple(seconds, digits(6, 6)).map((parts) => parts.join('.')),
      seconds.map((at) => `${at}123456789`),
    ),
    (at) => `expired at ${at}`,
    (at) => `"at": ${at},`,
    (at) => `ts=${at}`,
  ),
  'keyed Unix time': slot(seconds, (at) => `ts:${at}`, (at) => `"exp":${at}`),
  'built Unix time': slot(seconds.filter((at) => at.startsWith('1')), (at) => `version 1.0.${at}123`, (at) => `2.1.0+${at}000`),
  age: slot(
    fc.tuple(number, fc.constantFrom('s', 'm', 'h', 'd', ' minutes', ' hours')).map((parts) => parts.join('')),
    (age) => `last seen ${age.replace(/ .*/, 's')} ago`,
    (age) => `seen ${age.replace(/ .*/, 'd4h')} ago`,
  ),
  duration: slot(goDuration, (took) => `after ${took}`, (took) => `timeout=${took}`, (took) => `(${took})`, (took) => `back-off ${took} restarting`),
  'worded duration': slot(fc.tuple(number, fraction, fc.constantFrom('seconds', 'ms', 's', 'min')).map(([count, part]) => `${count}${part} seconds`), (took) => `after ${took}`),
  repeats: slot(fc.tuple(number, number).map(([times, minutes]) => `x${times} over ${minutes}m`), (repeats) => `BackOff (${repeats})`),
  'ephemeral port': slot(ephemeral, (port) => `10.0.0.5:${port}->10.96.0.1:443`, (port) => `from 127.0.0.1:${port}`, (port) => `[::1]:${port}: refused`, (port) => `closed by 10.0.0.1 port ${port}`),
  'local port': slot(fc.integer({ min: 10_000, max: 65_535 }), (port) => `read tcp node-1:${port}->10.96.0.1:443`, (port) => `remote port ${port}`),
  UUID: slot(fc.uuid(), (id) => `call ${id} failed`, (id) => `(${id.toUpperCase()})`, (id) => `precondition: ${id}, in object meta`),
  ULID: slot(fc.ulid(), (id) => `call ${id} failed`),
  'opaque id': slot(fc.stringMatching(/^[A-Z][a-z][0-9][A-Za-z0-9]{24}$/), (id) => `call ${id} failed`, (id) => `message: ${id}${id}==`),
  pointer: slot(hex(10, 12), (id) => `at 0x${id}`, (id) => `(0x${id}, 0x1)`),
  'hex id': slot(hex(8, 64), (id) => `call ${id} failed`, (id) => `[${id}]`, (id) => `containerd://${id}`, (id) => `key=${id}`),
  resourceVersion: slot(
    number,
    (version) => `too old resource version: ${version} (${version}1)`,
    (version) => `"resourceVersion":"${version}"`,
    (version) => `resourceVersion: ${version}`,
    (version) => `resource version: ${version}, current: ${version}1`,
  ),
  attempt: slot(number, (count) => `attempt ${count}`, (count) => `retry #${count}`, (count) => `try: ${count}/10`, (count) => `(attempt ${count} of 10)`),
  'number of attempts': slot(number, (count) => `after ${count} attempts`, (count) => `failed ${count} times`),
  'time to wait': slot(number, (count) => `Retry-After: ${count}`, (count) => `retryAfterSeconds=${count}`),
  process: slot(digits(3, 6), (id) => `goroutine ${id} [running]`, (id) => `pid=${id}`, (id) => `nginx[${id}]: lost`),
};

/** What says something: changed, it is another text. */
export const LASTING: readonly string[] = [
  '2 of 3 pods', '2 of 4 pods', '3 of 3 pods', 'used: pods=4, limited: pods=5', 'used: pods=5, limited: pods=5', 'requests.cpu=500m', 'requests.cpu=250m',
  'request 128Mi', 'limits.memory=1879048192', 'limits.memory=536870912', '1879048192 bytes', '512Mi', '64 MiB', '1.5Gi', 'exit code 137', 'exit code 1', 'HTTP 503', 'HTTP 404', '429 TooManyRequests',
  '10.0.0.5:443', '10.0.0.5:8443', '10.0.0.5:30080', '[::1]:8080', 'https://10.0.0.5:45678/mcp', 'port 8080', 'port 3000', '10.0.0.6', 'fe80::1:22:33', 'aa:bb:11:22:33:44',
  'v1.2.3', 'v1.2.4', '1.27', 'v1beta1', 'MCP 2025-11-25', 'MCP 2025-06-18', '2026-07-28', 'nginx:1.27.3', 'app:20261128', 'app:3f2a9b1c', 'app:1795902385', 'app@sha256:3f2a9b1c3f2a9b1c',
  'spec.containers[0].image', 'spec.containers[1].image', 'spec.env[100].name', 'ports[0].port', 'Secret "demo-7d9c8b6f5d-x2k4q"', 'Secret demo-7d9c8b6f5d-aaaaa', 'backup-28881234', 'pvc-6f1c1a52-9d0e-4f0b-8a53-0e9f7a4d2b11',
  'Deployment demo', 'Deployment demo-2', 'runAsUser 1000680000', 'runAsUser 1000690000', '[1000650000, 1000659999]', 'a second pod', 'request headers', 'session id required', 'request v1 unsupported', 'code=0x1', '0xc0000005', '12345678',
  'HorizontalPodAutoscalerV2', 'FallbackToLogsOnError', 'x509: certificate signed by unknown authority', 'connection refused', 'no such host',
];

const words = fc.constantFrom('admission webhook "policy.demo.svc" denied the request:', 'failed calling webhook,', 'dial tcp:', 'i/o timeout;', 'the server said', '(see the log)', 'and', 'Überlauf →', ...LASTING);

/** A sentence said twice, with other variable parts of these kinds. */
export function sentences(kinds: readonly string[] = Object.keys(FILLINGS)): fc.Arbitrary<{ one: string; other: string }> {
  const parts = Object.entries(FILLINGS).flatMap(([kind, filling]) => (kinds.includes(kind) ? [filling] : []));
  const phrase = fc.oneof(words.map((word) => ({ one: word, other: word })), fc.constantFrom(...parts).chain((each) => each));
  return fc
    .array(phrase, { minLength: 1, maxLength: 9 })
    .map((phrases) => ({ one: phrases.map(({ one }) => one).join(' '), other: phrases.map(({ other }) => other).join(' ') }));
}
