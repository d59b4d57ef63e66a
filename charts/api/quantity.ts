// Kubernetes quantities: parsing, comparing, and the canonical spelling the API server stores.
// Rules: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['E', 18], ['P', 15], ['T', 12], ['G', 9], ['M', 6], ['k', 3], ['', 0], ['m', -3], ['u', -6], ['n', -9],
];
const BINARY: readonly (readonly [suffix: string, exponent: number])[] = [
  ['Ei', 60], ['Pi', 50], ['Ti', 40], ['Gi', 30], ['Mi', 20], ['Ki', 10],
];
/** Kubernetes' syntax without a minus sign. Longer exponents have no use, and keep an API server busy for minutes. */
export const QUANTITY_SYNTAX = /^\+?(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,2}))?$/;
/** Quantities are counted in billionths: the smallest unit Kubernetes parses. */
const NANO = 9;
/** Kubernetes caps binary amounts here. */
const MAX_BINARY = (2n ** 63n - 1n) * 10n ** BigInt(NANO);

/**
 * The amount in billionths, rounded up as Kubernetes does.
 * @throws RangeError if the text is not a quantity without a sign.
 */
export function parseQuantity(quantity: string | number): bigint {
  const match = QUANTITY_SYNTAX.exec(String(quantity));
  if (!match) throw new RangeError(`"${quantity}" is not a Kubernetes quantity such as 500m, 0.5 or 1Gi`);
  const [, number = '', binary, decimal = '', exponent] = match;
  const [whole = '', fraction = ''] = number.split('.');
  const digits = BigInt(whole + fraction);
  const shift = BINARY.find(([suffix]) => suffix === binary)?.[1] ?? 0;
  const power = exponent === undefined ? (DECIMAL.find(([suffix]) => suffix === decimal)?.[1] ?? 0) : Number(exponent);
  const scale = power + NANO - fraction.length;
  const amount = digits * 2n ** BigInt(shift);
  const nanos = scale >= 0 ? amount * 10n ** BigInt(scale) : ceilDivide(amount, 10n ** BigInt(-scale));
  return binary !== undefined && nanos > MAX_BINARY ? MAX_BINARY : nanos;
}

/**
 * A spelling the API server stores as it was sent: no fraction, thousandths rounded up, the largest suffix that needs none.
 * Binary amounts from 1024 that are whole Ki stay binary (`1024Mi` → `1Gi`), everything else becomes decimal (`0.5` → `500m`): a plain
 * number is one to whoever reads it next, also an API server that made it of `62.5Ki`.
 * @throws RangeError as {@link parseQuantity}.
 */
export function canonicalQuantity(quantity: string | number): string {
  const thousandths = ceilDivide(parseQuantity(quantity), 10n ** BigInt(NANO - 3));
  if (thousandths === 0n) return '0';
  const amount = thousandths / 1000n;
  if (String(quantity).endsWith('i') && thousandths % 1000n === 0n) {
    const binary = BINARY.find(([, power]) => amount % 2n ** BigInt(power) === 0n);
    if (binary !== undefined) return `${amount / 2n ** BigInt(binary[1])}${binary[0]}`;
  }
  const [suffix, exponent] = DECIMAL.find(([, power]) => thousandths % 10n ** BigInt(power + 3) === 0n) ?? ['m', -3];
  return `${thousandths / 10n ** BigInt(exponent + 3)}${suffix}`;
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
