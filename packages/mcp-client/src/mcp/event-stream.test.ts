import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventStreamReader } from './event-stream.js';

const bytes = (text: string) => new TextEncoder().encode(text);

const CELLS = [
  { cell: 'data: a\n\n', expected: ['a'], why: 'one event' },
  { cell: 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', expected: ['a', 'b', 'c'], why: 'every kind of line end' },
  { cell: 'data: a\ndata: b\n\n', expected: ['a\nb'], why: 'data over two lines' },
  { cell: 'data:a\n\n', expected: ['a'], why: 'without a space' },
  { cell: 'data:  a\n\n', expected: [' a'], why: 'only one space is taken away' },
  { cell: ': keep-alive\n\ndata: a\n\n', expected: ['a'], why: 'comments' },
  { cell: 'event: message\ndata: a\n\n', expected: ['a'], why: 'the type by its name' },
  { cell: 'event: ping\ndata: a\n\ndata: b\n\n', expected: ['b'], why: 'other types' },
  { cell: 'id: 7\ndata:\n\n', expected: [], why: 'empty data, as servers send first to name an id' },
  { cell: 'data: a', expected: [], why: 'not ended' },
  { cell: 'data: a\n', expected: [], why: 'not ended by an empty line' },
  { cell: '\ufeffdata: a\n\n', expected: ['a'], why: 'byte order mark' },
  { cell: 'data\n\n', expected: [], why: 'a field without a value' },
  {
    cell: 'data: {"a":"x\\nevent: y"}\n\n',
    expected: ['{"a":"x\\nevent: y"}'],
    why: 'text cannot forge a line',
  },
] as const;

describe('createEventStreamReader', () => {
  test.each(CELLS)('$why', ({ cell, expected }) => {
    expect(createEventStreamReader().push(bytes(cell))).toEqual(expected);
  });

  test('ids and waiting times', () => {
    const reader = createEventStreamReader();
    expect([reader.lastEventId, reader.retryMs]).toEqual([null, null]);
    reader.push(bytes('id: e1\nretry: 250\ndata: a\n\nid: e2\n'));
    expect([reader.lastEventId, reader.retryMs]).toEqual(['e2', 250]);
    reader.push(bytes('id: \0\nid:\nretry: soon\nretry: 99999999999\n'));
    expect([reader.lastEventId, reader.retryMs]).toEqual(['e2', 250]);
  });

  test('bytes that are not UTF-8 throw', () => {
    expect(() => createEventStreamReader().push(new Uint8Array([0x64, 0xff, 0xfe]))).toThrow(TypeError);
  });

  test('however the bytes are cut, the events are the same', () => {
    const line = fc.constantFrom('data: ä', 'data: b', 'event: message', 'event: x', 'id: 1', ': c', '', '');
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc
      .array(fc.tuple(line, ends))
      .map((lines) => lines.map(([text, end]) => text + end).join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40)), (text, cuts) => {
        const all = bytes(text);
        const whole = createEventStreamReader();
        const inPieces = createEventStreamReader();
        const pieces: string[] = [];
        let at = 0;
        for (const cut of [...cuts, all.length]) {
          pieces.push(...inPieces.push(all.subarray(at, at + cut)));
          at += cut;
        }
        /* A CR at the very end waits for its LF. */
        expect([...pieces, ...inPieces.push(bytes('\n'))]).toEqual([
          ...whole.push(all),
          ...whole.push(bytes('\n')),
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('a long line in small chunks takes no longer than its length', () => {
    const reader = createEventStreamReader();
    const chunk = bytes('x'.repeat(1_000));
    const startedAt = performance.now();
    reader.push(bytes('data: '));
    for (let n = 0; n < 5_000; n++) reader.push(chunk);
    expect(reader.push(bytes('\n\n'))[0]?.length).toBe(5_000_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
