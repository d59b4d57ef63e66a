// An autoscaler without metrics is told, once new pods must have some.
import { describe, expect, it } from 'vitest';
import type { AutoscalerObject } from '../../../reconciler/kinds.ts';
import { autoscalerLookMs, autoscalerMessage } from '../../../reconciler/status/autoscaler.ts';
import { keptAutoscaler } from '../../../reconciler/view/kept-fields.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { serverObject, serving } from './situations.ts';
import { statusOf } from '../../../reconciler/status/status.ts';

const SINCE = '2029-12-31T23:50:00Z';
const at = (seconds: number): Date => new Date(Date.parse(SINCE) + seconds * 1000);
const WORDS = 'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to fetch metrics from resource metrics API: the server could not find the requested resource';

function autoscaler(condition: object): AutoscalerObject {
  const conditions = [{ type: 'AbleToScale', status: 'True' }, { type: 'ScalingActive', status: 'False', lastTransitionTime: SINCE, ...condition }];
  return { metadata: { name: 'demo', namespace: 'tools' }, status: { conditions } };
}
const WITHOUT = autoscaler({ reason: 'FailedGetResourceMetric', message: WORDS });

describe('an autoscaler without metrics', () => {
  it('is told after three minutes, in its own words, with what to do', () => {
    expect([autoscalerMessage(WITHOUT, at(179)), autoscalerLookMs(WITHOUT, at(179))]).toEqual([undefined, 1000]);
    const message = autoscalerMessage(WITHOUT, at(180));
    expect(message).toContain(`scales nothing: ${WORDS}. Metrics of pods need metrics-server`);
    expect(message).toContain('kubectl -n tools describe hpa demo');
    expect(autoscalerLookMs(WITHOUT, at(180))).toBeUndefined();
  });

  it('is known by what the caches keep of it', () => {
    const whole = { ...WITHOUT, status: { ...WITHOUT.status, currentReplicas: 1, currentMetrics: null } };
    expect(keptAutoscaler(whole)).toEqual(WITHOUT);
  });

  it('leaves the configuration valid', () => {
    const status = statusOf(serving(serverObject(), { autoscaler: WITHOUT }));
    expect(conditionOf({ status }, 'ConfigurationValid')).toMatchObject({ status: 'True', message: expect.stringContaining('scales nothing') });
    expect(conditionOf({ status }, 'Ready')).toMatchObject({ status: 'True' });
  });

  it.each([
    ['is active', autoscaler({ status: 'True', reason: 'ValidMetricFound' })],
    ['is switched off at no replicas', autoscaler({ reason: 'ScalingDisabled', message: 'scaling is disabled since the replica count is zero' })],
    ['has no status yet', { metadata: { name: 'demo', namespace: 'tools' } }],
    ['is not there', undefined],
  ])('is none where it %s', (_name, other) => {
    expect([autoscalerMessage(other, at(3600)), autoscalerLookMs(other, at(1))]).toEqual([undefined, undefined]);
  });
});
