// The README's example does on a real node what the README says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useNamespace } from '../support/cluster.ts';
import { describeOnNode, User } from './support/e2e.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const AGE = 'AGE';
const user = new User();

/** Cells of what kubectl prints, by row. */
function table(text: string): string[][] {
  return text.trim().split('\n').map((line) => line.split(/ {2,}/));
}

describeOnNode('the example of the README', () => {
  const namespace = useNamespace('readme', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  test('becomes Ready, and kubectl shows it as printed', async () => {
    const [, yaml = ''] = /```yaml\n(apiVersion: mcp\.example\.com.*?)```/s.exec(README) ?? [];
    const [, printed = ''] = /```\n(NAME .*?)```/s.exec(README) ?? [];
    await user.run(['-n', namespace, 'apply', '-f', '-'], { input: yaml });
    await user.ready(namespace, 'my-dice');
    const [header = [], ...rows] = table(printed);
    const [shownHeader, ...shown] = table(await user.run(['-n', namespace, 'get', 'mcps', 'my-dice']));
    expect(shownHeader).toEqual(header);
    const withoutAge = (row: readonly string[]): string[] => row.filter((_, column) => header[column] !== AGE);
    expect(shown.map(withoutAge)).toEqual(rows.map((row) => withoutAge(row).map((cell) => cell.replace('.default.svc', `.${namespace}.svc`))));
  });
});
