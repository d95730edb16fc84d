export { after, between, durationMs, epochMs, NEVER } from './time.js';
export type { DurationMs, EpochMs } from './time.js';
export { decideRate, type RateDecision } from './access/decide-rate.js';
export { decideHeldScope } from './access/decide-principal.js';
export type { Principal } from './access/principal.js';
export { decideHistory } from './history/decide-history.js';
export type { HistoryMark, HistoryRecord } from './history/decide-history.js';
export type { KeyRecord, KeySecret } from './access/key-record.js';
export { toKeyView } from './access/to-key-view.js';
export { DEFAULT_TENANT, fullAccess, toPrincipal } from './access/to-principal.js';
export type {
  Attempt,
  ExecutionOutcome,
  ExecutionRecord,
  Journal,
  Lookup,
  StoredRequest,
} from './execution/execution-record.js';
export {
  DRIVEN_STATES,
  EXECUTION_TRANSITIONS,
  isTerminal,
  UNSETTLED_STATES,
} from './execution/execution-state.js';
export { presentExecution, stateOfStatus, toExecutionView } from './execution/present-execution.js';
export type { PublicOutcome } from './execution/present-execution.js';
export type {
  FailureReason,
  ToolAnswer,
  ToolFailure,
  ToolReply,
  ToolRpcError,
} from './execution/tool-reply.js';
export { mergeIdempotencyKey } from './idempotency/key-material.js';
export { canonicalJson } from './json/canonical-json.js';
export { holdsInexactNumber } from './json/holds-inexact-number.js';
export { parseJsonObject } from './json/parse-json-object.js';
export { readMemberText } from './json/read-member-text.js';
export { JSON_LIMITS, scanJson } from './json/scan-json.js';
export { PIPELINE } from './pipeline.js';
export type { StageName } from './pipeline.js';
export { EVERY_TENANT, GET_EXECUTION } from './tool/catalogue.js';
export { definitionText } from './tool/definition-text.js';
export { toToolView } from './tool/to-tool-view.js';
export type { ProviderRecord, ToolBinding, ToolDefinition } from './tool/tool-definition.js';
export { isSecretName, MASK, redact, redactText } from './trace/redact.js';
export type {
  CompiledExpression,
  Expression,
  ExpressionError,
  ExpressionFacts,
  ExpressionLanguage,
  ExpressionValue,
} from './policy/expression.js';
export type {
  ApprovalRecord,
  ApprovalVote,
  Checkpoint,
  FrozenContract,
  ReviewFailure,
} from './approval/approval-record.js';
export { nextApprovalOf } from './approval/next-approval-of.js';
export { toApprovalView } from './approval/to-approval-view.js';
export type { BudgetSpent, Charge } from './budget/charge.js';
export type { PolicyRecord, WorkflowRecord } from './policy/policy-record.js';
export type { SettlementRecord } from './settlement/settlement-record.js';
export { summaryOf, visualFlow } from './workflow/story.js';
export { toWorkflowExecution } from './workflow/to-workflow-execution.js';
