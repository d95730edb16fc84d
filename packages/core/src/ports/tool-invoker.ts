import type { JsonObject } from '@invoke/contract';
import type { ToolReply } from '../domain/execution/tool-reply.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';

/** One attempt to call one tool. */
export interface ToolCall {
  readonly tool: ToolDefinition;
  readonly params: JsonObject;
  readonly executionId: string;
  /** Sent along as the card says (header, field, MCP `_meta`); null for reads made to look something up. */
  readonly downstreamKey: string | null;
  /** W3C trace context, sent along. */
  readonly traceparent: string | null;
  /**
   * Asked at the instant at which the first byte is about to be written, and again for nothing later: false means that
   * this gateway may not send any more (lease over, deadline of the attempt over), and the reply is `fenced`, not sent.
   */
  readonly mayStillSend: () => boolean;
  /** After this long (milliseconds) the connection is given up even though an answer might still come. */
  readonly giveUpAfterMs: number;
}

/**
 * Speaks to tools. Never rejects and never retries; a call whose bytes have left is not aborted before `giveUpAfterMs`,
 * because its late answer settles what happened.
 */
export interface ToolInvoker {
  invoke(call: ToolCall): Promise<ToolReply>;
  close(): Promise<void>;
}
