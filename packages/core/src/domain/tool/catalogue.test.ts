import { KeyGrant } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { fullAccess, toPrincipal } from '../access/to-principal.js';
import { aTool } from '../test-tools.js';
import { createCatalogue, EVERY_TENANT } from './catalogue.js';
import { decideTool, decideToolName, isConfigured } from './decide-tool.js';

const tools = [
  aTool({ name: 'system_status', capability: 'system.health' }),
  aTool({ name: 'crm_update.customer' }),
  aTool({ name: 'crm.update_customer' }),
  aTool(
    { name: 'fetch.url' },
    { tenant: EVERY_TENANT, key: 'builtin.fetch.url', provider: { id: 'builtin', slug: 'builtin' } },
  ),
  aTool({ name: 'secret' }, { tenant: 'other' }),
];
const catalogue = createCatalogue(tools);
const find = (name: string, tenant = 'default') => {
  const found = catalogue.find(tenant, name);
  return found.kind === 'found' ? found.tool.id : found.kind;
};

describe('finding a tool', () => {
  test.each([
    ['system_status', 'system_status', 'the id'],
    ['acme.system_status', 'system_status', 'the key'],
    ['system.health', 'system_status', 'the capability'],
    ['system.status', 'system_status', 'an alias: separators are alike'],
    ['system-status', 'system_status', 'an alias: separators are alike'],
    ['System_Status', 'none', 'case is not forgiven'],
    ['fetch.url', 'fetch.url', 'a tool that is there for every tenant'],
    ['fetch_url', 'fetch.url', 'by alias, too'],
    ['crm.update_customer', 'crm.update_customer', 'an exact id wins over every alias'],
    ['crm.update.customer', 'ambiguous', 'fits two tools, so it fits none'],
    ['secret', 'none', "another tenant's tool"],
    ['toString', 'none', 'a name that every object has'],
    ['__proto__', 'none', 'a name that every object has'],
    ['f\u0435tch.url', 'none', 'a look-alike letter'],
    ['fetch.url ', 'none', 'a trailing space'],
  ])('%s -> %s (%s)', (name, expected) => {
    expect(find(name)).toBe(expected);
  });
});

describe('the id that a name is, or goes out as', () => {
  test.each([
    ['fetch.url', 'fetch.url', 'the id'],
    ['fetch_url', 'fetch.url', 'what it goes out as'],
    ['system_status', 'system_status', 'both'],
    ['acme.system_status', null, 'a key is neither'],
    ['system.status', null, 'nor is an alias'],
    ['crm_update_customer', null, 'a form that fits two tools is the name of neither'],
    ['secret', null, "another tenant's tool"],
    ['invoke_get_execution', null, 'the tool of the gateway itself is in no catalogue'],
    ['toString', null, 'a name that every object has'],
  ])('%s -> %s (%s)', (name, expected, _why) => {
    expect(catalogue.exactId('default', name)).toBe(expected);
  });
});

test('a tenant without tools of its own sees the shared ones', () => {
  expect(find('fetch.url', 'nobody')).toBe('fetch.url');
  expect(catalogue.all('default').map((t) => t.id)).toEqual([
    'crm.update_customer',
    'crm_update.customer',
    'fetch.url',
    'system_status',
  ]);
});

test('to a key with a tool list, tools that do not exist and tools that are not listed look the same', () => {
  const listed = toPrincipal(
    'k',
    KeyGrant.parse({ scopes: ['tools:call'], allowed_tools: ['fetch.url', 'crm.update.customer'] }),
  );
  const answer = (reference: string) => {
    const d = decideTool(listed, reference, catalogue.find('default', reference));
    return d.kind === 'refuse' ? [d.refusal.code, d.refusal.message] : [d.kind];
  };
  expect(answer('fetch.url')).toEqual(['proceed']);
  expect(answer('system_status')).toEqual(['tool_not_allowed', 'This key may not call this tool.']);
  expect(answer('does.not.exist')).toEqual(answer('system_status'));
  expect(answer('crm.update.customer')).toEqual(answer('system_status'));
});

test('to a key without a list a missing tool is missing and an ambiguous alias is a conflict', () => {
  const code = (reference: string) => {
    const d = decideTool(fullAccess('k'), reference, catalogue.find('default', reference));
    return d.kind === 'refuse' ? d.refusal.code : d.kind;
  };
  expect([code('nope'), code('crm.update.customer'), code('system.status')]).toEqual([
    'not_found',
    'tool_conflict',
    'proceed',
  ]);
});

test('a placeholder address can be registered and shown, but not called', () => {
  const placeholder = aTool(
    { name: 'x' },
    { binding: { kind: 'mcp', url: 'https://replace-with-your-mcp-host/mcp', tool: 'x' } },
  );
  expect(isConfigured(placeholder)).toBe(false);
  const d = decideTool(fullAccess('k'), 'x', { kind: 'found', tool: placeholder });
  expect(d.kind === 'refuse' && d.refusal.code).toBe('tool_not_callable');
});

test('a name that looks like a tool of another provider is refused; an own one may have variants', () => {
  const decide = (name: string, provider: string) =>
    decideToolName(name, provider, catalogue.lookAlikes('default', name)).kind;
  expect(decide('fetch_url', 'prov_1')).toBe('refuse');
  expect(decide('FETCH.URL', 'prov_1')).toBe('refuse');
  expect(decide('system.status', 'prov_1')).toBe('proceed');
  expect(decide('something_new', 'prov_2')).toBe('proceed');
});

test('nor may a name take that under which a tool of another provider goes out', () => {
  const long = aTool({ name: `crm.${'x'.repeat(60)}` });
  const names = createCatalogue([long]);
  const shown = names.outward('default').nameOf(long.id);
  const decide = (name: string, provider: string) =>
    decideToolName(name, provider, names.lookAlikes('default', name)).kind;
  expect(shown).toMatch(/^crm_x{37}_[0-9a-f]{8}$/);
  expect(decide(shown, 'prov_2')).toBe('refuse');
  expect(decide(`${shown}0`, 'prov_2')).toBe('proceed');
  expect(decide(shown, long.provider.id)).toBe('proceed');
  expect(decide(long.id, long.provider.id)).toBe('proceed');
});
