// Splits a log into lines as it comes, and holds no more than one of them.

/** A longer line comes in pieces. */
const LONGEST_LINE = 64 * 1024;
const LINE_FEED = 0x0a;

/** The lines of a stream, without their ends; what is no UTF-8 becomes U+FFFD. Rejects as the stream does. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0 || rest.length > LONGEST_LINE; end = rest.indexOf(LINE_FEED)) {
      const isWhole = end >= 0 && end <= LONGEST_LINE;
      const length = isWhole ? end : characterEnd(rest, LONGEST_LINE);
      yield rest.toString('utf8', 0, length);
      rest = rest.subarray(isWhole ? length + 1 : length);
    }
    // A copy: the piece of a line may be small, and what it came in large.
    held = Buffer.from(rest);
  }
  if (held.length > 0) yield held.toString();
}

/** The last place up to `index` that is not inside a character. */
function characterEnd(bytes: Buffer, index: number): number {
  let end = index;
  // oxlint-disable-next-line no-bitwise -- bytes that continue a character of UTF-8 begin with the bits 10
  while (end > index - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
