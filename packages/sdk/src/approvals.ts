import { objectOf, type Api } from './api.js';
import {
  toApproval,
  toDecision,
  type Approval,
  type ApprovalQuery,
  type ApproveOptions,
  type Decision,
  type RejectOptions,
  type ResolveOptions,
} from './approval.js';
import type { RequestOptions } from './call-options.js';
import { toSnakeKeys } from './casing.js';
import { toInvokePromise, type InvokePromise, type WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';
import type { Pager } from './pager.js';
import { waitForApproval, type WaitOptions } from './wait-for-approval.js';

/** What waits for a human. The key that asked for a call cannot decide on it. */
export interface Approvals {
  /** All approvals, newest first, fetched as they are read. */
  list(query?: ApprovalQuery, options?: RequestOptions): Pager<Approval>;
  get(approvalId: string, options?: RequestOptions): InvokePromise<Approval>;
  /** Says yes. What comes of it is the decision's `outcome`: the world is looked at again before anything is executed. */
  approve(approvalId: string, options?: ApproveOptions): InvokePromise<Decision>;
  reject(approvalId: string, options?: RejectOptions): InvokePromise<Decision>;
  /** Says what became of an outcome that the machine could not settle. */
  resolve(approvalId: string, options: ResolveOptions): InvokePromise<Decision>;
  /**
   * Waits until it is decided or expired, through lost connections and restarts of the gateway.
   * @throws InvokeError `timeout` or `aborted` where the wait ends before; nothing is changed by that
   */
  wait(approvalId: string, options?: WaitOptions): Promise<Approval>;
}

export function createApprovals(api: Api): Approvals {
  const get = (id: string, options: RequestOptions) =>
    api.get({ ...options, path: pathOf(id) }, (body) => toApproval(objectOf(body, 'approval')));
  const decide =
    (word: string) =>
    (id: string, { timeoutMs, signal, ...decision }: RequestOptions = {}) =>
      toInvokePromise(
        // Not repeated by itself: after a lost answer, the approval says what came of it.
        api
          .request({
            method: 'POST',
            path: `${pathOf(id)}/${word}`,
            body: toSnakeKeys(decision, {}) as JsonObject,
            headers: api.preferWait(timeoutMs),
            timeoutMs,
            signal,
          })
          .then(({ data, response }): WithResponse<Decision> => ({ data: toDecision(data), response })),
      );
  return {
    list: (query = {}, options = {}) =>
      api.list(
        { name: 'approvals', query: toSnakeKeys(query, {}) as Record<string, string>, toItem: toApproval },
        options,
      ),
    get: (id, options = {}) => toInvokePromise(get(id, options)),
    approve: decide('approve'),
    reject: decide('reject'),
    resolve: decide('resolve'),
    wait: (id, options = {}) =>
      waitForApproval(api.settings, options, {
        path: `${pathOf(id)}/events`,
        read: (signal) => get(id, { signal }).then(({ data }) => data),
      }),
  };
}

function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}
