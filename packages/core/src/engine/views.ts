import type { ExecutionState, ToolView } from '@invoke/contract';
import { isOffered } from '../domain/access/is-offered.js';
import type { Principal } from '../domain/access/principal.js';
import { isInSight, toRecordedCall } from '../domain/access/within-limits.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { allows } from '../domain/tool/decide-tool.js';
import { toToolView } from '../domain/tool/to-tool-view.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import type { Store } from '../ports/store.js';
import { awaitEnd } from './answer.js';
import { usageReport, type UsageFilter, type UsageReport } from './budgets/usage-report.js';
import type { EngineDeps } from './deps.js';
import type { Drivers } from './drivers.js';
import { listVisible, type ListPage } from './list-visible.js';
import type { Toolbox } from './toolbox.js';
import { listTraces, type TraceFilter, type TracePage } from './trace-list.js';

export interface ExecutionFilter {
  readonly limit: number;
  readonly before: string | null;
  readonly state: ExecutionState | null;
  readonly tool: string | null;
  readonly agentId: string | null;
}

/** A tool that a key may call, by a name of letters, digits and underscores. */
export interface OfferedTool {
  readonly name: string;
  readonly tool: ToolDefinition;
}

/** What a principal may look at: its own tenant, and of that what the limits of its key reach. */
export interface Views {
  tools(principal: Principal, search: string | null): readonly ToolView[];
  /** What may be called with this key at all, sorted by name. */
  offeredTools(principal: Principal): readonly OfferedTool[];
  /**
   * The tool that a name stands for: its exact id first, then the name that it is offered under, then whatever else it is
   * called by. Null: no tool alone, or none on the list of this key; a call of that name is refused with the reason.
   */
  namedTool(principal: Principal, name: string): ToolDefinition | null;
  /** @param waitMs how long to wait for its end */
  execution(principal: Principal, id: string, waitMs?: number): Promise<ExecutionRecord | null>;
  executions(principal: Principal, filter: ExecutionFilter): Promise<ListPage<ExecutionRecord>>;
  traces(principal: Principal, filter: TraceFilter): Promise<TracePage>;
  providers(principal: Principal): readonly ProviderRecord[];
  /** What was used, and how much of the budgets. */
  usage(principal: Principal, filter: UsageFilter): Promise<UsageReport>;
  /** Whether writes would be durable now. */
  check(): ReturnType<Store['check']>;
  /** Whether this gateway holds its lease: without it, it sends nothing. */
  mayAct(): boolean;
  /** It was restored from a backup, and nobody has confirmed that: nothing new is begun. */
  quarantined(): boolean;
  /** False: it has gone back, and what was acknowledged to this gateway is not known to be there: nothing new is begun. */
  verified(): boolean;
}

export function createViews(deps: EngineDeps, drivers: Drivers, toolbox: Toolbox): Views {
  const { store } = deps;
  const maySee = (principal: Principal, record: ExecutionRecord) =>
    isInSight(principal, toRecordedCall(record), (name) => toolbox.catalogue().find(principal.tenant, name));
  return {
    tools: (principal, search) =>
      toolbox
        .catalogue()
        .all(principal.tenant)
        .filter((t) => principal.allowedTools === null || allows(principal.allowedTools, t))
        .map(toToolView)
        .filter((view) => matches(view, search)),
    offeredTools(principal) {
      const names = toolbox.catalogue().outward(principal.tenant);
      return toolbox
        .catalogue()
        .all(principal.tenant)
        .filter((tool) => isOffered(principal, tool))
        .map((tool) => ({ name: names.nameOf(tool.id), tool }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    namedTool({ tenant, allowedTools }, name) {
      const catalogue = toolbox.catalogue();
      const found = catalogue.find(tenant, catalogue.exactId(tenant, name) ?? name);
      if (found.kind !== 'found') return null;
      return allowedTools === null || allows(allowedTools, found.tool) ? found.tool : null;
    },
    async execution(principal, id, waitMs = 0) {
      const record = await store.executions.find(principal.tenant, id);
      if (record === null || !maySee(principal, record)) return null;
      return waitMs === 0 ? record : awaitEnd(record, waitMs, { drivers, deps });
    },
    executions: (principal, filter) =>
      listVisible({
        ...filter,
        isVisible: (record) => maySee(principal, record),
        list: (page) => store.executions.list({ tenant: principal.tenant, ...filter, ...page }),
      }),
    traces: (principal, filter) => listTraces(principal, filter, deps),
    providers: (principal) => toolbox.providers(principal.tenant),
    usage: (principal, filter) => usageReport(principal, filter, deps),
    check: () => store.check(),
    mayAct: () => deps.lease.held(),
    quarantined: () => deps.history.quarantined(),
    verified: () => deps.history.verified(),
  };
}

function matches(view: ToolView, search: string | null): boolean {
  if (search === null || search === '') return true;
  const { name, key, description, capability_card: card } = view;
  const text = [name, key, description, card.capability ?? '', ...card.tags].join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
