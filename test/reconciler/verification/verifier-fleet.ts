// A verifier on a clock of its own, with servers that behave as a test says.
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { ExchangeError, type ExchangeResponse, type HttpExchange } from '../../../reconciler/verification/exchange.ts';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import type { Observation } from '../../../reconciler/verification/observation.ts';
import { Verifier } from '../../../reconciler/verification/verifier.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const OK = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { supportedVersions: ['2026-07-28'], capabilities: {} } });
const PASSES: ExchangeResponse = { status: 200, headers: { 'content-type': 'application/json' }, body: OK, truncated: false };

/** `takes its time` passes when the test says `answer()`, `stays silent` is given up then. `is silent` and `is cut off` as through the API server, which tells of the latter only after 30 s. */
type Behaviour = 'passes' | 'takes its time' | 'stays silent' | 'is missing' | 'cannot be reached' | 'hangs' | 'is silent' | 'is cut off';

const readKey = (): Promise<string> => Promise.reject(new Error('there are no keys here'));

/** A verifier without a server; pods pass unless `behaviour` says otherwise. Those that `hangs` is set for do so until `giveUp` or `pass`. */
export function start(concurrency?: number) {
  const clock = new FakeClock();
  const behaviour = new Map<string, Behaviour>();
  const asked: string[] = [];
  /** Pods asked at another path than theirs. */
  const looks: string[] = [];
  const patiently: string[] = [];
  const changes: string[] = [];
  const held: string[] = [];
  const hanging = new Map<string, { readonly giveUp: () => void; readonly pass: () => void }>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const exchangeFor = (pod: { name: string }): HttpExchange => async ({ method, path, headers, signal, timeoutMs }) => {
    if (timeoutMs > 30_000) patiently.push(pod.name);
    const does = behaviour.get(pod.name) ?? 'passes';
    const isLook = does === 'is missing' && path !== '/mcp';
    if (headers['mcp-method'] !== undefined) (isLook ? looks : asked).push(pod.name);
    if (does === 'is cut off' && timeoutMs > 30_000) throw new ExchangeError('Unreachable', 'i/o timeout');
    if (does === 'is silent' || does === 'is cut off') throw new ExchangeError('NoAnswer', 'no answer');
    if (does === 'cannot be reached') throw new ExchangeError('Refused', 'connection refused');
    if (does === 'takes its time' || does === 'stays silent') await answered;
    if (does === 'stays silent') throw new ExchangeError('NoAnswer', 'no answer');
    // Only who answers the first question is asked another.
    if (does === 'hangs' && headers['mcp-method'] !== undefined) {
      const { promise, resolve, reject } = Promise.withResolvers<ExchangeResponse>();
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      hanging.set(pod.name, { giveUp: () => reject(new ExchangeError('Refused', 'connection reset')), pass: () => resolve(PASSES) });
      return promise.finally(() => hanging.delete(pod.name));
    }
    const missing = does === 'is missing' || method !== 'POST';
    return missing ? { ...PASSES, status: 404, body: 'nothing here' } : PASSES;
  };
  const verifier = new Verifier({
    exchangeFor, readKey, clock, random: () => 0.5, concurrency, log: pino({ level: 'silent' }),
    onChange: (key) => changes.push(key), onHeld: (key) => held.push(key),
  });
  onTestFinished(() => verifier.stop());
  const giveUp = (...pods: string[]): void => { for (const name of pods) hanging.get(name)?.giveUp(); };
  const pass = (...pods: string[]): void => { for (const name of pods) hanging.get(name)?.pass(); };
  return { clock, verifier, behaviour, asked, looks, patiently, changes, held, answer, hanging, giveUp, pass };
}

/** What is seen of a server with pods of these names. */
export function of(names: string[], more: Partial<Observation> & { restarts?: number; port?: number } = {}): Observation {
  const { restarts = 0, port = 8080, ...rest } = more;
  const pods = names.map((name) => ({ namespace: 'ns', name, uid: `uid-${name}`, ip: '10.0.0.1', port, restarts }));
  const asked = { path: '/mcp', host: 'a.ns.svc', intervalSeconds: 300, timeoutSeconds: 10, guard: { tls: undefined } };
  return { pods, verifiedBefore: false, ...asked, ...rest };
}

/** s0, s1 and so on. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`);
}

/** Servers with one pod each, all verified, in the namespace `ns` or where `home` says. */
export async function fleet(count: number, more: Partial<Observation> = {}, home: (name: string) => string = () => 'ns') {
  const parts = start();
  const all = names(count);
  const probe = (name: string): PodProbe | undefined => parts.verifier.follow(`${home(name)}/${name}`, of([`${name}-1`], more))[0];
  const look = (): Map<string, PodProbe | undefined> => new Map(all.map((name) => [name, probe(name)]));
  look();
  await settle();
  const make = (does: Behaviour, ...which: string[]): void => { for (const name of which) parts.behaviour.set(`${name}-1`, does); };
  const lose = (...lost: string[]): void => make('cannot be reached', ...lost);
  const settled = (name: string): PodProbe['settled'] => look().get(name)?.settled;
  const outcome = (name: string): string | undefined => settled(name)?.outcome;
  return { ...parts, all, make, lose, settled, outcome };
}
