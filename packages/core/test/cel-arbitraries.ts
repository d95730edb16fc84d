import fc from 'fast-check';

/** The names that `celExpressions` use. */
export const CEL_ROOTS = ['a', 'b', 'l', 'm'];

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, 2, -1, 1.5, '', 'x', 'xy', 'y'),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
);
/** What the names stand for; some may be missing. */
export const celFacts = fc.record(
  {
    a: scalar,
    b: scalar,
    l: fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), { maxLength: 4 }),
    m: fc.dictionary(
      fc.constantFrom('a', 'x', 'k'),
      fc.oneof(scalar, fc.dictionary(fc.constantFrom('k'), scalar)),
      {
        maxKeys: 3,
      },
    ),
  },
  { requiredKeys: [] },
);

/** Expressions in plain CEL that mean the same to both: numbers of JSON are compared, but not computed with. */
export const celExpressions = fc.letrec<{ value: string; bool: string; body: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'a',
      'b',
      'l',
      'm',
      'm.a',
      'm.x.k',
      'm["k"]',
      'l[0]',
      'l[1]',
      '1',
      '2',
      '-1',
      '1.5',
      '"x"',
      "'xy'",
      'null',
      'true',
    ),
    tie('value').map((v) => `[${v}, 1, "x"]`),
    tie('value').map((v) => `size(${v})`),
    fc.tuple(tie('bool'), tie('value')).map(([c, v]) => `(${c} ? ${v} : ${v})`),
    tie('body').map((body) => `l.filter(i, ${body})`),
    tie('value').map((v) => `l.map(i, [i, ${v}])`),
    fc
      .tuple(
        fc.integer({ min: -9, max: 9 }),
        fc.constantFrom('+', '-', '*', '/', '%'),
        fc.integer({ min: -9, max: 9 }),
      )
      .map(([x, op, y]) => `(${x} ${op} ${y})`),
    fc.constantFrom('("x" + "y")', '(l + l)', '(l + [1])', 'string(1)', 'int("5")', '{"k": a}'),
  ),
  body: fc.oneof(
    fc.tuple(fc.constantFrom('==', '!=', '<'), tie('value')).map(([op, v]) => `i ${op} ${v}`),
    fc.constantFrom(
      'i == "x"',
      'i > 0',
      'has(m.a) && i == m.a',
      'i in l',
      'size(i) > 1',
      'i.startsWith("x")',
      'true',
    ),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('value'))
      .map((p) => p.join(' ')),
    fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool')).map(([x, op, y]) => `(${x} ${op} ${y})`),
    tie('bool').map((x) => `!(${x})`),
    fc
      .tuple(fc.constantFrom('all', 'exists', 'exists_one'), tie('body'))
      .map(([macro, body]) => `l.${macro}(i, ${body})`),
    fc
      .tuple(tie('value'), fc.constantFrom('contains', 'startsWith', 'endsWith'))
      .map(([v, f]) => `${v}.${f}("x")`),
    // In lists, or of what can be a key: of objects as keys the library says now this, now that.
    fc
      .tuple(tie('value'), fc.constantFrom('l', '[1, a]', 'l.map(i, [i])'))
      .map(([v, list]) => `${v} in ${list}`),
    fc.constantFrom('a in m', '"k" in m', '1 in m', 'b in {"x": 1}'),
    fc.constantFrom('has(m.a)', 'has(m.x)', 'a', 'm.a', 'l.exists(i, i == a || i.k == 1)'),
  ),
})).bool;
