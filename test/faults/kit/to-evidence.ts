import type { StoredEvidence, StoredExecution } from './evidence.js';
import { nameOf } from './unproven-attempts.js';

export type RawRows = readonly Readonly<Record<string, unknown>>[];

export interface RawEvidence {
  readonly executions: RawRows;
  readonly versions: RawRows;
  readonly approvals: RawRows;
  readonly messages: RawRows;
}

/** Drivers give large numbers as text. */
export function toEvidence({ executions, versions, approvals, messages }: RawEvidence): StoredEvidence {
  return {
    executions: executions.map(toExecution),
    versions: versions.map((row) => ({
      id: String(row['id']),
      epoch: Number(row['epoch']),
      seq: Number(row['seq']),
      state: String(row['state']),
      attempts: Number(row['attempts']),
      at: Number(row['at']),
    })),
    approvals: approvals.map((row) => ({
      id: String(row['id']),
      executionId: String(row['execution_id']),
      kind: String(row['kind']),
      state: String(row['state']),
    })),
    messages: messages.map((row) => {
      const { data } = JSON.parse(String(row['body'])) as { data?: { approval?: { id: string } } };
      return {
        id: String(row['id']),
        topic: String(row['topic']),
        approvalId: data?.approval?.id ?? null,
        ended: row['ended'] === null ? null : String(row['ended']),
      };
    }),
  };
}

function toExecution(row: Readonly<Record<string, unknown>>): StoredExecution {
  const outcome = row['outcome'] === null ? null : (JSON.parse(String(row['outcome'])) as { final: string });
  const journal = String(row['journal']);
  return {
    id: String(row['id']),
    key: String(row['idempotency_key']),
    tool: nameOf(String(row['tool'])),
    state: String(row['state']),
    final: outcome?.final ?? null,
    resultText: row['result_text'] === null ? null : String(row['result_text']),
    epoch: Number(row['epoch']),
    attempts: (JSON.parse(journal) as { attempts: unknown[] }).attempts.length,
    journal,
  };
}
