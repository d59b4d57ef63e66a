// The types that editors show, imports/mcpserver-spec.ts, are those of the schema, and have text for every field.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { specSchema } from '../../../charts/api/spec.ts';
import type { MCPServerSpec } from '../../../imports/mcpserver-spec.ts';
import { LanguageService } from '../../support/language-service.ts';
import { hoverAt, lackingHovers } from '../../support/hovers.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Whether two types are the same to the compiler, optional and readonly fields and all. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what is compared are the conditions themselves
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test('the types are what the schema takes, by the compiler', () => {
  const same: Same<MCPServerSpec, z.input<typeof specSchema>> = true;
  const other: Same<MCPServerSpec, Omit<z.input<typeof specSchema>, 'port'>> = false;
  expect([same, other]).toEqual([true, false]);
});

describe('an editor', () => {
  const file = join(ROOT, 'examples/composition/tools.ts');
  let service: LanguageService;
  beforeAll(async () => {
    service = await LanguageService.start(ROOT);
  });
  afterAll(() => service.stop());

  test('shows of every field of the construct what it is, its default and its bounds', async () => {
    const { looked, lacking } = await lackingHovers(service, file);
    expect(looked).toBeGreaterThan(500);
    expect(lacking).toEqual([]);
  });

  test('shows it where the field is written, too', async () => {
    const text = "import type { MCPServerProps } from 'mcp-server-operator';\nexport const props: MCPServerProps = { image: 'a:1', drainSeconds: 5 };";
    expect(await hoverAt(service, file, [text, 'drainSeconds'])).toMatch(/^\(property\) MCPServerSpec\.drainSeconds\?: number.* Integer, 0 to 60\. @default — 5$/);
  });

  test('shows nothing of a field there is not', async () => {
    const text = "import type { MCPServerProps } from 'mcp-server-operator';\nexport const drain = (props: MCPServerProps) => props.drainMinutes;";
    expect(await hoverAt(service, file, [text, 'drainMinutes'])).toBe('any');
  });
});
