import {
  forwardingProxy,
  honoEcho,
  postgresGateway,
  replayingGateway,
  ruledGateway,
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
  {
    id: 'rules',
    title: 'Calls through Invoke with 100 rules in force',
    baseline: sqliteGateway('C'),
    subjects: [ruledGateway(100)],
  },
];

/** The experiments that are no comparison: start and memory, and what a decision costs. */
export const START = 'start';
export const DECISION = 'decision';
