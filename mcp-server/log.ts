// The logger: JSON lines with the keys ts, level (as text) and msg, as the operator writes them.
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Settings } from './settings.ts';

/** Makes a logger that writes to `destination`. Log errors under the key `err`. */
export function createLogger(level: Settings['logLevel'], destination: DestinationStream): Logger {
  const settings = {
    level,
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(settings, destination);
}
