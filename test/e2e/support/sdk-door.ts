import type { CallRequestInput } from '@invoke/contract';
import {
  Invoke,
  InvokeError,
  type CallOptions,
  type FailurePolicy,
  type InvokePromise,
  type ReconcileOptions,
  type VerifyStateOptions,
} from '@invoke/sdk';
import type { Door, ReconcileGiven, Told, VerifyGiven } from './door.js';

/** The client of @invoke/sdk. What it tells is put back into the words of the HTTP API, so that both ways are held alike. */
export function openSdkDoor(baseUrl: string, apiKey: string): Door {
  const invoke = new Invoke({ baseUrl, apiKey, maxRetries: 0 });
  return {
    call: (request) => told(invoke.call(toCall(request))),
    verifyState: (request) => told(invoke.verifyState(toVerify(request))),
    reconcile: (request) => told(invoke.reconcile(toReconcile(request))),
    approval: (id) => told(invoke.approvals.get(id)),
    approve: (id, { reviewed_by: reviewedBy, ...same } = {}) =>
      told(invoke.approvals.approve(id, { ...same, reviewedBy })),
    reject: (id, comment) => told(invoke.approvals.reject(id, { comment })),
    resolve: (id, resolution) => told(invoke.approvals.resolve(id, { resolution })),
    async trace(executionId) {
      for await (const trace of invoke.traces.list({ limit: 200 })) {
        if (trace.executionId === executionId) return { http: 200, body: toWire(trace) };
      }
      return { http: 200, body: {} };
    },
  };
}

async function told(promise: InvokePromise<object>): Promise<Told> {
  try {
    const { data, response } = await promise.withResponse();
    return { http: response?.status ?? 0, body: toWire(data) };
  } catch (error) {
    if (!InvokeError.isInstance(error)) throw error;
    const { code, message, status = 0, problem } = error;
    return { http: status, body: { code, detail: message, ...problem } };
  }
}

/** Members that are objects of Invoke's own; all others belong to the caller, and keep their names. */
const OWN = ['entity', 'entity_resolution', 'failure'];

function toWire(data: object): Told['body'] {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => {
      const wire = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [wire, OWN.includes(wire) && value !== null ? toWire(value as object) : value];
    }),
  );
}

function toCall(request: CallRequestInput): CallOptions {
  const {
    agent_id,
    idempotency_key,
    failure_policy,
    entity_resolution,
    execution_state,
    timeout_ms,
    ...same
  } = request;
  return {
    ...same,
    agentId: agent_id,
    idempotencyKey: idempotency_key,
    timeoutMs: timeout_ms,
    failurePolicy: failure_policy === undefined ? undefined : toFailurePolicy(failure_policy),
    entityResolution: entity_resolution && {
      entityId: entity_resolution.entity_id,
      source: entity_resolution.source,
      resolvedAt: entity_resolution.resolved_at,
    },
    executionState: execution_state && {
      variables: execution_state.variables,
      toolOutputs: execution_state.tool_outputs,
    },
  };
}

function toFailurePolicy({
  retry,
  fallback,
  on_failure: onFailure,
  reconcile,
}: NonNullable<CallRequestInput['failure_policy']>): FailurePolicy {
  return {
    retry,
    fallback,
    onFailure,
    reconcile: reconcile && {
      action: reconcile.action,
      stateRefetch: reconcile.state_refetch,
      conditions: reconcile.conditions,
      settleMs: reconcile.settle_ms,
      minAbsentReads: reconcile.min_absent_reads,
      maxReads: reconcile.max_reads,
    },
  };
}

function toVerify(request: VerifyGiven): VerifyStateOptions {
  return {
    intent: request.intent,
    requiredFields: request.required_fields,
    assumedState: request.assumed_state,
    currentState: request.current_state,
    stateRefetch: request.state_refetch,
    conditions: request.conditions,
    onMismatch: request.on_mismatch,
  };
}

function toReconcile({ action, ...request }: ReconcileGiven): ReconcileOptions {
  return {
    action:
      typeof action === 'string'
        ? action
        : { intent: action.intent, params: action.params, idempotencyKey: action.idempotency_key },
    outcome: request.outcome,
    stateRefetch: request.state_refetch,
    currentState: request.current_state,
    conditions: request.conditions,
    minAbsentReads: request.min_absent_reads,
  };
}
