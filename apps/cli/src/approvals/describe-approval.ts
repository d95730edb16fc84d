import { toText, toTime } from '../output/cells.js';
import { toTable } from '../output/table.js';
import { revealed, revealedLine } from '../output/visible.js';
import { isRecord, type JsonRecord } from '../records.js';

/**
 * All that an approver decides on, uncut: what is frozen, its digest, and what has changed since. Nothing in it is hidden,
 * and no text in it can pretend to be another line.
 */
export function describeApproval(approval: JsonRecord): readonly string[] {
  const facts = FACTS.map(([name, read]) => [name, read(approval)] as const).filter(
    (fact): fact is readonly [string, string] => fact[1] !== null,
  );
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${revealedLine(value)}`);
  const blocks = BLOCKS.flatMap(([name, title]) =>
    isRecord(approval[name]) ? ['', `${title}:`, ...toJsonLines(approval[name])] : [],
  );
  return [...lines, ...blocks, ...describeDrift(approval['drift'])];
}

type Fact = readonly [name: string, read: (approval: JsonRecord) => string | null];

const plain = (name: string): Fact => [name, (approval) => toText(approval[name])];
const time = (name: string): Fact => [name, (approval) => toTime(approval[name])];

const FACTS: readonly Fact[] = [
  plain('id'),
  plain('status'),
  plain('kind'),
  plain('tool'),
  plain('action'),
  plain('fallback'),
  plain('risk_level'),
  plain('agent_id'),
  plain('requested_by'),
  plain('intent'),
  plain('reason'),
  plain('entity_id'),
  plain('condition'),
  plain('threshold'),
  plain('allowed_action'),
  ['failure', ({ failure }) => (isRecord(failure) ? toFailure(failure) : null)],
  ['approvals', ({ approvals_given: given, approvals_needed: needed }) => toCount(given, needed)],
  plain('execution_id'),
  time('created_at'),
  time('expires_at'),
  plain('outcome'),
  plain('decided_by'),
  plain('reviewed_by'),
  plain('comment'),
  time('decided_at'),
  plain('previous_id'),
  plain('next_id'),
  plain('digest'),
];

const BLOCKS: readonly (readonly [name: string, title: string])[] = [
  ['params', 'params (frozen: what the tool gets)'],
  ['entity_resolution', 'entity resolution'],
  ['variables', 'variables, as the agent knew them'],
  ['tool_outputs', 'tool outputs, as the agent had them'],
  ['conditions', 'conditions'],
  ['frozen_state', 'state, when it was frozen'],
  ['failure_policy', 'when it fails'],
];

/** Each condition as it was when the call was frozen and as it is now; nothing where there are none. */
export function describeDrift(drift: unknown): readonly string[] {
  const rows = Array.isArray(drift) ? drift.filter(isRecord) : [];
  if (rows.length === 0) return [];
  const cell = (value: unknown) => revealedLine(value === undefined ? '-' : JSON.stringify(value));
  const columns = [
    { header: 'field', value: (row: JsonRecord) => revealedLine(String(row['field'])) },
    { header: 'frozen', value: (row: JsonRecord) => cell(row['frozen']) },
    { header: 'live', value: (row: JsonRecord) => cell(row['live']) },
    { header: 'condition', value: (row: JsonRecord) => cell(row['condition']) },
    { header: 'verdict', value: (row: JsonRecord) => toText(row['verdict']) },
  ];
  return ['', ...toTable(rows, columns, undefined)];
}

function toJsonLines(value: unknown): readonly string[] {
  return revealed(JSON.stringify(value, null, 2)).split('\n');
}

function toFailure({ code, message, effect }: JsonRecord): string {
  const what = effect === 'none' ? 'nothing was done' : 'it may have been done';
  return `${String(code)}, ${what}: ${String(message)}`;
}

function toCount(given: unknown, needed: unknown): string | null {
  return typeof given === 'number' && typeof needed === 'number' ? `${given} of ${needed}` : null;
}
