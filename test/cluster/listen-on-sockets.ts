// Loaded into every Node program of a pod before the program itself: what it listens on is a unix socket in the folder POD_SOCKETS,
// which only the user of this machine can reach, instead of a port, which everybody could. The program sees a port.
import { rmSync } from 'node:fs';
import net from 'node:net';
import { basename, join } from 'node:path';

const folder = process.env['POD_SOCKETS'] ?? '';
/** Of the pod: its folder bears it. */
const address = basename(folder);
const LOOPBACK = /^(localhost|127\..*|::1)$/;
/** Where the numbers begin that a program gets which asks for any port. */
const ANY_PORT = 49_152;

interface Wanted {
  readonly port: number;
  readonly host: string;
}

/** What a call of `listen` asks for; undefined where that is no port. */
function wantedBy([first, second]: readonly unknown[]): Wanted | undefined {
  const options = typeof first === 'object' && first !== null ? (first as Record<string, unknown>) : { port: first, host: second };
  const { port, host } = options;
  if (['path', 'fd', 'handle', '_handle'].some((key) => options[key] !== undefined)) return undefined;
  const number = typeof port === 'number' || typeof port === 'string' ? Number(port) : 0;
  return Number.isNaN(number) ? undefined : { port: number, host: typeof host === 'string' ? host : '' };
}

/** A pod's own loopback address is no way into it. */
function socketFor({ port, host }: Wanted): string {
  return join(folder, LOOPBACK.test(host) ? `localhost-${port}` : String(port));
}

const { prototype } = net.Server as { prototype: { listen: (this: net.Server, ...args: unknown[]) => net.Server } };
const { listen } = prototype;

prototype.listen = function listenOnSocket(this: net.Server, ...args: unknown[]): net.Server {
  const asked = wantedBy(args);
  if (asked === undefined) return listen.apply(this, args);
  if (folder === '') throw new Error('POD_SOCKETS is not set: a program of a pod listens on no port of this machine');
  const port = asked.port || ANY_PORT + Math.floor(Math.random() * 2 ** 14);
  const path = socketFor({ ...asked, port });
  // A program that was killed has left it; that two of one pod listen on one port does not matter to a demonstration.
  rmSync(path, { force: true });
  this.address = () => ({ address, family: 'IPv4', port });
  // Before what the program does with a connection: what limits requests by address needs one.
  this.prependListener('connection', (socket: net.Socket) => void Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' }));
  return listen.call(this, { path }, args.findLast((each) => typeof each === 'function'));
};
