// Quantities: what they amount to, and the one spelling they are rendered in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, parseQuantity } from '../../../charts/api/quantity.ts';
import { arbitraryQuantity } from '../../support/arbitrary-spec.ts';
import { CANONICAL_QUANTITIES } from '../../support/quantities.ts';

/** Amounts small enough that no thousandth is rounded. */
const spelling = fc.oneof(arbitraryQuantity, fc.stringMatching(/^[0-9]{1,9}(\.[0-9]{1,3})?([kMGT]|[KMGT]i|[eE]\+?[0-9])?$/));

/** Billionths in whole thousandths. */
const roundedUp = (nanos: bigint): bigint => ((nanos + 999_999n) / 1_000_000n) * 1_000_000n;

describe('the canonical spelling of a quantity', () => {
  it.each(CANONICAL_QUANTITIES)('%s is %s', (quantity, canonical) => {
    expect(canonicalQuantity(quantity)).toBe(canonical);
  });

  it('is its own canonical spelling', () => {
    fc.assert(fc.property(spelling, (quantity) => {
      expect(canonicalQuantity(canonicalQuantity(quantity))).toBe(canonicalQuantity(quantity));
    }));
  });

  it('amounts to the same, thousandths rounded up', () => {
    fc.assert(fc.property(spelling, (quantity) => {
      expect(parseQuantity(canonicalQuantity(quantity))).toBe(roundedUp(parseQuantity(quantity)));
    }));
  });

  it('depends on the amount only within one family of suffixes', () => {
    const decimal = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 15n }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(decimal, ([amount, exponent]) => {
        expect(canonicalQuantity(`${amount}e${exponent}`)).toBe(canonicalQuantity(String(amount * 10n ** BigInt(exponent))));
      }),
    );
  });
});

describe('the amount of a quantity', () => {
  it('counts billionths', () => {
    expect([parseQuantity('1n'), parseQuantity(1), parseQuantity('1Ki'), parseQuantity('0.5m')]).toEqual([
      1n,
      10n ** 9n,
      1024n * 10n ** 9n,
      500_000n,
    ]);
  });

  it('is rounded up, never down to nothing', () => {
    expect([parseQuantity('0.1n'), parseQuantity('1e-99')]).toEqual([1n, 1n]);
  });

  it('is capped for binary amounts where Kubernetes caps them', () => {
    expect([parseQuantity('8Ei'), parseQuantity('9Ei')]).toEqual([(2n ** 63n - 1n) * 10n ** 9n, (2n ** 63n - 1n) * 10n ** 9n]);
  });

  it.each(['', '.', '+', '-1', 'm', '1gi', '1 Gi', '1e100', '1e', '1_000', 'NaN', '١'])('of "%s" does not exist', (text) => {
    expect(() => parseQuantity(text)).toThrow(`"${text}" is not a Kubernetes quantity such as 500m, 0.5 or 1Gi`);
  });
});
