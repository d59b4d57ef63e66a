// Who is let in to the dashboard, as a table: a browser with the cookie, at the address that was printed, and nobody else.
import { describe, expect, test } from 'vitest';
import { COOKIE, DEED_HEADER, judge, setCookie, type Asked, type Keys } from '../../../../reconciler/commands/dashboard/door.ts';

const KEYS: Keys = { port: 7788, token: 'the-token', session: 'the-session', base: '/r4nd0m/', deed: 'the-deed' };
const COOKIES = { cookie: `other=1; ${COOKIE}=the-session` };

function asked(url: string, headers: Asked['headers'] = {}, method = 'GET'): Asked {
  return { method, url, headers: { host: '127.0.0.1:7788', ...headers } };
}

describe('the door', () => {
  test('lets the token in once, and the cookie from then on', () => {
    expect(judge(asked('/?token=the-token'), KEYS)).toEqual({ kind: 'enter' });
    expect(judge(asked('/r4nd0m/live/fleet?x=1', COOKIES), KEYS)).toMatchObject({ kind: 'pass', path: 'live/fleet' });
    expect(judge(asked('/r4nd0m/', { ...COOKIES, 'host': 'localhost:7788', 'sec-fetch-site': 'same-origin' }), KEYS)).toMatchObject({ kind: 'pass', path: '' });
  });

  test.each<[string, Asked, number]>([
    ['no host', { method: 'GET', url: '/r4nd0m/', headers: COOKIES }, 403],
    ['a name that was made to lead here', asked('/r4nd0m/', { ...COOKIES, host: 'rebound.example.com:7788' }), 403],
    ['a name that was made to lead here, with the token', asked('/?token=the-token', { host: 'rebound.example.com:7788' }), 403],
    ['another port', asked('/r4nd0m/', { ...COOKIES, host: '127.0.0.1:80' }), 403],
    ['a host with more behind it', asked('/r4nd0m/', { ...COOKIES, host: '127.0.0.1:7788.example.com' }), 403],
    ['the origin of another page', asked('/r4nd0m/live/fleet', { ...COOKIES, origin: 'http://127.0.0.1:3000' }), 403],
    ['the origin of no page', asked('/r4nd0m/live/fleet', { ...COOKIES, origin: 'null' }), 403],
    ['another page of this machine', asked('/r4nd0m/live/fleet', { ...COOKIES, 'sec-fetch-site': 'same-site' }), 403],
    ['another site', asked('/r4nd0m/', { ...COOKIES, 'sec-fetch-site': 'cross-site' }), 403],
    ['a wrong token', asked('/?token=the-tokem'), 403],
    ['an empty token', asked('/?token='), 403],
    ['no token', asked('/'), 401],
    ['no cookie', asked('/r4nd0m/live/fleet'), 401],
    ['a wrong cookie', asked('/r4nd0m/live/fleet', { cookie: `${COOKIE}=the-sessiom` }), 401],
    ['a cookie with more behind it', asked('/r4nd0m/live/fleet', { cookie: `${COOKIE}=the-session-and-more` }), 401],
    ['another base with the cookie', asked('/other/live/fleet', COOKIES), 401],
    ['a way around the base', asked('/r4nd0m/../live/fleet', COOKIES), 401],
    ['a URL with a host of its own', asked('//elsewhere/r4nd0m/', COOKIES), 401],
    ['a whole URL, as to a proxy', asked('http://elsewhere/r4nd0m/', COOKIES), 400],
    ['a URL without an end', asked(`/r4nd0m/${'x'.repeat(5000)}`, COOKIES), 400],
    ['another method, from a stranger', asked('/', {}, 'POST'), 401],
    ['the token by another method', asked('/?token=the-token', {}, 'POST'), 401],
    ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'CONNECT'].map((method): [string, Asked, number] => [method, asked('/r4nd0m/', COOKIES, method), 405]),
  ])('refuses %s', (_, request, status) => {
    expect(judge(request, KEYS)).toEqual({ kind: 'refuse', status, sentence: expect.stringMatching(/^[A-Z].*\.$/) as string });
  });

  const OWN = { ...COOKIES, 'origin': 'http://127.0.0.1:7788', 'content-type': 'application/json', [DEED_HEADER]: 'the-deed' };
  const without = (name: keyof typeof OWN): Asked['headers'] => Object.fromEntries(Object.entries(OWN).filter(([each]) => each !== name));

  test('lets the page itself ask for two things to be done, and for nothing else', () => {
    for (const path of ['tools/list', 'tools/call']) expect(judge(asked(`/r4nd0m/${path}`, OWN, 'POST'), KEYS)).toMatchObject({ kind: 'pass', path });
    for (const path of ['', 'live/fleet', 'tools/', 'tools/list/x', 'tools/%6cist']) {
      expect(judge(asked(`/r4nd0m/${path}`, OWN, 'POST'), KEYS)).toMatchObject({ kind: 'refuse', status: 405 });
    }
  });

  test.each<[string, Asked['headers'], number]>([
    ['without an origin', without('origin'), 403],
    ['of another page', { ...OWN, origin: 'http://127.0.0.1:3000' }, 403],
    ['of a page without an origin', { ...OWN, origin: 'null' }, 403],
    ['under another name', { ...OWN, host: 'rebound.example.com:7788', origin: 'http://rebound.example.com:7788' }, 403],
    ['of another site', { ...OWN, 'sec-fetch-site': 'cross-site' }, 403],
    ['without the cookie', without('cookie'), 401],
    ['without the key of the page', without(DEED_HEADER), 403],
    ['with an empty key', { ...OWN, [DEED_HEADER]: '' }, 403],
    ['with another key', { ...OWN, [DEED_HEADER]: 'the-session' }, 403],
    ['as forms are sent', { ...OWN, 'content-type': 'text/plain' }, 415],
    ['of no type', without('content-type'), 415],
  ])('does nothing for a request %s', (_, headers, status) => {
    expect(judge(asked('/r4nd0m/tools/call', headers, 'POST'), KEYS)).toMatchObject({ kind: 'refuse', status });
  });

  test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('does nothing for %s', (method) => {
    expect(judge(asked('/r4nd0m/tools/call', OWN, method), KEYS)).toMatchObject({ kind: 'refuse', status: 405 });
  });

  test('says nothing of what it is locked with', () => {
    const refusals = [asked('/'), asked('/?token=x'), asked('/r4nd0m/'), asked('/x/', COOKIES)].map((request) => JSON.stringify(judge(request, KEYS)));
    for (const refusal of refusals) for (const secret of ['the-token', 'the-session', 'the-deed', 'r4nd0m']) expect(refusal).not.toContain(secret);
  });

  test('gives a cookie for the page alone, which no script and no other site can use', () => {
    expect(setCookie(KEYS)).toBe(`${COOKIE}=the-session; Path=/r4nd0m/; HttpOnly; SameSite=Strict`);
  });
});
