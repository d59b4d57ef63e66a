// Kubernetes quantities: parsing, comparing, and the canonical spelling the API server stores.
// Rules: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['E', 18], ['P', 15], ['T', 12], ['G', 9], ['M', 6], ['k', 3], ['', 0], ['m', -3], ['u', -6], ['n', -9],
];
const BINARY: readonly (readonly [suffix: string, exponent: number])[] = [
  ['Ei', 60], ['Pi', 50], ['Ti', 40], ['Gi', 30], ['Mi', 20], ['Ki', 10],
];
const SYNTAX = /^(\d+)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/;
/** Quantities are counted in billionths: the smallest unit Kubernetes keeps. */
const NANO = 9;
/** Largest exponent of ten accepted; Kubernetes caps amounts far below it. */
const MAX_EXPONENT = 30;

/**
 * The amount in billionths, rounded up as Kubernetes does.
 * @throws RangeError if the text is not a quantity without a sign.
 */
export function parseQuantity(quantity: string | number): bigint {
  const match = SYNTAX.exec(String(quantity));
  if (!match) throw new RangeError(`"${quantity}" is not a Kubernetes quantity such as 500m, 0.5 or 1Gi`);
  const [, whole = '', fraction = '', binary, decimal = '', exponent] = match;
  const digits = BigInt(whole + fraction);
  if (binary !== undefined) {
    const shift = BINARY.find(([suffix]) => suffix === binary)?.[1] ?? 0;
    return ceilDivide(digits * 2n ** BigInt(shift) * 10n ** BigInt(NANO), 10n ** BigInt(fraction.length));
  }
  const power = exponent === undefined ? (DECIMAL.find(([suffix]) => suffix === decimal)?.[1] ?? 0) : Number(exponent);
  const scale = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, power)) + NANO - fraction.length;
  return scale >= 0 ? digits * 10n ** BigInt(scale) : ceilDivide(digits, 10n ** BigInt(-scale));
}

/**
 * The spelling the API server would store: no fraction, the largest suffix that needs none.
 * Whole binary amounts stay binary (`1024Mi` → `1Gi`), everything else becomes decimal (`0.5` → `500m`).
 * @throws RangeError as {@link parseQuantity}.
 */
export function canonicalQuantity(quantity: string | number): string {
  const nanos = parseQuantity(quantity);
  if (nanos === 0n) return '0';
  const isWhole = nanos % 10n ** BigInt(NANO) === 0n;
  if (String(quantity).endsWith('i') && isWhole) {
    const amount = nanos / 10n ** BigInt(NANO);
    const unit = amount < 1024n ? undefined : BINARY.find(([, exponent]) => amount % 2n ** BigInt(exponent) === 0n);
    return unit ? `${amount / 2n ** BigInt(unit[1])}${unit[0]}` : String(amount);
  }
  const [suffix, exponent] = DECIMAL.find(([, power]) => nanos % 10n ** BigInt(power + NANO) === 0n) ?? ['n', -NANO];
  return `${nanos / 10n ** BigInt(exponent + NANO)}${suffix}`;
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
