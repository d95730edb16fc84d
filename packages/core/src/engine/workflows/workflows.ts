import type { JsonObject, Refusal, SearchAnswer, SearchRequest, WorkflowDefinition } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import { findWorkflowProblems } from '../../domain/workflow/find-workflow-problems.js';
import { PACKAGED_WORKFLOWS } from '../../domain/workflow/packaged-workflows.js';
import type { SearchProvider } from '../../ports/search-provider.js';
import type { Checked, RequestMeta } from '../checks/check-request.js';
import type { EngineDeps } from '../deps.js';
import type { Entrance } from '../entrance.js';
import type { Toolbox } from '../toolbox.js';
import { createSearch } from './search.js';
import { runWorkflow, type WorkflowRun } from './run-workflow.js';

/** What to run, with what, and on whose behalf. */
export interface WorkflowInput {
  readonly id: string;
  readonly input: JsonObject;
  readonly agentId?: string | undefined;
  readonly env?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly meta: RequestMeta;
  /** As for a call: how long a duplicate waits for its original. Milliseconds. */
  readonly attachMs: number;
}

export type SavedWorkflow =
  | { readonly kind: 'saved'; readonly created: boolean; readonly definition: WorkflowDefinition }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Workflows and the search that they build on. */
export interface Workflows {
  /** Those that come with Invoke, and the tenant's own. */
  workflows(principal: Principal): readonly WorkflowDefinition[];
  /** Adds a workflow of the tenant, or puts another one in its place. */
  saveWorkflow(principal: Principal, definition: WorkflowDefinition): Promise<SavedWorkflow>;
  runWorkflow(principal: Principal, input: WorkflowInput): Promise<WorkflowRun>;
  search(principal: Principal, request: SearchRequest, meta: RequestMeta): Promise<Checked<SearchAnswer>>;
}

export interface WorkflowPorts {
  readonly deps: EngineDeps;
  readonly entrance: Pick<Entrance, 'call' | 'refuse'>;
  readonly toolbox: Pick<Toolbox, 'refresh'>;
  readonly provider: SearchProvider | null;
}

export function createWorkflows({ deps, entrance, toolbox, provider }: WorkflowPorts): Workflows {
  const search = createSearch(provider, deps);
  const all = ({ tenant }: Principal): readonly WorkflowDefinition[] => [
    ...PACKAGED_WORKFLOWS,
    ...deps.tools.workflows(tenant).map((w) => w.definition),
  ];
  return {
    workflows: all,
    async saveWorkflow(principal, definition) {
      const errors = findWorkflowProblems(definition);
      const [first] = errors;
      if (first !== undefined) {
        const message = `The workflow cannot be stored: ${first.pointer}: ${first.message}.`;
        return { kind: 'refused', refusal: { code: 'validation_failed', message, errors } };
      }
      const created = all(principal).every((w) => w.id !== definition.id);
      const { tenant, keyId: updatedBy } = principal;
      await deps.store.registry.saveWorkflow({ tenant, definition, updatedBy, updatedAt: deps.clock.now() });
      await toolbox.refresh();
      return { kind: 'saved', created, definition };
    },
    async runWorkflow(principal, { id, input, agentId, env, idempotencyKey, meta, attachMs }) {
      const definition = all(principal).find((w) => w.id === id);
      if (definition === undefined) return { kind: 'refused', refusal: noSuch(id), story: null };
      const asking = { principal, meta };
      const frame = { definition, asking, agentId, env, key: idempotencyKey ?? null, attachMs };
      return runWorkflow(frame, input, { deps, entrance, search });
    },
    search: (principal, request, meta) => search(request, { principal, meta }),
  };
}

function noSuch(id: string): Refusal {
  return { code: 'not_found', message: `There is no workflow ${JSON.stringify(id)}.` };
}
