import { describe, expect, it } from 'vitest';
import { createLogger, parseLogLevel } from '../../../reconciler/runtime/log.ts';

describe('the log', () => {
  it('is JSON lines with ts, level as text, msg and the error under err', () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', destination: { write: (line) => { lines.push(line); } } });
    log.child({ controller: 'mcpserver' }).error({ err: new Error('boom') }, 'failed');
    log.debug('not at this level');
    expect(lines).toHaveLength(1);
    const { ts, err, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(rest).toEqual({ level: 'error', controller: 'mcpserver', msg: 'failed' });
    expect(err).toMatchObject({ type: 'Error', message: 'boom' });
    expect(new Date(String(ts)).toISOString()).toBe(ts);
  });

  it('accepts the known levels only, and lists them otherwise', () => {
    expect(parseLogLevel('debug')).toBe('debug');
    expect(() => parseLogLevel('loud')).toThrow(/"loud".*silent, fatal, error, warn, info, debug, trace/);
  });
});
