// What runs beside the kubelet in the node's own network: the ways between pods and the API server, which stands outside, and cluster DNS.
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { KubernetesClient } from '../../../../kubernetes/client.ts';
import { connect } from '../../../../kubernetes/connect.ts';
import { startEgressProxy } from '../../egress-proxy.ts';
import { joinTo } from '../../streams.ts';
import { NODE_ADDRESS } from '../configuration.ts';
import { serveDns } from './dns.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, 'api-socket': { type: 'string' }, 'egress-socket': { type: 'string' }, kubeconfig: { type: 'string' } } });
const { port = '', 'api-socket': apiSocket = '', 'egress-socket': egressSocket = '', kubeconfig } = values;

// On the loopback address too, so that kubeconfigs of the host serve here as well.
const apiServer = createServer((client) => joinTo({ path: apiSocket }, client));
await new Promise<void>((resolve, reject) => apiServer.once('error', reject).listen(Number(port), '0.0.0.0', resolve));
await startEgressProxy(egressSocket, (target) => target);
await serveDns(NODE_ADDRESS, new KubernetesClient(await connect({ kubeconfig, env: {} })));
process.stdout.write('ready\n');
