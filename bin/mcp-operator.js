#!/usr/bin/env node
// Starts the operator's command line: from the sources in a checkout, from what was built of them in an installed package.
import { existsSync } from 'node:fs';

const source = new URL('../reconciler/main.ts', import.meta.url);
await import(existsSync(source) ? source : new URL('../build/lib/reconciler/main.js', import.meta.url));
