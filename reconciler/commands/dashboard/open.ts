// Opens a URL in the browser of the person who asked for it.
import { spawn } from 'node:child_process';

const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Starts the program that does so; `fail` is told where there is none, or it says no. The browser is not waited for. */
export function openInBrowser(url: string, fail: (reason: string) => void): void {
  const [program, ...args] = PROGRAMS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code) => {
    if (code !== null && code !== 0) fail(`${program} ended with ${code}`);
  });
  child.unref();
}
