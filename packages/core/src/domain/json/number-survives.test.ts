import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberSurvives } from './number-survives.js';

const CELLS: readonly { literal: string; survives: boolean; why: string }[] = [
  { literal: '0', survives: true, why: 'zero' },
  { literal: '-0', survives: true, why: 'is zero' },
  { literal: '2400', survives: true, why: 'a small integer' },
  { literal: '9007199254740991', survives: true, why: '2^53 - 1, the last safe one' },
  { literal: '9007199254740992', survives: false, why: '2^53: 2^53 + 1 reads the same' },
  { literal: '9007199254740993', survives: false, why: 'reads as ...992' },
  { literal: '-9007199254740991', survives: true, why: 'the other end' },
  { literal: '-9007199254740993', survives: false, why: 'reads as -...992' },
  { literal: '1234567890123456789', survives: false, why: 'a snowflake id: the last digits get lost' },
  {
    literal: '10000000000000000',
    survives: false,
    why: '10^16 is beyond 2^53, even though a double holds it',
  },
  { literal: '2400.0', survives: true, why: 'the same as 2400' },
  { literal: '0.1', survives: true, why: 'prints as it was written' },
  { literal: '1.10', survives: true, why: 'a trailing zero says nothing' },
  { literal: '3.14159', survives: true, why: 'prints as it was written' },
  { literal: '0.30000000000000004', survives: true, why: '17 digits that a double needs' },
  { literal: '0.10000000000000001', survives: true, why: 'the double 0.1 as %.17g prints it' },
  { literal: '0.1000000000000000055511151231257827', survives: true, why: 'the double 0.1, exactly' },
  { literal: '0.1000000000000000055511151231257828', survives: false, why: 'more precise than the double' },
  { literal: '0.66666666666666663', survives: true, why: 'the double 2/3 as %.17g prints it' },
  { literal: '0.66666666666666667', survives: false, why: 'the nearest double is ...663' },
  { literal: '3.141592653589793238462643383279', survives: false, why: 'the example of RFC 7493' },
  { literal: '12345678901234.567', survives: false, why: 'reads as ...566: an amount would change' },
  { literal: '12345678901234.56', survives: true, why: 'sixteen digits that happen to be kept' },
  { literal: '562950000000000.2', survives: true, why: 'the double is ....25, printed with .2' },
  { literal: '562950000000000.3', survives: false, why: 'the same double' },
  { literal: '562950000000000.25', survives: true, why: 'the double itself' },
  { literal: '9007199254740993.0', survives: false, why: 'a fraction of zero does not make it smaller' },
  { literal: '9007199254740991.0', survives: true, why: 'the last safe integer in another spelling' },
  { literal: '2251799813685249.5', survives: true, why: 'halves are exact below 2^52' },
  { literal: '2251799813685249.25', survives: false, why: 'quarters are not' },
  { literal: '1e3', survives: true, why: 'is 1000' },
  { literal: '1E+3', survives: true, why: 'is 1000' },
  { literal: '25e-2', survives: true, why: 'is 0.25' },
  { literal: '1e20', survives: false, why: 'would be printed as an integer beyond 2^53' },
  { literal: '6.02214076e23', survives: true, why: 'printed as it was written' },
  { literal: '1.7976931348623157e308', survives: true, why: 'the largest double' },
  { literal: '1e308', survives: true, why: 'still finite' },
  { literal: '1e400', survives: false, why: 'infinite' },
  { literal: '-1e400', survives: false, why: 'infinite' },
  { literal: '1e-400', survives: false, why: 'vanishes' },
  { literal: '0e400', survives: true, why: 'zero, whatever the exponent' },
  { literal: '0.000', survives: true, why: 'zero' },
  { literal: '5e-324', survives: true, why: 'the smallest double' },
  { literal: '4.9406564584124654e-324', survives: true, why: 'the smallest double, to 17 digits' },
  { literal: '3e-324', survives: false, why: 'reads as 5e-324' },
  { literal: '2e-324', survives: false, why: 'vanishes' },
  { literal: `0.${'1'.repeat(101)}`, survives: false, why: 'more than a hundred digits' },
  { literal: `1${'0'.repeat(400)}`, survives: false, why: 'infinite, without an exponent' },
];

test.each(CELLS)('$literal: $survives, $why', ({ literal, survives }) => {
  expect(numberSurvives(literal)).toBe(survives);
});

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });

test('every double survives in its shortest form and in twenty digits, unless it is an integer beyond 2^53', () => {
  fc.assert(
    fc.property(doubles, (d) => {
      const beyond = Math.abs(d) > Number.MAX_SAFE_INTEGER && Math.abs(d) < 1e21;
      expect(numberSurvives(JSON.stringify(d))).toBe(!beyond);
      expect(numberSurvives(d.toExponential(19))).toBe(!beyond);
    }),
    { numRuns: 10_000 },
  );
});

test('what survives survives again after it has been printed', () => {
  const digits = fc.stringMatching(/^[0-9]{1,20}$/);
  const literals = fc
    .tuple(fc.constantFrom('', '-'), fc.nat({ max: 10_000 }), digits, fc.integer({ min: -30, max: 30 }))
    .map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}e${exponent}`);
  fc.assert(
    fc.property(literals, (literal) => {
      fc.pre(numberSurvives(literal));
      expect(numberSurvives(JSON.stringify(Number(literal)))).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
