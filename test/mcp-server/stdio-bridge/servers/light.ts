// A stdio server without the SDK, so that fifty of them are light: it echoes, takes its time, and asks its client back.
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

interface Request {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly _meta?: { readonly progressToken?: unknown };
  };
  readonly result?: unknown;
}

const say = (message: object): boolean => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const asked = new Map<unknown, (result: unknown) => void>();
const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'light', version: '1' } };
const MOST_STEPS = 5;

const TOOLS: Readonly<Record<string, (args: Readonly<Record<string, unknown>>, request: Request) => Promise<unknown>>> = {
  echo: (args) => Promise.resolve(args['said']),
  async slow({ said, milliseconds }, { params }) {
    for (let step = 1; step <= MOST_STEPS; step += 1) {
      await delay(Number(milliseconds) / MOST_STEPS);
      say({ method: 'notifications/progress', params: { progressToken: params?._meta?.progressToken, progress: step } });
    }
    return said;
  },
  ask: ({ said }, { id }) => new Promise((resolve) => {
    asked.set(`asked ${id}`, resolve);
    say({ id: `asked ${id}`, method: 'sampling/createMessage', params: { said } });
  }),
};

async function answer(request: Request): Promise<void> {
  const { id, method, params = {}, result } = request;
  if (method === undefined) return asked.get(id)?.(result);
  if (id === undefined) return;
  if (method === 'initialize') return void say({ id, result: INTRODUCTION });
  const tool = method === 'tools/call' ? TOOLS[params.name ?? ''] : undefined;
  if (tool === undefined) return void say({ id, error: { code: -32_601, message: 'no' } });
  const said = await tool(params.arguments ?? {}, request);
  say({ id, result: { content: [{ type: 'text', text: JSON.stringify({ pid: process.pid, said }) }] } });
}

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(JSON.parse(line) as Request))
  // Also when it is busy.
  .on('close', () => process.exit(0));
