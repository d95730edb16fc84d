import type { ApprovalRecord } from '@invoke/core/domain';
import {
  StorageUnavailable,
  type ApprovalMove,
  type DecideResult,
  type OutboxMessage,
  type Transition,
  type TransitionResult,
} from '@invoke/core/ports';
import { sql } from 'kysely';
import { askOne } from '../dialect/ask-one.js';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { claimQuery, transitionQuery } from './execution-queries.js';
import { toTransitionRow, type ExecutionRow } from './execution-row.js';
import { insertMessages } from './outbox-store.js';

/**
 * Each is one transaction over the execution, the approval and the messages, in this order, so that two of them never wait
 * for each other. `again`: an earlier run may have been committed. Who then finds nothing to do looks whether that run has
 * done it; not before, because it may be under way until the row is free.
 */

interface Announced {
  readonly messages: readonly OutboxMessage[];
  /** Names this write; the same however often it is tried. */
  readonly token: string;
}

const MOVED: TransitionResult = { kind: 'moved' };
const LOST: TransitionResult = { kind: 'lost' };

export function isMoved({ kind }: DecideResult): boolean {
  return kind === 'moved';
}

/** False: the key is taken, and nothing was written. */
export function* freeze(
  dialect: Dialect,
  frozen: Announced & { readonly execution: ExecutionRow; readonly approval: ApprovalRecord },
  again: boolean,
): Script<boolean> {
  const { execution, approval } = frozen;
  const claimed = yield* askOne(claimQuery(dialect), execution);
  if (claimed === null) return again && (yield* isWritten(dialect, approval));
  yield* insertApproval(dialect, approval, frozen.token);
  yield* insertMessages(dialect, frozen.messages);
  return true;
}

export function* escalate(
  dialect: Dialect,
  escalation: Announced & { readonly move: Transition; readonly approval: ApprovalRecord },
  again: boolean,
): Script<TransitionResult> {
  const { move, approval, messages, token } = escalation;
  const moved = yield* askOne(transitionQuery(dialect), toTransitionRow(move));
  if (moved === null) return again && (yield* isWritten(dialect, approval)) ? MOVED : LOST;
  yield* insertApproval(dialect, approval, token);
  yield* insertMessages(dialect, messages);
  return MOVED;
}

/** Has to be taken back when it is lost: the execution may have moved before the approval turns out to be decided. */
export function* decide(
  dialect: Dialect,
  decision: ApprovalMove & Announced,
  again: boolean,
): Script<DecideResult> {
  const { approval, move, fresh, messages, token } = decision;
  const moved = move === null || (yield* askOne(transitionQuery(dialect), toTransitionRow(move))) !== null;
  if (!moved || !(yield* updateApproval(dialect, decision))) {
    const earlier = again ? yield* earlierDecision(dialect, decision) : LOST;
    const untimely = moved && earlier.kind === 'lost' && (yield* isOpen(dialect, approval));
    return untimely ? { kind: 'untimely' } : earlier;
  }
  if (fresh !== null) yield* insertApproval(dialect, fresh, token);
  yield* insertMessages(dialect, messages);
  return MOVED;
}

/**
 * Versions are made one after the other, each by one write: so the version that an earlier run would have made tells by its
 * token who made it. Where there is a later one (another vote), that cannot be told any more.
 */
function* earlierDecision(
  { build, tables }: Dialect,
  { approval, token }: ApprovalMove & Announced,
): Script<TransitionResult> {
  const rows = yield* ask(
    build.selectFrom(tables.approvals).select(['version', 'token']).where('id', '=', approval.id),
  );
  const row = rows[0];
  if (row?.token === token) return MOVED;
  if (row === undefined || row.version <= approval.version) return LOST;
  throw new StorageUnavailable(`The answer to the decision of ${approval.id} was lost; look at it.`);
}

/** Ids are random, and the row is only made together with all the rest. */
function* isWritten({ build, tables }: Dialect, { id }: ApprovalRecord): Script<boolean> {
  const rows = yield* ask(build.selectFrom(tables.approvals).select('id').where('id', '=', id));
  return rows.length > 0;
}

function* insertApproval({ build, tables }: Dialect, approval: ApprovalRecord, token: string): Script<void> {
  const { id, tenant, executionId, kind, state, version, agentId, requestedBy, expiresAt } = approval;
  yield* ask(
    build.insertInto(tables.approvals).values({
      id,
      tenant,
      execution_id: executionId,
      kind,
      state,
      version,
      agent_id: agentId,
      key_id: requestedBy,
      expires_at: expiresAt,
      token,
      record: JSON.stringify(approval),
    }),
  );
}

/** Still in the version that this decision is about: then only its time can have been against it. */
function* isOpen({ build, tables }: Dialect, { id, tenant, version }: ApprovalRecord): Script<boolean> {
  const rows = yield* ask(
    build
      .selectFrom(tables.approvals)
      .select('id')
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('version', '=', version - 1)
      .where('state', '=', sql.lit('pending')),
  );
  return rows.length > 0;
}

/** False: it is not the version that was read any more, it is decided, or it is not the time for this. */
function* updateApproval(
  { build, tables, now }: Dialect,
  { approval, token, when }: ApprovalMove & Announced,
): Script<boolean> {
  const { id, tenant, state, version, expiresAt } = approval;
  const rows = yield* ask(
    build
      .updateTable(tables.approvals)
      .$if(when !== undefined, (query) => query.where('expires_at', when === 'in_time' ? '>' : '<=', now()))
      .set({ state, version, expires_at: expiresAt, token, record: JSON.stringify(approval) })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('version', '=', version - 1)
      .where('state', '=', sql.lit('pending'))
      .returning('id'),
  );
  return rows.length > 0;
}
