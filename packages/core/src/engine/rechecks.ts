import { EXECUTION_STATE, type JsonObject, type ReconcileSpec } from '@invoke/contract';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { lastAttempt } from '../domain/execution/journal.js';
import type { OutboxMessage } from '../domain/outbox/outbox-message.js';
import { DEFAULT_LOOKUP_PLAN } from '../domain/reconcile/decide-reconcile.js';
import { decideRecheck, needsRecheck } from '../domain/reconcile/decide-recheck.js';
import type { MessageSender, SendResult } from '../ports/message-sender.js';
import { StorageUnavailable } from '../ports/store.js';
import { raiseBreach } from './breaches.js';
import type { EngineDeps } from './deps.js';
import { downstreamKeyOf } from './downstream-key.js';
import { look } from './lookups.js';
import type { Run } from './run.js';

/**
 * Asks for a second look at a call that is about to end, where its tool could still break its word. Written before the end
 * is recorded, so that no crash in between loses it; that one asked too much costs one read. Null where none is needed. It waits in the outbox: whichever
 * gateway is alive by then looks.
 */
export function askForRecheck(run: Run, deps: EngineDeps): Promise<void> | null {
  const { record, journal, lookupTool, primary } = run;
  const spec = record.request.reconcile;
  if (spec === null || lookupTool === null || primary.card.effect === 'read') return null;
  if (!needsRecheck({ journal, counted: spec.effects_at !== undefined })) return null;
  return ask(record, spec, deps);
}

async function ask(record: ExecutionRecord, spec: ReconcileSpec, deps: EngineDeps): Promise<void> {
  const message: OutboxMessage = {
    id: `recheck_${record.id}`,
    tenant: record.tenant,
    channel: 'recheck',
    topic: 'execution.recheck',
    body: { execution_id: record.id },
    createdAt: deps.clock.now(),
    dueInMs: spec.recheck_ms ?? DEFAULT_LOOKUP_PLAN.recheckMs,
  };
  try {
    await deps.store.outbox.add([message]);
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    deps.log.error('recheck_not_asked_for', { execution_id: record.id, why: error.message });
  }
}

/** The sender of the outbox, which carries out second looks itself and leaves everything else to `sender`. */
export function withRechecks(sender: MessageSender | undefined, deps: EngineDeps): MessageSender {
  return {
    channels: sender?.channels ?? new Set(),
    send(message) {
      if (message.channel === 'recheck') return recheck(message, deps);
      return sender?.send(message) ?? Promise.resolve({ kind: 'gone', why: 'nothing is sent from here' });
    },
    close: () => sender?.close() ?? Promise.resolve(),
  };
}

async function recheck({ tenant, body }: OutboxMessage, deps: EngineDeps): Promise<SendResult> {
  const record = await deps.store.executions.find(tenant, String(body['execution_id']));
  const refetch = record?.request.reconcile?.state_refetch;
  if (record === null || refetch === undefined) return { kind: 'gone', why: 'there is nothing to look at' };
  const found = deps.tools.catalogue().find(tenant, refetch.tool);
  if (found.kind !== 'found' || found.tool.card.effect !== 'read') {
    return { kind: 'gone', why: `${refetch.tool} cannot be asked any more` };
  }
  const seen = await look({ record, tool: found.tool, traceparent: null, mayStillSend: () => true }, deps);
  const { verdict, effects, evidence } = seen;
  const result = decideRecheck({
    state: record.state,
    fallback: fallbackOf(record, refetch.params, deps),
    verdict,
    effects,
  });
  switch (result.kind) {
    case 'unclear':
      return { kind: 'failed', why: `the second look says nothing: ${evidence}`, afterMs: null };
    case 'broken':
      await raiseBreach(
        record,
        {
          id: `recheck_${record.id}`,
          detail: `a second look found ${result.found} effects where ${result.recorded} is recorded: ${evidence}`,
        },
        deps,
      );
      return { kind: 'delivered' };
    case 'as_recorded':
      return { kind: 'delivered' };
  }
}

/** A lookup by our own reference sees what the tool has done for whom the reference was made, and nothing else. */
function fallbackOf(
  record: ExecutionRecord,
  params: JsonObject,
  deps: EngineDeps,
): 'told_apart' | 'not_told_apart' | null {
  if (record.state !== EXECUTION_STATE.completed || lastAttempt(record.journal)?.role !== 'fallback')
    return null;
  const reference = downstreamKeyOf(record.id, record.tool, deps);
  const byReference =
    record.request.reconcile?.reference_at !== undefined || Object.values(params).includes(reference);
  return byReference ? 'told_apart' : 'not_told_apart';
}
