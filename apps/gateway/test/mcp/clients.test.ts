import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FULL, openGateway, type TestGateway } from '../support/gateway.js';
import { CLIENTS, type CallResult } from '../support/mcp-clients.js';
import { openMcpToolServer, type McpToolServer } from '../support/mcp-tool-server.js';
import { register, registerMcp } from '../support/register.js';
import { openToolServer, type ToolServer } from '../support/tool-server.js';

const PNG = { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' };
const output_schema = {
  type: 'object',
  properties: { id: { type: 'string' } },
  required: ['id'],
} as const;

/** What every client of the SDKs chokes on. */
const price_schema = {
  type: 'object',
  properties: { price: { type: 'number', multipleOf: 0.01 }, unit: { pattern: '^[a-z]\\-$' } },
} as const;

let gateway: TestGateway;
let tools: ToolServer;
let upstream: McpToolServer;
beforeAll(async () => {
  upstream = await openMcpToolServer({
    draw: { content: [{ type: 'text', text: 'a dot' }, PNG] },
    measure: { content: [{ type: 'text', text: 'm-1' }], structuredContent: { id: 'm-1' } },
    terse: { structuredContent: { id: 't-1' } },
    mismeasure: { content: [], structuredContent: { id: 1 } },
    price: { content: [{ type: 'text', text: '19.99' }], structuredContent: { price: 19.99, unit: 'a-' } },
    bare: { status_code: 200, content: [{ type: 'text', text: 'x' }], data: { a: 1 } },
    odd: { content: [{ type: 'hologram' }] },
    careless: { content: [{ type: 'text', text: 'sent', annotations: null }] },
    decline: { content: [{ type: 'text', text: 'no such customer' }], isError: true },
  });
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'crm.update-customer', `${tools.url}/ok`, {
    input_schema: {
      type: 'object',
      properties: { id: { type: 'string' }, anything: true, nothing: false },
      required: ['id'],
    },
  });
  await register(gateway, 'typed', `${tools.url}/ok`, { output_schema });
  await register(gateway, 'broken', `${tools.url}/status/500`);
  await registerMcp(gateway, 'price', upstream.url, { output_schema: price_schema });
  for (const name of ['draw', 'measure', 'terse', 'mismeasure', 'bare', 'odd', 'careless', 'decline']) {
    const card = ['measure', 'terse', 'mismeasure'].includes(name) ? { output_schema } : {};
    await registerMcp(gateway, name, upstream.url, card);
  }
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const toldBy = ({ content }: CallResult) => JSON.parse(content[0]?.text ?? 'null') as Record<string, unknown>;

describe.each(CLIENTS)('a host with %s', (_name, open, version) => {
  test('agrees on a version, lists the tools and calls one', async () => {
    await using client = await open(gateway);
    expect(client.version()).toBe(version);
    const listed = await client.listTools();
    const names = listed.map((t) => t.name);
    expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
    expect(names).toEqual(
      expect.arrayContaining(['crm_update_customer', 'fetch_url', 'invoke_get_execution', 'sandbox_charge']),
    );
    const before = tools.effects.length;
    const result = await client.callTool('crm_update_customer', { id: 'cust_1' });
    expect(result).toMatchObject({ content: [{ type: 'text' }] });
    expect(result.isError ?? false).toBe(false);
    expect(toldBy(result)).toMatchObject({ path: '/ok' });
    expect(result._meta).toMatchObject({
      'dev.invoke/execution': { status: 'completed', execution_id: expect.stringMatching(/^exec_/) },
    });
    expect(tools.effects.slice(before)).toMatchObject([{ body: { id: 'cust_1' } }]);
  });

  test('a call that it makes again with the same key is replayed, not executed', async () => {
    await using client = await open(gateway);
    const before = tools.effects.length;
    const meta = { 'dev.invoke/idempotencyKey': `again ${version} ${_name}` };
    const first = await client.callTool('typed', { n: 1 }, meta);
    const second = await client.callTool('typed', { n: 1 }, meta);
    expect(second.content).toEqual(first.content);
    expect(second.structuredContent).toEqual(first.structuredContent);
    expect(second._meta).toMatchObject({ 'dev.invoke/execution': { replayed: true } });
    expect(tools.effects.length).toBe(before + 1);
  });

  test('takes every shape of result for what it is', async () => {
    await using client = await open(gateway);
    await client.listTools();
    expect(await client.callTool('draw')).toMatchObject({ content: [{ text: 'a dot' }, PNG] });
    expect(await client.callTool('typed')).toMatchObject({ structuredContent: { path: '/ok' } });
    expect(await client.callTool('measure')).toMatchObject({
      content: [{ text: 'm-1' }],
      structuredContent: { id: 'm-1' },
    });
    expect(await client.callTool('terse')).toMatchObject({
      content: [{ type: 'text', text: '{"id":"t-1"}' }],
      structuredContent: { id: 't-1' },
    });
    expect(await client.callTool('price')).toMatchObject({ structuredContent: { price: 19.99, unit: 'a-' } });
    expect(toldBy(await client.callTool('bare'))).toMatchObject({ status_code: 200, data: { a: 1 } });
    expect(toldBy(await client.callTool('odd'))).toEqual({ content: [{ type: 'hologram' }] });
    expect(toldBy(await client.callTool('careless'))).toMatchObject({ content: [{ text: 'sent' }] });
  });

  test('continues its trace, and is not what the tool sees of the caller', async () => {
    await using client = await open(gateway);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await client.callTool('draw', {}, { traceparent, 'dev.invoke/idempotencyKey': `trace ${_name}` });
    const meta = upstream.runs.at(-1)?._meta ?? {};
    expect(meta['traceparent']).toBe(traceparent);
    expect(meta['dev.invoke/idempotencyKey']).toMatch(/^ivk_/);
    expect(JSON.stringify(upstream.runs.at(-1))).not.toContain(FULL);
  });

  test('is told of a result that breaks its schema as of something that was done', async () => {
    await using client = await open(gateway);
    await client.listTools();
    const result = await client.callTool('mismeasure');
    expect(result).toMatchObject({ isError: true });
    expect(result).not.toHaveProperty('structuredContent');
    expect(toldBy(result)).toMatchObject({
      success: true,
      status: 'completed',
      result: { structuredContent: { id: 1 } },
      next: 'It is done. Do not make this call again.',
    });
  });

  test('is told of failures, doubts and refusals in one shape', async () => {
    await using client = await open(gateway);
    await client.listTools();
    const failed = await client.callTool('decline');
    expect([failed.isError, toldBy(failed)]).toMatchObject([
      true,
      { success: false, status: 'failed', code: 'upstream_rejected' },
    ]);
    const unknown = await client.callTool('broken');
    expect([unknown.isError, toldBy(unknown)]).toMatchObject([
      true,
      { success: false, status: 'unknown', execution_id: expect.stringMatching(/^exec_/) },
    ]);
    const refused = await client.callTool('crm_update_customer', {});
    expect([refused.isError, toldBy(refused)]).toMatchObject([
      true,
      { status: 'refused', code: 'validation_failed', errors: [{ pointer: '/params/id' }] },
    ]);
  });

  test('reads what became of a call', async () => {
    await using client = await open(gateway);
    await client.listTools();
    const { _meta = {} } = await client.callTool('typed', { n: 2 });
    const { execution_id } = _meta['dev.invoke/execution'] as { execution_id: string };
    const read = await client.callTool('invoke_get_execution', { execution_id });
    expect(read.isError ?? false).toBe(false);
    expect(read.structuredContent).toMatchObject({
      execution_id,
      status: 'completed',
      settled: true,
      success: true,
      tool: 'typed',
      result: { path: '/ok' },
      error: null,
    });
    expect(toldBy(read)).toEqual(read.structuredContent);
  });

  test('is told that there is no such tool by an error of the protocol', async () => {
    await using client = await open(gateway);
    await expect(client.callTool('nothing')).rejects.toMatchObject({ code: -32602 });
  });
});
