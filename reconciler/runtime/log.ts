// The operator's logger: JSON lines with the keys ts, level (as text) and msg.
import { destination, pino, type DestinationStream, type Logger } from 'pino';

/** Accepted levels, from quiet to talkative. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Reads a level; throws an Error that lists the accepted ones. */
export function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text);
  if (level === undefined) throw new Error(`unknown log level "${text}", use one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/**
 * Makes a logger that writes to `destination`, by default standard output, line by line: what was logged last before the process
 * ends is there, and after what was logged before. Where standard output takes no more, as a full disk does, lines are lost and nothing
 * else happens. Log errors under the key `err`.
 */
export function createLogger(options: { level: LogLevel; destination?: DestinationStream | undefined }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(settings, options.destination ?? standardOutput());
}

/** What could not be written is kept for the next try, up to this many bytes. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;

function standardOutput(): DestinationStream {
  const out = destination({ dest: 1, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  out.on('error', () => undefined);
  return out;
}
