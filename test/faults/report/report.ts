import type { RoundResult } from '../chaos/round.js';
import { groupBy } from '../../support/group-by.js';
import type { ViolationKind } from '../kit/judge.js';

/** What is kept of one round. */
export interface RecordedRound extends RoundResult {
  readonly date: string;
  readonly commit: string;
}

/** One ablation, played until it was caught or given up, beside the product as it is under the same faults. */
export interface RecordedAblation {
  readonly date: string;
  readonly mode: string;
  readonly store: 'postgres' | 'sqlite';
  readonly gateways: number;
  readonly seed: number;
  /** Chaos until it was caught, in seconds; null: it was not. */
  readonly caughtAfter: number | null;
  readonly executions: number;
  readonly found: Readonly<Partial<Record<ViolationKind, number>>>;
  readonly example: string | null;
  readonly control: { readonly executions: number; readonly violations: number };
}

export interface ReportFacts {
  readonly rounds: readonly RecordedRound[];
  readonly ablations: readonly RecordedAblation[];
  readonly machine: string;
}

/** faults/RESULTS.md, written by machine from what was recorded. */
export function toReport({ rounds, ablations, machine }: ReportFacts): string {
  return [
    '# Faults: results',
    '',
    'Written by `npm run faults`; what it is and how it is done: [test/faults](../test/faults/README.md).',
    '',
    machine,
    '',
    '## Chaos',
    '',
    ...chaosTable(rounds),
    '',
    'Doubled: an effect was there twice for one key. Lost: recorded or told as done, and never done; or told, and not recorded.',
    'Stuck: 75 s after the last fault it had neither ended nor was it waiting for people, or a caller had no answer. False failed:',
    'recorded as a failure, and done. Other: a changed answer or record, the result of another call, a request without a durable attempt, one attempt too',
    'many, a write from an older epoch, a gateway that ended by itself, too little success for a proof. Minutes: all rounds, from the start of their gateways until',
    'nothing was open; faults were there for the part that is named. Taken over: executions that went on at another gateway.',
    'Too late: requests that a busy machine brought to the tool after the settle time; the tool did not do them.',
    '',
    ...series(rounds),
    ...violationList(rounds),
    '## Ablations',
    '',
    'Each takes one thing away by a wrapper around a port (or by a card), and is played until the same judge has found a breach.',
    'The product as it is, under the same faults and seeds for as long, is the control.',
    '',
    ...ablationTable(ablations),
    '',
    '```sh',
    'npm run faults -- --ablations',
    '```',
    '',
  ].join('\n');
}

const HEAD = [
  'store',
  'gateways',
  'rounds',
  'minutes',
  'of these faults',
  'executions',
  'requests answered',
  'attempts',
  'effects',
  'completed',
  'reconciled',
  'failed',
  'for people',
  'kill -9',
  'pauses',
  'database crashes',
  'lines cut',
  'taken over',
  'too late',
  '**doubled**',
  '**lost**',
  '**stuck**',
  '**false failed**',
  'other',
];

function chaosTable(rounds: readonly RecordedRound[]): readonly string[] {
  const [head = [], ...rows] = chaosFigures(rounds);
  return toTable(head, rows);
}

/** The head, then one line for each figure. One column per store: so many figures are easier to read downwards. */
export function chaosFigures(rounds: readonly RecordedRound[]): readonly (readonly string[])[] {
  const columns = [...groups(rounds)].map(([, of]) => chaosRow(of));
  return [
    ['', ...columns.map(([store, n]) => `${store}, ${n} ${n === '1' ? 'gateway' : 'gateways'}`)],
    ...HEAD.slice(2).map((name, i) => [name, ...columns.map((column) => column[i + 2] ?? '')]),
  ];
}

function groups(rounds: readonly RecordedRound[]): ReadonlyMap<string, readonly RecordedRound[]> {
  return groupBy(rounds, (r) => `${r.store} ${r.gateways}`);
}

const NAMED: readonly ViolationKind[] = ['doubled', 'lost', 'stuck', 'false_failed'];

function chaosRow(rounds: readonly RecordedRound[]): readonly string[] {
  const sum = (of: (round: RecordedRound) => number) => rounds.reduce((total, r) => total + of(r), 0);
  const first = rounds[0];
  const found = (kinds: (kind: ViolationKind) => boolean) =>
    sum((r) => r.violations.filter((v) => kinds(v.kind)).length);
  return [
    first?.store ?? '',
    String(first?.gateways ?? ''),
    whole(rounds.length),
    (sum((r) => r.seconds) / 60).toFixed(1),
    (sum((r) => r.chaosSeconds) / 60).toFixed(1),
    whole(sum((r) => r.executions)),
    whole(sum((r) => r.callers)),
    whole(sum((r) => r.attempts)),
    whole(sum((r) => r.effects)),
    whole(sum((r) => r.completed)),
    whole(sum((r) => r.reconciled)),
    whole(sum((r) => r.failed)),
    whole(sum((r) => r.needsReview)),
    whole(sum((r) => r.kills)),
    whole(sum((r) => r.pauses)),
    whole(sum((r) => r.databaseCrashes)),
    whole(sum((r) => r.partitions)),
    whole(sum((r) => r.takeovers)),
    whole(sum((r) => r.tooLate)),
    ...NAMED.map((name) => `**${found((kind) => kind === name)}**`),
    String(found((kind) => !NAMED.includes(kind))),
  ];
}

function series(rounds: readonly RecordedRound[]): readonly string[] {
  return [...groups(rounds)].flatMap(([, of]) => {
    const [first, last] = [of[0], of.at(-1)];
    if (first === undefined || last === undefined) return [];
    const minutes = Math.round(of.reduce((total, r) => total + r.seconds, 0) / 60);
    const store =
      first.store === 'sqlite' ? '--store sqlite' : `--store postgres --gateways ${first.gateways}`;
    return [
      `${first.store}: ${first.date} to ${last.date}, commits ${[...new Set(of.map((r) => r.commit))].join(', ')}; seeds ${first.seed} to ${last.seed}.`,
      '',
      '```sh',
      `npm run faults -- --minutes ${minutes} ${store} --seed ${Math.floor(first.seed / 1_000)}`,
      '```',
      '',
    ];
  });
}

function violationList(rounds: readonly RecordedRound[]): readonly string[] {
  const found = rounds.flatMap((r) =>
    r.violations.map((v) => `- ${r.store}, seed ${r.seed}: ${v.kind}: ${v.text}`),
  );
  return found.length === 0 ? [] : ['What was found:', '', ...found.slice(0, 50), ''];
}

function ablationTable(ablations: readonly RecordedAblation[]): readonly string[] {
  return toTable(
    ['taken away', 'store', 'gateways', 'executions', 'caught after', 'found', 'control'],
    ablations.map((a) => [
      a.mode,
      a.store,
      String(a.gateways),
      whole(a.executions),
      a.caughtAfter === null ? '**not caught**' : `${Math.round(a.caughtAfter)} s of faults`,
      Object.entries(a.found)
        .map(([kind, n]) => `${n} ${kind}`)
        .join(', '),
      `${a.control.violations} in ${whole(a.control.executions)} executions`,
    ]),
  );
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function whole(n: number): string {
  return n.toLocaleString('en-US');
}
