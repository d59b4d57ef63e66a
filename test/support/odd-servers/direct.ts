// Judges an odd server by the operator, which asks it directly, and by the real clients of both SDKs.
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import { judgeV1, judgeV2 } from '../real-clients.ts';
import { ask, timeoutOf, type Judgement } from './judgement.ts';

/** So long clients are waited for, in milliseconds. */
const PATIENCE_MS = 5000;
const urlOf = (port: number): URL => new URL(`http://127.0.0.1:${port}/mcp`);

/** Judges a server under the name by which clients ask it. */
export const judgeDirectly: Judgement = async (server, patience) => {
  const patienceMs = PATIENCE_MS * patience;
  const [{ reason, message }, v1, v2] = await Promise.all([
    ask(server, (port) => {
      const options = { path: '/mcp', host: `127.0.0.1:${port}`, timeoutMs: timeoutOf(server, patience) };
      return handshake(directExchange({ ip: '127.0.0.1', port }), options);
    }),
    ask(server, (port) => judgeV1(urlOf(port), patienceMs)),
    ask(server, (port) => judgeV2(urlOf(port), patienceMs)),
  ]);
  return { reason, message, clients: { v1, v2 } };
};
