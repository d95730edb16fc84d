import {
  CALL_STATUSES as CONTRACT_STATUSES,
  type ApprovalState,
  type ApprovalView,
  type ApproveRequest,
  type BudgetUse as ContractBudgetUse,
  type CallRequestInput,
  type CallStatus as ContractStatus,
  type DecisionAnswer,
  type ErrorCode,
  type ExplainedPart as ContractPart,
  type ExecutionRequest,
  type ExecutionView,
  type FailurePolicy as ContractPolicy,
  type FieldDrift as ContractDrift,
  type PolicyCheckAnswer,
  type PolicyExplainAnswer,
  type PolicyOutcome as ContractOutcome,
  type PolicySimulateAnswer,
  type PolicyTestAnswer,
  type PolicyView,
  type PreflightRequest,
  type PreflightView,
  type ReconcileAnswer,
  type ReconcileRequest,
  type RejectRequest,
  type ResolveRequest,
  type ToolView,
  type TraceRecord,
  type UsageLine as ContractUsageLine,
  type VerifiedField as ContractField,
  type VerifyStateAnswer,
  type VerifyStateRequest,
  type WorkflowDefinition as ContractWorkflow,
  type WorkflowExecutionRequest,
  type WorkflowRunAnswer,
  type WorkflowRunRequest,
} from '@invoke/contract';
import { expect, expectTypeOf, test } from 'vitest';
import { CALL_STATUSES } from '../src/call-result.js';
import { SDK_VERSION } from '../src/version.js';
import type {
  Approval,
  ApprovalOutcome,
  ApprovalStatus,
  ApproveOptions,
  Attempt,
  BudgetUse,
  CallOptions,
  CallStatus,
  CreateExecutionOptions,
  Decision,
  ExecuteWorkflowOptions,
  Execution,
  ExplainedPart,
  FailurePolicy,
  FieldDrift,
  Lookup,
  PolicyCheck,
  PolicyExplanation,
  PolicyOutcome,
  PolicySimulation,
  PolicyTestReport,
  Preflight,
  PreflightOptions,
  ProblemCode,
  ReconciledOutcome,
  ReconcileOptions,
  RejectOptions,
  RequestOptions,
  ResolveOptions,
  Settlement,
  StoredPolicy,
  Tool,
  Trace,
  TraceStep,
  UsageLine,
  VerifiedField,
  VerifiedState,
  VerifyStateOptions,
  WorkflowDefinition,
  WorkflowOptions,
  WorkflowRun,
} from '../src/index.js';
import manifest from '../package.json' with { type: 'json' };

// The package ships without @invoke/contract, so its types are written out. This file holds them to the contract:
// it does not compile when the two part.

type Camel<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;
/** The members that are written out, without the index signature for those that are not. */
type Written<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
type Names<T> = keyof Written<T>;
type CamelNames<T> = Camel<keyof T & string>;
/** What an option object has beside the settings of the request. */
type Own<T> = Exclude<keyof T, keyof RequestOptions>;

test('each object of the API has the members that the contract gives it', () => {
  expectTypeOf<Names<Execution>>().toEqualTypeOf<CamelNames<ExecutionView>>();
  expectTypeOf<Names<Attempt>>().toEqualTypeOf<CamelNames<ExecutionView['attempts'][number]>>();
  expectTypeOf<Names<Settlement>>().toEqualTypeOf<
    CamelNames<NonNullable<ExecutionView['settlements']>[number]>
  >();
  expectTypeOf<Names<Lookup>>().toEqualTypeOf<CamelNames<ExecutionView['lookups'][number]>>();
  expectTypeOf<Names<TraceStep>>().toEqualTypeOf<CamelNames<ExecutionView['trace'][number]>>();
  expectTypeOf<Names<Tool>>().toEqualTypeOf<CamelNames<ToolView>>();
  expectTypeOf<Names<Trace>>().toEqualTypeOf<CamelNames<TraceRecord>>();
  expectTypeOf<Names<Approval>>().toEqualTypeOf<CamelNames<ApprovalView>>();
  expectTypeOf<Names<FieldDrift>>().toEqualTypeOf<CamelNames<ContractDrift>>();
  expectTypeOf<Names<Decision>>().toEqualTypeOf<CamelNames<Written<DecisionAnswer>>>();
  expectTypeOf<Names<VerifiedState>>().toEqualTypeOf<CamelNames<VerifyStateAnswer>>();
  expectTypeOf<Names<ReconciledOutcome>>().toEqualTypeOf<CamelNames<ReconcileAnswer>>();
  expectTypeOf<Names<VerifiedField>>().toEqualTypeOf<CamelNames<ContractField>>();
  expectTypeOf<Names<Preflight>>().toEqualTypeOf<CamelNames<PreflightView>>();
  expectTypeOf<Names<Preflight['simulation']>>().toEqualTypeOf<CamelNames<PreflightView['simulation']>>();
  expectTypeOf<Names<WorkflowRun>>().toEqualTypeOf<CamelNames<Written<WorkflowRunAnswer>>>();
  expectTypeOf<keyof WorkflowDefinition>().toEqualTypeOf<keyof ContractWorkflow>();
  expectTypeOf<Names<UsageLine>>().toEqualTypeOf<CamelNames<ContractUsageLine>>();
  expectTypeOf<Names<BudgetUse>>().toEqualTypeOf<CamelNames<ContractBudgetUse>>();
  expectTypeOf<Names<StoredPolicy>>().toEqualTypeOf<CamelNames<PolicyView>>();
  expectTypeOf<Names<PolicyCheck>>().toEqualTypeOf<CamelNames<PolicyCheckAnswer>>();
  expectTypeOf<Names<PolicyOutcome>>().toEqualTypeOf<CamelNames<ContractOutcome>>();
  expectTypeOf<Names<PolicyTestReport>>().toEqualTypeOf<CamelNames<PolicyTestAnswer>>();
  expectTypeOf<Names<PolicyExplanation>>().toEqualTypeOf<CamelNames<PolicyExplainAnswer>>();
  expectTypeOf<Names<ExplainedPart>>().toEqualTypeOf<CamelNames<ContractPart>>();
  expectTypeOf<Names<PolicySimulation>>().toEqualTypeOf<CamelNames<PolicySimulateAnswer>>();
  type Backtest = NonNullable<PolicySimulation['backtest']>;
  type ContractBacktest = NonNullable<PolicySimulateAnswer['backtest']>;
  expectTypeOf<Names<Backtest>>().toEqualTypeOf<CamelNames<ContractBacktest>>();
  expectTypeOf<Names<Backtest['changed'][number]>>().toEqualTypeOf<
    CamelNames<ContractBacktest['changed'][number]>
  >();
  expectTypeOf<Names<PolicyExplanation['rules'][number]>>().toEqualTypeOf<
    CamelNames<PolicyExplainAnswer['rules'][number]>
  >();
  expectTypeOf<Names<PolicyTestReport['results'][number]>>().toEqualTypeOf<
    CamelNames<PolicyTestAnswer['results'][number]>
  >();
});

test('each request has the members that the contract takes', () => {
  expectTypeOf<Own<CallOptions>>().toEqualTypeOf<Exclude<CamelNames<CallRequestInput>, 'timeoutMs'>>();
  expectTypeOf<Own<CreateExecutionOptions>>().toEqualTypeOf<CamelNames<ExecutionRequest>>();
  expectTypeOf<Own<ExecuteWorkflowOptions>>().toEqualTypeOf<CamelNames<WorkflowExecutionRequest>>();
  expectTypeOf<keyof NonNullable<ExecuteWorkflowOptions['input']>>().toEqualTypeOf<
    CamelNames<WorkflowExecutionRequest['input']>
  >();
  expectTypeOf<Own<WorkflowOptions>>().toEqualTypeOf<CamelNames<WorkflowRunRequest>>();
  expectTypeOf<Own<PreflightOptions>>().toEqualTypeOf<CamelNames<PreflightRequest>>();
  expectTypeOf<Own<VerifyStateOptions>>().toEqualTypeOf<CamelNames<VerifyStateRequest>>();
  expectTypeOf<Own<ReconcileOptions>>().toEqualTypeOf<CamelNames<ReconcileRequest>>();
  expectTypeOf<Own<ApproveOptions>>().toEqualTypeOf<CamelNames<ApproveRequest>>();
  expectTypeOf<Own<RejectOptions>>().toEqualTypeOf<CamelNames<RejectRequest>>();
  expectTypeOf<Own<ResolveOptions>>().toEqualTypeOf<CamelNames<ResolveRequest>>();
  expectTypeOf<keyof FailurePolicy>().toEqualTypeOf<CamelNames<ContractPolicy>>();
});

test('values with a closed list have the same list', () => {
  expectTypeOf<CallStatus>().toEqualTypeOf<ContractStatus>();
  expectTypeOf<Execution['status']>().toEqualTypeOf<ExecutionView['status']>();
  expectTypeOf<Attempt['state']>().toEqualTypeOf<ExecutionView['attempts'][number]['state']>();
  expectTypeOf<Attempt['certainty']>().toEqualTypeOf<ExecutionView['attempts'][number]['certainty']>();
  expectTypeOf<Tool['toolClass']>().toEqualTypeOf<ToolView['tool_class']>();
  expectTypeOf<Tool['riskLevel']>().toEqualTypeOf<ToolView['risk_level']>();
  expectTypeOf<ApprovalStatus>().toEqualTypeOf<ApprovalState>();
  expectTypeOf<ApprovalOutcome>().toEqualTypeOf<DecisionAnswer['outcome']>();
  expectTypeOf<FieldDrift['verdict']>().toEqualTypeOf<ContractDrift['verdict']>();
  expectTypeOf<VerifiedState['decision']>().toEqualTypeOf<VerifyStateAnswer['decision']>();
  expectTypeOf<VerifiedState['status']>().toEqualTypeOf<VerifyStateAnswer['status']>();
  expectTypeOf<VerifiedField['verdict']>().toEqualTypeOf<ContractField['verdict']>();
  expectTypeOf<ReconciledOutcome['decision']>().toEqualTypeOf<ReconcileAnswer['decision']>();
  expectTypeOf<ReconciledOutcome['status']>().toEqualTypeOf<ReconcileAnswer['status']>();
  expectTypeOf<Preflight['decision']>().toEqualTypeOf<PreflightView['decision']>();
  expectTypeOf<PolicyOutcome['effect']>().toEqualTypeOf<ContractOutcome['effect']>();
  expectTypeOf<BudgetUse['window']>().toEqualTypeOf<ContractBudgetUse['window']>();
  expectTypeOf<ProblemCode>().toEqualTypeOf<ErrorCode>();
  expect([...CALL_STATUSES].toSorted()).toEqual([...CONTRACT_STATUSES].toSorted());
});

test('the version that is sent is the one of the package', () => {
  expect(SDK_VERSION).toBe(manifest.version);
});
