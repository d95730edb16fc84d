import { EXECUTION_STATE, FINAL_OUTCOME } from '@invoke/contract';
import { isTerminal } from '@invoke/core/domain';
import { CALLER } from './fleet.js';
import type { ToolName } from './cards.js';
import { sleep } from './sleep.js';

/** What a caller was told at one time. */
export interface Told {
  readonly askedAt: number;
  readonly at: number;
  /** Null: no answer. */
  readonly status: number | null;
  /** `completed`, `failed`, `unknown`, ... or the code of a refusal, or what went wrong on the way. */
  readonly word: string;
  readonly executionId: string | null;
  /** What is final in it, as JSON: the word and the result, or the word alone where the answer is a problem; null while nothing is. */
  readonly final: string | null;
  readonly gateway: string;
}

/** One caller's dealings with one key. */
export interface CallerHistory {
  readonly key: string;
  readonly tool: ToolName;
  readonly startedAt: number;
  readonly told: readonly Told[];
  /** The caller got an answer with which the machine is done. */
  readonly ended: boolean;
}

export interface CallPlan {
  /** The idempotency key, and the `ref` of the effect. */
  readonly key: string;
  readonly tool: ToolName;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Where to ask; another one at every try. Null: there is none now. */
  readonly gateway: () => string | null;
  /** The caller gives up then (epoch milliseconds). */
  readonly until: number;
  /** Or as soon as it is broken off. */
  readonly signal?: AbortSignal;
  readonly pauseMs?: number;
  /** Patience with one request. */
  readonly requestMs?: number;
}

const STATES = Object.values(EXECUTION_STATE);
/** States in which the machine has done what it can. */
const FINAL: ReadonlySet<string> = new Set([...STATES.filter(isTerminal), FINAL_OUTCOME.outcome_reconciled]);
const DONE = new Set([...FINAL, EXECUTION_STATE.needs_review]);

/** Calls, and calls again with the same key, until there is an answer with which the machine is done. */
export async function callUntilDone(plan: CallPlan): Promise<CallerHistory> {
  const { key, tool, until, pauseMs = 150 } = plan;
  const startedAt = Date.now();
  const told: Told[] = [];
  while (Date.now() < until && plan.signal?.aborted !== true) {
    const gateway = plan.gateway();
    const answer = gateway === null ? null : await callOnce(plan, gateway);
    if (answer !== null) told.push(answer);
    if (answer !== null && isDone(answer)) return { key, tool, startedAt, told, ended: true };
    await sleep(pauseMs * (0.5 + Math.random()));
  }
  return { key, tool, startedAt, told, ended: false };
}

function isDone({ word, executionId, status }: Told): boolean {
  // To the caller whose call it was, an outcome that people have to find is told as an unknown one, with an error.
  const handedOver = word === 'unknown' && status !== null && status >= 500;
  return executionId !== null && (DONE.has(word) || handedOver);
}

const REQUEST_MS = 6_000;

/** One request. Never rejects: that there is no answer is something that a caller is told, too. */
export async function callOnce(plan: CallPlan, gateway: string): Promise<Told> {
  const { key, tool, body = {}, requestMs = REQUEST_MS } = plan;
  const askedAt = Date.now();
  try {
    const response = await fetch(`${gateway}/v1/call`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': CALLER,
        'idempotency-key': key,
        prefer: 'wait=2',
      },
      body: JSON.stringify({ tool, params: { ref: key }, timeout_ms: 4_000, ...body }),
      signal: AbortSignal.timeout(requestMs),
    });
    const text = await response.text();
    return { askedAt, gateway, ...toTold(JSON.parse(text) as Record<string, unknown>, response.status) };
  } catch (error) {
    const word = error instanceof Error ? error.name : 'no answer';
    return { askedAt, at: Date.now(), status: null, word, executionId: null, final: null, gateway };
  }
}

function toTold(body: Readonly<Record<string, unknown>>, status: number): Omit<Told, 'askedAt' | 'gateway'> {
  const { status: where, code, execution_id: id, result } = body;
  const executionId = typeof id === 'string' ? id : null;
  const word = typeof where === 'string' ? where : String(code ?? status);
  const isProblem = typeof body['type'] === 'string' && typeof body['title'] === 'string';
  const told = isProblem ? [word] : [word, result ?? null];
  const final = executionId !== null && FINAL.has(word) ? JSON.stringify(told) : null;
  return { at: Date.now(), status, word, executionId, final };
}
