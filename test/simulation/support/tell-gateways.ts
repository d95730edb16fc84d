import { DEFAULT_TENANT, isTerminal } from '@invoke/core/domain';
import type { Told } from './outside-world.js';
import type { EventFate } from './plan.js';
import { PROVIDER } from './tools.js';
import type { World } from './world.js';

/** What was not taken is delivered again after this long, and so is what was never answered. */
const AGAIN_AFTER_MS = 400;
const MOST_DELIVERIES = 60;
const APART_MS = 37;

interface Delivery {
  readonly id: string;
  readonly payload: { readonly reference: string; readonly status: string };
  readonly gateway: number;
}

/** Hands the events of the provider to gateways, as the plan has it. */
export function tellGateways(world: World, events: readonly EventFate[]): void {
  world.outside.onSettled((told) => {
    const fate = events[Math.min(told.n - 1, events.length - 1)];
    if (fate === undefined) return;
    for (let copy = 0; copy < fate.copies; copy += 1) {
      const delivery = toDelivery(told, {
        id: `evt_${told.n}`,
        done: told.done,
        gateway: fate.gateway + copy,
      });
      world.clock.schedule(fate.afterMs + copy * APART_MS, () => deliver(world, delivery, 1));
    }
    if (fate.contradicts) contradictAtTheEnd(world, told, fate);
  });
}

function toDelivery(
  { reference }: Told,
  { id, done, gateway }: { readonly id: string; readonly done: boolean; readonly gateway: number },
): Delivery {
  return { id, payload: { reference, status: done ? 'done' : 'not_done' }, gateway };
}

function deliver(world: World, delivery: Delivery, times: number): void {
  const { id, payload, gateway } = delivery;
  let taken = false;
  const again = () => {
    if (!taken && times < MOST_DELIVERIES) deliver(world, { ...delivery, gateway: gateway + 1 }, times + 1);
  };
  world.clock.schedule(AGAIN_AFTER_MS, again);
  world.fleet
    .gateway(gateway)
    ?.engine.settleEvent({ provider: PROVIDER, id, payload })
    .then(
      () => {
        taken = true;
        world.witness.told += 1;
      },
      () => undefined,
    );
}

/** A lie can only be seen through once it is recorded how the call has ended. */
function contradictAtTheEnd(world: World, told: Told, { gateway, afterMs }: EventFate): void {
  const id = `evt_${told.n}_contradicted`;
  const look = async (times: number) => {
    const record = await world.store.executions.find(DEFAULT_TENANT, told.executionId);
    if (record !== null && isTerminal(record.state)) {
      deliver(world, toDelivery(told, { id, done: !told.done, gateway }), 1);
    } else if (times < MOST_DELIVERIES) {
      world.clock.schedule(AGAIN_AFTER_MS, () => void look(times + 1));
    }
  };
  world.clock.schedule(afterMs, () => void look(1));
}
