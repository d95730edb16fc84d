import type { JsonObject } from '@invoke/contract';
import type { ApprovalRecord } from '../approval/approval-record.js';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { invariant } from '../invariant.js';
import type { EpochMs } from '../time.js';
import type { Notice } from './notice.js';
import { titleOf, type OutboxEvent } from './outbox-event.js';
import type { NoticeChannel, OutboxMessage } from './outbox-message.js';
import { freeText, previewOf, toApprovalData, toExecutionData } from './to-event-data.js';
import { toEmailBody } from './to-email-body.js';
import { toSlackBody } from './to-slack-body.js';

export interface Announcement {
  readonly event: OutboxEvent;
  /** At least one of both. */
  readonly approval?: ApprovalRecord;
  readonly execution?: ExecutionRecord;
  /** Makes the id of a message. */
  readonly ids: () => string;
  readonly channels: ReadonlySet<NoticeChannel>;
  /** Where this gateway is reached from outside, for links. There is no page yet that a message could lead to. */
  readonly publicUrl: string | null;
  readonly now: EpochMs;
  /** JSON Pointers into the params, of the version of the tool that was called; null: not known, so no params are shown. */
  readonly sensitive: readonly string[] | null;
}

/**
 * The messages that tell of one event, one for each channel there is. They hold no secret, no key and no link that decides:
 * opening what they point to only shows it.
 */
export function toMessages(announcement: Announcement): readonly OutboxMessage[] {
  const { event, approval, execution, ids, channels, now } = announcement;
  const tenant = (approval ?? execution)?.tenant;
  invariant(tenant !== undefined, 'a message tells of an approval or of an execution');
  if (channels.size === 0) return [];
  const notice = toNotice(announcement);
  const data: JsonObject = {
    ...(approval === undefined ? {} : { approval: toApprovalData(approval, announcement.sensitive) }),
    ...(execution === undefined ? {} : { execution: toExecutionData(execution) }),
    url: notice.url,
    command: notice.command,
  };
  const bodies: Readonly<Record<NoticeChannel, () => JsonObject>> = {
    slack: () => toSlackBody(notice),
    email: () => toEmailBody(notice, data),
    events: () => ({ type: event, timestamp: new Date(now).toISOString(), data }),
  };
  return [...channels].map((channel) => ({
    id: ids(),
    tenant,
    channel,
    topic: event,
    body: bodies[channel](),
    createdAt: now,
  }));
}

function toNotice({ event, approval, execution, sensitive }: Announcement): Notice {
  const title = titleOf(event);
  if (approval !== undefined) {
    const { id, checkpoint } = approval;
    return {
      title,
      subjectId: id,
      facts: approvalFacts(approval),
      params: sensitive === null ? null : previewOf(checkpoint.params, sensitive),
      url: null,
      command: approvalCommand(approval),
    };
  }
  const id = execution?.id ?? '';
  return {
    title,
    subjectId: id,
    facts: execution === undefined ? [] : executionFacts(execution),
    params: null,
    url: null,
    command: `invoke executions show ${id}`,
  };
}

/** Approving names the whole digest, so that what is copied counts for what was told of and for nothing else. */
function approvalCommand({ id, kind, state, digest }: ApprovalRecord): string {
  if (state !== 'pending') return `invoke approvals show ${id}`;
  return kind === 'review'
    ? `invoke approvals resolve ${id}`
    : `invoke approvals approve ${id} --digest ${digest}`;
}

type Fact = readonly [name: string, value: string | null];

function approvalFacts(approval: ApprovalRecord): Notice['facts'] {
  const { checkpoint, failure } = approval;
  return present([
    ['Status', approval.outcome ?? approval.state],
    ['Tool', toolsText(approval)],
    ['Action', checkpoint.action],
    ['Agent', approval.agentId],
    ['Entity', checkpoint.entityResolution?.entity_id ?? null],
    ['Risk', approval.riskLevel],
    ['Reason', freeText(approval.reason)],
    ['Failure', failure === null ? null : freeText(failure.message)],
    ['Digest', approval.digest],
    ['Execution', approval.executionId],
  ]);
}

/** Both tools in one field: Slack takes ten. */
function toolsText({ tool, checkpoint: { fallback } }: ApprovalRecord): string {
  return fallback === undefined || fallback === null ? tool : `${tool}, or its fallback ${fallback.tool}`;
}

function executionFacts(execution: ExecutionRecord): Notice['facts'] {
  return present([
    ['Status', execution.outcome?.final ?? execution.state],
    ['Tool', execution.tool],
    ['Action', execution.action],
    ['Agent', execution.agentId],
    ['Entity', execution.entityId],
    ['Execution', execution.id],
  ]);
}

function present(facts: readonly Fact[]): Notice['facts'] {
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
