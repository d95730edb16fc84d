import {
  forwardingProxy,
  honoEcho,
  postgresGateway,
  replayingGateway,
  ruledGateway,
  slowDiskGateway,
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
    id: 'slow-disk',
    title: 'Calls through Invoke on SQLite, on a disk that is slower to flush',
    baseline: forwardingProxy,
    subjects: [slowDiskGateway(1), slowDiskGateway(4)],
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

/** The experiments that are no such comparison: several gateways, start and memory, and what a decision costs. */
export const CLUSTER = 'cluster';
export const START = 'start';
export const DECISION = 'decision';
