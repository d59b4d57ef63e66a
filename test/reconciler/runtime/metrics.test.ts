import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../reconciler/runtime/metrics.ts';
import { WorkQueue } from '../../../reconciler/runtime/work-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('the metrics', () => {
  it('show a queue: its depth, adds, retries, waiting and working times', async () => {
    const clock = new FakeClock();
    const metrics = createMetrics();
    const queue = new WorkQueue({ clock, metrics: metrics.workQueue('mcpserver') });
    for (const key of ['a', 'b', 'b', 'c']) queue.add(key);
    queue.addRateLimited('d');
    await clock.advance(2000);
    await queue.next();
    await queue.next();
    await clock.advance(3000);
    queue.done('b');
    await clock.advance(1000);
    const lines = (await metrics.registry.metrics()).split('\n');
    for (const line of [
      'workqueue_depth{name="mcpserver"} 2',
      'workqueue_adds_total{name="mcpserver"} 4',
      'workqueue_retries_total{name="mcpserver"} 1',
      'workqueue_queue_duration_seconds_sum{name="mcpserver"} 4',
      'workqueue_work_duration_seconds_sum{name="mcpserver"} 3',
      'workqueue_unfinished_work_seconds{name="mcpserver"} 4',
      'workqueue_longest_running_processor_seconds{name="mcpserver"} 4',
    ]) expect(lines).toContain(line);
  });

  it('count requests to the API server by code, method and host', async () => {
    const metrics = createMetrics();
    const count = metrics.request('10.0.0.1:443');
    count({ method: 'PATCH', status: 200, seconds: 0.5 });
    count({ method: 'GET', status: undefined, seconds: 1 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('rest_client_requests_total{code="200",method="PATCH",host="10.0.0.1:443"} 1');
    expect(text).toContain('rest_client_requests_total{code="<error>",method="GET",host="10.0.0.1:443"} 1');
    expect(text).toContain('rest_client_request_duration_seconds_sum{verb="PATCH",host="10.0.0.1:443"} 0.5');
  });

  it('show counters of a controller from its start, so that the first increase is visible', async () => {
    const metrics = createMetrics();
    metrics.controller('mcpserver');
    const text = await metrics.registry.metrics();
    for (const result of ['success', 'error', 'requeue_after']) {
      expect(text).toContain(`controller_runtime_reconcile_total{controller="mcpserver",result="${result}"} 0`);
    }
    expect(text).toContain('controller_runtime_reconcile_errors_total{controller="mcpserver"} 0');
  });

  it('include the process', async () => {
    expect(await createMetrics().registry.metrics()).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('belong to one registry each: what one counts, another does not show', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.request('10.0.0.1:443')({ method: 'GET', status: 200, seconds: 1 });
    expect(await one.registry.metrics()).toContain('host="10.0.0.1:443"');
    expect(await other.registry.metrics()).not.toContain('host="10.0.0.1:443"');
  });
});
