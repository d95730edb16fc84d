export { ERROR_CATALOGUE } from './errors.js';
export type { ErrorCode, ErrorEntry, FieldProblem, Refusal, RetryAdvice } from './errors.js';
export { ATTEMPT_STATE, CERTAINTY, EXECUTION_STATE, FINAL_OUTCOME, TOOL_CLASS } from './states.js';
export type { AttemptState, Certainty, ExecutionState, ToolClass } from './states.js';
export { KeyGrant, SCOPES, Scope } from './scopes.js';
export type { KeyGrantInput } from './scopes.js';
export { IdempotencyKey, Identifier, JsonObject, JsonPointer } from './fields.js';
export { Conditions, FailurePolicy, ReconcileSpec, StateRefetch } from './failure-policy.js';
export {
  CALL_STATUSES,
  CallRequest,
  CallResponse,
  CallStatus,
  EntityResolution,
  ExecutionContextState,
} from './call.js';
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
export { TraceRecord } from './trace.js';
export { Problem, problemType } from './problem.js';
