// The options that commands share, and how their values are read: one that can be none is refused with what is expected.
import { InvalidArgumentError, Option } from 'commander';
import { BRIDGE_WAYS } from '../../charts/api/stdio-fields.ts';
import { labelSelectorProblem } from '../../charts/operator/label-selector.ts';
import { DEFAULT_SETTINGS, settingsProblems } from '../../charts/settings.ts';
import { parseBindAddress } from '../runtime/http-endpoints.ts';

/** Where the bridge of stdio servers comes from, in every command that renders. */
export function bridgeImage(): Option {
  return new Option('--bridge-image <image>', 'image of the bridge that serves stdio servers').default(DEFAULT_SETTINGS.bridgeImage).argParser((value: string) => {
    const [problem] = settingsProblems({ bridgeImage: value });
    if (problem !== undefined) throw new InvalidArgumentError('It must be the name of an image, without blanks.');
    return value;
  });
}

export function bridgeBy(): Option {
  return new Option('--bridge-by <way>', 'how the bridge comes into pods: copied, or as a volume that is its image, once per node')
    .choices(BRIDGE_WAYS)
    .default(DEFAULT_SETTINGS.bridgeBy);
}

/** What standard output gets: text for people is always one of the formats, and the default. */
export function output(formats: readonly string[] = ['text', 'json']): Option {
  return new Option('-o, --output <format>', 'what standard output gets').choices([...formats]).default('text');
}

export function address(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser((value: string) => {
      try {
        parseBindAddress(value);
        return value;
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
      }
    })
    .default(fallback);
}

/** Reads an option that may be repeated, each value by `read`. */
export function repeated<T>(read: (value: string) => T): (value: string, previous?: readonly T[]) => T[] {
  return (value, previous = []) => [...previous, read(value)];
}

export function namespaceName(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be the name of one namespace.');
  return value;
}

/** Reads a label selector. */
export function labelSelector(value: string): string {
  const problem = labelSelectorProblem(value);
  if (problem !== undefined) throw new InvalidArgumentError(`It must be a label selector: ${problem}.`);
  return value;
}

export function objectName(value: string): string {
  if (value.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be a name an object can have: small letters, digits, - and .');
  return value;
}

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

/** A port of this machine. */
export function localPort(value: string): number {
  const number = Number(value);
  if (!/^\d{1,5}$/.test(value) || number < 1 || number > 65_535) throw new InvalidArgumentError('It must be a port, from 1 to 65535.');
  return number;
}
