import { randomBytes } from 'node:crypto';
import { must, type Answer, type Request, type World } from './world.js';
import type { Fixtures } from './rows.js';

/** Approvals in the states that rows name, each made through the API and for one row only. */

/** A call that waits for a human: who asked is the full key, on behalf of an agent of its own. */
export function pushCall(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const own = randomBytes(4).toString('hex');
  return {
    tool: 'git.push',
    params: { branch: `main-${own}` },
    agent_id: `agent_${own}`,
    action: 'git_push',
    policy: {
      rules: [{ when: 'action == git_push', effect: 'require_approval', allowed_action: 'git_push' }],
    },
    ...more,
  };
}

/** A reminder under a conditional approval contract over state that is read afresh. */
export function reminderCall(contract: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const own = randomBytes(4).toString('hex');
  return {
    tool: 'billing.send_reminder',
    params: { customer_id: 'cust_123', invoice_id: `inv_${own}` },
    agent_id: `agent_${own}`,
    action: 'send_reminder',
    entity_resolution: {
      entity_id: 'cust_123',
      source: 'crm_lookup',
      resolved_at: new Date(Date.now() - 60_000).toISOString(),
    },
    policy: {
      intent: 'send_reminder',
      conditions: { invoice_status: 'overdue', customer_balance: '> 0' },
      threshold: 'strict',
      state_refetch: { tool: 'billing.state', params: { customer_id: 'cust_123' } },
      ...contract,
    },
  };
}

/** Has the tool behind `state_refetch` say this from now on. */
export function setState({ tools }: World, state: Readonly<Record<string, unknown>>): void {
  tools.answer('billing.state', () => ({ status: 200, body: state }));
}

export interface Pending {
  readonly id: string;
  readonly digest: string;
  readonly executionId: string;
}

export async function freeze({ url }: Pick<World, "url">, call: Readonly<Record<string, unknown>>): Promise<Pending> {
  const { status, body, text } = await must(url, { method: 'POST', path: '/v1/call', body: call });
  if (status !== 202) throw new Error(`expected a call that waits, got ${status} ${text}`);
  const id = String(body['approval_id']);
  const { body: read } = await must(url, { method: 'GET', path: `/v1/approvals/${id}` });
  const { digest, execution_id: executionId } = read['approval'] as Record<string, string>;
  return { id, digest: String(digest), executionId: String(executionId) };
}

export async function approval({ url }: Pick<World, "url">, id: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await must(url, { method: 'GET', path: `/v1/approvals/${id}` });
  return body['approval'] as Record<string, unknown>;
}

export function approving(id: string, body: Readonly<Record<string, unknown>> = {}): Request {
  return { method: 'POST', path: `/v1/approvals/${id}/approve`, key: 'APPROVER', body };
}

export function approve({ url }: World, { id, digest }: Pending): Promise<Answer> {
  return must(url, approving(id, { reviewed_by: 'dana', digest }));
}

/** The placeholders of rows about one approval. */
export function named(name: string, { id, digest }: Pending): Fixtures {
  return { [name]: id, APR_DIGEST: digest };
}
