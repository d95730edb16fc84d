export { Invoke } from './client.js';
export type { RawRequest } from './api.js';
export { InvokeError } from './errors.js';
export { unhandled } from './unhandled.js';
export type {
  ClientCode,
  InvokeErrorCode,
  InvokeErrorInit,
  Problem,
  ProblemCode,
  RetryAdvice,
} from './errors.js';
export type { InvokeOptions } from './settings.js';
export type {
  CallOptions,
  Conditions,
  EntityResolution,
  ExecutionState,
  FailurePolicy,
  ReconcileSpec,
  RequestOptions,
  StateRefetch,
} from './call-options.js';
export type {
  ApprovalCall,
  CallResult,
  CallStatus,
  CompletedCall,
  FailedCall,
  PendingCall,
  RefusedCall,
  ReplanCall,
  UnknownCall,
} from './call-result.js';
export type {
  Attempt,
  CreatedExecution,
  CreateExecutionOptions,
  ExecuteOptions,
  ExecuteWorkflowOptions,
  Execution,
  ExecutionQuery,
  ExecutionStatus,
  Lookup,
  PreflightOnly,
  PreflightOnlyOptions,
  Settlement,
  TraceStep,
} from './execution.js';
export type {
  Approval,
  ApprovalOutcome,
  ApprovalQuery,
  ApprovalStatus,
  ApproveOptions,
  Decision,
  FieldDrift,
  RejectOptions,
  ResolveOptions,
} from './approval.js';
export type { Approvals } from './approvals.js';
export type { WaitOptions } from './wait-for-approval.js';
export type {
  ReconciledOutcome,
  ReconcileOptions,
  VerifiedField,
  VerifiedState,
  VerifyStateOptions,
} from './state.js';
export type { Preflight, PreflightOptions } from './preflight.js';
export type { WorkflowDefinition, WorkflowOptions, WorkflowRun, WorkflowStep } from './workflow.js';
export type { SearchAnswer, SearchOptions, SearchResult } from './search.js';
export type {
  ExplainedPart,
  Policy,
  PolicyCheck,
  PolicyDocument,
  PolicyExplanation,
  PolicyMistake,
  PolicyOutcome,
  PolicySimulation,
  PolicyTestReport,
  StoredPolicy,
} from './policy.js';
export type { BudgetUse, Usage, UsageLine, UsageQuery } from './usage.js';
export type { CapabilityCard, Tool, ToolQuery } from './tool.js';
export type { Trace, TraceQuery } from './trace.js';
export type { Page, Pager } from './pager.js';
export type { InvokePromise, WithResponse } from './invoke-promise.js';
export type { JsonObject } from './json.js';
export type { ApiKey, IssuedKey, KeyLimits, Keys } from './keys.js';
