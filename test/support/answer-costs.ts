// Counts what the answers to a handshake cost: how much of each is looked at, in how many pieces, and what is kept.
import type { HttpExchange } from '../../reconciler/verification/exchange.ts';

/** What one answer cost. */
export interface AnswerCost {
  readonly asked: string;
  bytes: number;
  pieces: number;
  kept: number;
}

/** Counts what of each answer was looked at, and what was kept. */
export function counting(exchange: HttpExchange, costs: AnswerCost[]): HttpExchange {
  return async (request) => {
    const { method: asked = request.method } = JSON.parse(request.body ?? '{}') as { method?: string };
    const cost: AnswerCost = { asked, bytes: 0, pieces: 0, kept: 0 };
    costs.push(cost);
    const { enough } = request;
    const response = await exchange({
      ...request,
      enough: (head) => {
        const look = enough?.(head) ?? ((): boolean => false);
        return look === true || ((chunk) => {
          cost.bytes += chunk.length;
          cost.pieces += 1;
          return look(chunk);
        });
      },
    });
    cost.kept = Buffer.byteLength(response.body);
    return response;
  };
}

const KIB = 1024;

/** Whether an answer cost more than docs/security.md allows; one piece is needed to see that it is too many. */
export function exceeds({ asked, bytes, pieces, kept }: AnswerCost): boolean {
  const isList = asked === 'tools/list';
  return bytes > (isList ? KIB * KIB : 64 * KIB) || kept > (isList ? KIB : 64 * KIB) || pieces > 1025;
}
