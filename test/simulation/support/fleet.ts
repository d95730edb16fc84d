import { createTally } from '@invoke/core';
import type { Store } from '@invoke/core/ports';
import type { ManualClock } from '@invoke/testkit/fakes';
import type { Ablation } from './ablation.js';
import type { Faults } from './faults.js';
import { createGate, gatedClock, type Gate } from './gate.js';
import { createGateway, type Gateway } from './gateway.js';
import type { OutsideWorld } from './outside-world.js';
import { NOTHING_AROUND, type Fault, type Plan } from './plan.js';
import { createSimulatedInvoker, type ToolLine } from './simulated-invoker.js';
import { createSimulatedStore, type StoreLine } from './simulated-store.js';
import { SETTLE_MS } from './tools.js';
import { STORE, type WallClocks } from './wall-clocks.js';
import type { Witness } from './witness.js';

/** The gateways, as whoever runs them keeps them running: what dies is started again. */
export interface Fleet {
  /** The present incarnation of a gateway; null while it is dead or has not started. */
  gateway(index: number): Gateway | null;
  /** Those that are neither dead nor paused. */
  awake(): readonly Gateway[];
  start(): Promise<void>;
  /** Lets a fault happen to a gateway at its time. */
  expect(fault: Fault): void;
  wakeAll(): void;
}

export interface FleetParts {
  readonly plan: Plan;
  readonly ablation: Ablation;
  readonly clock: ManualClock;
  readonly clocks: WallClocks;
  readonly random: () => number;
  readonly store: Store;
  readonly outside: OutsideWorld;
  readonly faults: Faults;
  readonly witness: Witness;
  /** Counts statements between the store and its answer, so that the clock knows when the world is quiet. */
  readonly busy: StoreLine['busy'];
}

/** How soon a gateway that could not start is started again. */
const RESTART_MS = 500;
/** How long a gateway that is told to stop waits for what is under way: not always long enough. */
const GRACE_MS = 400;

export function createFleet(parts: FleetParts): Fleet {
  const { plan, clock, faults } = parts;
  const running: (Gateway | null)[] = [];
  const gates: Gate[] = [];
  let incarnations = 0;

  function boot(index: number): Promise<void> {
    incarnations += 1;
    const name = `g${index + 1}i${incarnations}`;
    const gate = createGate();
    gates[index] = gate;
    const kill = (ms: number) => killAt(index, gate, ms);
    const pause = (ms: number) => pauseFor(gate, ms);
    const gateway = assemble({ index, name, gate, kill, pause }, parts);
    // Nobody is let in before it has started. One that cannot reach its store then gives up, and is started again.
    return gateway.engine.start().then(
      () => void (running[index] = gateway),
      () => kill(RESTART_MS),
    );
  }

  function killAt(index: number, gate: Gate, restartMs: number): void {
    if (gate.state === 'dead') return;
    gate.kill();
    running[index] = null;
    clock.schedule(restartMs, () => void boot(index));
  }

  /** As before a deploy: nobody new is let in, what is under way may end, and what is left is handed over. */
  async function stopAt(index: number, gate: Gate, restartMs: number): Promise<void> {
    const gateway = running[index];
    if (gateway?.gate !== gate) return;
    running[index] = null;
    await gateway.engine.stop(GRACE_MS).catch(() => undefined);
    killAt(index, gate, restartMs);
  }

  function pauseFor(gate: Gate, ms: number): void {
    gate.pause();
    clock.schedule(ms, () => gate.resume());
  }

  return {
    gateway: (index) => running[index % plan.gateways] ?? null,
    awake: () => running.filter((g): g is Gateway => g?.gate.state === 'open'),
    async start() {
      await Promise.all(Array.from({ length: plan.gateways }, (_, index) => boot(index)));
    },
    expect(fault) {
      if (fault.kind === 'clock') {
        const whose = fault.whose === STORE ? STORE : fault.whose % plan.gateways;
        clock.schedule(fault.atMs, () => parts.clocks.step(whose, fault.byMs));
      }
      if (fault.kind !== 'at') return;
      const index = fault.gateway % plan.gateways;
      clock.schedule(fault.atMs, () => {
        const gate = gates[index];
        if (faults.healed || gate === undefined) return;
        if (fault.how === 'kill') killAt(index, gate, fault.ms);
        else if (fault.how === 'stop') void stopAt(index, gate, fault.ms);
        else if (fault.how === 'pause') pauseFor(gate, fault.ms);
        else if (fault.how === 'full') faults.fill(fault.ms);
        else faults.cut(index, fault.how, fault.ms);
      });
    },
    wakeAll() {
      for (const gate of gates) gate.resume();
    },
  };
}

interface Incarnation {
  readonly index: number;
  readonly name: string;
  readonly gate: Gate;
  readonly kill: (restartMs: number) => void;
  readonly pause: (ms: number) => void;
}

function assemble(incarnation: Incarnation, parts: FleetParts): Gateway {
  const { index, name, gate } = incarnation;
  const { plan, ablation, clock, random, store, witness } = parts;
  const line = toLine(incarnation, parts);
  const way = createSimulatedStore(store, line);
  const invoker = createSimulatedInvoker(line);
  const tally = createTally();
  const wait = (ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve));
  return createGateway({
    name,
    gate,
    store: ablation.wrapLine?.(way, wait) ?? way,
    invoker: ablation.wrapInvoker?.(invoker) ?? invoker,
    clock: gatedClock(ablation.wrapClock?.(parts.clocks.of(index)) ?? parts.clocks.of(index), gate),
    random: plan.seed === 0 ? () => 1 : random,
    settleMs: ablation.settleMs ?? SETTLE_MS,
    underWay: ablation.wrapUnderWay?.(tally) ?? tally,
    around: plan.around ?? NOTHING_AROUND,
    onBug: (bug) => void witness.bugs.push(bug),
    onRebirth: () => void witness.reborn.add(name),
  });
}

/** The ways of an incarnation to the store and to the tools. */
function toLine({ index, name, gate, kill, pause }: Incarnation, parts: FleetParts): StoreLine & ToolLine {
  const { plan, clock, random, outside, faults, witness, busy } = parts;
  return {
    foresight: index % 2 === 0 ? 'unknown' : 'perhaps',
    gateway: name,
    clock,
    outside,
    kill,
    pause,
    busy,
    pass: () => gate.pass(),
    isDead: () => gate.state === 'dead',
    travel: () => new Promise((resolve) => clock.schedule(plan.seed === 0 ? 1 : 1 + random() * 9, resolve)),
    cutOff: () => faults.cutOff(index),
    nextWrite: () => faults.nextWrite(),
    faultAtSend: (n) => faults.atSend(n),
    answerLost: (ids) => ids.forEach((id) => witness.lostCommits.add(id)),
    fenced: (id) => void witness.fenced.add(id),
    committed: (version) =>
      void witness.versions.push({
        ...version,
        order: witness.nextOrder(),
        by: name,
        atMs: parts.clocks.of(STORE).now(),
      }),
  };
}
