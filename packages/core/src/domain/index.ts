export { after, between, durationMs, epochMs } from './time.js';
export type { DurationMs, EpochMs } from './time.js';
export type { Principal } from './access/principal.js';
export type {
  Attempt,
  ExecutionOutcome,
  ExecutionRecord,
  Journal,
  Lookup,
  StoredRequest,
} from './execution/execution-record.js';
export type {
  FailureReason,
  ToolAnswer,
  ToolFailure,
  ToolReply,
  ToolRpcError,
} from './execution/tool-reply.js';
export type { ProviderRecord, ToolBinding, ToolDefinition } from './tool/tool-definition.js';
export type {
  CompiledExpression,
  Expression,
  ExpressionError,
  ExpressionFacts,
  ExpressionLanguage,
  ExpressionValue,
} from './policy/expression.js';
