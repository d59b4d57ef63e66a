// Owns the pictures of the screen that the README shows: made from what runs, so that they show nothing else.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf } from './readiness.ts';
import { picture, THEMES, type ThemeName } from './picture.ts';
import { screen, type View } from './screen.ts';

const SIZE = { columns: 100, rows: 24 };

/** Writes `demo-light.svg` and `demo-dark.svg` to a folder, without the next steps, which name folders of this machine. Returns the files. */
export async function writePictures(view: View, folder: string): Promise<string[]> {
  const lines = screen({ ...view, remarks: [], steps: [] }, SIZE);
  const title = `npm start shows ${view.listed.map(({ server }) => nameOf(server)).join(', ')}`;
  await mkdir(folder, { recursive: true });
  return Promise.all((Object.keys(THEMES) as ThemeName[]).map(async (theme) => {
    const file = join(folder, `demo-${theme}.svg`);
    await writeFile(file, picture(lines, title, theme));
    return file;
  }));
}
