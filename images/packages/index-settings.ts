// The settings of pip for uv, which does not read them: whoever has told pip where the index is need not say it again. Pure.

/** pip's settings, strongest first, as `pip config list` names them. */
const LEVELS = [':env:', 'install', 'site', 'user', 'global'];

/** Variables for uv that stand in for what pip is told; those of uv itself are the user's, and win. `listed` is what `pip config list` prints. */
export function uvEnvironment(env: NodeJS.ProcessEnv, listed: string): Record<string, string> {
  const settings = new Map([...listed.matchAll(/^([^=\s]+)\.([\w-]+)='(.*)'$/gm)].map(([, level = '', name = '', value = '']) => [`${level}.${name}`, value]));
  const setting = (name: string): string | undefined => {
    const values = LEVELS.map((level) => settings.get(`${level}.${name}`));
    return values.find((value) => value !== undefined && value !== '');
  };
  const hasIndex = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_INDEX'].some((name) => env[name] !== undefined);
  const proxy = ['ALL_PROXY', 'all_proxy', 'HTTPS_PROXY', 'https_proxy'].some((name) => env[name] !== undefined) ? undefined : setting('proxy');
  const found = {
    UV_DEFAULT_INDEX: hasIndex ? undefined : setting('index-url'),
    UV_INDEX: hasIndex ? undefined : setting('extra-index-url')?.split(/\s+|\\n/).filter((each) => each !== '').join(' '),
    SSL_CERT_FILE: env['SSL_CERT_FILE'] === undefined ? setting('cert') : undefined,
    ALL_PROXY: proxy,
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
