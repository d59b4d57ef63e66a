// A registry of npm and of Python packages, made of files: npm asks below /npm/, and uv below /simple/. It runs in a pod of the tests.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const DATA = '/data';
const packages = JSON.parse(readFileSync(join(DATA, 'npm.json'), 'utf8'));
const wheels = readdirSync(join(DATA, 'wheels'));
const normal = (name) => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

function page(name, host) {
  const found = packages[name];
  if (found === undefined) return undefined;
  const versions = Object.entries(found).map(([version, { file, ...manifest }]) => [version, { ...manifest, dist: { tarball: `http://${host}/tarballs/${file}`, integrity: manifest.integrity } }]);
  const newest = versions.map(([version]) => version).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return JSON.stringify({ name, 'dist-tags': { latest: newest }, versions: Object.fromEntries(versions) });
}

createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '/').replace(/\/$/, '');
  const [, kind, ...rest] = path.split('/');
  const name = rest.join('/');
  const file = join(DATA, kind === 'wheels' ? 'wheels' : 'tarballs', basename(path));
  if ((kind === 'wheels' || kind === 'tarballs') && existsSync(file)) {
    createReadStream(file).pipe(response);
    return;
  }
  const links = wheels.filter((wheel) => normal(wheel.split('-')[0] ?? '') === name).map((wheel) => `<a href="/wheels/${wheel}">${wheel}</a>`);
  const body = kind === 'npm' ? page(name, request.headers.host) : kind === 'simple' && links.length > 0 ? links.join('\n') : undefined;
  response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': kind === 'npm' ? 'application/json' : 'text/html' }).end(body ?? '{}');
}).listen(8080);
process.on('SIGTERM', () => process.exit(0));
