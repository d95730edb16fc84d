import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.mjs';

describe('options', () => {
  const cells: { cell: string; args: string[]; expected: unknown; why: string }[] = [
    { cell: 'none', args: [], expected: [2, 5, [1, 16, 64]], why: 'the complete run' },
    { cell: 'quick', args: ['--quick'], expected: [0.3, 1, [1, 64]], why: 'a smoke test' },
    {
      cell: 'seconds',
      args: ['--quick', '--seconds', '1'],
      expected: [1, 1, [1, 64]],
      why: 'what is said wins',
    },
    {
      cell: 'connections',
      args: ['--connections', '8', '--connections', '32'],
      expected: [2, 5, [8, 32]],
      why: 'to look closer at one load',
    },
    { cell: 'no connections', args: ['--connections', '0'], expected: 'bad', why: 'nobody would ask' },
    { cell: 'no number', args: ['--seconds', 'long'], expected: 'bad', why: 'NaN is not a length' },
    { cell: 'too short', args: ['--seconds', '0.1'], expected: 'bad', why: 'nothing could be measured' },
    {
      cell: 'unknown experiment',
      args: ['--only', 'mysql'],
      expected: 'bad',
      why: 'a typo must not measure nothing',
    },
    { cell: 'two at once', args: ['--peers', '--growth'], expected: 'bad', why: 'one run, one experiment' },
    { cell: 'part of a peer', args: ['--peers', '--only', 'start'], expected: 'bad', why: 'it has no such' },
    { cell: 'minutes of what', args: ['--minutes', '5'], expected: 'bad', why: 'only a soak has a length' },
    { cell: 'no minutes', args: ['--soak', '--minutes', '0'], expected: 'bad', why: 'nothing could grow' },
    { cell: 'no such store', args: ['--soak', '--store', 'mysql'], expected: 'bad', why: 'a typo' },
  ];
  it.each(cells)('$cell: $why', ({ args, expected }) => {
    const parsed = parseOptions(args);
    const got =
      parsed.kind === 'ok'
        ? [parsed.options.seconds, parsed.options.rounds, parsed.options.connections]
        : 'bad';
    expect(got).toEqual(expected);
  });

  const kept: { args: string[]; expected: unknown; why: string }[] = [
    { args: [], expected: ['benchmark', true], why: 'complete' },
    { args: ['--quick'], expected: ['benchmark', false], why: 'not a measurement' },
    { args: ['--only', 'start'], expected: ['benchmark', false], why: 'a part' },
    { args: ['--connections', '8'], expected: ['benchmark', false], why: 'another load' },
    { args: ['--gateway', 'x.js'], expected: ['benchmark', false], why: 'another build' },
    { args: ['--peers'], expected: ['peers', true], why: 'complete' },
    { args: ['--soak'], expected: ['soak', true], why: '30 minutes' },
    { args: ['--soak', '--minutes', '29'], expected: ['soak', false], why: 'must not replace a long one' },
  ];
  it.each(kept)('$args is kept: $expected ($why)', ({ args, expected }) => {
    const parsed = parseOptions(args);
    const got = parsed.kind === 'ok' ? [parsed.options.experiment, parsed.options.keep] : parsed.message;
    expect(got).toEqual(expected);
  });
});
