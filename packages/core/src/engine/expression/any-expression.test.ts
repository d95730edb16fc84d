import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExpressionLanguage } from './cel-language.js';

const language = createExpressionLanguage();

const parts = fc.constantFrom(
  ...'( ) [ ] { } . , : ? ! - + * / % == != < > <= >= && || in and or not = & // \n " \' \\ r" b\' """ @'.split(
    ' ',
  ),
  ...'a b params x true null 1 1.5 0x 1u 9e9 9e999 99999999999999999999 "x" \'y\' all exists map has size re2 timestamp'.split(
    ' ',
  ),
  ' ',
  '.all(x, ',
  'size(',
  're2(a, "',
  '\u00e9',
  '\0',
);
const sources = fc.array(parts, { maxLength: 14 }).map((p) => p.join(' '));
const facts = fc.dictionary(fc.constantFrom('a', 'b', 'params'), fc.jsonValue({ maxDepth: 3 }));

test('whatever is written, and whatever the facts are, there is an answer or an error within the source', () => {
  fc.assert(
    fc.property(fc.oneof(sources, fc.string({ unit: 'binary' })), facts, (source, values) => {
      const compiled = language.compile(source, ['a', 'b', 'params']);
      if (compiled.kind === 'error') {
        expect(compiled.error.at).toBeGreaterThanOrEqual(0);
        expect(compiled.error.at).toBeLessThanOrEqual(source.length);
        expect(compiled.error.message).not.toBe('');
      } else {
        expect(['true', 'false', 'unknown']).toContain(compiled.expression.evaluate(values).kind);
      }
    }),
    { numRuns: 10_000 },
  );
});
