import { describe } from 'vitest';
import { describeApprovalLists } from './approval-lists.js';
import { describeApprovals } from './approvals.js';
import { describeBudgets } from './budgets.js';
import { describeClaims } from './claims.js';
import { describeDecisions } from './decisions.js';
import { describeHistory } from './history.js';
import { describeIncarnations } from './incarnations.js';
import { describeKeys } from './keys.js';
import { describeLists } from './lists.js';
import { describeOutbox } from './outbox.js';
import { describePruning } from './pruning.js';
import { describeRegistry } from './registry.js';
import { describeRetention } from './retention.js';
import { describeSettlements } from './settlements.js';
import type { OpenStore } from './store-under-test.js';
import { describeTraces } from './traces.js';
import { describeTransitions } from './transitions.js';
import { describeUsage } from './usage.js';

/** What every Store has to do, in memory as on SQLite and on Postgres. Each test opens a store of its own. */
export function describeStore(name: string, open: OpenStore): void {
  describe(`store: ${name}`, () => {
    describeClaims(open);
    describeTransitions(open);
    describeIncarnations(open);
    describePruning(open);
    describeRetention(open);
    describeLists(open);
    describeRegistry(open);
    describeKeys(open);
    describeHistory(open);
    describeTraces(open);
    describeApprovals(open);
    describeDecisions(open);
    describeApprovalLists(open);
    describeOutbox(open);
    describeSettlements(open);
    describeBudgets(open);
    describeUsage(open);
  });
}

/** What every call rests upon, for what is told apart from other stores by how it is reached only. */
export function describeStoreCore(name: string, open: OpenStore): void {
  describe(`store: ${name}`, () => {
    describeClaims(open);
    describeTransitions(open);
    describeIncarnations(open);
    describeDecisions(open);
  });
}
