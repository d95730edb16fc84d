import { Api, listOf, objectOf, type RawRequest } from './api.js';
import type { CallOptions, RequestOptions } from './call-options.js';
import type { CallResult, CompletedCall } from './call-result.js';
import { callTool, callToolOrThrow } from './calls.js';
import { createExecution } from './create-execution.js';
import { readEnvironment } from './env.js';
import {
  toExecution,
  type CreatedExecution,
  type CreateExecutionOptions,
  type Execution,
  type ExecutionQuery,
} from './execution.js';
import { toInvokePromise, type InvokePromise, type WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';
import type { Pager } from './pager.js';
import { createSettings, type InvokeOptions } from './settings.js';
import { toTool, type Tool, type ToolQuery } from './tool.js';
import { toTrace, type Trace, type TraceQuery } from './trace.js';

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

  constructor(options: InvokeOptions = {}) {
    this.#api = new Api(createSettings(options));
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

    /** Runs one action as a durable execution. Where no answer comes, throws `outcome_unknown` with the key to ask again. */
    create: (options: CreateExecutionOptions): InvokePromise<CreatedExecution> =>
      toInvokePromise(createExecution(this.#api, options)),
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
