import type { ApprovalState, ApproveRequest, RejectRequest, ResolveRequest } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { EngineDeps } from '../deps.js';
import type { Drivers } from '../drivers.js';
import { listVisible, type ListPage } from '../list-visible.js';
import { approve } from './approve.js';
import { mayDecideOn, type Decided } from './decided.js';
import type { DecisionInput } from './decision-input.js';
import { expireOverdue } from './expire.js';
import { reject } from './reject.js';
import { resolve } from './resolve.js';

export interface ApprovalFilter {
  /** 1 to 200. */
  readonly limit: number;
  readonly before: string | null;
  readonly state: ApprovalState | null;
  readonly agentId: string | null;
}

/** What people decide on, as far as the limits of their keys reach. Nothing here is ever decided by reading. */
export interface Approvals {
  approval(principal: Principal, id: string): Promise<ApprovalRecord | null>;
  approvals(principal: Principal, filter: ApprovalFilter): Promise<ListPage<ApprovalRecord>>;
  approve(input: DecisionInput<ApproveRequest>): Promise<Decided>;
  reject(input: DecisionInput<RejectRequest>): Promise<Decided>;
  /** Says what became of an execution that the machine could not settle. */
  resolve(input: DecisionInput<ResolveRequest>): Promise<Decided>;
  /** JSON Pointers of what the card of an approval's tool calls sensitive. */
  sensitiveOf(approval: ApprovalRecord): readonly string[];
}

export function createApprovals(
  deps: EngineDeps,
  drivers: Drivers,
): Approvals & { expireOverdue(): Promise<number> } {
  const { store, tools } = deps;
  const parts = { deps, drivers };
  return {
    async approval(principal, id) {
      const approval = await store.approvals.find(principal.tenant, id);
      return approval !== null && mayDecideOn(principal, approval, deps) ? approval : null;
    },
    approvals: (principal, filter) =>
      listVisible({
        ...filter,
        isVisible: (approval) => mayDecideOn(principal, approval, deps),
        list: (page) => store.approvals.list({ tenant: principal.tenant, ...filter, ...page }),
      }),
    approve: (input) => approve(input, parts),
    reject: (input) => reject(input, parts),
    resolve: (input) => resolve(input, parts),
    sensitiveOf({ tenant, tool }) {
      const found = tools.catalogue().find(tenant, tool);
      return found.kind === 'found' ? found.tool.card.sensitive : [];
    },
    expireOverdue: () => expireOverdue(deps),
  };
}
