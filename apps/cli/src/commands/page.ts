import type { Context } from '../context.js';
import { failure } from '../errors.js';
import type { Column } from '../output/table.js';
import { visible } from '../output/visible.js';
import { isRecord, type JsonRecord } from '../records.js';
import { toUntrusted } from '../wire.js';

/** Options of every list that comes in pages. */
export const PAGE_OPTIONS = {
  limit: { type: 'number', describe: 'How many at most', default: 20 },
  cursor: { type: 'string', describe: 'Where to go on, as the page before says' },
} as const;

export interface ListedIn {
  /** The member of the answer that has the list, and the command that shows it. */
  readonly name: string;
  readonly columns: readonly Column<JsonRecord>[];
  /** What the command for the next page needs besides the cursor. */
  readonly more?: string;
}

/** One page of a list of the API: its JSON as it came, or a table and how to go on. */
export function printPage(
  answer: JsonRecord,
  { name, columns, more = '' }: ListedIn,
  { terminal, json, agent }: Context,
): void {
  const rows = answer[name];
  if (!Array.isArray(rows))
    throw failure('invalid_response', `The answer has no list "${name}".`, ['invoke status']);
  if (json) {
    terminal.printJson(agent ? { ...answer, [name]: rows.map(markResult) } : answer);
    return;
  }
  if (rows.length === 0) {
    terminal.note(`No ${name}.`);
    return;
  }
  terminal.printTable(rows.filter(isRecord), columns);
  const next = answer['next_cursor'];
  if (typeof next === 'string') terminal.note(`more: invoke ${name}${more} --cursor ${visible(next)}`);
}

/** For an agent: what a tool said is data of somebody else. */
function markResult(row: unknown): unknown {
  return isRecord(row) && 'result' in row ? { ...row, result: toUntrusted(row['result']) } : row;
}
