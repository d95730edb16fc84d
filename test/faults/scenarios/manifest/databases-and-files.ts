import { BOTH, here, type Scenario } from './scenario.js';

const POSTGRES = 'packages/storage/test/postgres-faults.test.ts';
const SQLITE = 'packages/storage/test/sqlite.test.ts';
const OUTBOX = 'test/engine/outbox.test.ts';
const REPLICAS = 'test/faults/replicas';

export const databases: readonly Scenario[] = [
  {
    number: 33,
    title:
      'the connection breaks at the commit of the attempt: asked again by token, not sent before that is certain',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [
      { file: POSTGRES, test: 'claim, broken %s: claimed, once' },
      { file: here.database, test: '33: the attempt is committed, and the store will not say so ($tool)' },
    ],
  },
  {
    number: 34,
    title:
      'the connection breaks at the commit of the outcome: asked again until there is an answer, told then',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [
      { file: POSTGRES, test: 'transition, broken %s: moved, once' },
      { file: here.database, test: '34: the outcome is $is, and the store will not say so ($tool)' },
    ],
  },
  {
    number: 35,
    title: 'the server crashes again and again under load: all promises hold',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.database, test: '35: twice under load, and comes back' },
      {
        file: POSTGRES,
        test: 'crashing under load loses nothing that was acknowledged, and doubles nothing',
      },
    ],
  },
  {
    number: 36,
    title: 'the leader of a synchronous cluster dies: nothing that was acknowledged is lost',
    stores: ['P'],
    classes: [],
    proven: [],
    cannotRun:
      'A cluster with Patroni and etcd does not come from npm. By hand: npm run failover (test/faults/failover), recorded in faults/FAILOVER.md.',
  },
  {
    number: 37,
    title:
      'an asynchronous failover loses the last second: put back, looked up or handed to people, and told of',
    stores: ['P'],
    classes: ['B', 'C'],
    proven: [
      {
        file: `${REPLICAS}/amnesia.test.ts`,
        test: 'what was answered before a database went back (%s) is answered in the same way after it',
      },
      {
        file: `${REPLICAS}/amnesia.test.ts`,
        test: 'what was under way comes to an end that tells the truth',
      },
      {
        file: `${REPLICAS}/amnesia-in-doubt.test.ts`,
        test: 'a caller who asks again at another gateway, at once, gets the answer that was lost',
      },
    ],
  },
  {
    number: 38,
    title: 'cut off from the database, not from the tools: nothing more is sent, results are kept',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.database, test: '38: cut off for less than its lease', classes: ['C'] },
      {
        file: here.database,
        test: '38: cut off when the attempt is durable and not sent',
        classes: ['A'],
      },
      { file: here.database, test: '38: cut off for longer than its lease', classes: ['B'] },
    ],
  },
  {
    number: 39,
    title: 'cut off from the tools alone: unknown, and found out by whoever is there when the line is back',
    stores: BOTH,
    classes: ['B'],
    proven: [{ file: here.tools, test: '39: cut off from the tools alone, and then killed' }],
  },
  {
    number: 40,
    title:
      'conflicts, locks, no connection left, statements that take too long: tried again, or 503 before any byte',
    stores: BOTH,
    classes: [],
    proven: [
      { file: here.database, test: '40: the store refuses the attempt' },
      {
        file: 'packages/storage/test/classify-postgres-failure.test.ts',
        test: '$cell: $expected, because $why',
        stores: ['P'],
      },
      { file: POSTGRES, test: 'a row that somebody locks fails its own call only', stores: ['P'] },
      {
        file: POSTGRES,
        test: 'while there is no connection, a call is refused after some seconds',
        stores: ['P'],
      },
    ],
  },
  {
    number: 41,
    title: 'behind a transaction pooler: the same outcomes as without',
    stores: ['P'],
    classes: [],
    proven: [
      {
        file: `${REPLICAS}/transaction-pooler.test.ts`,
        test: 'two gateways behind it: one effect per key, approvals, replays and take-over',
      },
      { file: POSTGRES, test: 'nothing that is sent hangs on a session' },
      {
        file: 'packages/storage/test/postgres-control-faults.test.ts',
        test: 'nothing that is sent hangs on a session',
      },
    ],
    gap: 'The store is only reached over the wire: there is no way through PostgREST.',
  },
];

export const files: readonly Scenario[] = [
  {
    number: 42,
    title:
      'no room for the attempt: refused, not sent; none for the outcome: told as not settled, kept, recorded later',
    stores: BOTH,
    classes: ['B'],
    proven: [
      { file: here.disk, test: 'when the attempt is to be recorded: refused, and the tool is not touched' },
      { file: here.disk, test: 'when the outcome is to be recorded: told as not settled' },
      { file: SQLITE, test: 'a full disk fails the calls that need more room', stores: ['S'] },
    ],
  },
  {
    number: 43,
    title: 'the power fails at any flush: what was acknowledged is there',
    stores: ['S'],
    classes: [],
    proven: [
      { file: 'test/faults/power-cut.test.ts', test: 'keeps everything that was acknowledged (power cuts' },
      {
        file: 'test/faults/power-cut.test.ts',
        test: 'keeps everything that was acknowledged before, and nothing by half',
      },
    ],
  },
  {
    number: 44,
    title: 'a flush fails: nothing is written any more, and it is not tried again',
    stores: ['S'],
    classes: ['B'],
    proven: [
      { file: here.disk, test: 'when $when: nothing is written any more, and nobody asks the disk again' },
      {
        file: 'packages/storage/test/group-commit.test.ts',
        test: 'after a failed flush of the disk nothing is written any more',
      },
    ],
    gap: 'The process does not end itself: it is not ready, says why, refuses all calls, and waits for somebody to restart it.',
  },
  {
    number: 45,
    title: 'a second process on the file, or a file on a network: refused',
    stores: ['S'],
    classes: [],
    proven: [
      { file: SQLITE, test: 'a second process is refused by name of the first' },
      { file: SQLITE, test: 'a folder on a network is refused: %s' },
    ],
  },
  {
    number: 46,
    title: 'the end of the log is torn or garbage: it starts, and only what was never acknowledged is gone',
    stores: ['S'],
    classes: [],
    proven: [
      {
        file: 'packages/storage/test/sqlite-wal-tail.test.ts',
        test: 'everything that was acknowledged is there',
      },
      {
        file: 'packages/storage/test/sqlite-wal-tail.test.ts',
        test: 'a log that is torn at any place: the groups before it are there',
      },
    ],
  },
];

export const delivery: readonly Scenario[] = [
  {
    number: 47,
    title: 'killed after a delivery, before it is noted: delivered again under the same id',
    stores: BOTH,
    classes: [],
    proven: [
      { file: here.delivery, test: '47: killed after a delivery and before it is noted' },
      { file: OUTBOX, test: 'is sent again under the same id where the first delivery was never recorded' },
    ],
  },
  {
    number: 48,
    title: 'nobody listens for an hour: calls are not affected, and all is delivered later',
    stores: BOTH,
    classes: [],
    proven: [
      { file: here.delivery, test: '48: nobody listens for an hour' },
      { file: OUTBOX, test: 'that fails is sent again after 5 s, 30 s and 2 min' },
    ],
    gap: 'Order is not promised: receivers compare the timestamps of messages.',
  },
  {
    number: 49,
    title: 'two versions over one schema: nothing is written that the other cannot read, replays are equal',
    stores: ['P'],
    classes: [],
    proven: [
      {
        file: `${REPLICAS}/rolling-deploy.test.ts`,
        test: 'a gateway works on while a newer one migrates the schema under it, and both know all keys',
      },
      {
        file: `${REPLICAS}/rolling-deploy.test.ts`,
        test: 'a state that only a newer gateway knows is left to it',
      },
    ],
  },
  {
    number: 50,
    title: 'a database that went hours back: in quarantine until an operator says so',
    stores: BOTH,
    classes: [],
    proven: [
      {
        file: `${REPLICAS}/restored-backup.test.ts`,
        test: 'a database file that is put back from a copy starts in quarantine',
        stores: ['S'],
      },
      {
        file: `${REPLICAS}/restored-backup.test.ts`,
        test: 'a server that goes on from an old backup, on a timeline of its own, is in quarantine',
        stores: ['P'],
      },
    ],
  },
];
