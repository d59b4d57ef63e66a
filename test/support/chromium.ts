// A real Chromium, where this machine has one: tests of the page that people see open it there.
import { spawnSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PROGRAM = NAMES.find((name) => spawnSync(name, ['--version'], { timeout: 60_000 }).status === 0);

/** Why tests with it are skipped; undefined where it is there. */
export const CHROMIUM_MISSING = PROGRAM === undefined
  ? 'chromium is not on the PATH: of Debian it is in the package chromium, which .ci/run installs'
  : undefined;

/** Says on standard error once why a file's tests with Chromium are skipped. */
export function chromiumIsMissing(): boolean {
  if (CHROMIUM_MISSING !== undefined) process.stderr.write(`skipped: ${CHROMIUM_MISSING}\n`);
  return CHROMIUM_MISSING !== undefined;
}

/** Starts it; the caller closes it. It shows what a test serves on this machine alone, so it needs no sandbox of its own. */
export async function startChromium(): Promise<Browser> {
  const path = spawnSync('sh', ['-c', `command -v ${PROGRAM}`], { encoding: 'utf8' }).stdout.trim();
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update'];
  return chromium.launch({ executablePath: path, args, timeout: 90_000 });
}
