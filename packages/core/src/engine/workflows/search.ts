import type { Refusal, SearchAnswer, SearchRequest } from '@invoke/contract';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import type { SearchProvider } from '../../ports/search-provider.js';
import type { Asking, Checked } from '../checks/check-request.js';
import { beginCheckTrace, endRefused } from '../checks/check-trace.js';
import type { EngineDeps } from '../deps.js';

export type Search = (request: SearchRequest, asking: Asking) => Promise<Checked<SearchAnswer>>;

/** Live context from the provider that the gateway was composed with; without one it says what is missing. */
export function createSearch(provider: SearchProvider | null, deps: EngineDeps): Search {
  return async (request, asking) => {
    const trace = beginCheckTrace({ check: 'search', intent: 'search', request }, asking, deps);
    const held = decideHeldScope(asking.principal, 'tools:call');
    if (held.kind === 'refuse') return endRefused(trace, held.refusal);
    if (provider === null) return endRefused(trace, NO_PROVIDER);
    const found = await provider.search(request);
    if (found.kind === 'failed') {
      return endRefused(trace, { code: found.code, message: `${provider.name}: ${found.message}` });
    }
    trace.note('context_retrieved', 'completed', `${found.hits.length} sources by ${provider.name}`);
    trace.end({ status: 'completed', refusal: null });
    const results = found.hits.map(({ title, summary, url }) => ({ title, summary, url }));
    const answer = { query: request.query, provider: provider.name, results, trace_id: trace.traceId };
    return { kind: 'answer', answer };
  };
}

const NO_PROVIDER: Refusal = {
  code: 'not_configured',
  message: 'There is no search provider: the gateway of this version comes without one.',
};
