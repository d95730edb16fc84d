export { Invoke } from './client.js';
export type { RawRequest } from './api.js';
export { InvokeError } from './errors.js';
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
  UnknownCall,
} from './call-result.js';
export type {
  Attempt,
  CreatedExecution,
  CreateExecutionOptions,
  Execution,
  ExecutionQuery,
  ExecutionStatus,
  Lookup,
  TraceStep,
} from './execution.js';
export type { CapabilityCard, Tool, ToolQuery } from './tool.js';
export type { Trace, TraceQuery } from './trace.js';
export type { Page, Pager } from './pager.js';
export type { InvokePromise, WithResponse } from './invoke-promise.js';
export type { JsonObject } from './json.js';
