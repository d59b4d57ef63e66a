// docs/clients.md: every example parses, those for clients are what the program writes, and those for clusters fit what is rendered.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PORT_NAME } from '../charts/api/labels.ts';
import { render } from '../charts/render.ts';
import { CLIENTS, CLIENT_NAMES, usualConfiguration } from '../reconciler/commands/connect/clients.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/clients.md'), 'utf8');
const URL_HERE = 'http://127.0.0.1:3000/mcp';

function sectionOf(title: string): string {
  return PAGE.split(/^#{2,3} /m).find((section) => section.startsWith(`${title}\n`)) ?? '';
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '');
}

describe('docs/clients.md', () => {
  it.each(CLIENT_NAMES)('has the entry that connect --client %s writes, and its flag', (name) => {
    const { label, section, entry } = CLIENTS[name];
    const text = sectionOf(label);
    expect(text).toContain(`\`--client ${name}\``);
    expect(blocks(text, 'json').map((block) => JSON.parse(block) as unknown)).toEqual([{ [section]: { weather: entry(URL_HERE) } }]);
  });

  it('names the files that are written', () => {
    const place = { platform: 'linux', home: '~', cwd: '', env: {} } as const;
    for (const name of CLIENT_NAMES) {
      const file = CLIENTS[name].file(place);
      expect(sectionOf(CLIENTS[name].label)).toContain(name === 'claude-desktop' ? 'claude_desktop_config.json' : file);
    }
  });

  it('has objects that parse, and name the Service and the port that are rendered', () => {
    const objects = blocks(PAGE, 'yaml').map((block) => parse(block) as { kind: string });
    expect(objects.map(({ kind }) => kind)).toEqual(['Pod', 'Ingress', 'HTTPRoute']);
    const manifest = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { name: 'weather', namespace: 'tools' }, spec: { image: 'weather:1', port: 3000 } } as const;
    const service = render(manifest).find(({ kind }) => kind === 'Service') as { spec?: { ports: object[] } } | undefined;
    expect(service?.spec?.ports).toEqual([expect.objectContaining({ name: PORT_NAME, port: 3000 })]);
    const [, ingress, route] = objects as [object, object, object];
    expect(JSON.stringify(ingress)).toContain('"service":{"name":"weather","port":{"name":"mcp"}}');
    expect(JSON.stringify(route)).toContain('"backendRefs":[{"name":"weather","port":3000}]');
  });
});

describe('where clients keep their servers', () => {
  it.each<[platform: 'linux' | 'darwin' | 'win32', name: 'claude-desktop' | 'vscode' | 'zed', file: string]>([
    ['linux', 'claude-desktop', '/home/jane/.config/Claude/claude_desktop_config.json'],
    ['darwin', 'claude-desktop', '/home/jane/Library/Application Support/Claude/claude_desktop_config.json'],
    ['win32', 'claude-desktop', 'C:\\Users\\jane\\AppData\\Roaming\\Claude\\claude_desktop_config.json'],
    ['darwin', 'vscode', '/home/jane/Library/Application Support/Code/User/mcp.json'],
    ['linux', 'zed', '/home/jane/.config/zed/settings.json'],
    ['darwin', 'zed', '/home/jane/.config/zed/settings.json'],
  ])('on %s, %s: %s', (platform, name, file) => {
    const home = platform === 'win32' ? 'C:\\Users\\jane' : '/home/jane';
    expect(CLIENTS[name].file({ platform, home, cwd: '/', env: {} })).toBe(file);
  });

  it('follow XDG_CONFIG_HOME', () => {
    expect(CLIENTS.vscode.file({ platform: 'linux', home: '/home/jane', cwd: '/', env: { XDG_CONFIG_HOME: '/etc/jane' } })).toBe('/etc/jane/Code/User/mcp.json');
  });

  it('and those that are not named take what most do', () => {
    expect(usualConfiguration('weather', URL_HERE)).toEqual({ mcpServers: { weather: { type: 'http', url: URL_HERE } } });
  });
});
