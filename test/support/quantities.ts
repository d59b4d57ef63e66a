// Spellings of quantities and the one each is rendered in: checked against our own code and against the API server.

/** A spelling and its canonical form. */
export const CANONICAL_QUANTITIES: readonly [spelling: string | number, canonical: string][] = [
  ['0', '0'], ['0Ki', '0'], ['0m', '0'], [1, '1'], [1000, '1k'], ['1000m', '1'], ['1500m', '1500m'], ['00500m', '500m'],
  ['0.5', '500m'], ['.5', '500m'], ['+1', '1'], ['1.', '1'], ['1.5e3', '1500'], ['1e3', '1k'], ['12E6', '12M'], ['1e-3', '1m'], ['1E', '1E'],
  ['0.1m', '1m'], ['1.5m', '2m'], ['100u', '1m'], ['1n', '1m'], ['1001u', '2m'],
  ['1023', '1023'], ['1024', '1024'], ['1048576', '1048576'], ['129M', '129M'], ['10000000M', '10T'],
  ['1Ki', '1Ki'], ['0.5Ki', '512'], ['1024Ki', '1Mi'], ['1000Ki', '1000Ki'], ['1.5Gi', '1536Mi'], ['2048Gi', '2Ti'],
  ['1.0009765625Ki', '1025'], ['62.5Ki', '64k'],
  ['0.9765625Ki', '1k'], ['0.1Ki', '102400m'], ['0.0001Ki', '103m'], ['7Ei', '7Ei'], ['8Ei', '9223372036854775807'],
];
