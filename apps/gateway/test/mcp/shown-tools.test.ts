import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMcpContent } from '../../src/mcp/mcp-content.js';
import { openGateway, type TestGateway } from '../support/gateway.js';
import { register } from '../support/register.js';
import { modern } from '../support/rpc.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const URL = 'http://127.0.0.1:1/x';

async function shown(name: string): Promise<Record<string, unknown> | undefined> {
  const { result } = await modern(gateway, 'tools/list');
  return (result['tools'] as Record<string, unknown>[]).find((tool) => tool['name'] === name);
}

describe('a tool as hosts see it', () => {
  test('its pinned card, with a schema that every client can read', async () => {
    await register(gateway, 'crm.update', URL, {
      description: 'Updates a customer',
      input_schema: {
        $defs: { id: { type: 'string' } },
        properties: {
          id: { $ref: '#/$defs/id' },
          region: { type: 'string', 'x-mcp-header': 'Region' },
          note: true,
          secret: false,
        },
        required: ['id'],
      },
      output_schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
    });
    expect(await shown('crm_update')).toEqual({
      name: 'crm_update',
      title: 'crm.update',
      description: 'Updates a customer',
      inputSchema: {
        type: 'object',
        $defs: { id: { type: 'string' } },
        properties: { id: { $ref: '#/$defs/id' }, region: { type: 'string' }, note: {}, secret: { not: {} } },
        required: ['id'],
      },
      outputSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
      annotations: {
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: false,
        openWorldHint: true,
      },
      _meta: { 'dev.invoke/tool': 'crm.update' },
    });
  });

  test('hints say the worse where the card says nothing', async () => {
    await register(gateway, 'looks', URL, { effect: 'read' });
    await register(gateway, 'orders', URL, { idempotency: { mode: 'automatic', key_fields: ['order_id'] } });
    await register(gateway, 'keyless', URL, { idempotency: { mode: 'automatic' } });
    expect((await shown('looks'))?.['annotations']).toEqual({ readOnlyHint: true, openWorldHint: true });
    expect((await shown('orders'))?.['annotations']).toMatchObject({ idempotentHint: true });
    expect((await shown('keyless'))?.['annotations']).toMatchObject({ idempotentHint: false });
  });

  test('a schema of results that are no objects is not told, for some clients would refuse the list', async () => {
    await register(gateway, 'lists', URL, { output_schema: { type: 'array' } });
    await register(gateway, 'either', URL, {
      output_schema: { anyOf: [{ type: 'object' }, { type: 'null' }] },
    });
    expect(await shown('lists')).not.toHaveProperty('outputSchema');
    expect(await shown('either')).not.toHaveProperty('outputSchema');
  });

  test('nor one that clients read in another way: they would refuse the list, or throw results away that fit', async () => {
    const of = (a: object) => ({ type: 'object', properties: { a } });
    for (const [name, property] of Object.entries({
      escapes_more_than_it_may: { pattern: '^[a-z]+\\-$' },
      has_flags: { pattern: '(?i)abc' },
      in_names: { patternProperties: { '^x\\-': {} } },
      within: { items: { anyOf: [{ pattern: '\\A' }] } },
      counts_cents: { multipleOf: 0.01 },
      has_a_tuple: { prefixItems: [{ type: 'string' }], items: false },
    })) {
      expect((await register(gateway, name, URL, { output_schema: of(property) })).status).toBe(201);
      expect(await shown(name)).not.toHaveProperty('outputSchema');
    }
    await register(gateway, 'alike', URL, { output_schema: of({ pattern: '^a-z$', multipleOf: 5 }) });
    expect(await shown('alike')).toHaveProperty('outputSchema');
  });

  test('a tool that cannot be called is not offered, and one that has changed is shown as it is now', async () => {
    await register(gateway, 'template', 'https://replace-with-your-server.example/x');
    expect(await shown('template')).toBeUndefined();
    await register(gateway, 'looks', URL, { effect: 'read', description: 'Reads more' });
    expect(await shown('looks')).toMatchObject({ description: 'Reads more' });
  });
});

describe('what an MCP server returned goes on as it is', () => {
  const text = { type: 'text', text: 'a' };
  const link = { type: 'resource_link', uri: 'a:b', name: 'x' };
  test.each([
    ['text', { content: [text] }, true],
    ['nothing', { content: [] }, true],
    ['an image', { content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] }, true],
    ['sound', { content: [{ type: 'audio', data: 'AA==', mimeType: 'audio/wav' }] }, true],
    ['a resource', { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'x' } }] }, true],
    ['a link', { content: [{ type: 'resource_link', uri: 'a:b', name: 'x' }] }, true],
    ['what is structured', { content: [text], structuredContent: { a: 1 } }, true],
    ['what only servers of today say', { content: [text], resultType: 'complete', _meta: {} }, true],
    ['a question', { content: [text], resultType: 'input_required' }, false],
    ['an error', { content: [text], isError: true }, false],
    ['only what is structured', { structuredContent: {} }, true],
    ['only what is structured, and no object', { structuredContent: [1] }, false],
    ['nothing of it', {}, false],
    ['more than the protocol knows', { content: [text], status_code: 200 }, false],
    ['a block that is none', { content: [text, null] }, false],
    ['a block of another kind', { content: [{ type: 'hologram' }] }, false],
    ['an image without its kind', { content: [{ type: 'image', data: 'AA==' }] }, false],
    ['a resource without its content', { content: [{ type: 'resource', resource: { uri: 'a:b' } }] }, false],
    ['Base64 that is none', { content: [{ type: 'image', data: '***', mimeType: 'image/png' }] }, false],
    ['Base64 in lines', { content: [{ type: 'audio', data: 'AA\nAA', mimeType: 'a/b' }] }, true],
    [
      'a resource of no bytes',
      { content: [{ type: 'resource', resource: { uri: 'a:b', blob: '*' } }] },
      false,
    ],
    [
      'a resource of a broken kind',
      { content: [{ type: 'resource', resource: { uri: 'a:b', text: '', mimeType: 5 } }] },
      false,
    ],
    ['a hint', { content: [{ ...text, annotations: { audience: ['user'], priority: 1 } }] }, true],
    ['a hint that is null', { content: [{ ...text, annotations: null }] }, false],
    ['a hint beyond its range', { content: [{ ...text, annotations: { priority: 7 } }] }, false],
    ['a hint for nobody known', { content: [{ ...text, annotations: { audience: ['robot'] } }] }, false],
    ['a hint at no time', { content: [{ ...text, annotations: { lastModified: 'yesterday' } }] }, false],
    ['what only some know of', { content: [{ ...text, more: 1, _meta: { a: 1 } }] }, true],
    ['a broken _meta', { content: [{ ...text, _meta: 'x' }] }, false],
    ['a link of a broken size', { content: [{ ...link, size: 'big' }] }, false],
    ['a link with no words', { content: [{ ...link, description: null }] }, false],
    ['a link with an icon of nothing', { content: [{ ...link, icons: [{}] }] }, false],
    ['a list', [text], false],
    ['null', null, false],
  ])('%s', (_, result, expected) => {
    expect(parseMcpContent(result) !== null).toBe(expected);
  });
});
