import { describe, expect, test } from 'vitest';
import type { ApprovalRecord } from '../approval/approval-record.js';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { epochMs, NEVER } from '../time.js';
import type { NoticeChannel } from './outbox-message.js';
import { toMessages, type Announcement } from './to-messages.js';

const NOW = epochMs(1_782_864_000_000);

const APPROVAL = {
  id: 'appr_1',
  tenant: 't1',
  kind: 'approval',
  state: 'pending',
  version: 1,
  executionId: 'exec_1',
  tool: 'payments.charge',
  agentId: 'agent_1',
  requestedBy: 'key_1',
  riskLevel: 'high',
  reason: 'amount is over 100 <b>',
  checkpoint: {
    nonce: 'nonce_1',
    executionId: 'exec_1',
    tool: 'payments.charge',
    toolVersion: 'v1',
    action: 'charge',
    params: { amount: 120, card: '4111', password: 'hunter2', note: 'Bearer abcdef123456' },
    variables: null,
    toolOutputs: { secret: 'not told at all' },
    entityResolution: { entity_id: 'cust_\u202E1', source: 'crm', resolved_at: '2026-07-01T00:00:00Z' },
    agentId: 'agent_1',
    env: 'prod',
    workflow: null,
    resource: null,
    contract: {
      intent: null,
      condition: null,
      conditions: null,
      threshold: 'strict',
      allowedAction: null,
      stateRefetch: null,
    },
    state: null,
    frozenAt: NOW,
    expiresAt: NOW,
  },
  digest: `sha256:${'ab'.repeat(32)}`,
  failure: null,
  approversNeeded: 1,
  votes: [],
  drift: [],
  previousId: null,
  nextId: null,
  outcome: null,
  decidedBy: null,
  reviewedBy: null,
  comment: null,
  createdAt: NOW,
  expiresAt: NOW,
  decidedAt: null,
} as const satisfies ApprovalRecord;

const REVIEW: ApprovalRecord = {
  ...APPROVAL,
  kind: 'review',
  expiresAt: NEVER,
  failure: { code: 'upstream_timeout', message: 'no answer; token sk_live_abcdefgh1234', effect: 'unknown' },
};

const EXECUTION: ExecutionRecord = {
  id: 'exec_1',
  tenant: 't1',
  env: 'prod',
  keyDigest: null,
  idempotencyKey: 'order-77',
  fingerprint: 'f',
  tool: 'payments.charge',
  toolVersion: 'v1',
  action: null,
  agentId: null,
  workflow: null,
  keyId: 'key_1',
  entityId: 'cust_1',
  traceId: 'trace_1',
  request: {
    requestId: 'r1',
    params: { card: '4111' },
    failurePolicy: null,
    reconcile: null,
    fallback: null,
    entityResolution: null,
    executionState: null,
    resource: null,
    policy: null,
    charges: [],
  },
  state: 'completed',
  epoch: 1,
  seq: 3,
  owner: null,
  token: 'token',
  journal: { attempts: [], lookups: [], steps: [] },
  resultText: '{"secret":"result"}',
  outcome: { final: 'outcome_reconciled', decision: 'do_not_retry', code: null, message: null },
  notBeforeAt: null,
  createdAt: NOW,
  updatedAt: NOW,
  finishedAt: NOW,
};

const ALL: ReadonlySet<NoticeChannel> = new Set(['slack', 'email', 'events']);

function tell(more: Partial<Announcement>) {
  let n = 0;
  return toMessages({
    event: 'approval.requested',
    ids: () => `msg_${(n += 1)}`,
    channels: ALL,
    publicUrl: 'https://invoke.example',
    now: NOW,
    sensitive: ['/card'],
    ...more,
  });
}

const bodyOf = (channel: NoticeChannel, more: Partial<Announcement>) =>
  tell(more).find((m) => m.channel === channel)?.body ?? {};

test('there is one message for each channel, with an id, a tenant and a topic of its own', () => {
  const messages = tell({ approval: APPROVAL });
  expect(
    messages.map(({ id, tenant, channel, topic, createdAt }) => [id, tenant, channel, topic, createdAt]),
  ).toEqual([
    ['msg_1', 't1', 'slack', 'approval.requested', NOW],
    ['msg_2', 't1', 'email', 'approval.requested', NOW],
    ['msg_3', 't1', 'events', 'approval.requested', NOW],
  ]);
  expect(tell({ approval: APPROVAL, channels: new Set() })).toEqual([]);
});

test('an event is a payload of Standard Webhooks, with ids as they are', () => {
  expect(bodyOf('events', { approval: APPROVAL })).toMatchObject({
    type: 'approval.requested',
    timestamp: '2026-07-01T00:00:00.000Z',
    data: {
      approval: {
        id: 'appr_1',
        entity_id: 'cust_\u202E1',
        params_preview: '{"amount":120,"card":"[redacted]","password":"[redacted]","note":"[redacted]"}',
        expires_at: 1_782_864_000_000,
      },
      url: null,
      command: `invoke approvals approve appr_1 --digest ${APPROVAL.digest}`,
    },
  });
});

test('a mail is plain text with a fixed subject; what is hidden is shown', () => {
  expect(bodyOf('email', { approval: APPROVAL })).toMatchObject({
    subject: 'Invoke: Approval requested (appr_1)',
    text: [
      'Approval requested',
      '',
      'Status: pending',
      'Tool: payments.charge',
      'Action: charge',
      'Agent: agent_1',
      String.raw`Entity: cust_\u{202E}1`,
      'Risk: high',
      'Reason: amount is over 100 <b>',
      `Digest: ${APPROVAL.digest}`,
      'Execution: exec_1',
      'Params: {"amount":120,"card":"[redacted]","password":"[redacted]","note":"[redacted]"}',
      '',
      `Run: invoke approvals approve appr_1 --digest ${APPROVAL.digest}`,
    ].join('\n'),
    approval: { entity_id: String.raw`cust_\u{202E}1` },
  });
});

test('Slack gets escaped text that is not turned into links', () => {
  const { blocks } = bodyOf('slack', { approval: APPROVAL });
  expect(blocks).toEqual([
    { type: 'header', text: { type: 'plain_text', text: 'Approval requested', emoji: false } },
    {
      type: 'section',
      fields: [
        ['Status', 'pending'],
        ['Tool', 'payments.charge'],
        ['Action', 'charge'],
        ['Agent', 'agent_1'],
        ['Entity', String.raw`cust_\u{202E}1`],
        ['Risk', 'high'],
        ['Reason', 'amount is over 100 &lt;b&gt;'],
        ['Digest', APPROVAL.digest],
        ['Execution', 'exec_1'],
      ].map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${value}`, verbatim: true })),
    },
    section('*Params*\n```{"amount":120,"card":"[redacted]","password":"[redacted]","note":"[redacted]"}```'),
    section(`Run \`invoke approvals approve appr_1 --digest ${APPROVAL.digest}\``),
  ]);

  function section(text: string) {
    return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
  }
});

describe('what a message leaves out', () => {
  test('params, where it is not known which of them are sensitive', () => {
    const messages = JSON.stringify(tell({ approval: APPROVAL, sensitive: null }));
    expect(messages).not.toContain('4111');
    expect(messages).not.toContain('amount\\"');
    expect(messages).toContain('"params_preview":null');
  });

  test('links, because there is no page that they could lead to', () => {
    const messages = JSON.stringify(tell({ approval: APPROVAL }));
    expect(messages).not.toContain('http');
    expect(messages).toContain('invoke approvals approve appr_1');
  });

  test('what the call brought along, answered or is kept under', () => {
    const messages = JSON.stringify(tell({ approval: APPROVAL, execution: EXECUTION }));
    for (const secret of [
      'not told at all',
      'hunter2',
      'abcdef123456',
      'nonce_1',
      'result',
      'order-77',
      'token',
    ]) {
      expect(messages).not.toContain(secret);
    }
  });
});

test('a review names what failed, without secrets, and how it is decided', () => {
  const body = bodyOf('email', { event: 'review.requested', approval: REVIEW });
  expect(body['text']).toContain('Failure: no answer; token [redacted]');
  expect(body).toMatchObject({
    command: 'invoke approvals resolve appr_1',
    approval: { expires_at: null, failure: { code: 'upstream_timeout', effect: 'unknown' } },
  });
});

test('an execution is told of without an approval', () => {
  expect(bodyOf('events', { event: 'execution.contradicted', execution: EXECUTION })).toEqual({
    type: 'execution.contradicted',
    timestamp: '2026-07-01T00:00:00.000Z',
    data: {
      execution: {
        execution_id: 'exec_1',
        status: 'completed',
        decision: 'do_not_retry',
        final_outcome: 'outcome_reconciled',
        tool: 'payments.charge',
        action: null,
        agent_id: null,
        env: 'prod',
        entity_id: 'cust_1',
        created_at: 1_782_864_000_000,
        updated_at: 1_782_864_000_000,
        finished_at: 1_782_864_000_000,
      },
      url: null,
      command: 'invoke executions show exec_1',
    },
  });
});

test('the largest call stays within the limits of Slack and of Standard Webhooks', () => {
  const long = '<&>'.repeat(20_000);
  const params = { a: long, b: '`'.repeat(5_000) };
  const approval: ApprovalRecord = {
    ...APPROVAL,
    reason: long,
    checkpoint: {
      ...APPROVAL.checkpoint,
      action: 'a'.repeat(128),
      params,
      entityResolution: { ...APPROVAL.checkpoint.entityResolution, entity_id: '<'.repeat(256) },
    },
  };
  for (const { channel, body } of tell({ approval, execution: EXECUTION })) {
    expect(JSON.stringify(body).length).toBeLessThan(20_000);
    if (channel !== 'slack') continue;
    for (const block of body['blocks'] as { text?: { text: string }; fields?: { text: string }[] }[]) {
      expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
      expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
      for (const { text } of block.fields ?? []) expect(text.length).toBeLessThanOrEqual(2_000);
    }
  }
});
