import {
  forwardingProxy,
  honoEcho,
  postgresGateway,
  replayingGateway,
  sqliteGateway,
} from './subjects/index.mjs';
/** @import { Comparison } from './types.ts' */

/**
 * What is measured against what. A subject is anything with a `start`: peers, other stores and slower disks go in here.
 * @type {readonly Comparison[]}
 */
export const COMPARISONS = [
  {
    id: 'sqlite',
    title: 'Calls through Invoke on SQLite (synchronous=FULL), each with a new idempotency key',
    baseline: forwardingProxy,
    subjects: [sqliteGateway('C'), sqliteGateway('A')],
  },
  {
    id: 'postgres',
    title: 'Calls through Invoke on PostgreSQL, each with a new idempotency key',
    baseline: forwardingProxy,
    subjects: [postgresGateway],
  },
  {
    id: 'replay',
    title: 'The recorded answer of a settled key',
    baseline: honoEcho,
    subjects: [replayingGateway],
  },
];

/** The experiment that is no comparison: start and memory. */
export const START = 'start';
