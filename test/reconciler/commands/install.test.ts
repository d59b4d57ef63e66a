// What install, uninstall and crd print, and where the digests of images come from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Operator, type OperatorProps } from '../../../charts/operator/operator.ts';
import type { Manifest } from '../../../charts/render.ts';
import { toYaml } from '../../../charts/yaml-text.ts';
import { manifestUrl, withDigest } from '../../../reconciler/commands/install/digests.ts';
import { serveHttp } from '../../support/mcp-servers.ts';
import { call } from './in-process.ts';
import { start } from './program.ts';

const DIST = join(import.meta.dirname, '../../../dist');
const written = (file: string): string => readFileSync(join(DIST, file), 'utf8');

/** Kinds and names of the objects of a text. */
function namesIn(text: string): string[] {
  return parseAllDocuments(text).map((document) => {
    const { kind, metadata: { name, namespace = '' } } = document.toJS() as Manifest;
    return `${kind} ${namespace}/${name}`;
  });
}

/** What synth writes for the construct. */
function synthesized(props: OperatorProps): string {
  const chart = new Chart(new App({ recordConstructMetadata: false }), 'operator');
  const operator = new Operator(chart, 'operator', props);
  return operator.node.root === chart.node.root ? toYaml(chart.toJson() as object[]) : '';
}

describe('mcp-operator install', () => {
  it('prints what synth writes', async () => {
    expect(await start(['install'])).toEqual({ code: 0, signal: null, stdout: `${written('crd.k8s.yaml')}---\n${written('operator.k8s.yaml')}`, stderr: '' });
    expect(await call(['install', '--no-crd', '-n', 'mcp-servers', '--watch-namespace', 'mcp-servers'])).toMatchObject({ code: 0, stdout: written('operator-namespaced.k8s.yaml') });
    expect(await call(['crd'])).toMatchObject({ code: 0, stdout: written('crd.k8s.yaml') });
  });

  it('takes every prop that a flag can say', async () => {
    const flags = ['--image', 'r.example/o:1', '--image-pull-policy', 'Always', '--image-pull-secret', 'a', '--image-pull-secret', 'b', '-n', 'platform', '--no-create-namespace', '--replicas', '3',
      '--request', 'cpu=1', '--request', 'memory=1Gi', '--limit', 'memory=2Gi', '--log-level', 'debug', '--pod-access', 'api-server', '--last-words', 'Hide', '--no-read-pod-events', '--bridge-image', 'r.example/b:1',
      '--bridge-by', 'ImageVolume', '--max-concurrent-reconciles', '5', '--max-concurrent-handshakes', '6', '--metrics-max-servers', '7', '--priority-level', 'workload-high', '--node-selector', 'a=b', '--toleration', 'k=v:NoSchedule', '--toleration', 'k2', '--priority-class', 'high',
      '--pod-label', 'team=x', '--pod-annotation', 'x/y=a=b', '--no-network-policy', '--guards', '--watch-label-selector', 'shard in (a,b)', '--no-crd'];
    const props: OperatorProps = {
      image: 'r.example/o:1', imagePullPolicy: 'Always', imagePullSecrets: ['a', 'b'], namespace: 'platform', createNamespace: false, replicas: 3,
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
      logLevel: 'debug', podAccess: 'api-server', lastWords: 'Hide', readPodEvents: false, bridgeImage: 'r.example/b:1',
      bridgeBy: 'ImageVolume', maxConcurrentReconciles: 5, maxConcurrentHandshakes: 6, metricsMaxServers: 7,
      priorityLevel: 'workload-high', nodeSelector: { a: 'b' },
      tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }, { key: 'k2', operator: 'Exists' }], priorityClassName: 'high',
      podLabels: { team: 'x' }, podAnnotations: { 'x/y': 'a=b' }, networkPolicy: false, guards: {}, watchLabelSelector: 'shard in (a,b)',
    };
    expect(await call(['install', ...flags])).toEqual({ code: 0, signal: null, stdout: synthesized(props), stderr: '' });
  });

  it.each<[string, string[], RegExp]>([
    ['no replicas', ['--replicas', '0'], /It must be a whole number above 0\./],
    ['half an amount', ['--limit', 'memory'], /It must be NAME=VALUE\./],
    ['an amount that is none', ['--limit', 'memory=much'], /the operator cannot be installed like this: resources\.limits\.memory: /],
    ['guards of one namespace', ['--guards', '--watch-namespace', 'a'], /guards are cluster-wide/],
    ['a namespace twice', ['--watch-namespace', 'a', '--watch-namespace', 'a'], /names a namespace twice/],
    ['an effect that is none', ['--toleration', 'a:Never'], /It must be KEY, KEY=VALUE, or either with :EFFECT/],
    ['labels that are none', ['--watch-label-selector', 'shard=>blue'], /It must be a label selector: "shard=>blue" is no requirement of a label: use KEY/],
    ['an image that is none', ['--image', 'a b'], /image is "a b": name an image/],
  ])('refuses %s in one sentence', async (_what, flags, sentence) => {
    const { code, stdout, stderr } = await call(['install', ...flags]);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(sentence);
  });
});

describe('mcp-operator uninstall', () => {
  it('names everything that is installed but the CRD, the namespace last', async () => {
    const { code, stdout, stderr } = await call(['uninstall']);
    expect([code, stderr]).toEqual([0, 'warning: the namespace mcp-operator-system goes with all that is in it; --keep-namespace leaves it\n']);
    const names = namesIn(stdout);
    expect(names).toEqual(expect.arrayContaining([...namesIn(written('operator.k8s.yaml')), ...namesIn(written('operator-guards.k8s.yaml')), 'Lease mcp-operator-system/mcp-operator']));
    expect([names[0], names.at(-1)]).toEqual(['Deployment mcp-operator-system/mcp-operator', 'Namespace /mcp-operator-system']);
    expect(stdout).not.toContain('CustomResourceDefinition');
  });

  it('names the objects of an installation that shares the cluster by labels', async () => {
    const flags = ['-n', 'blue', '--watch-label-selector', 'shard=blue'];
    const { stdout } = await call(['install', ...flags, '--no-crd', '--guards', '--priority-level', 'workload-high']);
    expect(namesIn((await call(['uninstall', ...flags])).stdout)).toEqual(expect.arrayContaining(namesIn(stdout)));
  });

  it('names the CRD if asked, with a warning', async () => {
    const { stdout, stderr } = await call(['uninstall', '--crd', '--keep-namespace', '-n', 'a', '--watch-namespace', 'b']);
    expect(stderr).toBe('warning: with the CRD all MCPServers of the cluster go, and everything that was rendered for them\n');
    expect(namesIn(stdout)).toEqual(expect.arrayContaining(['Role b/mcp-operator', 'RoleBinding b/mcp-operator', 'Lease a/mcp-operator']));
    expect(namesIn(stdout).at(-1)).toBe('CustomResourceDefinition /mcpservers.mcp.example.com');
    expect(stdout).not.toMatch(/kind: (Namespace|Cluster|Validating)/);
  });
});

describe('the digest of an image', () => {
  const DIGEST = `sha256:${'ab'.repeat(32)}`;

  it('is what its registry tells, with a token for anybody where it asks for one', async () => {
    const asked: string[] = [];
    const { port, close } = await serveHttp(({ method, url, headers }, response) => {
      asked.push(`${method} ${url} ${headers.authorization ?? '-'}`);
      if (url?.startsWith('/token')) response.end(JSON.stringify({ token: 'anybody' }));
      else if (headers.authorization === 'Bearer anybody') response.writeHead(200, { 'docker-content-digest': DIGEST }).end();
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://127.0.0.1:${headers.host?.split(':')[1]}/token",service="registry",scope="repository:tools/operator:pull"` }).end();
    });
    onTestFinished(close);
    const image = `127.0.0.1:${port}/tools/operator`;
    const { code, stdout, stderr } = await call(['install', '--images', '--image', `${image}:1`, '--bridge-image', `${image}@${DIGEST}`]);
    expect([code, stdout, stderr]).toEqual([0, `${image}:1@${DIGEST}\n${image}@${DIGEST}\n`, '']);
    expect(asked).toEqual([
      'HEAD /v2/tools/operator/manifests/1 -',
      'GET /token?service=registry&scope=repository%3Atools%2Foperator%3Apull -',
      'HEAD /v2/tools/operator/manifests/1 Bearer anybody',
    ]);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['has no such image', 404, {}, 'its registry answered HTTP 404: it has no such image'],
    ['asks for credentials', 401, { 'www-authenticate': 'Basic realm="x"' }, 'its registry asks for credentials, which this command has not; give the image with @sha256:…'],
    ['sends for a token to another machine without TLS', 401, { 'www-authenticate': 'Bearer realm="http://example.com/token"' }, 'its registry asks for credentials, which this command has not; give the image with @sha256:…'],
    ['tells none', 200, {}, 'its registry does not tell the digest'],
    ['tells nonsense', 200, { 'docker-content-digest': 'sha256:../../x' }, 'its registry does not tell the digest'],
  ])('is not known where a registry %s', async (...[, status, headers, problem]) => {
    const { port, close } = await serveHttp((_, response) => void response.writeHead(status, headers).end());
    onTestFinished(close);
    const image = `localhost:${port}/a:1`;
    expect(await withDigest(image, { env: {} })).toEqual({ image, problem });
  });

  it('ends the command with 1 where it is not known, after all images are printed', async () => {
    expect(await call(['install', '--images', '--image', '127.0.0.1:1/o:1', '--bridge-image', '127.0.0.1:1/b:1'])).toEqual({
      code: 1, signal: null, stdout: '127.0.0.1:1/o:1\n127.0.0.1:1/b:1\n',
      stderr: ['o', 'b'].map((name) => `error: no digest of 127.0.0.1:1/${name}:1: its registry cannot be asked: nothing listens there\n`).join(''),
    });
  });

  it.each([
    ['operator', 'https://registry-1.docker.io/v2/library/operator/manifests/latest'],
    ['acme/operator:2', 'https://registry-1.docker.io/v2/acme/operator/manifests/2'],
    ['registry.example.com/a/b:1', 'https://registry.example.com/v2/a/b/manifests/1'],
    ['registry:5000/b', 'https://registry:5000/v2/b/manifests/latest'],
    ['localhost:5000/b:1', 'http://localhost:5000/v2/b/manifests/1'],
  ])('of %s is asked at its registry', (image, url) => {
    expect(manifestUrl(image)?.href).toBe(url);
  });
});
