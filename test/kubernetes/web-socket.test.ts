// Frames of WebSockets, as RFC 6455 has them, and as they come in pieces.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptOf, frameOf, MessageReader, OPCODES } from '../../kubernetes/web-socket.ts';

it('answers a key and writes a frame as the examples of the RFC do (§1.3, §5.7)', () => {
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  expect(frameOf(OPCODES.text, Buffer.from('Hello'), 'server').toString('hex')).toBe('810548656c6c6f');
  const [message] = new MessageReader('client').push(Buffer.from('818537fa213d7f9f4d5158', 'hex'));
  expect(message).toEqual({ opcode: OPCODES.text, payload: Buffer.from('Hello') });
});

it('reads what either side writes, however it is cut', () => {
  const telling = fc.constantFrom(125, 126, 65_535, 65_536).map((length) => new Uint8Array(length).fill(7));
  const payloads = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), telling), { maxLength: 4 });
  fc.assert(fc.property(payloads, fc.constantFrom('client' as const, 'server' as const), fc.integer({ min: 500, max: 70_000 }), (all, sender, size) => {
    const bytes = Buffer.concat(all.map((payload) => frameOf(OPCODES.binary, Buffer.from(payload), sender)));
    const reader = new MessageReader(sender);
    const read: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)).map(({ payload }) => payload));
    expect(read.map((each) => each.toString('hex'))).toEqual(all.map((each) => Buffer.from(each).toString('hex')));
  }), { numRuns: 30 });
});

it('joins the pieces of a message, between which a ping may come', () => {
  const pieces = Buffer.from(['0203616263', '8900', '00026465', '800166'].join(''), 'hex');
  expect(new MessageReader('server').push(pieces)).toEqual([
    { opcode: OPCODES.ping, payload: Buffer.alloc(0) },
    { opcode: OPCODES.binary, payload: Buffer.from('abcdef') },
  ]);
});

it.each<[name: string, hex: string]>([
  ['more than a message may have', '82 7f 0000000040000000'],
  ['a server that masks', '81 85 37fa213d 7f9f4d5158'],
  ['reserved bits', 'f1 00'],
  ['a piece of no message', '80 01 61'],
])('refuses %s', (_name, hex) => {
  expect(() => new MessageReader('server').push(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(/too long|not a frame|not begun/);
});
