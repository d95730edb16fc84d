import { KeyGrant, type KeyGrantInput } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { decideReadScope } from './decide-read-scope.js';
import { fullAccess, toPrincipal } from './to-principal.js';

const key = (grant: KeyGrantInput) => toPrincipal('k', KeyGrant.parse(grant));
const CELLS = [
  { cell: 'R1', principal: fullAccess('k'), expected: 'proceed', why: 'a full key' },
  {
    cell: 'R2',
    principal: key({ scopes: ['state:verify', 'tools:call'] }),
    expected: 'proceed',
    why: 'it may call, so it may read',
  },
  {
    cell: 'R3',
    principal: key({ scopes: ['state:verify'], allowed_tools: ['a'] }),
    expected: 'proceed',
    why: 'its list says by what; the list itself is held elsewhere',
  },
  {
    cell: 'R4',
    principal: key({ scopes: ['state:verify'] }),
    expected: 'tool_not_allowed',
    why: 'no calls and no list: nothing to read by',
  },
  {
    cell: 'R5',
    principal: key({ scopes: ['tools:call'] }),
    expected: 'insufficient_scope',
    why: 'calls alone do not verify',
  },
];

describe('who may have state read', () => {
  test.each(CELLS)('$cell $why', ({ principal, expected }) => {
    const decision = decideReadScope(principal, 'state:verify', 'a');
    expect(decision.kind === 'refuse' ? decision.refusal.code : decision.kind).toBe(expected);
  });
});
