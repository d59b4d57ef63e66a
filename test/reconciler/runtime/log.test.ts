import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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

  it('has each line written before the next is logged, so that the last ones are there, in order, when the process ends right after', () => {
    const file = JSON.stringify(join(import.meta.dirname, '../../../reconciler/runtime/log.ts'));
    const script = `import { fstatSync } from 'node:fs'; const { createLogger } = await import(${file}); const log = createLogger({ level: 'info' });
      let missing = 0; for (let i = 0, size = 0; i < 3; i++) { log.info('line'); missing += fstatSync(1).size > size ? 0 : 1; size = fstatSync(1).size; } process.exit(missing);`;
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const output = openSync(join(folder, 'log'), 'a');
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', output, 'inherit'] }).status).toBe(0);
    closeSync(output);
    expect(readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('accepts the known levels only, and lists them otherwise', () => {
    expect(parseLogLevel('debug')).toBe('debug');
    expect(() => parseLogLevel('loud')).toThrow(/"loud".*silent, fatal, error, warn, info, debug, trace/);
  });
});
