// One handshake with the server on a port of this machine, after one to warm up; prints what it cost as JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import { serveStateless } from '../../support/mcp-servers.ts';

export interface Cost {
  readonly reason: string;
  readonly cpuMs: number;
  /** The longest time in which nothing else could run. */
  readonly blockMs: number;
  /** By how much the memory of the process grew at most. */
  readonly memoryMiB: number;
}

async function ask(port: number): Promise<string> {
  const { reason } = await handshake(directExchange({ ip: '127.0.0.1', port }), { path: '/mcp', host: 'tools', timeoutMs: 10_000 });
  return reason;
}

const [, , port = ''] = process.argv;
const warm = await serveStateless();
await ask(warm.port);
await warm.close();
const [delay, before, used] = [monitorEventLoopDelay({ resolution: 10 }), process.cpuUsage(), process.resourceUsage().maxRSS];
delay.enable();
const reason = await ask(Number(port));
delay.disable();
const { user, system } = process.cpuUsage(before);
const memoryMiB = (process.resourceUsage().maxRSS - used) / 1024;
const cost: Cost = { reason, cpuMs: (user + system) / 1000, blockMs: delay.max / 1e6, memoryMiB };
process.stdout.write(JSON.stringify(cost));
process.exit();
