// The log: JSON lines with the keys ts, level and msg, as the operator and the Kubernetes MCP server write them.
import { LOG_LEVELS, type LogLevel } from './settings.ts';

/** Writes one line for each call of its level or above. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: Readonly<Record<string, unknown>>) => void>>;

/** A log that hands its lines to `write`. */
export function createLog(least: LogLevel, write: (line: string) => void): Log {
  const from = LOG_LEVELS.indexOf(least);
  const writer = (level: LogLevel, index: number): [LogLevel, Log[LogLevel]] => [
    level,
    (msg, fields = {}) => {
      if (index >= from) write(`${JSON.stringify({ level, ts: new Date().toISOString(), ...fields, msg })}\n`);
    },
  ];
  return Object.fromEntries(LOG_LEVELS.map(writer)) as Log;
}
