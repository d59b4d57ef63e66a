#!/usr/bin/env node
// Starts the operator's command line: from the sources in a checkout, from what was built of them in an installed package.
import { existsSync } from 'node:fs';

const source = new URL('../reconciler/main.ts', import.meta.url);
const isCheckout = existsSync(source);
// What was built runs on what `engines` names; the sources, which Node strips of their types, on the Node that a checkout brings.
const [major, minor] = isCheckout ? [24, 0] : [22, 12];
const [itsMajor, itsMinor] = process.versions.node.split('.').map(Number);
if (itsMajor > major || (itsMajor === major && itsMinor >= minor)) {
  await import(isCheckout ? source : new URL('../build/lib/reconciler/main.js', import.meta.url));
} else {
  const remedy = isCheckout ? 'start it with npm run operator, which has one' : 'install a newer one';
  process.stderr.write(`error: mcp-operator needs Node ${major}.${minor} or newer, and this is ${process.versions.node}; ${remedy}\n`);
  process.exitCode = 1;
}
