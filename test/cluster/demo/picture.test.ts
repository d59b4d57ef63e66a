// Pictures of the screen: everything that it says stands in them, where it stands on the screen, and can be read on either ground.
import { describe, expect, test } from 'vitest';
import { picture, THEMES, type ThemeName } from './picture.ts';
import type { Line } from './spans.ts';

const LINES: Line[] = [
  [{ text: '  NAME    PHASE', style: 'faint' }],
  [{ text: '✖ ', style: 'bad' }, { text: 'broken  ', style: 'strong' }, { text: 'Pending', style: 'waiting' }, { text: '  a <b> & "c"' }],
];
const THEME_NAMES = Object.keys(THEMES) as ThemeName[];

const words = (svg: string): string[][] => [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)<\/text>/g)].map(([, x = '', y = '', text = '']) => [x, y, text]);

test('words stand in the column and row of the screen, with what XML needs escaped', () => {
  expect(words(picture(LINES, 'A table', 'light'))).toEqual([
    ['32.8', '30', 'NAME'],
    ['100', '30', 'PHASE'],
    ['16', '50', '✖'],
    ['32.8', '50', 'broken'],
    ['100', '50', 'Pending'],
    ['175.6', '50', 'a &lt;b&gt; &amp; "c"'],
  ]);
});

test('it says what it is to those who do not see it', () => {
  expect(picture(LINES, 'Three < four', 'dark')).toContain('role="img">\n<title>Three &lt; four</title>');
});

describe.each(THEME_NAMES)('on a %s ground', (name) => {
  const { ground, frame: _, ...inks } = THEMES[name];

  test.each(Object.entries(inks))('%s can be read', (_ink, colour) => {
    const [light = 0, dark = 0] = [luminance(ground), luminance(colour)].toSorted((a, b) => b - a);
    expect((light + 0.05) / (dark + 0.05)).toBeGreaterThan(4.5);
  });
});

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
