// Stands in for an ordinary image: writes some log lines, answers HTTP when it is given a PORT, ends on SIGTERM.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  process.stdout.write(`${request.method} ${request.url}\n`);
  response.end('hello from the sample program\n');
});
server.listen(Number(process.env['PORT'] ?? 0), process.env['MCP_HOST'] ?? '127.0.0.1');
process.stdout.write('sample program: starting\nsample program: ready\n');
process.on('SIGTERM', () => {
  process.stdout.write('sample program: stopping\n');
  process.exit(0);
});
