import type { ExecutionRecord } from '@invoke/core/domain';
import {
  StorageUnavailable,
  type ApprovalMove,
  type Foresight,
  type Store,
  type Transition,
} from '@invoke/core/ports';
import type { Version } from './evidence.js';
import type { Cut } from './faults.js';
import type { Fault } from './plan.js';

/** What can be seen of a version in the write that made it. */
type Committed = Omit<Version, 'order' | 'by' | 'atMs'>;

/** What a gateway's way to the store needs of the world. */
export interface StoreLine {
  readonly gateway: string;
  /** Whether this gateway looks at a key first, or leaves it to its claim: of two versions, both may run at once. */
  readonly foresight: Foresight;
  /** Waits until the gateway may run; never resolves once it is dead. */
  pass(): Promise<void>;
  isDead(): boolean;
  /** Half of the way: from the gateway to the store, or back. */
  travel(): Promise<void>;
  /** What happens to this statement while the gateway is cut off; null where it is not. */
  cutOff(): Cut | null;
  /** What happens at the next write. */
  nextWrite(): (Fault & { kind: 'write' }) | null;
  kill(restartMs: number): void;
  pause(ms: number): void;
  /** A version of an execution was committed. */
  committed(version: Committed): void;
  /** Versions of these executions were committed, and the gateway is not told. */
  answerLost(ids: readonly string[]): void;
  /** Counts statements between the store and its answer, so that the clock knows when the world is quiet. */
  busy<T>(statement: () => Promise<T>): Promise<T>;
}

const PORTS = [
  'executions',
  'incarnations',
  'registry',
  'approvals',
  'outbox',
  'settlements',
  'usage',
] as const;
const READS = [
  'recall',
  'find',
  'list',
  'unsettledWriteTo',
  'ownedBy',
  'load',
  'revision',
  'toolVersion',
  'ofExecution',
  'leftOpen',
  'expired',
  'countPending',
  'spent',
  'usage',
];
const WRITES = [
  'claim',
  'transition',
  'freeze',
  'escalate',
  'decide',
  'record',
  'settle',
  'close',
  'reserve',
  'release',
];

/** The store as one gateway reaches it: every statement takes time, and each write may go wrong in every way there is. */
export function createSimulatedStore(store: Store, line: StoreLine): Store {
  const ports = PORTS.map((port) => [port, intercept(store[port], line)] as const);
  return {
    ...store,
    ...(Object.fromEntries(ports) as Pick<Store, (typeof PORTS)[number]>),
    traces: {
      ...store.traces,
      append(record) {
        if (!line.isDead()) store.traces.append(record);
      },
    },
  };
}

type Method = (...args: unknown[]) => Promise<unknown>;

function intercept<Port extends object>(port: Port, line: StoreLine): Port {
  return new Proxy(port, {
    get(target, name) {
      const method = Reflect.get(target, name) as Method;
      // What is known without a look asks nobody.
      if (name === 'foresee') return () => line.foresight;
      return (...args: unknown[]) => ask({ name: String(name), args, method }, line);
    },
  });
}

interface Statement {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly method: Method;
}

async function ask(statement: Statement, line: StoreLine): Promise<unknown> {
  await line.pass();
  await line.travel();
  try {
    return await carryOut(statement, line);
  } finally {
    await line.travel();
    await line.pass();
  }
}

async function carryOut(statement: Statement, line: StoreLine): Promise<unknown> {
  const cut = line.cutOff();
  if (cut === 'cut') throw new StorageUnavailable('cut off');
  if (cut === 'full' && !READS.includes(statement.name)) throw new StorageUnavailable('the disk is full');
  if (!WRITES.includes(statement.name) && statement.name !== 'takeOver') {
    const result = await apply(statement, line);
    if (cut === 'deaf') throw new StorageUnavailable('cut off from the answer');
    return result;
  }
  return write(statement, { deaf: cut === 'deaf' }, line);
}

/** A taking-over counts as a write when it takes something, which is only known afterwards. */
async function write(
  statement: Statement,
  { deaf }: { readonly deaf: boolean },
  line: StoreLine,
): Promise<unknown> {
  const sweeps = statement.name === 'takeOver';
  const early = sweeps ? null : line.nextWrite();
  if (early?.how === 'crash_before') return die(line, early.ms);
  if (early?.how === 'refused') throw new StorageUnavailable('refused');
  const result = await apply(statement, line);
  const versions = versionsOf(statement, result);
  for (const version of versions) line.committed(version);
  const loseAnswer = (): never => {
    line.answerLost(versions.map(({ id }) => id));
    throw new StorageUnavailable('the answer to the commit was lost');
  };
  const fault = sweeps && (result as readonly unknown[]).length > 0 ? line.nextWrite() : early;
  switch (fault?.how) {
    case 'crash_before':
    case 'crash_after':
      return die(line, fault.ms);
    case 'refused':
    case 'lost_commit':
      return loseAnswer();
    case 'pause_after':
      line.pause(fault.ms);
      return deaf ? loseAnswer() : result;
    case undefined:
      return deaf ? loseAnswer() : result;
  }
}

function apply({ method, args }: Statement, line: StoreLine): Promise<unknown> {
  return line.busy(() => method(...args));
}

function die(line: StoreLine, restartMs: number): Promise<never> {
  line.kill(restartMs);
  return new Promise(() => undefined);
}

function versionsOf({ name, args }: Statement, result: unknown): readonly Committed[] {
  const kind = (result as { kind?: string } | undefined)?.kind;
  switch (name) {
    case 'reserve':
    case 'release':
      return [];
    case 'claim':
    case 'freeze':
      return kind === 'claimed' ? [ofRecord(args[0] as ExecutionRecord, null)] : [];
    case 'takeOver':
      return (result as readonly ExecutionRecord[]).map((r) =>
        ofRecord(r, { epoch: r.epoch - 1, seq: r.seq - 1 }),
      );
    case 'decide':
      return kind === 'moved' ? ofMove((args[0] as ApprovalMove).move) : [];
    case 'record':
      return kind === 'moved' ? ofMove(args[1] as Transition | null) : [];
    default:
      return kind === 'moved' ? ofMove(args[0] as Transition) : [];
  }
}

function ofRecord(record: ExecutionRecord, from: Version['from']): Committed {
  const { id, epoch, seq, state, resultText, outcome, journal } = record;
  return {
    id,
    epoch,
    seq,
    from,
    state,
    resultText,
    final: outcome?.final ?? null,
    attempts: journal.attempts.length,
  };
}

function ofMove(move: Transition | null): readonly Committed[] {
  if (move === null) return [];
  const { id, from, state, resultText, outcome, journal } = move;
  const { epoch, seq } = from;
  const final = outcome?.final ?? null;
  return [{ id, epoch, seq: seq + 1, from, state, resultText, final, attempts: journal.attempts.length }];
}
