// Runs before `npm start`, on any Node and any system, so in plain JavaScript: where that cannot work it says what does, and ends.

/** Systems by the names that people give them, and the Linux that is at hand there. */
const OTHERS = {
  darwin: { name: 'macOS', linux: 'a virtual machine' },
  win32: { name: 'Windows', linux: 'WSL 2' },
};

/**
 * What to do on a system that `npm start` cannot run on, in three lines; none on Linux. Pure.
 * @param {string} system as Node calls it
 * @returns {string[]}
 */
function whatWorksOn(system) {
  if (system === 'linux') return [];
  const { name, linux } = Object.entries(OTHERS).find(([key]) => key === system)?.[1] ?? { name: system, linux: 'a virtual machine' };
  return [
    `npm start runs a cluster of its own, which needs Linux, and this is ${name}: in ${linux} it works as README.md says.`,
    'What works here is the command line: npx --no-install mcp-operator --help, for instance verify URL, or render -f FILE (on Node 24).',
    'So does the operator in kind: docker build makes the images (docs/images.md, "With Docker"), kind load docker-image loads them, and README.md, "Into a cluster", has the rest.',
  ];
}

const lines = whatWorksOn(process.platform);
if (lines.length > 0) {
  process.stderr.write(`${lines.join('\n')}\n`);
  // Windows knows no `exec`, with which npm start would go on.
  process.exitCode = 1;
}
