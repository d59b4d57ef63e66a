// A dashboard as its user starts it, and requests to it as browsers and others send them.
import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { startCli, type RunningCli } from '../../../support/cli-process.ts';
import { eventually } from '../../../support/cluster.ts';

/** One that runs. */
export interface Served {
  readonly cli: RunningCli;
  /** As printed, with the token. */
  readonly url: string;
  readonly port: number;
  /** What the token is exchanged for: the cookie as it is sent back, and where the page is. */
  readonly cookie: string;
  readonly base: string;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts it on a free port and lets a browser in; the caller ends it. */
export async function serveDashboard(kubeconfig: string, args: readonly string[], path?: string): Promise<Served> {
  const cli = startCli(kubeconfig, { home: '/nonexistent', cwd: '/', args: ['dashboard', ...args], ...(path !== undefined && { path }) });
  try {
    const url = await eventually(() => {
      const { stdout, stderr } = cli.printed();
      const printed = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(stdout)?.[0];
      if (printed === undefined) throw new Error(stderr);
      return printed;
    }, { message: 'the URL of the dashboard' });
    const port = Number(new URL(url).port);
    const { status, headers } = await ask(port, url.slice(url.indexOf('/?')));
    const [cookie = ''] = headers['set-cookie'] ?? [];
    if (status !== 303) throw new Error(`the token was answered with ${status}`);
    return { cli, url, port, cookie: cookie.split(';')[0] ?? '', base: headers.location ?? '' };
  } catch (error) {
    await cli.end('SIGKILL');
    throw error;
  }
}

/** Sends a request to a port of this machine, with whatever stands in its head. */
export async function ask(port: number, path: string, sending: Sending = {}): Promise<Answer> {
  const response = await begin(port, path, sending);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** The same as the browser that was let in. */
export function askInside({ port, base, cookie }: Served, path: string, { headers = {}, ...rest }: Sending = {}): Promise<Answer> {
  return ask(port, `${base}${path}`, { ...rest, headers: { cookie, ...headers } });
}

async function begin(port: number, path: string, { method = 'GET', headers = {}, body }: Sending): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** A stream, event by event. */
export interface Stream {
  /** Everything that came. */
  readonly text: () => string;
  /** The data of all events of a name so far. */
  readonly events: (name: string) => unknown[];
  readonly close: () => void;
}

/** Opens a stream of the page; the caller closes it. */
export async function openStream({ port, base, cookie }: Served, path: string): Promise<Stream> {
  const response = await begin(port, `${base}${path}`, { headers: { cookie } });
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('error', () => undefined);
  return {
    text: () => text,
    events: (name) => [...text.matchAll(new RegExp(`^event: ${name}\\ndata: (.*)\\n\\n`, 'gm'))].map(([, data = '']) => JSON.parse(data) as unknown),
    close: () => response.destroy(),
  };
}
