// How much of a program the system loads: behind that lie tables for debuggers, a seventh of Node. Pure.

/** Where the fields lie in the header of a program of 64 bits, least byte first. */
const FIELD = { segmentsAt: 32, sectionsAt: 40, segmentSize: 54, segments: 56, sections: 60, nameSection: 62 } as const;
const SEGMENT = { fileOffset: 8, fileSize: 32 } as const;
const HEADER_BYTES = 64;
const IS_64_LEAST_FIRST = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** The part of a program without which it does not run. */
export interface LoadedPart {
  /** Bytes from its start. */
  readonly length: number;
  /** Its header: it names no table behind them. */
  readonly header: Uint8Array;
}

/** Of the program that begins with `start`, which holds its table of segments; undefined where it is of another kind, or begins otherwise. */
export function loadedPart(start: Buffer): LoadedPart | undefined {
  if (start.length < HEADER_BYTES || !start.subarray(0, IS_64_LEAST_FIRST.length).equals(IS_64_LEAST_FIRST)) return undefined;
  const at = Number(start.readBigUInt64LE(FIELD.segmentsAt));
  const [size, count] = [start.readUInt16LE(FIELD.segmentSize), start.readUInt16LE(FIELD.segments)];
  const table = start.subarray(at, at + size * count);
  if (count === 0 || size < SEGMENT.fileSize + 8 || table.length < size * count) return undefined;
  const ends = Array.from({ length: count }, (_, index) => {
    const segment = table.subarray(index * size);
    return Number(segment.readBigUInt64LE(SEGMENT.fileOffset)) + Number(segment.readBigUInt64LE(SEGMENT.fileSize));
  });
  const header = Buffer.from(start.subarray(0, HEADER_BYTES));
  header.writeBigUInt64LE(0n, FIELD.sectionsAt);
  header.writeUInt16LE(0, FIELD.sections);
  header.writeUInt16LE(0, FIELD.nameSection);
  return { length: Math.max(at + table.length, ...ends), header };
}
