import { KeyGrant } from '@invoke/contract';
import { expect, test } from 'vitest';
import { aTool } from '../test-tools.js';
import { isOffered } from './is-offered.js';
import { fullAccess, toPrincipal } from './to-principal.js';

const READ = aTool({ name: 'crm.read', effect: 'read' });
const WRITE = aTool({ name: 'crm.write', action: 'update' });
const FREE = aTool({ name: 'crm.free', capability: 'crm.anything' });
const TEMPLATE = aTool(
  { name: 'crm.template', effect: 'read' },
  { binding: { kind: 'mcp', url: 'https://replace-with-your-mcp.example.com/mcp', tool: 'x' } },
);
const TOOLS = [READ, WRITE, FREE, TEMPLATE];

const CELLS = [
  {
    cell: 'O1',
    grant: {},
    expected: [READ, WRITE, FREE],
    why: 'no limits, but nobody can call a placeholder',
  },
  { cell: 'O2', grant: { read_only: true }, expected: [READ], why: 'what writes would be refused' },
  {
    cell: 'O3',
    grant: { allowed_tools: ['crm.read', 'acme.crm.write', 'crm.anything', 'crm.template'] },
    expected: [READ, WRITE, FREE],
    why: 'by id, key or capability',
  },
  { cell: 'O4', grant: { allowed_tools: ['crm_read'] }, expected: [], why: 'the exact spelling counts' },
  {
    cell: 'O5',
    grant: { allowed_actions: ['delete'] },
    expected: [READ, FREE],
    why: 'a tool with another action of its own is out of reach; one without may be called for an action',
  },
  {
    cell: 'O6',
    grant: { agents: ['a'], envs: ['prod'], resources: ['cust_1'] },
    expected: [READ, WRITE, FREE],
    why: 'whether these fit is seen with the call',
  },
] as const;

test.each(CELLS)('$cell: $why', ({ grant, expected }) => {
  const principal = toPrincipal('k', KeyGrant.parse({ scopes: ['tools:call'], ...grant }));
  expect(TOOLS.filter((tool) => isOffered(principal, tool)).map((t) => t.id)).toEqual(
    expected.map((t) => t.id),
  );
});

test('a full key is offered everything that can be called', () => {
  expect(TOOLS.filter((tool) => isOffered(fullAccess('k'), tool))).toEqual([READ, WRITE, FREE]);
});
