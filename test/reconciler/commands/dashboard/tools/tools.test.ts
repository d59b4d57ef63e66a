// How many things are done at a time for pages, and that nothing stays undone at the end.
import { expect, test } from 'vitest';
import type { KubernetesClient } from '../../../../../kubernetes/client.ts';
import { Tools } from '../../../../../reconciler/commands/dashboard/tools/tools.ts';

test('four are listed or called at a time, the fifth is refused in words, and the next is taken once one has ended', async () => {
  const tools = new Tools({ client: {} as KubernetesClient, find: () => undefined });
  const { signal } = new AbortController();
  const ask = (): ReturnType<Tools['answer']> => tools.answer('tools/list', '{"namespace":"a","name":"b"}', signal);
  const answers = await Promise.all([ask(), ask(), ask(), ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 503]);
  expect(answers.map(({ text }) => text)).toEqual([
    ...Array.from({ length: 4 }, () => '{"problem":"There is no such MCPServer."}'), '4 tools are listed or called already: wait for one to end, or stop it.\n',
  ]);
  expect((await ask()).status).toBe(200);
  await tools.end();
});
