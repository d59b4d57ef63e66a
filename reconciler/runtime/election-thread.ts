// The thread that competes for the lease and renews it, whatever the main thread is busy with; while that stands still, it does not.
// Nothing but this module is loaded in it, and what that needs.
import { write } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { RequestObservation } from '../../kubernetes/client.ts';
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

/** For the line that says why the process ends. */
const LAST_WORDS_MS = 250;

const election = workerData as ElectionSetting | null;
if (parentPort !== null && election?.purpose === 'leader election') await compete(election, parentPort);

async function compete(election: ElectionSetting, port: MessagePort): Promise<void> {
  const tell = (message: FromElection): void => port.postMessage(message);
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  const { silenceMs } = election.timing;
  const pulse = new Pulse({ clock: processClock, silenceMs, sinceMs: election.startedMs, ask: () => tell({ type: 'are you alive?' }) });
  port.on('message', (message: ToElection) => {
    if (message.type === 'alive') pulse.answered(message.atMs);
    else if (message.type === 'stop') stop.abort();
    else work.resolve();
  });
  const onRequest = (observation: RequestObservation): void => tell({ type: 'request', observation });
  const client = new LateClient(election.connect, { userAgent: election.userAgent, maxSockets: 2, onRequest });
  const elector = electorOf(election, { client, pulse, tell });
  try {
    await elector.run(stop.signal, () => {
      tell({ type: 'leading' });
      return work.promise;
    });
    tell({ type: 'ended' });
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    tell({ type: 'lost', message: error.message });
    await endUnheard(error, election);
  } finally {
    pulse.stop();
    client.close();
    port.close();
  }
}

interface Surroundings {
  readonly client: LateClient;
  readonly pulse: Pulse;
  readonly tell: (message: FromElection) => void;
}

function electorOf({ lease, identity, timing, memory }: ElectionSetting, { client, pulse, tell }: Surroundings): LeaderElector {
  const shared = new SharedLease(memory);
  const silent = `the main thread has not answered for ${timing.silenceMs / 1000} s`;
  return new LeaderElector({
    client, lease, identity, timing, clock: processClock, random: Math.random, log: logThrough(tell),
    hindrance: () => (pulse.isSilent() ? silent : undefined),
    onRenewed: (sentMs) => shared.renewed(sentMs),
    onRunningOut: () => tell({ type: 'running out' }),
  });
}

function logThrough(tell: (message: FromElection) => void): LeaderElectorOptions['log'] {
  const at = (level: 'info' | 'warn') => (fields: object, message: string): void => tell({ type: 'log', level, fields, message });
  return { info: at('info'), warn: at('warn') } as LeaderElectorOptions['log'];
}

/** The main thread ends the process when it hears that the lease is lost. When it does not hear, it would go on writing should it come to. */
async function endUnheard({ message }: LeaseLostError, { timing, logLevel }: Pick<ElectionSetting, 'timing' | 'logLevel'>): Promise<void> {
  const log = import('./log.ts');
  await wait(graceMs(timing));
  // Without waiting for long: a full pipe may be what the main thread hangs at.
  const written = log.then(({ createLogger }) => new Promise<void>((resolve) => {
    const destination = { write: (line: string): void => write(1, line, () => resolve()) };
    createLogger({ level: logLevel, destination }).error(`${message}; ending the process, whose main thread does not`);
  }));
  await Promise.race([written.catch(() => undefined), wait(LAST_WORDS_MS)]);
  await endProcess();
}

async function wait(ms: number): Promise<void> {
  await pause(processClock, ms, new AbortController().signal);
}
