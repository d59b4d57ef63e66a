// A small stdio server of both eras, on the official SDK v2.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

serveStdio(() => {
  const server = new McpServer({ name: 'dual', version: '1.0.0' });
  server.registerTool('echo', { description: 'Says it again.', inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: 'text', text: `${text} from ${process.pid}` }],
  }));
  const change = server.registerTool('change', { description: 'Changes the list of tools.', inputSchema: z.object({}) }, () => {
    change.update({ title: `${Date.now()}` });
    return { content: [{ type: 'text', text: 'changed' }] };
  });
  server.registerTool('steps', { description: 'Takes three steps.', inputSchema: z.object({}) }, async (_args, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [1, 2, 3]) {
      if (progressToken !== undefined) await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
    }
    return { content: [{ type: 'text', text: String(progressToken) }] };
  });
  return server;
});
