// Ports by name: the same each time where they are free, the next where they are not.
import { createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnFirst, portsOf } from './stable-ports.ts';

function server(): Server {
  const made = createServer();
  onTestFinished(() => void made.close());
  return made;
}

test('a name has the same ports each time, others have others, and all lie where a system gives none by itself', () => {
  expect(portsOf('npm start 1 default/dice')).toEqual(portsOf('npm start 1 default/dice'));
  const all = Array.from({ length: 200 }, (_, index) => portsOf(`server ${index}`)).flat();
  expect(new Set(all).size).toBeGreaterThan(900);
  for (const port of all) expect(port >= 10_000 && port < 30_000).toBe(true);
});

test('a port that is taken gives way to the next, and when all are taken to any', async () => {
  const names = portsOf(`test ${process.pid} ${performance.now()}`).slice(0, 2);
  const [first, second] = [await listenOnFirst(server(), names), await listenOnFirst(server(), names)];
  expect(new Set([first, second]).size).toBe(2);
  expect(await listenOnFirst(server(), [first, second])).not.toBe(0);
  await expect(listenOnFirst(server(), [70_000])).rejects.toThrow(/port/i);
});
