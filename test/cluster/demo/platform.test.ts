// What `npm start` says on systems where it cannot run, before anything of it is loaded; run as on such a system.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');

/** Runs what npm runs before `start`, as on a system of this name. */
function runOn(system: string): { lines: string[]; status: number | null } {
  const [program = '', ...args] = packageJson.scripts.prestart.split(' ');
  expect(program).toBe('node');
  const pretend = `data:text/javascript,Object.defineProperty(process,'platform',{value:'${system}'})`;
  const { stderr, stdout, status } = spawnSync(process.execPath, ['--import', pretend, ...args], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout).toBe('');
  return { lines: stderr === '' ? [] : stderr.trimEnd().split('\n'), status };
}

test('on Linux nothing is said', () => {
  expect(runOn('linux')).toEqual({ lines: [], status: 0 });
});

test.each([['darwin', 'macOS', 'a virtual machine'], ['win32', 'Windows', 'WSL 2'], ['freebsd', 'freebsd', 'a virtual machine']])('on %s three lines say what works, and npm does not go on', (system, name, linux) => {
  const { lines, status } = runOn(system);
  expect(status).toBe(1);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(`this is ${name}: in ${linux} it works`);
  expect(lines[1]).toContain('npx --no-install mcp-operator --help');
  expect(lines[2]).toMatch(/kind: docker build .*kind load docker-image/);
});
