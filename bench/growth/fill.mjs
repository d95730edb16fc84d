import { hash, randomBytes } from 'node:crypto';
import { RARE_TOOL } from './templates.mjs';
/** @import { DatabaseStore } from '@invoke/storage/sqlite' */
/** @import { ExecutionRecord } from './templates.mjs' */

const AT_ONCE = 512;
/** One of so many failed. */
const FAILED_EVERY = 50;
const RARE_ROWS = 30;
const TOKEN_BYTES = 12;

/**
 * @typedef {object} FillPlan
 * @property {number} count
 * @property {readonly ExecutionRecord[]} templates
 * @property {number} from When the first of them was called, epoch milliseconds.
 * @property {number} stepMs From one to the next.
 */

/**
 * Fills a store with executions as a gateway leaves them, through the store's own writes, a claim and the transition to its
 * end, so that rows, indexes and unused space are what they are after so many real calls.
 * @param {DatabaseStore} store
 * @param {FillPlan} plan
 * @returns {Promise<readonly Named[]>} What is there now, oldest first.
 */
export async function fillStore(store, { count, templates, from, stepMs }) {
  const kinds = sortTemplates(templates);
  /** @type {Named[]} */
  const filled = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) =>
      copyOf(pick(kinds, first + i), from + (first + i) * stepMs),
    );
    await Promise.all(batch.map((copy) => write(store, copy)));
    filled.push(...batch.map(toName));
  }
  return filled;
}

/**
 * What is remembered of an execution that was filled in.
 * @typedef {Pick<ExecutionRecord, 'id' | 'keyDigest' | 'idempotencyKey' | 'tool' | 'agentId' | 'state'>} Named
 */

/** @param {ExecutionRecord} execution @returns {Named} */
function toName({ id, keyDigest, idempotencyKey, tool, agentId, state }) {
  return { id, keyDigest, idempotencyKey, tool, agentId, state };
}

/** @param {readonly ExecutionRecord[]} templates */
function sortTemplates(templates) {
  /** @param {boolean} rare @param {string} state */
  const those = (rare, state) =>
    templates.filter((e) => (e.tool === RARE_TOOL) === rare && e.state === state);
  return {
    completed: those(false, 'completed'),
    failed: those(false, 'failed'),
    rare: those(true, 'completed'),
  };
}

/** @param {ReturnType<typeof sortTemplates>} kinds @param {number} n @returns {ExecutionRecord} */
function pick({ completed, failed, rare }, n) {
  const kind = n < RARE_ROWS ? rare : n % FAILED_EVERY === 0 ? failed : completed;
  /* Of the failed ones, n is always a multiple. */
  const template = kind[(kind === failed ? n / FAILED_EVERY : n) % kind.length];
  if (template === undefined) throw new Error('there is no template of this kind');
  return template;
}

/**
 * The same execution with names of its own, at another time.
 * @param {ExecutionRecord} template
 * @param {number} at
 * @returns {ExecutionRecord}
 */
export function copyOf(template, at) {
  const shift = at - template.createdAt;
  const id = `exec_${idAt(at)}`;
  const idempotencyKey = id.slice('exec_'.length);
  /** @template {number | null} T @param {T} time @returns {T} */
  const later = (time) => /** @type {T} */ (time === null ? null : time + shift);
  return {
    ...template,
    id,
    traceId: `trace_${idAt(at)}`,
    idempotencyKey,
    /* As the gateway digests a key, so that it finds this one again. */
    keyDigest: hash('sha256', `${template.tenant}\n${template.env}\n${idempotencyKey}`),
    token: randomBytes(TOKEN_BYTES).toString('base64url'),
    createdAt: later(template.createdAt),
    updatedAt: later(template.updatedAt),
    finishedAt: later(template.finishedAt),
  };
}

/** Ordered by time, as the ids of the gateway are: a UUID of version 7. @param {number} at */
function idAt(at) {
  const hex = randomBytes(10).toString('hex');
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(1, 4)}-a${hex.slice(5, 8)}-${hex.slice(8)}`;
}

/** @param {DatabaseStore} store @param {ExecutionRecord} execution */
async function write(store, execution) {
  const claimed = await store.executions.claim(claimOf(execution));
  if (claimed.kind !== 'claimed') throw new Error(`${execution.id} was not claimed`);
  const moved = await store.executions.transition(endOf(execution));
  if (moved.kind !== 'moved') throw new Error(`${execution.id} was not moved`);
}

/** The row as its first write leaves it: attempt 1 is started. @param {ExecutionRecord} execution @returns {ExecutionRecord} */
export function claimOf(execution) {
  const attempts = execution.journal.attempts
    .slice(0, 1)
    .map(
      (a) => /** @type {const} */ ({ ...a, state: 'started', certainty: null, reason: null, endedAt: null }),
    );
  return {
    ...execution,
    state: 'running',
    seq: 0,
    owner: 'inc_bench',
    journal: { ...execution.journal, attempts, lookups: [] },
    resultText: null,
    outcome: null,
    finishedAt: null,
    updatedAt: execution.createdAt,
  };
}

/** @param {ExecutionRecord} execution @returns {Parameters<DatabaseStore['executions']['transition']>[0]} */
export function endOf(execution) {
  const { id, state, owner, token, journal, resultText, outcome, notBeforeAt, updatedAt, finishedAt } =
    execution;
  const from = { state: /** @type {const} */ ('running'), epoch: execution.epoch, seq: 0 };
  return { id, from, state, owner, token, journal, resultText, outcome, notBeforeAt, updatedAt, finishedAt };
}
