// Text that some reader of YAML takes for something else when it stands without quotes.
import * as fc from 'fast-check';

/** One of each kind, and what is nearly one. */
export const YAML_LOOKALIKES: readonly string[] = [
  '', '~', 'null', 'Null', 'NULL', 'nULL', 'y', 'Y', 'n', 'N', 'yes', 'Yes', 'YES', 'yEs', 'no', 'No', 'NO', 'on', 'On', 'ON', 'off', 'Off', 'OFF', 'true', 'True', 'TRUE',
  'tRUE', 'false', 'False', 'FALSE', '0', '-0', '+0', '00', '007', '012', '089', '0778', '0o17', '0O17', '-0o17', '+0o17', '0o7_7', '0o8', '0o', '0x1F', '0X1f', '-0x1', '0x', '0x_1',
  '0xg', '0b1', '0B1', '0b2', '-0b11', '0b-1', '0b+1', '-0b-1', '0b_', '1_0', '1__0', '1_', '_1', '-_1', '+1', '-1', '--1', '+-1', '1e3', '1E3', '1e+3', '1e-3', '1.e3', '1.', '.5', '-.5',
  '+.5', '.5e3', '._5', '.5_', '.5_0', '.5__0', '.5e1_0', '.5_e1', '.', '..', '.e3', '1e', 'e1', '1.5', '1_0.5', '1.5_0', '1e999', '.5e999', '9223372036854775807', '9223372036854775808', '18446744073709551615',
  '18446744073709551616', '-9223372036854775808', '-9223372036854775809', '0xFFFFFFFFFFFFFFFF', '0x10000000000000000', '07777777777777777777777777', '0o7777777777777777777777777',
  '.inf', '.Inf', '.INF', '+.inf', '-.inf', '-.INF', '.nan', '.NaN', '.NAN', '+.nan', '.iNf', 'inf', 'nan', 'Infinity', '1:30', '-1:30', '1:30.5', '190:20:30', '1:99', '2026-01-01',
  '2026-1-1', '2026-01-01T00:00:00Z', '2026-01-01 00:00:00', '2026-01-01 00:00:00 +1', '2026-13-01', '2026-01-01x', '=', '==', '<<', '<', '!', '!!str', '&a', '*a', '%a', '@a', '`a', '|', '>', '-', '- a',
  '?', '? a', ':', ': a', 'a:', 'a: b', 'a #b', '#', '{', '}', '[', ']', '{}', '[]', ',', '---', '...', '--- a', '\t', ' a', 'a ', '"', "'", "''", '\\', '\n', '\na', 'a\n', 'a\n\n', ' \na', 'a\r\nb', '\r', 'a\n---\nb',
  'a\n\tb', 'a\n b\n', '0.10', '1.20', '12e03', '0_7', '0_x1', '0x1p3', '1Mi', '500m', '1_000_000', 'a b', '%YAML 1.1',
];

/** Text of some of these characters. */
const of = (characters: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength });
const numberPrefix = fc.constantFrom('0', '0x', '0b', '0o', '0B', '0O', '1', '.', '1.', '1_');

/** Random text of the characters numbers, times and words are made of. */
export const yamlLookalike: fc.Arbitrary<string> = fc.oneof(
  of('0123456789abefxXoOB_.:+-eEnNyY~=T ', 8),
  fc.tuple(fc.constantFrom('', '-', '+'), numberPrefix, of('01789_.ae', 5)).map((parts) => parts.join('')),
  fc.mixedCase(fc.constantFrom('yes', 'no', 'on', 'off', 'y', 'n', 'true', 'false', 'null', '.inf', '.nan', '0x1f', '1e3')),
);
