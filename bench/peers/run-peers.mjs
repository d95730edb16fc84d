import { compare } from '../compare.mjs';
import { postgresGateway, sqliteGateway } from '../subjects/index.mjs';
import { toAbsenceTables, toComparisonTable } from '../tables.mjs';
import { judgePeer } from '../targets.mjs';
import { dbos, restate } from './subjects.mjs';
/** @import { Bench, Finding } from '../experiments.mjs' */
/** @import { ComparisonResult } from '../types.ts' */

/**
 * Durable engines doing the same call: an idempotency key in, one call of an HTTP tool as a durable step, its recorded
 * outcome out.
 * @param {Bench} bench
 * @returns {Promise<Finding>}
 */
export async function runPeers({ conditions }) {
  const subjects = [sqliteGateway('C'), postgresGateway];
  /** @type {ComparisonResult[]} */
  const results = [];
  for (const peer of [dbos, restate]) {
    const { id, title } = peer;
    results.push(await compare({ id, title: `Invoke and ${title}`, baseline: peer, subjects }, conditions));
  }
  return {
    id: 'peers',
    title: 'Peers',
    method: [
      'Method: as in the benchmark, with the peer as the baseline. The same load generator, tool, request and durability (each flush reaches the disk); a peer checks no schema, rules, scopes or entities, and an answer that it loses makes it call the tool again.',
      'DBOS Transact: one process, a workflow named by the idempotency key with one step, awaited in the process that started it; its system database is a PostgreSQL of its own with default settings; a pool of 20 connections instead of 10, the rest as it comes.',
      'Restate: one node and one process with the handler, both as they come; the idempotency key is a header at the ingress, the call of the tool is a `ctx.run`; telemetry is off.',
    ],
    targets: results.flatMap(judgePeer),
    tables: [...results.filter((r) => r.rows.length > 0).map(toComparisonTable), ...toAbsenceTables(results)],
    figures: results,
  };
}
