// The dashboard of the demonstration: the command as users start it, over the cluster's kubeconfig.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../control-plane.ts';
import { startProcess } from '../managed-process.ts';
import { freePort } from '../ports.ts';
import { portsOf } from './stable-ports.ts';

const MAIN = join(import.meta.dirname, '../../../reconciler/main.ts');
const LIMIT_MS = 60_000;
const LOOK_MS = 50;

/** One that runs. */
export interface Dashboard {
  /** With the token: for the user of the demonstration alone. */
  readonly url: string;
  /** Resolves when it ended and nobody asked it to. */
  readonly failed: Promise<Error>;
  stop(): Promise<unknown>;
}

/** Starts it; throws, with what it said, where it says no URL. */
export async function startDashboard({ kubeconfig, dir }: ControlPlane, signal: AbortSignal): Promise<Dashboard> {
  const port = await freePort('127.0.0.1', portsOf(`${dir} dashboard`));
  const running = await startProcess({
    name: 'dashboard',
    command: process.execPath,
    args: [MAIN, 'dashboard', '-A', '--kubeconfig', kubeconfig, '--port', String(port)],
    env: { PATH: '/usr/bin:/bin', HOME: dir },
    logFile: join(dir, 'dashboard.log'),
  });
  try {
    const deadline = performance.now() + LIMIT_MS;
    while (running.running() && performance.now() < deadline) {
      await sleep(LOOK_MS, undefined, { signal });
      const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+$/m.exec(running.logTail())?.[0];
      if (url === undefined) continue;
      return { url, failed: running.exited.then(() => new Error(`the dashboard ended:\n${running.logTail()}`)), stop: () => running.stop() };
    }
    throw new Error(`the dashboard did not start:\n${running.logTail()}`);
  } catch (error) {
    await running.stop();
    throw error;
  }
}
