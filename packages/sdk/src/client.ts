import { Api, listOf, objectOf, type RawRequest } from './api.js';
import { createApprovals, type Approvals } from './approvals.js';
import type { CallOptions, RequestOptions } from './call-options.js';
import type { CallResult, CompletedCall } from './call-result.js';
import { callTool, callToolOrThrow } from './calls.js';
import { toCamelKeys } from './casing.js';
import { readEnvironment } from './env.js';
import {
  toExecution,
  type CreatedExecution,
  type ExecuteOptions,
  type Execution,
  type ExecutionQuery,
  type PreflightOnly,
  type PreflightOnlyOptions,
} from './execution.js';
import { execute, runWorkflow } from './executions.js';
import { toInvokePromise, type InvokePromise, type WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';
import type { Pager } from './pager.js';
import { createKeys, type Keys } from './keys.js';
import { createPolicy, type Policy } from './policy.js';
import { PREFLIGHT_SHAPES, type Preflight, type PreflightOptions } from './preflight.js';
import type { SearchAnswer, SearchOptions } from './search.js';
import { createSettings, type InvokeOptions } from './settings.js';
import {
  STATE_SHAPES,
  type ReconciledOutcome,
  type ReconcileOptions,
  type VerifiedState,
  type VerifyStateOptions,
} from './state.js';
import { toTool, type Tool, type ToolQuery } from './tool.js';
import { toTrace, type Trace, type TraceQuery } from './trace.js';
import { USAGE, type Usage, type UsageQuery } from './usage.js';
import type { WorkflowDefinition, WorkflowOptions, WorkflowRun } from './workflow.js';

/**
 * The client of an Invoke gateway.
 *
 * @example
 * const invoke = Invoke.fromEnv();
 * const result = await invoke.call({ tool: 'crm_update_customer', params: { customer_id: 'cust_123' } });
 * if (result.status === 'pending_approval') console.log(`waiting for approval ${result.approvalId}`);
 */
export class Invoke {
  readonly #api: Api;
  readonly approvals: Approvals;
  /** Rules and budgets as data: what is stored, and what a document would do. */
  readonly policy: Policy;
  /** Stored API keys. */
  readonly keys: Keys;

  constructor(options: InvokeOptions = {}) {
    this.#api = new Api(createSettings(options));
    this.approvals = createApprovals(this.#api);
    this.policy = createPolicy(this.#api);
    this.keys = createKeys(this.#api);
  }

  /**
   * Settings from INVOKE_API_KEY and INVOKE_BASE_URL (or TRACE_API_KEY, TRACE_BASE_URL); options win. A missing key is
   * reported by the first request, so that importing and constructing work at build time.
   */
  static fromEnv(options: InvokeOptions = {}): Invoke {
    const { apiKey, baseUrl } = readEnvironment();
    return new Invoke({ ...options, apiKey: options.apiKey ?? apiKey, baseUrl: options.baseUrl ?? baseUrl });
  }

  /**
   * Calls a tool through Invoke. Every outcome of the call is a value, told apart by `status`; authentication, validation
   * and network problems throw InvokeError. What this client repeats by itself carries the same idempotency key.
   */
  call<T = unknown>(options: CallOptions): InvokePromise<CallResult<T>> {
    return toInvokePromise(callTool<T>(this.#api, options));
  }

  /** Like `call`, for code that can only go on with a result: any other outcome throws, and is the error's `outcome`. */
  callOrThrow<T = unknown>(options: CallOptions): InvokePromise<CompletedCall<T>> {
    return toInvokePromise(callToolOrThrow<T>(this.#api, options));
  }

  /**
   * Runs one action, or a workflow, as a durable execution. Where no answer comes, throws `outcome_unknown` with the key to
   * ask again.
   */
  execute(options: PreflightOnlyOptions): InvokePromise<PreflightOnly>;
  execute(options: ExecuteOptions): InvokePromise<CreatedExecution>;
  execute(
    options: ExecuteOptions | PreflightOnlyOptions,
  ): InvokePromise<CreatedExecution> | InvokePromise<PreflightOnly> {
    return toInvokePromise(execute(this.#api, options));
  }

  /** Runs a workflow and gives its story. Where no answer comes, throws `outcome_unknown` with the key to ask again. */
  workflow(id: string, options: WorkflowOptions = {}): InvokePromise<WorkflowRun> {
    return toInvokePromise(runWorkflow(this.#api, id, options));
  }

  /** What a call would meet if it were made now. Nothing is executed, and no key is claimed. */
  preflight(options: PreflightOptions): InvokePromise<Preflight> {
    const asked = this.#api.ask<JsonObject>('/v1/preflight', options, PREFLIGHT_SHAPES).withResponse();
    return toInvokePromise(
      asked.then(({ data, response }) => ({
        data: objectOf(data, 'preflight') as unknown as Preflight,
        response,
      })),
    );
  }

  /** Whether what the agent assumes still holds: the current state is read and compared, field by field. */
  verifyState(options: VerifyStateOptions): InvokePromise<VerifiedState> {
    return this.#api.ask('/v1/state/verify', options, STATE_SHAPES);
  }

  /** Whether an action with an unknown outcome happened; to be asked before it is tried again. */
  reconcile(options: ReconcileOptions): InvokePromise<ReconciledOutcome> {
    return this.#api.ask('/v1/outcomes/reconcile', options, STATE_SHAPES);
  }

  /** Fresh context from the web. Throws `not_configured` where the gateway has no search provider. */
  search(query: string, options: SearchOptions = {}): InvokePromise<SearchAnswer> {
    return this.#api.ask('/v1/search', { ...options, query } as SearchOptions);
  }

  /** What was called, and how much of the budgets is used. */
  usage(query: UsageQuery = {}, options: RequestOptions = {}): InvokePromise<Usage> {
    return toInvokePromise(
      this.#api.get(
        { ...options, path: '/v1/usage', query: { ...query } },
        (body) => toCamelKeys(body, USAGE) as Usage,
      ),
    );
  }

  readonly workflows = {
    list: (options: RequestOptions = {}): InvokePromise<readonly WorkflowDefinition[]> =>
      toInvokePromise(
        this.#api.get(
          { ...options, path: '/v1/workflows' },
          (body) => listOf(body, 'workflows') as readonly WorkflowDefinition[],
        ),
      ),

    /** Adds a workflow, or changes it. */
    put: (workflow: WorkflowDefinition, options: RequestOptions = {}): InvokePromise<JsonObject> =>
      toInvokePromise(
        this.#api.request({
          ...options,
          method: 'PUT',
          path: `/v1/workflows/${encodeURIComponent(workflow.id)}`,
          body: { ...workflow },
        }),
      ),
  };

  readonly tools = {
    /** The tools that the key may see. */
    list: (query: ToolQuery = {}, options: RequestOptions = {}): InvokePromise<readonly Tool[]> =>
      toInvokePromise(
        this.#api.get({ ...options, path: '/v1/tools', query: { ...query } }, (body) =>
          listOf(body, 'tools').map(toTool),
        ),
      ),
  };

  readonly executions = {
    /** All executions, newest first, fetched as they are read. */
    list: (query: ExecutionQuery = {}, options: RequestOptions = {}): Pager<Execution> =>
      this.#api.list({ name: 'executions', query, toItem: toExecution }, options),

    get: (executionId: string, options: RequestOptions = {}): InvokePromise<Execution> =>
      toInvokePromise(
        this.#api.get({ ...options, path: `/v1/executions/${encodeURIComponent(executionId)}` }, (body) =>
          toExecution(objectOf(body, 'execution')),
        ),
      ),

    /** The same as `execute`. */
    create: (options: ExecuteOptions): InvokePromise<CreatedExecution> => this.execute(options),
  };

  readonly traces = {
    /** All traces, newest first, fetched as they are read. */
    list: (query: TraceQuery = {}, options: RequestOptions = {}): Pager<Trace> =>
      this.#api.list({ name: 'traces', query, toItem: toTrace }, options),
  };

  /** Any request of the HTTP API; the answer's JSON as it came. Throws InvokeError for everything that is not a 2xx. */
  request<T = JsonObject>(request: RawRequest): InvokePromise<T> {
    return toInvokePromise(this.#api.request(request) as Promise<WithResponse<T>>);
  }
}
