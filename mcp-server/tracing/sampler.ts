// The sampler of a name: the library has them, and leaves it to others to read OTEL_TRACES_SAMPLER.
import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace';
import type { Sampling } from './settings.ts';

/** Makes the sampler. */
export function samplerOf({ name, ratio }: Sampling): Sampler {
  const [isParentBased, own] = name.startsWith('parentbased_') ? [true, name.slice('parentbased_'.length)] : [false, name];
  const root = own === 'always_on' ? new AlwaysOnSampler() : own === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}
