// Why a stdio server does not start, as the bridge in its pod says where a client would be answered. Pure.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { plain } from '../../kubernetes/text.ts';
import { ADVICE } from './advice.ts';
import type { Failed, Unknown } from './handshake-result.ts';
import type { Reply } from './reading/reply.ts';
import { isObject, type JsonObject } from './reading/shape.ts';

/** Whether what a server said before it ended is quoted. */
export type LastWords = ResolvedSpec['lastWords'];

type Kind = 'CommandNotFound' | 'CommandNotStarted' | 'ExitsAtOnce' | 'PrintsNoProtocol' | 'SpeaksHTTP' | 'NeedsMoreTime' | 'RefusedInitialize';

interface Meaning {
  /** What is seen; `about` is what the bridge says of it. */
  readonly seen: (about: About) => string;
  readonly advice: keyof typeof ADVICE;
}

/** What the bridge says of a start, as far as it may be shown. */
interface About {
  /** In words that may be the server's; empty where they are not to be had. */
  readonly why: string;
  readonly end: string;
  readonly port: number | undefined;
}

const MEANINGS: Readonly<Record<Kind, Meaning>> = {
  CommandNotFound: { seen: ({ why }) => `its command is not found${bracketed(why)}`, advice: 'command' },
  CommandNotStarted: { seen: ({ why }) => `the system does not start its command${bracketed(why)}`, advice: 'executable' },
  ExitsAtOnce: { seen: ({ end }) => `it ends before it answers${bracketed(end)}`, advice: 'ends' },
  PrintsNoProtocol: { seen: () => 'what it writes to standard output is no protocol', advice: 'prints' },
  SpeaksHTTP: { seen: ({ port }) => `it does not answer over stdio, and serves a port${port === undefined ? '' : ` (${port})`}, as a server does that speaks HTTP`, advice: 'overHttp' },
  NeedsMoreTime: { seen: () => 'it says nothing in the time it has to start', advice: 'startup' },
  RefusedInitialize: { seen: ({ why }) => `it answers initialize with an error${bracketed(why)}`, advice: 'refuses' },
};

/** Words of a server that stand in a message, in characters. */
const MOST_WORDS = 300;
const MOST_WHY = 160;
/** Statuses by which the bridge tells that there is no process to ask. */
const STATUSES = [502, 503];
/** What runtimes write of where an error happened, below what it was. */
const FRAME = /^\s*(?:at\s.+[):\d]|\^+|\}|Node\.js v[\d.]+|File ".+", line \d+.*|Traceback \(most recent call last\):)\s*$/;

interface Answer {
  readonly status: number;
  readonly reply: Reply | undefined;
}

/** The verdict on an answer of the bridge in place of the server; undefined where it is another answer. */
export function judgeStart({ status, reply }: Answer, lastWords: LastWords): Failed | Unknown | undefined {
  const data = STATUSES.includes(status) && reply !== undefined && 'error' in reply ? reply.error.data : undefined;
  if (!isObject(data)) return undefined;
  if (data['kind'] === 'Starting') return { outcome: 'Unknown', reason: 'Starting', message: 'The stdio server is being started, and has not answered yet.' };
  const kind = kindOf(data);
  if (kind === undefined) return undefined;
  const { seen, advice } = MEANINGS[kind];
  const about = { why: textIn(data, 'why', MOST_WHY), end: endOf(data), port: numberIn(data, 'port', 65_535) };
  const message = `The stdio server does not start: ${seen(about)}.${words(data, lastWords)} ${ADVICE[advice]}`;
  return { outcome: 'Failed', reason: 'ChildNotStarted', message };
}

/** What the bridge says without a word of the server's. */
export function startWithoutWords(data: unknown): JsonObject {
  if (!isObject(data)) return {};
  const kind = data['kind'] === 'Starting' ? data['kind'] : kindOf(data);
  if (kind === undefined) return {};
  const told = { kind, exitCode: numberIn(data, 'exitCode', 255), port: numberIn(data, 'port', 65_535), signal: signalIn(data) };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

function words(data: JsonObject, lastWords: LastWords): string {
  const said = Array.isArray(data['lastWords']) ? data['lastWords'].filter((line) => typeof line === 'string') : [];
  const telling = said.filter((line) => !FRAME.test(line));
  const told = plain((telling.length > 0 ? telling : said).join(' '), MOST_WORDS, { keep: 'end' });
  const printed = textIn(data, 'printed', MOST_WORDS);
  if (lastWords === 'Hide') return told === '' && printed === '' ? '' : ' What it said is hidden, and stands in its log.';
  return `${printed === '' ? '' : ` It printed: ${closed(printed)}`}${told === '' ? '' : ` Its last words: ${closed(told)}`}`;
}

function kindOf(data: JsonObject): Kind | undefined {
  const { kind } = data;
  return typeof kind === 'string' && Object.hasOwn(MEANINGS, kind) ? (kind as Kind) : undefined;
}

function endOf(data: JsonObject): string {
  const exitCode = numberIn(data, 'exitCode', 255);
  return exitCode === undefined ? (signalIn(data) ?? '') : `exit code ${exitCode}`;
}

function signalIn({ signal }: JsonObject): string | undefined {
  return typeof signal === 'string' && /^SIG[A-Z0-9]{2,10}$/.test(signal) ? signal : undefined;
}

function numberIn(data: JsonObject, name: string, most: number): number | undefined {
  const value = data[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
}

function textIn(data: JsonObject, name: string, length: number): string {
  const value = data[name];
  return typeof value === 'string' ? plain(value, length) : '';
}

function bracketed(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

/** As a sentence of a message. */
function closed(text: string): string {
  return `${text.replace(/\.+$/, '')}.`;
}
