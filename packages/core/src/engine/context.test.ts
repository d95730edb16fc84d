import { CallRequest } from '@invoke/contract';
import { expect, test } from 'vitest';
import { epochMs } from '../domain/time.js';
import { fullAccess } from '../domain/access/to-principal.js';
import { createContext, patienceOf, type CallInput } from './context.js';
import { DEFAULT_CONFIG } from './deps.js';

interface Cell {
  readonly cell: string;
  /** What the gateway is set to, what callers of this kind wait, what this one says, and what is spent. */
  readonly deadline: number;
  readonly kind?: number;
  readonly said?: number;
  readonly held?: number;
  readonly expected: number;
  readonly why: string;
}

const CELLS: readonly Cell[] = [
  {
    cell: 'P1',
    deadline: 60_000,
    expected: 60_000,
    why: 'who says nothing waits as long as the gateway is set to',
  },
  {
    cell: 'P2',
    deadline: 60_000,
    kind: 50_000,
    expected: 50_000,
    why: 'or as long as callers of its kind do',
  },
  { cell: 'P3', deadline: 5_000, kind: 50_000, expected: 5_000, why: 'the operator wants less' },
  {
    cell: 'P4',
    deadline: 5_000,
    kind: 50_000,
    said: 90_000,
    expected: 90_000,
    why: 'who says it is believed',
  },
  { cell: 'P5', deadline: 60_000, said: 100, held: 30, expected: 70, why: 'what is spent is spent' },
];

test.each(CELLS)('$cell: $why', ({ deadline, kind, said, held = 0, expected }) => {
  const input: CallInput = {
    credential: { kind: 'principal', principal: fullAccess('k') },
    request: CallRequest.parse({ tool: 't', ...(said === undefined ? {} : { timeout_ms: said }) }),
    requestId: 'r',
    traceparent: null,
    attachMs: 0,
    ...(kind === undefined ? {} : { patienceMs: kind }),
  };
  const ctx = createContext(input, 't', epochMs(0));
  ctx.heldMs = held;
  expect(patienceOf(ctx, { config: { ...DEFAULT_CONFIG, callDeadlineMs: deadline } })).toBe(expected);
});
