#!/usr/bin/env node
// The operator's process. It heeds signals before it loads anything: as the first process of a container it would be deaf to them.
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

// A second signal means the same: Ctrl-C arrives twice through npm.
const stop = new AbortController();
for (const signal of SIGNALS) process.on(signal, () => stop.abort(signal));

/** By the signal itself, so that a shell sees it; the first process of a container has to exit. */
function die(signal: NodeJS.Signals): never {
  for (const each of SIGNALS) process.removeAllListeners(each);
  process.kill(process.pid, signal);
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

const { runCommandLine } = await import('./commands/command-line.ts');
const { argv, env, stdout, stderr } = process;
await runCommandLine({
  argv,
  env,
  stdin: () => process.stdin,
  stdout,
  stderr,
  stop: stop.signal,
  onHangUp: (listener) => { process.on('SIGHUP', listener); },
  die,
  exit: (code) => process.exit(code),
  endWith: (code) => { process.exitCode = code; },
});
