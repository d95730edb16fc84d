import type { WorkflowDefinition } from '@invoke/contract';

/** Fresh context from the web, and whether its best source may be opened. */
export const liveContextRetrieval: WorkflowDefinition = {
  id: 'live-context-retrieval',
  title: 'Live context retrieval',
  description:
    'Searches the live web before an agent acts, then checks whether this key may open the best source with fetch.url. Opens nothing itself.',
  steps: [
    {
      kind: 'search',
      step: 'context_retrieved',
      title: 'Context retrieved',
      query: '${input.query}',
      limit: '${input.limit|3}',
    },
    {
      kind: 'preflight',
      step: 'risk_scanned',
      title: 'Risk scanned',
      tool: 'fetch.url',
      params: { url: '${steps.context_retrieved.results.0.url}' },
    },
  ],
};
