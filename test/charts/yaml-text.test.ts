// What we write as YAML: see yaml-text.cluster.test.ts for how kubectl reads it.
import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { oddText } from '../support/odd-text.ts';
import { mcpServer } from '../support/rendered.ts';
import { YAML_LOOKALIKES, yamlLookalike } from '../support/yaml-lookalikes.ts';

/** Everything both versions of YAML allow in a text, but for what one of them takes for a line break. */
const READABLE = /^[\t\n\x20-\x7E\xA0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

function readings(text: string): unknown[][] {
  return (['1.1', '1.2'] as const).map((version) => parseAllDocuments(text, { version }).map((document) => document.toJS() as unknown));
}

describe('what is written', () => {
  it('is read by readers of YAML 1.1 and 1.2 as it was meant: of valid specs', () => {
    fc.assert(fc.property(arbitrarySpec(), (spec) => {
      const manifests = render(mcpServer(spec));
      expect(readings(toYaml(manifests))).toEqual([manifests, manifests]);
    }), { numRuns: 100, examples: [[FULL_SPEC]] });
  });

  it('is read so, and has readable characters alone: of any text', () => {
    fc.assert(fc.property(fc.array(fc.oneof(oddText, yamlLookalike).map((text) => text.toWellFormed())), (texts) => {
      const value = { texts, keys: Object.fromEntries(texts.map((text, index) => [text, index])) };
      expect(toYaml([value])).toMatch(READABLE);
      expect(readings(toYaml([value]))).toEqual([[value], [value]]);
    }), { numRuns: 500, seed: 12, examples: [[[...YAML_LOOKALIKES]]] });
  });

  it('has the bytes of cdk8s where nothing could be misread', () => {
    const manifests = render(mcpServer(FULL_SPEC));
    expect(toYaml([...manifests, undefined, {}])).toBe(Yaml.stringify(...manifests, undefined, {}));
    const words = { a: 'yes', b: '8080', c: "it's \"so\"", d: 'a: b', e: 'x\ny\n', f: '', n: ['-', '1:30', 'a b'] };
    expect(toYaml([words])).toBe(Yaml.stringify(words));
  });
});
