// Why a server did not start: the kinds that are told apart, what speaks for each, and how it is said. Pure.

/** The kinds, as whoever reads an answer of the bridge finds them. */
export const START_FAILURES = [
  /** There is no such command. */
  'CommandNotFound',
  /** There is one, and the system does not start it. */
  'CommandNotStarted',
  /** The package that has it could not be installed. */
  'NotInstalled',
  /** It ended before it answered. */
  'ExitsAtOnce',
  /** It writes to standard output, and not one line of it is a message. */
  'PrintsNoProtocol',
  /** It said nothing in the time it has to start. */
  'NeedsMoreTime',
  /** It listens on a port, or would, and does not answer over stdio. */
  'SpeaksHTTP',
  /** It answered `initialize` with an error. */
  'RefusedInitialize',
] as const;
export type StartFailureKind = (typeof START_FAILURES)[number];

/** Why a process did not complete a handshake. */
export interface StartFailure {
  readonly kind: StartFailureKind;
  /** The end of a sentence. */
  readonly why: string;
  /** What it said last on standard error. */
  readonly lastWords: readonly string[];
  /** A line that it wrote to standard output and that is no message. */
  readonly printed?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Where it listens, or wanted to. */
  readonly port?: number;
}

/** What is known of a process that ended. */
export interface Ended {
  readonly how: string;
  readonly lastWords: readonly string[];
  readonly printed?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Why it never began. */
  readonly unstartable?: 'CommandNotFound' | 'CommandNotStarted' | 'NotInstalled';
}

/** What the usual runtimes say of a port that another program has. */
const TAKEN = /\bEADDRINUSE\b|\baddress (?:is )?already in use\b|\bport (?:is )?already (?:in use|allocated)\b/i;
/** The port in such a line, the last one; before it may stand a time. */
const ADDRESS = /(?:(?<!\d):|', )(\d{2,5})(?![\d.])|\bport[ :=]{1,2}(\d{2,5})\b|(?:\.\d{1,3}|localhost):(\d{2,5})(?!\d)/gi;
/** The port in another line of the same error. */
const PORT = /\bport[ :=]{1,2}(\d{2,5})\b/gi;

/** Of a process that ended before it answered. One that found its port taken, most likely by the bridge, is a server that speaks HTTP. */
export function failureOfEnd({ how, unstartable, lastWords, printed, exitCode, signal }: Ended): StartFailure {
  const known = {
    lastWords,
    ...(printed !== undefined && { printed }),
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
  };
  if (unstartable !== undefined) return { kind: unstartable, why: how, ...known };
  const line = lastWords.find((words) => TAKEN.test(words));
  if (line === undefined) return { kind: 'ExitsAtOnce', why: how, ...known };
  const port = portIn(line, ADDRESS) ?? lastWords.map((words) => portIn(words, PORT)).find((found) => found !== undefined);
  const where = port === undefined ? 'on a port' : `on port ${port}`;
  return { kind: 'SpeaksHTTP', why: `${how}, for it wanted to listen ${where} that is in use`, ...known, ...(port !== undefined && { port }) };
}

/** What a process does that runs and has not answered. */
export interface Silence {
  readonly seconds: number;
  readonly ports: readonly number[];
  /** Whether it said anything of the protocol at all. */
  readonly hasSpoken: boolean;
  readonly lastWords: readonly string[];
  readonly printed?: string;
}

/** Of a process that has not answered for so long. */
export function failureOfSilence({ seconds, ports: [port], hasSpoken, ...known }: Silence): StartFailure {
  const why = `no answer within ${seconds} s`;
  if (port !== undefined && !hasSpoken) return { kind: 'SpeaksHTTP', why: `${why}, and it listens on port ${port}`, port, ...known };
  if (known.printed !== undefined && !hasSpoken) return { kind: 'PrintsNoProtocol', why: `${why}, and what it writes to standard output is no protocol`, ...known };
  return { kind: 'NeedsMoreTime', why, ...known };
}

/** Of a process that answered `initialize` with an error. */
export function failureOfRefusal(message: string, lastWords: readonly string[]): StartFailure {
  return { kind: 'RefusedInitialize', why: `it refused initialize: ${message}`, lastWords };
}

function portIn(line: string, pattern: RegExp): number | undefined {
  const [, ...found] = [...line.matchAll(pattern)].at(-1) ?? [];
  const port = Number(found.find((each) => each !== undefined));
  return port > 0 && port <= 65_535 ? port : undefined;
}
