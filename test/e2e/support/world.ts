import { expect } from 'vitest';
import type { CallRequestInput } from '@invoke/contract';
import type { Business } from './business.js';
import type { Door, OpenDoor, Told } from './door.js';
import { AGENT_KEY, APPROVER_KEY, BOTH_KEY, NARROW_KEY } from './keys.js';

/** Who acts in a test, and what they act on. */
export interface World {
  readonly business: Business;
  readonly agent: Door;
  readonly approver: Door;
  /** A key that may call and decide. */
  readonly both: Door;
  /** A key that may only look up invoices. */
  readonly narrow: Door;
}

/** The same suites run over every store and every way in: this is what they are given. */
export type Enter = () => World;

export function createWorld(url: string, business: Business, open: OpenDoor): World {
  return {
    business,
    agent: open(url, AGENT_KEY),
    approver: open(url, APPROVER_KEY),
    both: open(url, BOTH_KEY),
    narrow: open(url, NARROW_KEY),
  };
}

/** Makes a call that waits for a human. @returns the id of its approval */
export async function freeze({ agent }: Pick<World, 'agent'>, request: CallRequestInput): Promise<string> {
  const pending = await agent.call(request);
  expect(pending).toMatchObject({ http: 202, body: { success: false, status: 'pending_approval' } });
  return textOf(pending, 'approval_id');
}

export function textOf({ body }: Told, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new Error(`expected ${name} in ${JSON.stringify(body)}`);
  return value;
}

/** RFC 3339. */
export function inFuture(ms = 3_600_000): string {
  return new Date(Date.now() + ms).toISOString();
}
