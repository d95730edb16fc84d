import {
  CALL_STATUSES as CONTRACT_STATUSES,
  type CallRequestInput,
  type CallStatus as ContractStatus,
  type ErrorCode,
  type ExecutionRequest,
  type ExecutionView,
  type FailurePolicy as ContractPolicy,
  type ToolView,
  type TraceRecord,
} from '@invoke/contract';
import { expect, expectTypeOf, test } from 'vitest';
import { CALL_STATUSES } from '../src/call-result.js';
import { SDK_VERSION } from '../src/version.js';
import type {
  Attempt,
  CallOptions,
  CallStatus,
  CreateExecutionOptions,
  Execution,
  FailurePolicy,
  Lookup,
  ProblemCode,
  RequestOptions,
  Tool,
  Trace,
  TraceStep,
} from '../src/index.js';
import manifest from '../package.json' with { type: 'json' };

// The package ships without @invoke/contract, so its types are written out. This file holds them to the contract:
// it does not compile when the two part.

type Camel<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;
/** The members that are written out, without the index signature for those that are not. */
type Written<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
type Names<T> = keyof Written<T>;
type CamelNames<T> = Camel<keyof T & string>;

test('each object of the API has the members that the contract gives it', () => {
  expectTypeOf<Names<Execution>>().toEqualTypeOf<CamelNames<ExecutionView>>();
  expectTypeOf<Names<Attempt>>().toEqualTypeOf<CamelNames<ExecutionView['attempts'][number]>>();
  expectTypeOf<Names<Lookup>>().toEqualTypeOf<CamelNames<ExecutionView['lookups'][number]>>();
  expectTypeOf<Names<TraceStep>>().toEqualTypeOf<CamelNames<ExecutionView['trace'][number]>>();
  expectTypeOf<Names<Tool>>().toEqualTypeOf<CamelNames<ToolView>>();
  expectTypeOf<Names<Trace>>().toEqualTypeOf<CamelNames<TraceRecord>>();
});

test('each request has the members that the contract takes', () => {
  expectTypeOf<Exclude<keyof CallOptions, keyof RequestOptions | 'policy'>>().toEqualTypeOf<
    Exclude<CamelNames<CallRequestInput>, 'timeoutMs'>
  >();
  expectTypeOf<Exclude<keyof CreateExecutionOptions, keyof RequestOptions>>().toEqualTypeOf<
    CamelNames<ExecutionRequest>
  >();
  expectTypeOf<keyof FailurePolicy>().toEqualTypeOf<CamelNames<ContractPolicy>>();
});

test('values with a closed list have the same list', () => {
  expectTypeOf<CallStatus>().toEqualTypeOf<ContractStatus>();
  expectTypeOf<Execution['status']>().toEqualTypeOf<ExecutionView['status']>();
  expectTypeOf<Attempt['state']>().toEqualTypeOf<ExecutionView['attempts'][number]['state']>();
  expectTypeOf<Attempt['certainty']>().toEqualTypeOf<ExecutionView['attempts'][number]['certainty']>();
  expectTypeOf<Tool['toolClass']>().toEqualTypeOf<ToolView['tool_class']>();
  expectTypeOf<Tool['riskLevel']>().toEqualTypeOf<ToolView['risk_level']>();
  expectTypeOf<ProblemCode>().toEqualTypeOf<ErrorCode>();
  expect([...CALL_STATUSES].toSorted()).toEqual([...CONTRACT_STATUSES].toSorted());
});

test('the version that is sent is the one of the package', () => {
  expect(SDK_VERSION).toBe(manifest.version);
});
