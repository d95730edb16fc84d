import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { SceneReport } from '../types.ts';
import { renderColumns, wrap } from './columns.mjs';
import type { Look } from './paint.mjs';
import { createLook } from './paint.mjs';
import { renderScene } from './scene.mjs';
import { renderSummary } from './summary.mjs';

const plain = (width: number): Look => ({
  width,
  style: (text) => text,
  marks: { rule: '-', tick: '[ok]', cross: '[FAILED]' },
});
/** Marks what is painted, so that a test can see widths go wrong when escape codes are counted. */
const marked = (width: number): Look => ({ ...plain(width), style: (text) => `<<<<${text}>>>>` });

describe('wrap', () => {
  const cells: { cell: string; text: string; width: number; expected: string[]; why: string }[] = [
    { cell: 'fits', text: 'a short line', width: 12, expected: ['a short line'], why: 'nothing to break' },
    {
      cell: 'breaks',
      text: 'a short line',
      width: 11,
      expected: ['a short', '  line'],
      why: 'at the last space',
    },
    { cell: 'empty', text: '', width: 10, expected: [''], why: 'an empty line is a line' },
    {
      cell: 'long word',
      text: 'see abcdefghijklmn now',
      width: 10,
      expected: ['see', '  abcdefgh', '  ijklmn', '  now'],
      why: 'a word longer than the column is cut, not let through',
    },
  ];
  it.each(cells)('$cell: $why', ({ text, width, expected }) => {
    expect(wrap(text, width)).toEqual(expected);
  });
});

describe('columns', () => {
  const columns = [
    {
      heading: 'Left',
      lines: [
        { tone: 'bad', text: 'one' },
        { tone: 'plain', text: 'two' },
      ],
      totals: ['sum 2'],
    },
    { heading: 'Right', lines: [{ tone: 'good', text: 'only' }], totals: ['sum 1'] },
  ] as const;

  it('puts them side by side, totals level with each other', () => {
    const rule = '-'.repeat(37);
    expect(renderColumns(plain(80), columns)).toEqual([
      `  Left${' '.repeat(33)}   Right`,
      `  ${rule}   ${rule}`,
      `  one${' '.repeat(34)}   only`,
      '  two',
      '',
      `  sum 2${' '.repeat(32)}   sum 1`,
    ]);
  });

  it('pads by what is seen, not by what is written', () => {
    const rows = renderColumns(marked(80), columns);
    expect(rows[2]).toBe(`  <<<<one>>>>${' '.repeat(34)}   <<<<only>>>>${' '.repeat(33)}`.trimEnd());
  });

  it('stacks them where there is no room', () => {
    const rule = '-'.repeat(38);
    expect(renderColumns(plain(40), columns)).toEqual([
      '  Left',
      `  ${rule}`,
      '  one',
      '  two',
      '',
      '  sum 2',
      '',
      '  Right',
      `  ${rule}`,
      '  only',
      '',
      '  sum 1',
      '',
    ]);
  });
});

describe('the look', () => {
  it('is plain and of a fixed width when the output is no terminal', () => {
    const look = createLook(
      Object.assign(new PassThrough(), { columns: 300 }) as unknown as NodeJS.WriteStream,
    );
    expect(look.width).toBe(100);
    expect(look.style('text', 'red')).toBe('text');
    expect(look.marks.tick).toBe('[ok]');
  });

  it('keeps to what can be read at a very wide and at a tiny terminal', () => {
    const of = (columns: number) => createLook({ isTTY: true, columns } as NodeJS.WriteStream).width;
    expect([of(400), of(90), of(10), of(0)]).toEqual([112, 90, 40, 80]);
  });
});

const report: SceneReport = {
  id: 'payment',
  title: 'Payment',
  story: 'The answer is lost.',
  naive: { lines: [{ tone: 'plain', text: 'charged twice' }], counts: [{ label: 'pay_42 charged', n: 2 }] },
  invoke: { lines: [{ tone: 'good', text: 'looked up' }], counts: [{ label: 'pay_42 charged', n: 1 }] },
  executions: [
    {
      execution_id: 'exec_1',
      workflow_id: null,
      status: 'completed',
      approval_id: null,
      decision: 'do_not_retry',
      final_outcome: 'outcome_reconciled',
      idempotency_key: 'k',
      tool: 'payments_charge',
      action: null,
      agent_id: null,
      env: 'default',
      entity_id: null,
      result: null,
      error: null,
      attempts: [],
      lookups: [],
      trace: [
        { step: 'request_received', status: 'completed', at: 1_700_000_000_000 },
        { step: 'attempt_ended', status: 'unknown', at: 1_700_000_000_404, detail: 'http_503' },
      ],
      created_at: 1_700_000_000_000,
      updated_at: 1_700_000_000_404,
      finished_at: null,
    },
  ],
  checks: [
    { claim: 'charged once', holds: true },
    { claim: 'nobody was hurt', holds: false },
  ],
  ok: false,
  ms: 12,
};

describe('a scene', () => {
  it('shows both ledgers, the trace and every claim', () => {
    const text = renderScene(plain(80), report);
    expect(text.split('\n').slice(2)).toEqual([
      `  charged twice${' '.repeat(27)}looked up`,
      '',
      `  ledger: 2 x pay_42 charged${' '.repeat(14)}ledger: 1 x pay_42 charged`,
      '',
      '  exec_1  payments_charge: outcome_reconciled',
      '      +0 ms  request received',
      '    +404 ms  attempt ended     unknown: HTTP 503',
      '',
      '  [ok] charged once',
      '  [FAILED] nobody was hurt',
    ]);
  });
});

it('breaks what is too long for the line, and lets nothing stick out', () => {
  const claim = 'the agent is told to plan again, and which of the fields that it relies on has changed';
  const long: SceneReport = { ...report, checks: [{ claim, holds: true }] };
  const text = `${renderScene(plain(60), long)}\n${renderSummary(plain(60), [{ ...long, ok: true }], 1234)}`;
  expect(text).toContain(
    '  [ok] the agent is told to plan again, and which of the\n       fields that it relies on has changed\n',
  );
  expect(text.split('\n').filter((line) => line.length > 60)).toEqual([]);
});

it('puts what there is to say below a long step where there is no room beside it', () => {
  const [execution] = report.executions;
  const trace = [
    { step: 'unknown_outcome_reconciled', status: 'completed', at: 1_700_000_000_404 },
    { step: 'outcome_looked_up', status: 'applied', at: 1_700_000_000_405, detail: 'charged' },
  ];
  const text = renderScene(plain(40), { ...report, executions: [{ ...execution!, trace }] });
  expect(text).toContain(
    [
      '    +404 ms  unknown outcome reconciled',
      '    +405 ms  outcome looked up',
      '               applied: charged',
      '',
    ].join('\n'),
  );
});

describe('the summary', () => {
  it('names the scenes that did not come out as claimed, and claims nothing else', () => {
    const text = renderSummary(plain(80), [report, { ...report, id: 'other', ok: true }], 1234);
    expect(text).toContain('payment  pay_42 charged              2        1  [FAILED]');
    expect(text).toContain('1 of 2 scenes did not come out as claimed: payment.');
    expect(text).not.toContain('scenes came out as claimed');
  });

  it('says what was shown when all did', () => {
    const text = renderSummary(plain(80), [{ ...report, ok: true }], 1234);
    expect(text).toContain("  1 of 1 scenes came out as claimed, by the tools' own count, in 1.2 s.\n");
  });
});
