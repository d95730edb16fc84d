import { retryDelay } from '../../domain/outbox/retry-delay.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { MessageSender, SendResult } from '../../ports/message-sender.js';
import type { Delivery, OutboxStore, TakenMessage } from '../../ports/outbox-store.js';
import { within } from '../timers.js';

export interface OutboxPorts {
  readonly store: { readonly outbox: OutboxStore };
  readonly sender: MessageSender;
  readonly clock: Clock;
  readonly log: Log;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** The delivery of messages by this gateway. */
export interface Outbox {
  /** There is something to deliver now: need not wait for the next look. */
  poke(): void;
  /** Takes nothing more, and waits at most `graceMs` for what is under way; what is left is delivered by another gateway. */
  stop(graceMs: number): Promise<void>;
}

/** Deliveries under way at a time. */
const CONCURRENCY = 16;
/** Longer than any delivery takes: who has not settled by then is gone, and the message is delivered again. */
const LEASE_MS = 60_000;
const POLL_MS = 1_000;

/**
 * Delivers the messages of the outbox, each at least once: a crash between sending and settling sends again, under the same
 * id. Looks every 1 to 2 seconds, and at once when poked.
 */
export function startOutbox(ports: OutboxPorts): Outbox {
  const { clock, log, random } = ports;
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let filling = false;
  let again = false;
  let cancel = (): void => {};

  async function fill(): Promise<void> {
    again = true;
    if (filling) return;
    filling = true;
    while (again && !stopped) again = await takeSome();
    filling = false;
  }

  /** True: there may be more. */
  async function takeSome(): Promise<boolean> {
    again = false;
    const free = CONCURRENCY - underWay.size;
    if (free === 0) return false;
    const taken = await take(ports, free);
    for (const message of taken) launch(message);
    return again || taken.length === free;
  }

  function launch(taken: TakenMessage): void {
    const delivery = deliver(taken, ports).finally(() => {
      const full = underWay.size === CONCURRENCY;
      underWay.delete(delivery);
      if (full) void fill();
    });
    underWay.add(delivery);
  }

  function poll(): void {
    cancel = clock.schedule(POLL_MS * (1 + random()), () => {
      void fill();
      poll();
    });
  }

  poll();
  void fill();
  return {
    poke: () => void fill(),
    async stop(graceMs) {
      stopped = true;
      cancel();
      const ended = await within(Promise.allSettled(underWay), graceMs, clock);
      if (ended === null) log.warn('messages_not_delivered_yet', { count: underWay.size });
    },
  };
}

async function take({ store, log }: OutboxPorts, limit: number): Promise<readonly TakenMessage[]> {
  try {
    return await store.outbox.take(limit, LEASE_MS);
  } catch (error) {
    log.warn('outbox_not_read', { error: String(error) });
    return [];
  }
}

async function deliver({ message, attempts }: TakenMessage, ports: OutboxPorts): Promise<void> {
  const { sender, store, log } = ports;
  const { id, channel, topic } = message;
  try {
    const result = await sender.send(message);
    const delivery = toDelivery(result, attempts, ports);
    if (result.kind !== 'delivered') {
      const level = delivery.kind === 'dead' ? 'error' : 'warn';
      log[level]('message_not_delivered', { id, channel, topic, why: result.why, next: delivery.kind });
    }
    await store.outbox.settle(id, delivery);
  } catch (error) {
    log.error('message_not_settled', { id, channel, topic, error: String(error) });
  }
}

function toDelivery(result: SendResult, attempts: number, { random }: OutboxPorts): Delivery {
  if (result.kind === 'delivered') return { kind: 'delivered' };
  if (result.kind === 'gone') return { kind: 'dead', why: result.why };
  const pauseMs = retryDelay({ attempts, afterMs: result.afterMs, random: random() });
  if (pauseMs === null) return { kind: 'dead', why: `given up: ${result.why}` };
  return { kind: 'retry', afterMs: pauseMs, why: result.why };
}
