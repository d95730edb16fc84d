import { BOTH, here, type Scenario } from './scenario.js';

const STORES = 'packages/testkit/src/conformance/store';
const APPROVALS = 'test/engine/approvals.test.ts';
const KEYS = 'test/engine/keys.test.ts';

export const crashPoints: readonly Scenario[] = [
  {
    number: 1,
    title: 'killed after the checks, before the attempt is durable: nothing is there, the retry runs it once',
    stores: BOTH,
    classes: [],
    proven: [{ file: here.crash, test: '1: after the checks, before the attempt is durable' }],
  },
  {
    number: 2,
    title:
      'killed after the attempt is durable, before it connects: looked up and done once; blind: people decide',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.crash, test: '2: after the attempt is durable, before it connects ($tool): $word' },
    ],
  },
  {
    number: 3,
    title: 'killed after the request is sent, before the tool acts: found, one effect by one attempt',
    stores: BOTH,
    classes: ['B'],
    proven: [{ file: here.crash, test: '3: after the request is sent, before the tool acts' }],
  },
  {
    number: 4,
    title: 'killed after the effect, before the outcome is durable: the caller gets it by the same execution',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [{ file: here.crash, test: '4: after the effect, before the outcome is durable (%s)' }],
  },
  {
    number: 5,
    title: 'killed after the outcome is durable, before the answer: replayed byte for byte',
    stores: BOTH,
    classes: [],
    proven: [{ file: here.crash, test: '5: after the outcome is durable, before the answer' }],
  },
  {
    number: 6,
    title: 'killed while it looks up, and so is the next one: the third one ends it, with bounded lookups',
    stores: BOTH,
    classes: ['B'],
    proven: [{ file: here.crash, test: '6: while it looks up what happened' }],
  },
  {
    number: 7,
    title: 'killed between the decision to retry and the next attempt: both are recorded, or neither',
    stores: BOTH,
    classes: ['B'],
    proven: [{ file: here.crash, test: '7: between the proof of absence and the next attempt (%s)' }],
  },
  {
    number: 8,
    title: 'killed after a yes is durable, before the call: made once, nobody is asked again',
    stores: BOTH,
    classes: ['B'],
    proven: [{ file: here.crash, test: '8: after the yes of a human is durable' }],
  },
  {
    number: 9,
    title: 'killed with 200 calls in flight: all end, none twice',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [{ file: here.crash, test: '9: with 200 calls in flight' }],
  },
  {
    number: 10,
    title: 'SIGTERM with calls in flight: finished or handed over, what is finished is not unknown',
    stores: BOTH,
    classes: [],
    proven: [
      { file: here.crash, test: '10: with calls in flight: they are finished and answered' },
      {
        file: 'test/faults/replicas/drain.test.ts',
        test: 'SIGTERM: what is under way is finished and answered, the lease ends at once',
        stores: ['P'],
      },
      {
        file: 'test/engine/recovery.test.ts',
        test: 'the next gateway takes over when the lease is over, and not before',
      },
    ],
  },
];

export const races: readonly Scenario[] = [
  {
    number: 11,
    title: 'a hundred calls with one key at three gateways: one effect, all final answers equal',
    stores: BOTH,
    classes: ['C'],
    proven: [{ file: here.races, test: '11: a hundred with one key at three gateways' }],
  },
  {
    number: 12,
    title: 'one key with different params at once: one is taken, the other refused and shown nothing',
    stores: BOTH,
    classes: [],
    proven: [{ file: here.races, test: '12: forty with one key and two sets of params' }],
  },
  {
    number: 13,
    title: 'one key of two tenants or environments is two; another API key is answered only if it may call',
    stores: [],
    classes: [],
    proven: [
      { file: KEYS, test: 'the same key in another tenant or environment is another key' },
      { file: KEYS, test: 'another API key of the tenant is answered with the same execution' },
    ],
  },
  {
    number: 14,
    title: 'a sweep in the millisecond in which a call is accepted never adopts the row of the living',
    stores: BOTH,
    classes: [],
    proven: [
      {
        file: `${STORES}/incarnations.ts`,
        test: 'leaves the living alone, however old or new their rows seem to be',
      },
      {
        file: `${STORES}/incarnations.ts`,
        test: 'leaves alone an owner that enlisted in this very moment',
      },
    ],
  },
  {
    number: 15,
    title: 'two sweepers and one orphan, or a list that is stale: one claims it, the other does nothing',
    stores: ['P'],
    classes: [],
    proven: [
      { file: here.races, test: '15: two gateways find the same orphans at the same moment' },
      {
        file: 'packages/storage/test/postgres-faults.test.ts',
        test: 'an orphan that another gateway takes over meanwhile is left to it',
      },
    ],
  },
  {
    number: 16,
    title: 'approved twice, approved and rejected, approved as it expires: one decision, at most one call',
    stores: BOTH,
    classes: [],
    proven: [
      {
        file: 'test/attacks/approval-drivers.test.ts',
        test: 'one decision counts, and at most one call is made',
        stores: ['P'],
      },
      { file: `${STORES}/decisions.ts`, test: 'of twenty decisions at once, one is made' },
      { file: APPROVALS, test: 'too late: cancelled, nothing is sent' },
    ],
  },
  {
    number: 17,
    title: 'the world changes between the yes and the call: asked again, the old yes is void',
    stores: [],
    classes: [],
    proven: [
      { file: APPROVALS, test: 'changed state: the old approval is invalidated' },
      { file: APPROVALS, test: 'live state that cannot be read: plan again' },
    ],
    gap: 'A change between the revalidation and the write is not seen: cards cannot say yet that a tool takes the revision that was revalidated (If-Match). A tool that takes one as a param is protected by that: 409 or 412 of it are refusals.',
  },
  {
    number: 18,
    title:
      'a key used again just before and just after it is pruned: replayed, then refused, never run again',
    stores: BOTH,
    classes: [],
    proven: [
      {
        file: `${STORES}/pruning.ts`,
        test: 'claims that race with the pruning of their key never run a second time',
      },
      { file: KEYS, test: 'after pruning a key is refused for ever, never executed a second time' },
    ],
  },
];
