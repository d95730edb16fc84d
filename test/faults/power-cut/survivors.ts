import { DatabaseSync } from 'node:sqlite';
import type { Acknowledged } from './start-writer.js';

interface Row {
  readonly id: string;
  readonly state: string;
  readonly seq: number;
  readonly result_text: string | null;
}

/** What is wrong with a database file after a power cut, if everything of `acknowledged` had been told to a caller. */
export function findLosses(file: string, acknowledged: readonly Acknowledged[]): readonly string[] {
  const db = new DatabaseSync(file);
  try {
    const integrity = db
      .prepare('pragma integrity_check')
      .all()
      .map((row) => String(row['integrity_check']));
    const tables = db.prepare(`select name from sqlite_master where name = 'invoke_executions'`).all();
    // Where nothing was flushed, even the tables are gone.
    const rows =
      tables.length === 0
        ? []
        : db.prepare('select id, state, seq, result_text from invoke_executions').all();
    const found = new Map(rows.map((row) => [String(row['id']), row as unknown as Row]));
    return [
      ...(integrity.join() === 'ok' ? [] : [`corrupt: ${integrity.join()}`]),
      ...[...found.values()].filter((row) => !isWhole(row)).map(({ id }) => `half-written: ${id}`),
      ...acknowledged
        .filter((ack) => !isKept(ack, found.get(ack.id)))
        .map((ack) => `lost: ${ack.state} ${ack.id}`),
    ];
  } finally {
    db.close();
  }
}

/** As the writer wrote it first, or as it wrote it second: nothing in between. */
function isWhole({ state, seq, result_text: result }: Row): boolean {
  return state === 'running' ? seq === 0 && result === null : seq === 1 && result === '{"ok":true}';
}

function isKept(ack: Acknowledged, row: Row | undefined): boolean {
  return row !== undefined && (ack.state === 'running' || row.state === 'completed');
}
