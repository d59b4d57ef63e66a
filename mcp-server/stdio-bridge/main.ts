#!/usr/bin/env node
// The stdio bridge's process. It heeds signals before it loads anything: as the first process of a container it would be deaf to them.

// A second signal means the same: Ctrl-C arrives twice through npm.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort(signal));

const { runCommandLine } = await import('./command-line.ts');
process.exit(await runCommandLine({ main: process.argv[1] ?? '', argv: process.argv.slice(2), env: process.env, stop: stop.signal }));
