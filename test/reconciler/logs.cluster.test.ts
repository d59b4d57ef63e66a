// What the operator logs of what it does, and what of it stands in the audit log of the API server.
import { expect, test } from 'vitest';
import { DEPLOYMENTS, SERVICES } from '../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { auditEvents, eventually, isWrite } from '../support/cluster.ts';
import { toldLines, untold } from '../support/log-page.ts';
import { useScene } from './scene.ts';

const scene = useScene('logs', { operator: { logLevel: 'trace' } });

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly name?: string;
  readonly child?: string;
  readonly ready?: string;
  readonly reason?: string;
  readonly reconcileID?: string;
}

const LEVELS = ['info', 'warn', 'error', 'fatal'];

/** The lines about an MCPServer that `info` shows. */
const linesOf = (server: string): Line[] =>
  scene.operator.errors.map((line) => JSON.parse(line) as Line).filter(({ level, name }) => name === server && LEVELS.includes(level));

test('a new MCPServer is told of in a line for each object, and one for each step of its readiness', async () => {
  await scene.fleet.create('new', { config: { a: '1' } });
  await scene.fleet.ready('new');
  const told = await eventually(async () => {
    const lines = linesOf('new');
    expect(lines.at(-1)).toMatchObject({ level: 'info', ready: 'True', reason: 'Verified' });
    return lines;
  });
  const created = told.filter(({ msg }) => msg === 'created').map(({ child = '' }) => child);
  expect(created.toSorted()).toEqual((await scene.fleet.childNames('new')).toSorted());
  const steps = told.filter(({ ready }) => ready !== undefined).map(({ ready, reason }) => `${ready} ${reason}`);
  expect(steps).toEqual([...new Set(steps)]);
  expect(told).toHaveLength(created.length + steps.length);
});

test('where nothing changes nothing is told, however often it is looked', async () => {
  const { fleet, operator } = scene;
  const [before, reconciles] = [linesOf('new'), await operator.reconciles()];
  for (const change of ['1', '2', '3', '4', '5']) {
    await fleet.client.patch(MCP_SERVERS, fleet.ref('new'), { metadata: { annotations: { 'example.com/change': change } } });
    await eventually(async () => expect(await operator.reconciles()).toBeGreaterThanOrEqual(reconciles + Number(change)));
  }
  expect(linesOf('new')).toEqual(before);
});

test('the id of a reconcile leads from a line of the log to its requests, and back', async () => {
  const { fleet, operator, namespace } = scene;
  await fleet.edit('new', { image: 'example.com/server:2', service: { port: 81 } });
  await fleet.ready('new');
  const [line] = linesOf('new').filter(({ msg, child }) => msg === 'applied' && child === 'Deployment new');
  const requests = await eventually(async () => {
    const found = await auditEvents(({ userAgent, reconcileID }) => userAgent === operator.userAgent && reconcileID === line?.reconcileID);
    expect(found.length).toBeGreaterThan(1);
    return found;
  });
  const written = requests.map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.namespace, objectRef?.name]);
  expect(written).toContainEqual(['patch', DEPLOYMENTS.plural, namespace, 'new']);
  const applied = linesOf('new').filter(({ reconcileID, msg }) => reconcileID === line?.reconcileID && msg === 'applied').map(({ child }) => child);
  // A write may be tried before it is sent.
  const sent = requests.filter((event) => isWrite(event) && !event.requestURI.includes('dryRun'));
  const children = sent.filter(({ objectRef }) => objectRef?.resource !== MCP_SERVERS.plural);
  expect(children.map(({ objectRef }) => objectRef?.resource ?? '').toSorted()).toEqual(
    applied.map((child) => (child?.startsWith('Deployment') === true ? DEPLOYMENTS : SERVICES).plural).toSorted(),
  );
});

test('every line stands on the page about logs, with its keys', async () => {
  const { fleet, operator } = scene;
  await fleet.client.delete(DEPLOYMENTS, fleet.ref('new'));
  await fleet.ready('new');
  await fleet.edit('new', { config: null });
  await fleet.ready('new');
  await fleet.remove('new');
  await scene.restart();
  const lines = toldLines('the operator');
  expect(operator.errors.length).toBeGreaterThan(20);
  expect(operator.errors.map((line) => untold(line, lines)).filter((why) => why !== undefined)).toEqual([]);
});
