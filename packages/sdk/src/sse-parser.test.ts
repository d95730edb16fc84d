import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser } from './sse-parser.js';

const rows: { cell: string; pieces: string[]; events: [string, string][]; why: string }[] = [
  {
    cell: 'one event',
    pieces: ['event: a\ndata: 1\n\n'],
    events: [['a', '1']],
    why: 'as the gateway sends it',
  },
  { cell: 'no name', pieces: ['data: 1\n\n'], events: [['message', '1']], why: 'the default name of 9.2.6' },
  { cell: 'no space', pieces: ['data:1\n\n'], events: [['message', '1']], why: 'one space is optional' },
  { cell: 'two spaces', pieces: ['data:  1\n\n'], events: [['message', ' 1']], why: 'only one is not data' },
  {
    cell: 'many lines',
    pieces: ['data: 1\ndata\ndata: 3\n\n'],
    events: [['message', '1\n\n3']],
    why: 'joined',
  },
  {
    cell: 'colon in data',
    pieces: ['data: {"a":1}\n\n'],
    events: [['message', '{"a":1}']],
    why: 'first colon only',
  },
  { cell: 'sign of life', pieces: [': still here\n\n'], events: [], why: 'a comment is no event' },
  {
    cell: 'name only',
    pieces: ['event: a\n\ndata: 1\n\n'],
    events: [['message', '1']],
    why: 'nothing to tell, and the name is gone',
  },
  {
    cell: 'unknown fields',
    pieces: ['id: 7\nretry: 9\nodd: 1\ndata: 1\n\n'],
    events: [['message', '1']],
    why: 'ignored',
  },
  {
    cell: 'unfinished',
    pieces: ['data: 1\n\ndata: 2\n'],
    events: [['message', '1']],
    why: 'no blank line, no event',
  },
  {
    cell: 'CR LF cut in two',
    pieces: ['data: 1\r', '\n\r', '\n'],
    events: [['message', '1']],
    why: 'one line end, not two',
  },
  { cell: 'CR alone', pieces: ['data: 1\r', '\r'], events: [['message', '1']], why: 'a line end of 9.2.5' },
  {
    cell: 'empty piece after CR',
    pieces: ['data: 1\r', '', '\ndata: 2\n\n'],
    events: [['message', '1\n2']],
    why: 'still one line end',
  },
];

describe('createSseParser', () => {
  test.each(rows)('$cell: $why', ({ pieces, events }) => {
    const parse = createSseParser();
    expect(pieces.flatMap((piece) => parse(piece))).toEqual(events.map(([event, data]) => ({ event, data })));
  });

  test('wherever the stream is cut and however its lines end, the events are the same', () => {
    const line = fc.stringMatching(/^[^\r\n]*$/);
    const event = fc.record({
      event: fc.stringMatching(/^[a-z_]{1,12}$/),
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
      end: fc.constantFrom('\n', '\r\n', '\r'),
    });
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat(40)), (events, cuts) => {
        const text = events
          .map(({ event: name, lines, end }) =>
            [`event: ${name}`, ...lines.map((data) => `data: ${data}`), '', ''].join(end),
          )
          .join('');
        const parse = createSseParser();
        const seen = cutAt(text, cuts).flatMap((piece) => parse(piece));
        expect(seen).toEqual(
          events.map(({ event: name, lines }) => ({ event: name, data: lines.join('\n') })),
        );
      }),
    );
  });
});

function cutAt(text: string, cuts: readonly number[]): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (const length of cuts) {
    pieces.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...pieces, rest];
}
