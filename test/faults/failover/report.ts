import type { ViolationKind } from '../kit/judge.js';
import type { FailoverResult } from './play-failovers.js';

export interface RecordedFailovers extends FailoverResult {
  readonly date: string;
  readonly commit: string;
  /** Which version of Patroni led; absent in runs that were recorded before it was. */
  readonly patroni?: string;
}

/** faults/FAILOVER.md, written by machine from what was recorded. */
export function toFailoverReport(runs: readonly RecordedFailovers[], machine: string): string {
  return [
    '# Failovers: results',
    '',
    'Written by `npm run failover`; what it is: [docs/operations.md](../docs/operations.md#failover-by-hand-patroni-and-etcd-on-debian).',
    '',
    'Three Postgres servers under Patroni with one etcd, a router that leads to the leader, gateways and callers. Each leader is',
    'killed with its Patroni (kill -9 of every process of its node), stays away for a while, and comes back as a standby.',
    '',
    machine,
    '',
    ...toTable(
      ['', ...runs.map((r) => r.mode)],
      ROWS.map(([name, of]) => [name, ...runs.map(of)]),
    ),
    '',
    'Doubled: an effect was there twice for one key. Lost: recorded or told as done, and never done; or told, and not recorded.',
    'Stuck: 90 s after the last failover it had neither ended nor was it waiting for people, or a caller had no answer. False failed:',
    'recorded as a failure, and done. Other: changed answers, requests without a durable attempt, gateways that ended by themselves;',
    'in asynchronous mode the history that the database itself keeps is lost with the rest, and is not judged.',
    'Acknowledged transitions: claims that were answered, requests that were let out and outcomes that were told. Lost of these: what',
    'the gateways found missing (`acknowledged_write_lost`). The probe writes single rows without a gateway, one after the other.',
    'An asynchronous leader has sent nothing to its standbys for 1.5 s when it dies. A frozen one (synchronous) is stopped, not killed,',
    'first Postgres, then Patroni in the middle of its loop: its connections stay open and nobody answers, and it goes on later as if',
    'nothing had happened.',
    '',
    ...runs.flatMap(ofRun),
  ].join('\n');
}

const NAMED: readonly ViolationKind[] = ['doubled', 'lost', 'stuck', 'false_failed'];

type Row = readonly [name: string, of: (run: RecordedFailovers) => string];

const ROWS: readonly Row[] = [
  ['date', (r) => r.date],
  ['commit', (r) => r.commit],
  ['Patroni', (r) => r.patroni ?? 'not recorded'],
  ['gateways', (r) => whole(r.gateways)],
  ['seconds', (r) => whole(r.seconds)],
  ['leaders killed or frozen', (r) => whole(r.kills.length)],
  ['executions', (r) => whole(r.executions)],
  ['requests answered', (r) => whole(r.callers)],
  ['attempts', (r) => whole(r.attempts)],
  ['effects', (r) => whole(r.effects)],
  ['completed', (r) => whole(r.completed)],
  ['reconciled', (r) => whole(r.reconciled)],
  ['failed', (r) => whole(r.failed)],
  ['for people', (r) => whole(r.needsReview)],
  ['callers told of no outcome, at most', (r) => longest(r.kills.map((k) => k.callersOutage))],
  ['acknowledged transitions', (r) => whole(r.acknowledged)],
  ['**lost of these**', (r) => `**${whole(r.log.acknowledged_write_lost)}**`],
  ['put back by the amnesia guard (events)', (r) => whole(r.reinstated)],
  ['histories that changed / were verified', (r) => `${r.log.history_changed} / ${r.log.history_verified}`],
  ['rows of the probe acknowledged', (r) => whole(r.probe.acknowledged)],
  ['**lost of these**', (r) => `**${whole(r.probe.lost)}**`],
  ['there, and not acknowledged', (r) => whole(r.probe.unacknowledged)],
  ...NAMED.map((kind): Row => [`**${kind.replace('_', ' ')}**`, (r) => `**${found(r, (k) => k === kind)}**`]),
  ['other', (r) => found(r, (k) => !NAMED.includes(k))],
];

function found({ violations }: RecordedFailovers, kinds: (kind: ViolationKind) => boolean): string {
  return whole(violations.filter((v) => kinds(v.kind)).length);
}

function ofRun(run: RecordedFailovers): readonly string[] {
  const { mode, gateways, rate, seed, violations } = run;
  const title = `## ${mode.charAt(0).toUpperCase()}${mode.slice(1)}`;
  const rows = run.kills.map((k, i) => [
    `${i + 1}: ${k.leader} to ${k.follower}`,
    `${k.electedAfter} s`,
    inSeconds(k.databaseOutage),
    inSeconds(k.callersOutage),
    inSeconds(k.gatewaysLater),
  ]);
  return [
    title,
    '',
    '```sh',
    `npm run failover -- --mode ${mode} --kills ${run.kills.length} --gateways ${gateways} --rate ${rate} --seed ${seed}`,
    '```',
    '',
    ...toTable(
      [
        'from, to',
        'led elsewhere after',
        'database away',
        'callers told of no outcome',
        'gateways later than the database',
      ],
      rows,
    ),
    '',
    ...(run.probe.lostFrom ?? []).map((line) => `- lost by the probe: ${line}`),
    ...violations.slice(0, 20).map((v) => `- ${v.kind}: ${v.text}`),
    ...(violations.length === 0 && (run.probe.lostFrom ?? []).length === 0 ? [] : ['']),
  ];
}

function longest(outages: readonly (number | null)[]): string {
  return inSeconds(outages.includes(null) ? null : Math.max(...outages.map(Number)));
}

function inSeconds(n: number | null): string {
  return n === null ? 'for ever' : `${n} s`;
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function whole(n: number): string {
  return n.toLocaleString('en-US');
}
