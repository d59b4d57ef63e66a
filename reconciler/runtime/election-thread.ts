// The thread that competes for the lease and renews it, whatever the main thread is busy with; while that stands still, it does not.
// Nothing but this module is loaded in it, and what that needs.
import { write } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { pause, processClock } from './clock.ts';
import type { ElectionSetting, FromElection, ToElection } from './election-messages.ts';
import { graceMs } from './election-timing.ts';
import { endProcess } from './end-process.ts';
import { LateClient } from './late-client.ts';
import { LeaderElector, LeaseLostError, type LeaderElectorOptions } from './leader-election.ts';
import { Pulse } from './pulse.ts';
import { SharedLease } from './shared-lease.ts';

/** This module, to be started as a thread with an ElectionSetting; the same for sources, what is built of them, and bundles. */
export const ELECTION_THREAD = new URL(import.meta.url);

const setting = workerData as ElectionSetting | null;
if (parentPort !== null && setting?.purpose === 'leader election') await compete(setting, parentPort);

async function compete({ timing, ...setting }: ElectionSetting, port: MessagePort): Promise<void> {
  const tell = (message: FromElection): void => port.postMessage(message);
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  const pulse = new Pulse({
    clock: processClock, silenceMs: timing.silenceMs, sinceMs: setting.startedMs, ask: () => tell({ type: 'are you alive?' }),
  });
  port.on('message', (message: ToElection) => {
    if (message.type === 'alive') pulse.answered(message.atMs);
    else if (message.type === 'stop') stop.abort();
    else work.resolve();
  });
  const client = new LateClient(setting.connect, {
    userAgent: setting.userAgent, maxSockets: 2, onRequest: (observation) => tell({ type: 'request', observation }),
  });
  const elector = new LeaderElector({
    client, lease: setting.lease, identity: setting.identity, timing, clock: processClock, random: Math.random, log: logThrough(tell),
    hindrance: () => (pulse.isSilent() ? `the main thread has not answered for ${timing.silenceMs / 1000} s` : undefined),
    onRenewed: (sentMs) => new SharedLease(setting.memory).renewed(sentMs),
    onRunningOut: () => tell({ type: 'running out' }),
  });
  try {
    await elector.run(stop.signal, () => {
      tell({ type: 'leading' });
      return work.promise;
    });
    tell({ type: 'ended' });
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    tell({ type: 'lost', message: error.message });
    await pause(processClock, graceMs(timing), new AbortController().signal);
    await endUnheard(error, setting);
  } finally {
    pulse.stop();
    client.close();
    port.close();
  }
}

function logThrough(tell: (message: FromElection) => void): LeaderElectorOptions['log'] {
  const at = (level: 'info' | 'warn') => (fields: object, message: string): void => tell({ type: 'log', level, fields, message });
  return { info: at('info'), warn: at('warn') } as LeaderElectorOptions['log'];
}

/** The main thread did not hear that the lease is lost, and would go on writing if it came to. */
async function endUnheard(error: LeaseLostError, { logLevel }: Pick<ElectionSetting, 'logLevel'>): Promise<void> {
  const ending = endProcess();
  const { createLogger } = await import('./log.ts');
  // Without waiting: a full pipe may be what the main thread hangs at.
  const destination = { write: (line: string): void => write(1, line, () => undefined) };
  createLogger({ level: logLevel, destination }).error(`${error.message}; ending the process, whose main thread does not`);
  await ending;
}
