export { ERROR_CATALOGUE } from './errors.js';
export type { ErrorCode, ErrorEntry, FieldProblem, Refusal, RetryAdvice } from './errors.js';
export {
  ATTEMPT_STATE,
  CERTAINTY,
  EXECUTION_STATE,
  EXECUTION_STATUS,
  FINAL_OUTCOME,
  TOOL_CLASS,
} from './states.js';
export type { AttemptState, Certainty, ExecutionState, ExecutionStatus, ToolClass } from './states.js';
export { KeyGrant, SCOPES, Scope } from './scopes.js';
export type { KeyGrantInput } from './scopes.js';
export { CreateKeyRequest, KeyView, RotateKeyRequest } from './keys.js';
export { IdempotencyKey, Identifier, JsonObject, JsonPointer } from './fields.js';
export {
  Conditions,
  FailurePolicy,
  RECONCILE_DEFAULTS,
  ReconcileSpec,
  StateRefetch,
} from './failure-policy.js';
export { CALL_STATUSES, CallRequest, CallResponse, CallStatus } from './call.js';
export { EntityResolution, ExecutionContextState } from './entity-resolution.js';
export type { CallRequestInput } from './call.js';
export {
  CapabilityCard,
  HttpBinding,
  IdField,
  IdempotencyHints,
  ProviderRegistration,
  ProviderView,
  RISK_LEVELS,
  RiskLevel,
  ToolName,
  ToolRegistration,
  ToolView,
} from './tool.js';
export type { CapabilityCardInput, ToolRegistrationInput } from './tool.js';
export {
  AttemptView,
  Certificate,
  ExecutionRequest,
  ExecutionView,
  LookupView,
  TraceStep,
} from './execution.js';
export { TraceRecord, TraceStatus } from './trace.js';
export { Problem, problemType } from './problem.js';
export {
  APPROVAL_OUTCOMES,
  APPROVAL_STATE,
  ApprovalOutcome,
  ApprovalView,
  ApproveRequest,
  DecisionAnswer,
  FieldDrift,
  RejectRequest,
  ResolveRequest,
} from './approval.js';
export type { ApprovalState } from './approval.js';
export {
  Budget,
  CallPolicy,
  EFFECTS,
  Effect,
  PolicyDocument,
  PolicyExpression,
  PolicyRule,
  PolicyTest,
  SampleCall,
  Threshold,
} from './policy.js';
export type { PolicyDocumentInput } from './policy.js';
export {
  BacktestedExecution,
  ExplainedPart,
  ExplainedRule,
  PolicyCheckAnswer,
  PolicyCheckRequest,
  PolicyExplainAnswer,
  PolicyExplainRequest,
  PolicyMistake,
  PolicyOutcome,
  PolicySimulateAnswer,
  PolicySimulateRequest,
  PolicyTestAnswer,
  PolicyTestRequest,
  PolicyView,
} from './policy-api.js';
export { PREFLIGHT_DECISIONS, PreflightRequest, PreflightView } from './preflight.js';
export { SETTLEMENT_STATUSES, SettlementAnswer, SettlementSpec, SettlementView } from './settlement.js';
export {
  ReconcileAnswer,
  ReconcileRequest,
  VerifiedField,
  VerifyStateAnswer,
  VerifyStateRequest,
} from './state.js';
export { BudgetUse, UsageLine } from './usage.js';
export {
  SearchAnswer,
  SearchRequest,
  WorkflowDefinition,
  WorkflowExecutionRequest,
  WorkflowRunAnswer,
  WorkflowRunRequest,
  WorkflowStep,
  WorkflowTraceStep,
} from './workflow.js';
