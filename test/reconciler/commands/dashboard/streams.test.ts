// What a browser is sent that does not read as fast as things change: the newest state of each row, not each step, and never more than it takes.
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Fleet, FleetChange } from '../../../../reconciler/commands/dashboard/fleet.ts';
import { FleetStream, type Sources } from '../../../../reconciler/commands/dashboard/streams.ts';
import type { Row } from '../../../../reconciler/commands/dashboard/told.ts';

const ROWS = 100;
const ROUNDS = 30;
/** Of one row: what a round changes is more than what lies between two sockets. */
const MESSAGE = 'x'.repeat(40_000);

/** Rows that a test changes, behind what streams ask of a fleet. */
class Rows {
  readonly #rows = new Map<string, Row>();
  readonly listeners = new Set<(change: FleetChange) => void>();
  readonly isKnown = true;

  rows(): Row[] {
    return [...this.#rows.values()];
  }

  row(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  onChange(listener: (change: FleetChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(round: number): void {
    const keys = Array.from({ length: ROWS }, (_, index) => `tools/s${index}`);
    for (const key of keys) this.#rows.set(key, { key, reason: `round-${round}`, message: MESSAGE } as Row);
    for (const listener of this.listeners) listener({ rows: keys, touched: new Set(keys) });
  }
}

test('a browser that does not read gets the newest of each row when it does, and the steps between are left out', async () => {
  const fleet = new Rows();
  const sources: Sources = {
    about: { cluster: 'x', namespace: null, version: '1' },
    fleet: fleet as unknown as Fleet,
    link: () => ({ away: null, since: null }),
    onLink: () => () => undefined,
  };
  let told: ServerResponse | undefined;
  const server = createServer((_request, response) => {
    told = response;
    void new FleetStream(response.writeHead(200), sources);
  });
  onTestFinished(() => server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const [response] = (await once(get({ port: (server.address() as AddressInfo).port, agent: false }), 'response')) as [IncomingMessage];
  for (let round = 1; round <= ROUNDS; round += 1) {
    fleet.change(round);
    await sleep(110);
  }
  // One round at most waits beyond what the system holds between the two.
  expect(told?.writableLength).toBeLessThan(2.5 * ROWS * MESSAGE.length);
  let bytes = 0;
  let end = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    bytes += chunk.length;
    end = (end + chunk).slice(-60_000);
    if (end.endsWith('\n\n') && end.includes(`round-${ROUNDS}`)) break;
  }
  expect(bytes).toBeLessThan((ROUNDS * ROWS * MESSAGE.length) / 2);
  expect(fleet.listeners.size).toBeLessThanOrEqual(1);
});
