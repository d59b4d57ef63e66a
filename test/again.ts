// Gives the test files that failed in a whole run one more run, by themselves: node test/again.ts REPORT.json [arguments of vitest…]
// What passes now is named all the same, for a test that fails beside others is to be mended. See docs/testing.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { failedFiles, type Report } from './support/failed-files.ts';

/** A change that breaks something breaks more files than these; nothing is tried again then. */
const MOST_FILES = 3;

const say = (line: string): void => void process.stderr.write(`tests: ${line}\n`);
const root = join(import.meta.dirname, '..');
const [report = '', ...rest] = process.argv.slice(2);
const failed = failedFiles(JSON.parse(readFileSync(report, 'utf8')) as Report).map((file) => relative(root, file));
if (failed.length === 0 || failed.length > MOST_FILES) {
  say(`${failed.length} files failed; ${failed.length === 0 ? 'the run itself did, so' : `of more than ${MOST_FILES}`} none is run again`);
  process.exit(1);
}
say(`run once more, by themselves: ${failed.join(' ')}`);
const { status } = spawnSync('vitest', ['run', '--no-file-parallelism', ...rest, ...failed], { cwd: root, stdio: 'inherit' });
say(status === 0 ? `FLAKY, to be mended: ${failed.join(' ')}` : 'failed again');
process.exit(status ?? 1);
