// Which proxy the environment names: as Go's net/http decides it, whose rules kubectl has.
import { createServer } from 'node:http';
import { connect as dial, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { mustSupportProxies, proxyOf } from '../../kubernetes/proxy.ts';
import { folder, kubeconfig } from './credentials.ts';

const PROXY = 'http://proxy.example:3128/';

describe('a proxy', () => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['none is named', 'https://api.example', {}, undefined],
    ['one is', 'https://api.example', { HTTPS_PROXY: PROXY }, PROXY],
    ['its name is in small letters', 'https://api.example', { https_proxy: PROXY }, PROXY],
    ['it is named without a scheme', 'https://api.example', { HTTPS_PROXY: 'proxy.example:3128' }, PROXY],
    ['one for http alone', 'https://api.example', { HTTP_PROXY: PROXY }, undefined],
    ['http', 'http://api.example', { HTTP_PROXY: PROXY }, PROXY],
    ['this machine by name', 'https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['this machine by address', 'https://127.8.8.8:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['this machine by its address of version 6', 'https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
    ['everything is exempt', 'https://api.example', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, undefined],
    ['the host is', 'https://api.example', { HTTPS_PROXY: PROXY, no_proxy: 'other, API.example' }, undefined],
    ['a domain is', 'https://a.b.example', { HTTPS_PROXY: PROXY, NO_PROXY: 'b.example' }, undefined],
    ['a domain with a dot is', 'https://a.b.example', { HTTPS_PROXY: PROXY, NO_PROXY: '.b.example' }, undefined],
    ['a domain with a star is', 'https://a.b.example', { HTTPS_PROXY: PROXY, NO_PROXY: '*.b.example' }, undefined],
    ['a domain with a dot is, which is not itself', 'https://b.example', { HTTPS_PROXY: PROXY, NO_PROXY: '.b.example' }, PROXY],
    ['half a label is', 'https://ab.example', { HTTPS_PROXY: PROXY, NO_PROXY: 'b.example' }, PROXY],
    ['another port is', 'https://api.example', { HTTPS_PROXY: PROXY, NO_PROXY: 'api.example:6443' }, PROXY],
    ['the port is', 'https://api.example:6443', { HTTPS_PROXY: PROXY, NO_PROXY: 'api.example:6443' }, undefined],
    ['the port that https has is', 'https://api.example', { HTTPS_PROXY: PROXY, NO_PROXY: 'api.example:443' }, undefined],
    ['an address is', 'https://10.0.0.1', { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.1' }, undefined],
    ['a range is', 'https://10.1.2.3:6443', { HTTPS_PROXY: PROXY, NO_PROXY: '192.168.0.0/16,10.0.0.0/8' }, undefined],
    ['another range is', 'https://11.1.2.3', { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, PROXY],
    ['a range of version 6 is', 'https://[fd00::7]', { HTTPS_PROXY: PROXY, NO_PROXY: 'fd00::/8' }, undefined],
    ['no range is', 'https://10.0.0.1', { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/99' }, PROXY],
  ])('is chosen where %s', (...[, url, env, proxy]) => {
    expect(proxyOf(new URL(url), env)).toBe(proxy);
  });

  it.each(['socks5://me:hidden@proxy.example', 'http://me:hidden@:x'])('that is none is refused, without what may be a password in it: %s', (value) => {
    const choose = (): unknown => proxyOf(new URL('https://api.example'), { HTTPS_PROXY: value });
    expect(choose).toThrow(/^HTTPS_PROXY is not the URL of an http:\/\/ or https:\/\/ proxy; correct it, or name in NO_PROXY what needs none$/);
  });

  it.each(['20.19.0', '22.20.0', '23.11.0', '24.4.9'])('is told where Node %s would overlook it', (version) => {
    const sentence = `HTTPS_PROXY names a proxy, which needs Node 24.5 or newer, and this is ${version}: use a newer Node`;
    expect(() => mustSupportProxies('HTTPS_PROXY', version)).toThrow(sentence);
  });

  it.each(['22.21.0', '24.5.0', '25.0.0'])('is taken where Node %s knows it', (version) => {
    expect(() => mustSupportProxies('HTTPS_PROXY', version)).not.toThrow();
  });

  it('that the environment names stands between a client and a cluster, and proxy-url before it', async () => {
    const [named, ofCluster] = [await startProxy(), await startProxy()];
    const ask = async (path: string): Promise<unknown> => {
      const client = new KubernetesClient(await connect({ kubeconfig: path, env: { HTTPS_PROXY: named.url } }));
      const failed = await client.request('GET', '/version').catch((error: unknown) => error);
      client.close();
      return failed;
    };
    await ask(await fileOf({}));
    await ask(await fileOf({ 'proxy-url': ofCluster.url }));
    expect([named.asked, ofCluster.asked]).toEqual([['api.example:6443'], ['api.example:6443']]);
  });
});

/** A kubeconfig whose cluster is far away. */
async function fileOf(cluster: object): Promise<string> {
  const config = kubeconfig({ cluster: { server: 'https://api.example:6443', ...cluster } });
  return join(await folder({ config }), 'config');
}

/** One that lets nobody through, and remembers where they wanted to go. */
async function startProxy(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer().on('connect', ({ url = '' }, socket: Socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  // Nothing is to be in the way but the proxy.
  await new Promise<void>((resolve) => void dial(port, '127.0.0.1', resolve).on('connect', function end(this: Socket) { this.destroy(); }));
  return { url: `http://127.0.0.1:${port}/`, asked };
}
