import type { Api, Shapes } from './api.js';
import type { RequestOptions } from './call-options.js';
import { toCamelKeys } from './casing.js';
import { toInvokePromise, type InvokePromise } from './invoke-promise.js';
import type { JsonObject } from './json.js';

/**
 * Rules, budgets and their tests: `{ rules: [{ when, effect, ... }], budgets, tests }`. A document that people write and
 * keep, so it is sent and handed out as it is on the wire. So are sample calls: `{ tool, params, agent_id, ... }`.
 */
export type PolicyDocument = JsonObject;

/** The rules that are stored. */
export interface StoredPolicy {
  /** Null where there are none. */
  readonly document: PolicyDocument | null;
  readonly updatedBy: string | null;
  /** Milliseconds since 1970. */
  readonly updatedAt: number | null;
  /** Why the stored document cannot be used any more, and every call is denied until it is replaced; null where it can. */
  readonly broken: string | null;
  readonly [member: string]: unknown;
}

/** One mistake, or one thing that is probably not meant. */
export interface PolicyMistake {
  /** JSON Pointer into what was sent. */
  readonly pointer: string;
  readonly message: string;
  /** For terminals: the message, the line of the expression, and a caret under the place. */
  readonly caret: string;
}

export interface PolicyCheck {
  readonly valid: boolean;
  readonly mistakes: readonly PolicyMistake[];
  readonly warnings: readonly PolicyMistake[];
  readonly [member: string]: unknown;
}

/**
 * What rules say of a call. `conflict`: a name has one value in params and another in variables. In a test also the code by which
 * a real call would be refused before any rule is asked (`not_found`, ...).
 */
export interface PolicyOutcome {
  readonly effect:
    'allow' | 'deny' | 'require_approval' | 'conflict' | 'not_found' | 'tool_not_allowed' | 'tool_conflict';
  /** The rule whose reason is told: its id, or rules[n]. Null where no rule had a say. */
  readonly rule: string | null;
  readonly source: 'operator' | 'tenant' | 'call' | null;
  readonly reason: string | null;
  /** Why the rule could not be decided and therefore restricts; null where it was. */
  readonly undecided: string | null;
  /** How many people have to approve. */
  readonly approvers: number;
  readonly [member: string]: unknown;
}

export interface PolicyTestReport {
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly expected: { readonly effect: string; readonly rule?: string | undefined };
    readonly got: PolicyOutcome;
    /** Why it failed; null where it passed. */
    readonly why: string | null;
    readonly [member: string]: unknown;
  }[];
  readonly [member: string]: unknown;
}

/** A part of an expression, and what it was. */
export interface ExplainedPart {
  readonly source: string;
  /** Offset into the expression. */
  readonly at: number;
  readonly known: boolean;
  readonly value: unknown;
  /** Why it is not known; null where it is. */
  readonly why: string | null;
  readonly [member: string]: unknown;
}

export interface PolicyExplanation {
  readonly verdict: PolicyOutcome;
  /** Those that apply first, then those that cannot be decided, then the others. */
  readonly rules: readonly {
    readonly rule: string;
    readonly source: 'operator' | 'tenant' | 'call';
    readonly effect: 'allow' | 'deny' | 'require_approval';
    readonly when: string;
    readonly value: 'true' | 'false' | 'unknown';
    readonly why: string | null;
    readonly parts: readonly ExplainedPart[];
    readonly [member: string]: unknown;
  }[];
  /** How many rules are left out because there are too many; all of them are false. */
  readonly leftOut: number;
  readonly [member: string]: unknown;
}

/** What another document would have decided. `from`: under the rules in force; `to`: with the new document. */
export interface PolicySimulation {
  readonly call: { readonly from: PolicyOutcome; readonly to: PolicyOutcome } | null;
  readonly backtest: {
    readonly examined: number;
    /** Of those, how many could not be decided again. */
    readonly skipped: number;
    readonly changed: readonly {
      readonly executionId: string;
      readonly tool: string;
      readonly action: string | null;
      readonly agentId: string | null;
      readonly createdAt: number;
      readonly from: PolicyOutcome;
      readonly to: PolicyOutcome;
      readonly [member: string]: unknown;
    }[];
    /** Counts of the changes, by `allow -> deny` and so on. */
    readonly changes: Readonly<Record<string, number>>;
    readonly [member: string]: unknown;
  } | null;
  readonly [member: string]: unknown;
}

export interface Policy {
  get(options?: RequestOptions): InvokePromise<StoredPolicy>;
  /** Replaces the stored rules; they hold from the next call on. */
  put(document: PolicyDocument, options?: RequestOptions): InvokePromise<StoredPolicy>;
  /** What is wrong with a document, or with one expression. */
  check(
    what: ({ readonly document: PolicyDocument } | { readonly when: string }) & RequestOptions,
  ): InvokePromise<PolicyCheck>;
  /** Holds tables of calls against a document, or against the stored one. */
  test(
    what?: { readonly document?: PolicyDocument; readonly tests?: readonly JsonObject[] } & RequestOptions,
  ): InvokePromise<PolicyTestReport>;
  /** What each part of the rules says of one call. */
  explain(
    what: {
      readonly when?: string;
      readonly document?: PolicyDocument;
      readonly call: JsonObject;
    } & RequestOptions,
  ): InvokePromise<PolicyExplanation>;
  /** What would be decided otherwise with this document: of one call, or of the last executions. */
  simulate(
    what: {
      readonly document: PolicyDocument;
      readonly last?: number;
      readonly call?: JsonObject;
    } & RequestOptions,
  ): InvokePromise<PolicySimulation>;
}

export function createPolicy(api: Api): Policy {
  const stored = (method: 'GET' | 'PUT', more: { body?: PolicyDocument } & RequestOptions) =>
    toInvokePromise(
      api.request({ ...more, method, path: '/v1/policy' }).then(({ data, response }) => ({
        data: toCamelKeys(data, {}) as StoredPolicy,
        response,
      })),
    );
  return {
    get: (options = {}) => stored('GET', options),
    put: (document, options = {}) => stored('PUT', { ...options, body: document }),
    check: (what) => api.ask('/v1/policy/check', what),
    test: (what = {}) => api.ask('/v1/policy/test', what),
    explain: (what) => api.ask('/v1/policy/explain', what),
    simulate: (what) => api.ask('/v1/policy/simulate', what, SIMULATION),
  };
}

const SIMULATION: Shapes = { received: { backtest: { changed: {} } } };
