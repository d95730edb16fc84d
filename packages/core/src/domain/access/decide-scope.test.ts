import { KeyGrant, type CallRequest, type Refusal } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../decision.js';
import { aTool } from '../test-tools.js';
import { epochMs } from '../time.js';
import { decidePrincipal } from './decide-principal.js';
import { decideScope } from './decide-scope.js';
import { fullAccess, toPrincipal } from './to-principal.js';

const fetchUrl = aTool({ name: 'fetch.url', effect: 'read' });
const crm = aTool({
  name: 'crm_update_customer',
  entities: [{ field: '/customer_id' }],
  action: 'update_customer',
});
const github = aTool({ name: 'create_issue', resources: [{ field: '/repo', prefix: 'repo:' }] });

/** The grant of the product's own example. */
const SCOPED = {
  scopes: ['tools:read', 'tools:call', 'traces:read'],
  allowed_tools: ['fetch.url'],
  read_only: true,
  agent_id: 'research_agent_v1',
  envs: ['dev', 'prod'],
  agents: ['research_agent_v1'],
  workflows: ['market_research'],
} as const;

type Request = Pick<CallRequest, 'agent_id' | 'env' | 'workflow' | 'action' | 'resource'>;
const decide = (grant: object, tool: typeof crm, params: Record<string, unknown>, request: Request = {}) =>
  decideScope({ principal: toPrincipal('key_1', KeyGrant.parse(grant)), tool, params, request });
const short = (d: Pick<Decision, 'kind'> & { refusal?: Refusal }) =>
  d.refusal !== undefined
    ? `${d.refusal.code}${d.refusal.details?.['limit'] === undefined ? '' : ` ${String(d.refusal.details['limit'])}`}`
    : d.kind;

const inside: Request = { agent_id: 'research_agent_v1', env: 'dev', workflow: 'market_research' };
const call = { scopes: ['tools:call'] };

const CELLS: readonly { cell: string; got: Decision; expected: string; why: string }[] = [
  { cell: 'S1', got: decide(SCOPED, fetchUrl, {}, inside), expected: 'proceed', why: 'everything fits' },
  {
    cell: 'S2',
    got: decide(SCOPED, fetchUrl, {}, { ...inside, agent_id: undefined } as Request),
    expected: 'proceed',
    why: "the key's agent is implied",
  },
  {
    cell: 'S3',
    got: decide(SCOPED, fetchUrl, {}, { ...inside, agent_id: 'other_agent' }),
    expected: 'context_denied agent_id',
    why: 'identity comes from the key',
  },
  {
    cell: 'S4',
    got: decide(SCOPED, fetchUrl, {}, { agent_id: 'research_agent_v1', env: 'dev' }),
    expected: 'context_denied workflow',
    why: 'a limit also limits leaving it out',
  },
  {
    cell: 'S5',
    got: decide(SCOPED, fetchUrl, {}, { ...inside, env: 'staging' }),
    expected: 'context_denied env',
    why: 'not in the list',
  },
  {
    cell: 'S6',
    got: decide(SCOPED, crm, {}, inside),
    expected: 'read_only_token',
    why: 'a write with a read-only key',
  },
  {
    cell: 'S7',
    got: decide({ scopes: ['tools:read'] }, fetchUrl, {}),
    expected: 'insufficient_scope',
    why: 'may look, may not call',
  },
  {
    cell: 'S8',
    got: decide({ scopes: [] }, fetchUrl, {}),
    expected: 'insufficient_scope',
    why: 'an empty list allows nothing',
  },
  {
    cell: 'S9',
    got: decide({ ...call, envs: [] }, fetchUrl, {}, { env: 'dev' }),
    expected: 'context_denied env',
    why: 'an empty list allows nothing',
  },
  {
    cell: 'S10',
    got: decide({ ...call, resources: ['cust_123'] }, crm, { customer_id: 'cust_123' }),
    expected: 'proceed',
    why: 'the declared field names an allowed one',
  },
  {
    cell: 'S11',
    got: decide({ ...call, resources: ['cust_123'] }, crm, { customer_id: 'cust_999' }),
    expected: 'context_denied resource',
    why: 'another customer',
  },
  {
    cell: 'S12',
    got: decide({ ...call, resources: ['cust_123'] }, crm, {
      customer_id: 'cust_123',
      related: [{ customerId: 'cust_999' }],
    }),
    expected: 'context_denied resource',
    why: 'hidden in a nested field',
  },
  {
    cell: 'S13',
    got: decide({ ...call, resources: ['cust_123'] }, crm, { note: 'x' }),
    expected: 'context_denied resource',
    why: 'names none',
  },
  {
    cell: 'S13b',
    got: decide({ ...call, resources: ['cust_123'] }, fetchUrl, { url: 'https://example.com/' }),
    expected: 'proceed',
    why: 'a read that has to do with no resource',
  },
  {
    cell: 'S14',
    got: decide({ ...call, resources: ['repo:acme/app'] }, github, { repo: 'acme/app', title: 't' }),
    expected: 'proceed',
    why: 'prefix and value make the name',
  },
  {
    cell: 'S15',
    got: decide({ ...call, resources: ['repo:acme/app'] }, github, { repo: 'acme/app/../secret' }),
    expected: 'context_denied resource',
    why: 'no prefix matching',
  },
  {
    cell: 'S16',
    got: decide({ ...call, resources: ['repo:acme/app'] }, github, { repo: 'ACME/APP' }),
    expected: 'context_denied resource',
    why: 'case counts',
  },
  {
    cell: 'S17',
    got: decide({ ...call, resources: ['cust_123'] }, fetchUrl, {}, { resource: 'cust_123' }),
    expected: 'proceed',
    why: 'named by the request itself',
  },
  {
    cell: 'S18',
    got: decide(
      { ...call, allowed_actions: ['send_mail'] },
      aTool({ name: 'mail' }),
      {},
      { action: 'delete_mailbox' },
    ),
    expected: 'context_denied action',
    why: 'not in the list',
  },
  {
    cell: 'S19',
    got: decide({ ...call, allowed_actions: ['update_customer'] }, crm, {}),
    expected: 'proceed',
    why: "the tool's own action",
  },
  {
    cell: 'S20',
    got: decide(call, crm, {}, { action: 'read_customer' }),
    expected: 'context_denied action',
    why: 'a caller may not rename what a tool does',
  },
  {
    cell: 'S21',
    got: decideScope({ principal: fullAccess('k'), tool: crm, params: {}, request: {} }),
    expected: 'proceed',
    why: 'a key without limits',
  },
];

describe('scope', () => {
  test.each(CELLS)('$cell $why', ({ got, expected }) => {
    expect(short(got)).toBe(expected);
  });
});

test('a key that is unknown or over is refused with one and the same answer', () => {
  const now = epochMs(1_700_000_000_000);
  const key = (expires_at: string) => toPrincipal('k', KeyGrant.parse({ expires_at }));
  const unknown = decidePrincipal(null, now);
  expect(short(unknown)).toBe('unauthenticated');
  expect(decidePrincipal(key('2023-11-14T22:13:20Z'), now)).toEqual(unknown);
  expect(decidePrincipal(key('2023-11-14T22:13:21Z'), now).kind).toBe('proceed');
});
