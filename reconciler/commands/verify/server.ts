// `mcp-operator verify NAME`: the handshake with the pods of an MCPServer, through the API server and with the rights of the user.
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import { askedPath } from '../../../charts/api/path-rules.ts';
import { hostHeader } from '../../../charts/service.ts';
import { servesHttp } from '../../../charts/server.ts';
import { apiServerExchange } from '../../verification/exchange-api-server.ts';
import type { HttpExchange } from '../../verification/exchange.ts';
import type { ServingPod } from '../../verification/observation.ts';
import { servingPods, startingPods } from '../../verification/serving-pods.ts';
import type { MCPServerObject } from '../../kinds.ts';
import type { Cluster } from '../connect-flags.ts';
import { lookAt } from '../look/look-at.ts';
import { UserError } from '../user-error.ts';
import type { Question } from './question.ts';
import { podReport, serverReport, type PodReport, type ServerReport } from './server-report.ts';
import { ask, type VerifyOptions } from './verify.ts';

export interface ServerQuestion extends VerifyOptions {
  readonly name: string;
  /** Headers the user adds, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Host header; default: that of clients of the Service. */
  readonly host?: string | undefined;
}

/** More tell no more, and each costs the API server a connection. */
const MOST_PODS = 20;
const AT_ONCE = 4;

/** Asks the pods that serve, or where none does those that start. Throws UserError where nobody can be asked; rejects as `verify` does. */
export async function verifyServer(cluster: Cluster, question: ServerQuestion): Promise<ServerReport> {
  const { name, headers, tell, signal } = question;
  if (headers['authorization'] !== undefined) {
    throw new UserError(`the API server keeps the Authorization header for itself: run mcp-operator connect ${name}, and verify the URL that it prints, with --header`);
  }
  const { server, pods, unread } = await lookAt(cluster, { name, signal });
  if (unread.includes('Pod')) throw new UserError(`you may not list pods in namespace ${cluster.namespace}: ask whoever administers the cluster for it`);
  const asked = questionTo(server, question);
  const [serving, starting] = [servingPods(pods), startingPods(pods)];
  const all = serving.length > 0 ? serving : starting;
  if (all.length === 0) throw new UserError(`MCPServer ${cluster.namespace}/${name} has no pod that could be asked: mcp-operator explain ${name} -n ${cluster.namespace} says why`);
  const chosen = all.slice(0, MOST_PODS);
  if (chosen.length < all.length) tell(`Asking ${chosen.length} of ${all.length} pods`);
  const isTls = server.spec.tls !== undefined;
  const reports: PodReport[] = [];
  for (let index = 0; index < chosen.length; index += AT_ONCE) {
    const some = chosen.slice(index, index + AT_ONCE);
    reports.push(...(await Promise.all(some.map((pod) => askOne(cluster, { pod, asked, isTls }, question)))));
  }
  return serverReport(server, { pods: reports, of: all.length });
}

interface OnePod {
  readonly pod: ServingPod;
  readonly asked: Question;
  readonly isTls: boolean;
}

/** What is told of one pod comes in one piece: several are asked at a time. */
async function askOne({ client }: Cluster, { pod, asked, isTls }: OnePod, { tell, ...options }: ServerQuestion): Promise<PodReport> {
  const lines = [`Asking pod ${pod.name} for ${asked.url.pathname}${asked.url.search}`, ''];
  // Its certificate is none that the API server looks at.
  const plainly = apiServerExchange(client, pod);
  const exchange: HttpExchange = isTls ? (request) => plainly({ ...request, tls: request.tls ?? true }) : plainly;
  const found = await ask(asked, exchange, { ...options, tell: (line) => lines.push(line) });
  const report = podReport(pod.name, found);
  tell([...lines, ''].join('\n'));
  return report;
}

function questionTo(server: MCPServerObject, { headers, host }: ServerQuestion): Question {
  const { name, namespace } = server.metadata;
  const spec = resolveSpec(name, server.spec, { stored: true });
  if (!servesHttp(spec)) throw new UserError(`MCPServer ${namespace}/${name} speaks stdio and names no command, so nothing outside its pod can ask it: set spec.command`);
  const path = askedPath(spec.path);
  if (path === undefined) throw new UserError(`spec.path of MCPServer ${namespace}/${name} means different things to programs on the way: write it plainly`);
  const named = host ?? hostHeader({ name, namespace, spec });
  return { url: new URL(path, `${spec.tls === undefined ? 'http' : 'https'}://${named}`), host: named, headers };
}
