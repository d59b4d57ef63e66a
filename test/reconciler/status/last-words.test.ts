import { describe, expect, it } from 'vitest';
import { portsNamedIn } from '../../../reconciler/status/last-words.ts';

const ports = (words: string): number[] => portsNamedIn(words).map(({ port }) => port);

describe('the last words of a program', () => {
  it.each([
    ['Server listening on http://0.0.0.0:3000/mcp', 3000],
    ['INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)', 8000],
    ["Starting MCP server 'weather' with transport 'http' on http://127.0.0.1:8000/mcp", 8000],
    ['2026/11/23 12:30:45 Listening on :3001', 3001],
    ['listening on [::]:9000', 9000],
    ['MCP server listening on port 3000', 3000],
    ['{"level":30,"time":1790000000000,"pid":17,"port":3000,"msg":"listening"}', 3000],
    ['{"level":30,"msg":"Server listening at http://127.0.0.1:4000"}', 4000],
    ['Serving on localhost:8765', 8765],
    ['boot\nListening on *:80\nready\n', 80],
  ])('name the port: %s', (words, port) => {
    expect(ports(words)).toEqual([port]);
  });

  it.each([
    '',
    'Error: connect ECONNREFUSED 10.0.0.5:5432',
    'running migrations against 10.0.0.5:5432',
    '    at Server.listen (node:net:2080:7)',
    '{"level":30,"pid":1234,"msg":"started to listen"}',
    '12:30:45 listening',
    'listening on 0.0.0.0:99999',
  ])('name none: %s', (words) => {
    expect(ports(words)).toEqual([]);
  });

  it('may name several, each once and with its line', () => {
    expect(portsNamedIn('metrics listening on :9090\n  MCP listening on :3000\nstill listening on :3000')).toEqual([
      { port: 9090, line: 'metrics listening on :9090' }, { port: 3000, line: 'MCP listening on :3000' },
    ]);
  });
});
