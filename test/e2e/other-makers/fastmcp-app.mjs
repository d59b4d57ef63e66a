// A FastMCP app as its documentation begins one: the library is other makers' work, these lines are what a user writes.
import { FastMCP } from 'fastmcp';
import { z } from 'zod';

const server = new FastMCP({ name: 'adder', version: '1.2.3' });

server.addTool({
  name: 'add',
  description: 'Adds two numbers',
  parameters: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => Promise.resolve(String(a + b)),
});

await server.start({ transportType: 'httpStream', httpStream: { host: '0.0.0.0', port: Number(process.env.MCP_PORT) } });
