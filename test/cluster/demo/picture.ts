// What the screen of `npm start` shows, as pictures for pages with a light and with a dark ground. Pure.
import { columnsOf, widthOf, type Line, type Style } from './spans.ts';

/** The colours of a picture: what is read stands apart from the ground as WCAG's level AA asks, 4.5 to 1. */
interface Theme extends Readonly<Record<Style, string>> {
  readonly ground: string;
  readonly frame: string;
  readonly text: string;
}

export const THEMES = {
  light: { ground: '#ffffff', frame: '#d1d9e0', text: '#1f2328', good: '#116329', bad: '#a40e26', waiting: '#7d4e00', strong: '#1f2328', faint: '#59636e' },
  dark: { ground: '#0d1117', frame: '#3d444d', text: '#e6edf3', good: '#56d364', bad: '#ff7b72', waiting: '#e3b341', strong: '#ffffff', faint: '#9198a1' },
} as const satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;

const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const [COLUMN, ROW, SIZE, MARGIN] = [8.4, 20, 14, 16];

/** The lines as SVG, as wide as the widest, with a title for those who do not see it. */
export function picture(lines: readonly Line[], title: string, theme: ThemeName): string {
  const width = Math.ceil(Math.max(...lines.map(widthOf)) * COLUMN + 2 * MARGIN);
  const height = lines.length * ROW + 2 * MARGIN;
  const { ground, frame } = THEMES[theme];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" fill="${ground}" stroke="${frame}"/>`,
    `<g font-family="${FONT}" font-size="${SIZE}">`,
    ...lines.flatMap((line, row) => textsOf(line, MARGIN + row * ROW + SIZE, THEMES[theme])),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Words that stand together are stretched to their columns, so that columns stand below each other in every font. */
function textsOf(line: Line, y: number, theme: Theme): string[] {
  let column = 0;
  return line.flatMap(({ text, style }) => {
    const from = column;
    column += columnsOf(text);
    return [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
      const x = MARGIN + (from + columnsOf(text.slice(0, index))) * COLUMN;
      const weight = style === 'strong' ? ' font-weight="bold"' : '';
      const stretched = `textLength="${rounded(columnsOf(words) * COLUMN)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text x="${rounded(x)}" y="${y}" fill="${theme[style ?? 'text']}"${weight} ${stretched}>${escaped(words)}</text>`;
    });
  });
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
