import { BOTH, here, type Scenario } from './scenario.js';

const EGRESS = 'packages/mcp-client/test/egress.test.ts';
const WIRE = 'packages/mcp-client/test/faults.test.ts';
const ATTEMPTS = 'test/engine/attempts.test.ts';

export const zombies: readonly Scenario[] = [
  {
    number: 19,
    title: 'paused beyond its lease before it sends: it wakes up and sends nothing',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [{ file: here.zombies, test: '19: before it may send ($tool)' }],
  },
  {
    number: 20,
    title:
      'paused between the last check and the bytes: the key guards A, B is told of, C is never sent again',
    stores: ['P'],
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.zombies, test: '20: between the last check and the bytes (keyed)', classes: ['A'] },
      { file: here.zombies, test: '20: between the last check and the bytes (lookup)', classes: ['B'] },
      { file: here.zombies, test: '20: between the last check and the bytes (blind)', classes: ['C'] },
    ],
    gap: 'Of a tool that does not count its effects (effects_at), two effects of a call that was retried look like one.',
  },
  {
    number: 21,
    title: 'a gateway that was replaced writes its outcome late: no row, ignored, traced',
    stores: BOTH,
    classes: [],
    proven: [
      { file: here.zombies, test: '21: before it records its outcome', stores: ['P'] },
      {
        file: 'packages/testkit/src/conformance/store/incarnations.ts',
        test: 'a write of the old owner is lost from then on',
      },
    ],
  },
  {
    number: 22,
    title: 'clocks of the app, of the database and of a new primary step: no early retry, no eternal lease',
    stores: [],
    classes: ['B'],
    proven: [
      { file: here.clocks, test: "the app's clock by %i ms while absence is waited for" },
      { file: here.clocks, test: "the database's clock by %i ms under a live gateway" },
      { file: here.clocks, test: 'a lease that seems over by a minute too early' },
      { file: here.clocks, test: 'a new primary whose clock is a minute behind' },
    ],
    gap: 'The steps are those of injected clocks: the clock of a real Postgres server cannot be set without setting that of the machine.',
  },
];

export const tools: readonly Scenario[] = [
  {
    number: 23,
    title: 'done after the timeout, within the settle time: one effect, found',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [{ file: here.tools, test: '23: done after the timeout and within the settle time' }],
  },
  {
    number: 24,
    title: 'done after the settle time: told of as a breach, never passed over',
    stores: BOTH,
    classes: ['B'],
    proven: [
      { file: here.tools, test: '24: done later than the settle time allows' },
      { file: here.engine, test: 'after a recorded failure: the second look finds the effect' },
      { file: here.engine, test: 'told of by the late answer itself, at once' },
      { file: here.engine, test: 'the gateway that asked for the second look is gone' },
    ],
    gap: 'An effect after the second look (recheck_ms) is seen by nobody.',
  },
  {
    number: 25,
    title: 'the answer lost, 500 after the effect, broken JSON, a session that ends: unknown, never failed',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.tools, test: '25: done, and the answer lost or a 500' },
      { file: WIRE, test: '$kind: $cell' },
      {
        file: 'packages/mcp-client/test/event-streams.test.ts',
        test: 'a stream without event ids that ends is lost at once',
      },
    ],
  },
  {
    number: 26,
    title: 'no connection, no name, no trust: not sent, tried again without a lookup',
    stores: BOTH,
    classes: ['B'],
    proven: [
      { file: here.tools, test: '26: refused connections and names that do not exist' },
      { file: EGRESS, test: 'a certificate that nobody vouches for: nothing is sent' },
    ],
  },
  {
    number: 27,
    title: 'lookups that fail, flap or lag: bounded, then people; never taken for absence',
    stores: [],
    classes: ['B'],
    proven: [
      { file: here.engine, test: 'an absence that flaps is not an absence' },
      { file: here.engine, test: 'a replica that lags for less than the settle time hides nothing' },
      { file: ATTEMPTS, test: 'lookups that fail or say nothing prove nothing' },
    ],
    gap: 'A replica that lags for longer than the settle time lies; the card has to allow for it, and the second look tells of it.',
  },
  {
    number: 28,
    title: 'a lookup finds what somebody else did: not taken for ours',
    stores: [],
    classes: ['B'],
    proven: [
      { file: here.engine, test: 'an object that matches and carries another reference counts as absent' },
      { file: here.engine, test: 'an object without a reference proves nothing either way' },
    ],
    gap: 'Where a card neither asks by our reference nor says where it stands (reference_at), the params are all that tells calls apart.',
  },
  {
    number: 29,
    title: 'something on the way delivers a request twice: the key guards A, B is told of as two',
    stores: BOTH,
    classes: ['A', 'B'],
    proven: [{ file: here.tools, test: '29: a line that delivers each request twice' }],
  },
  {
    number: 30,
    title: 'the tool has forgotten our key before it is needed: no blind resend',
    stores: [],
    classes: ['A'],
    proven: [
      { file: here.engine, test: 'within the window it is sent again, after it nothing is' },
      { file: here.engine, test: 'a gateway that takes over after the window sends nothing' },
    ],
  },
  {
    number: 31,
    title: 'unknown, with a fallback at hand: not used before absence is proven',
    stores: BOTH,
    classes: ['A', 'B', 'C'],
    proven: [
      { file: here.tools, test: '31: never the fallback', classes: ['B'] },
      { file: here.engine, test: '%s (%s)', classes: ['B', 'C'] },
      {
        file: here.engine,
        test: 'A: what its key cannot settle goes to people, not to another tool',
        classes: ['A'],
      },
    ],
  },
  {
    number: 32,
    title: 'a tool that is down for ten minutes: so many attempts and no more, people asked once, no queue',
    stores: [],
    classes: ['C'],
    proven: [
      { file: here.engine, test: '32: a tool that is down for ten minutes' },
      { file: 'packages/mcp-client/test/limits.test.ts', test: 'a queue that is full refuses at once' },
    ],
    gap: 'What opens is the bound on calls that wait for a connection (circuit_open), not a breaker that remembers failures.',
  },
];
