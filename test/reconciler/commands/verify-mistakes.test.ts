// Mistakes on the command line of `mcp-operator verify`: a sentence that repeats no value of a header, and an exit code that is no verdict.
import { describe, expect, it } from 'vitest';
import { file, says, verify } from './verify-command.ts';

describe('a mistake is told in a sentence, with 2', () => {
  it.each<[readonly string[], RegExp]>([
    [[], /missing required argument 'url or name'/],
    [['localhost:3001'], /^error: "localhost:3001" is no http or https URL; give one such as/],
    [['http://me:canary@localhost/mcp'], /^error: credentials in the URL are not sent/],
    [['htp://me:canary@localhost/mcp'], /^error: credentials in the URL are not sent/],
    [['http://localhost/mcp', '--timeout', '0'], /whole number above 0/],
    [['http://localhost/mcp', '--timeout', '9999999'], /600 at most/],
    [['http://localhost/mcp', '--output', 'xml'], /Allowed choices are text, json/],
    [['http://localhost/mcp', '--header', 'canary'], /^error: --header must be 'Name: value'/],
    [['http://localhost/mcp', '--header', 'X Key: canary'], /^error: --header must be 'Name: value'/],
    [['canary', '--header', 'Authorization:'], /^error: --header Authorization: what was given is no header value/],
    [['http://localhost/mcp', '--header', 'X-Key:'], /^error: --header X-Key: what was given is no header value/],
    [['http://localhost/mcp', '--header', 'X-Key: canary\r\nHost: x'], /^error: --header X-Key: what was given is no header value/],
    [['http://localhost/mcp', '--header', 'X-Key: canärie'], /^error: --header X-Key: what was given is no header value/],
    [['http://localhost/mcp', '--header', 'Impersonate-User: canary'], /^error: --header Impersonate-User: it cannot be one/],
    [['http://localhost/mcp', '--header', 'host: canary'], /^error: --header host: it cannot be one/],
    [['http://localhost/mcp', '--header', 'x_forwarded_for: canary'], /^error: --header x_forwarded_for: it cannot be one/],
    [['http://localhost/mcp', '--header', 'X-Key: canary', '--header', 'x-key: canary'], /^error: --header x-key is there twice/],
    [['http://localhost/mcp', '--header', 'A: @-', '--header', 'B: @-'], /^error: standard input can hold one value/],
    [['http://localhost/mcp', '--header', 'X-Key: @/nowhere/at/all'], /^error: cannot read the value of --header X-Key from \/nowhere\/at\/all: there is no such file/],
    [['http://localhost/mcp', '--header', 'X-Key: @'], /^error: cannot read the value of --header X-Key from a file without a name/],
    [['http://localhost/mcp', '--header', 'X-Key: @/dev/zero'], /^error: cannot read .* it is longer than 16 KiB/],
    [['http://localhost/mcp', '--host', 'a b'], /^error: --host is no Host header/],
    [['http://localhost/mcp', '--ca', '/nowhere'], /^error: --ca has no use with an http URL/],
    [['https://localhost/mcp', '--ca', '/nowhere'], /^error: cannot read the certificates of --ca from \/nowhere: there is no such file/],
    [['https://localhost/mcp', '--ca', '/dev/null'], /^error: --ca: \/dev\/null is empty; give certificates in PEM/],
    [['https://localhost/mcp', '--ca', '/etc/passwd'], /^error: --ca: .* has no certificate in PEM/],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await verify(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/canar/);
  });

  it('a file of a header that has two lines, and a damaged certificate', async () => {
    const two = await verify('http://localhost/mcp', '--header', `X-Key: @${file('canary\ncanary\n')}`);
    expect(two).toMatchObject({ code: 2, stderr: says(/^error: --header X-Key: what \S+ holds is no header value/) });
    const damaged = await verify('https://localhost/mcp', '--ca', file('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'));
    expect(damaged).toMatchObject({ code: 2, stderr: says(/^error: --ca: certificate 1 of 1 in \S+ is damaged/) });
    expect(two.stderr).not.toContain('canary');
  });
});
