#!/usr/bin/env node
// kubectl runs this to complete `kubectl mcp …`; see completion/ of the operator's command line.
process.argv.splice(2, 0, '__complete');
await import('./mcp-operator.js');
