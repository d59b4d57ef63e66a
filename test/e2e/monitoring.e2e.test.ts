// A real Prometheus scrapes the installed operator and its MCP servers through the ServiceMonitor and the PodMonitor that are rendered, as the
// Prometheus operator would have it: its relabelings choose and name what is scraped. It stands outside the cluster's network, so the last hop goes
// through the API server's pod proxy.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { NODE } from '../../images/paths.ts';
import { ALERTS } from '../../charts/operator/monitoring/alerts.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ASKED, sent } from '../monitoring/dashboard-files.ts';
import { startDiscovery, type Discovery } from '../monitoring/discovery.ts';
import { prometheusIsMissing, startPrometheus, type Prometheus } from '../monitoring/prometheus.ts';
import { scrapeConfigs, type ApiServer } from '../monitoring/scrape-configs.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { install, objectOf } from '../support/operator-manifests.ts';
import { describeOnNode, User } from './support/e2e.ts';
import { SERVER_IMAGE } from './support/images.ts';

const SYSTEM = 'mcp-operator-system';
const FOLLOWED = ['MCPServerNotReady', 'MCPServerUnavailable', 'MCPServerStalled', 'MCPOperatorNoLeader'];
const MISTAKEN = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }];
const isMissing = prometheusIsMissing();
const user = new User();

/** The kubeconfig of the tests as Prometheus needs it. */
async function apiServer(folder: string, discovered: ApiServer['discovered']): Promise<ApiServer> {
  const { clusters: [{ cluster }], users: [{ user: { token } }] } = JSON.parse(await readFile(inject('kubeconfig'), 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, Buffer.from(cluster['certificate-authority-data'], 'base64'));
  return { address: new URL(cluster.server).host, caFile, token, discovered };
}

describeOnNode('a Prometheus with the rendered monitors', () => {
  describe.skipIf(isMissing)('on a real node', () => {
    const namespace = useNamespace('monitored', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const start = Date.now() / 1000;
    let folder: string;
    let client: KubernetesClient;
    let discovery: Discovery;
    let prometheus: Prometheus;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'monitored-'));
      const rendered = install({ namespace: SYSTEM, monitoring: { interval: '2s' } });
      client = await connect();
      discovery = await startDiscovery(client, folder);
      const server = await apiServer(folder, discovery.files);
      const configs = ['ServiceMonitor', 'PodMonitor'].flatMap((kind) => scrapeConfigs(objectOf(rendered, kind), server));
      prometheus = await startPrometheus(configs);
      await user.server(namespace, 'weather', { image: SERVER_IMAGE });
      await user.server(namespace, 'bridged', { image: SERVER_IMAGE, transport: 'stdio', command: [NODE, '/app/kubernetes-mcp-server.mjs'] });
      await user.ready(namespace, 'weather', 'bridged');
    });
    afterAll(async () => {
      await prometheus?.stop();
      await discovery?.stop();
      client?.close();
      await rm(folder, { recursive: true, force: true });
    });

    /** Of those alerts those that fire about MCPServers of this file or about the operator, whatever other files do on the cluster. */
    async function firing(): Promise<string[]> {
      const alerts = (await prometheus.alerts()).filter(({ state }) => state === 'firing').map(({ labels }) => labels);
      const ours = alerts.filter((labels) => FOLLOWED.includes(labels['alertname'] ?? '') && [namespace, undefined].includes(labels['namespace']));
      return ours.map((labels) => `${labels['alertname']} ${labels['name'] ?? ''}`.trim()).toSorted();
    }

    /** Waits until these fire and no others; tells which fire then. */
    async function untilFiring(...expected: string[]): Promise<string[]> {
      return eventually(async () => {
        const found = await firing();
        if (found.join() !== expected.join()) throw new Error(found.join());
        return found;
      }, { timeoutMs: 90_000, message: expected.join() || 'silence' });
    }

    test('finds both replicas of the operator, of which one leads, and metrics of MCPServers keep their namespace', async () => {
      await eventually(async () => expect(await prometheus.query(`up{job="ServiceMonitor/${SYSTEM}/mcp-operator/0"}`)).toEqual([1, 1]));
      expect(await prometheus.query(`sum(leader_election_master_status{namespace="${SYSTEM}",service="mcp-operator-metrics",pod!=""})`)).toEqual([1]);
      const ready = `mcp_operator_server_condition{namespace="${namespace}",name="weather",type="Ready"}`;
      await eventually(async () => expect(await prometheus.query(ready)).toEqual([1]));
      expect(await untilFiring()).toEqual([]);
    });

    test('finds the bridge of a stdio server by the PodMonitor, and names its MCPServer', async () => {
      const counted = `mcp_bridge_connections{namespace="${namespace}",mcp_example_com_server="bridged"}`;
      await eventually(async () => expect(await prometheus.query(counted), (await prometheus.targets()).join('\n')).toHaveLength(1));
      expect(await prometheus.query(`up{job=~"PodMonitor/.*",namespace="${namespace}"}`)).toEqual([1]);
    });

    test('tells of one that does not speak MCP, and of one that waits for a human until that is over', async () => {
      await user.server(namespace, 'tickets', { image: SERVER_IMAGE, path: '/nowhere' });
      await user.server(namespace, 'search', { image: SERVER_IMAGE, env: MISTAKEN });
      expect(await untilFiring('MCPServerNotReady search', 'MCPServerNotReady tickets', 'MCPServerStalled search')).toHaveLength(3);
      await user.run(['-n', namespace, 'delete', 'mcps/search']);
      await untilFiring('MCPServerNotReady tickets');
    });

    test('has an answer to every query of the dashboards, and can judge every alert', async () => {
      const unanswered = async (): Promise<string[]> => {
        const span = { start, end: Date.now() / 1000, step: 2 };
        const answers = (expr: string): Promise<readonly object[]> => prometheus.series(sent(expr, { rateInterval: '30s' }), span);
        const counts = await Promise.all(ASKED.map(async ({ where, target }) => [where, (await answers(target.expr)).length] as const));
        return counts.filter(([, count]) => count === 0).map(([where]) => where);
      };
      // What is counted has a rate once it was counted again: `tickets` is asked again within seconds.
      await eventually(async () => expect(await unanswered()).toEqual([]));
      const judged = await prometheus.rules();
      expect(judged.map(({ name, health }) => `${name} ${health}`).toSorted()).toEqual(ALERTS.map(({ name }) => `${name} ok`).toSorted());
      await user.run(['-n', namespace, 'delete', 'mcps/tickets']);
      expect(await untilFiring()).toEqual([]);
    });

    test('tells that nobody leads while the operator is gone, and is silent once it is back', async () => {
      try {
        await user.run(['-n', SYSTEM, 'scale', 'deployment/mcp-operator', '--replicas=0']);
        await untilFiring('MCPOperatorNoLeader mcp-operator');
      } finally {
        await user.run(['-n', SYSTEM, 'scale', 'deployment/mcp-operator', '--replicas=2']);
        await user.run(['-n', SYSTEM, 'rollout', 'status', 'deployment/mcp-operator', '--timeout=60s'], { timeoutMs: 70_000 });
      }
      expect(await untilFiring()).toEqual([]);
    });
  });
});
