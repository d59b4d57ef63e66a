// What fuzzing is made of: something that must hold of random inputs, with a name to ask for it.
import type { IRawProperty } from 'fast-check';

export interface FuzzProperty {
  readonly name: string;
  readonly property: IRawProperty<unknown>;
}
