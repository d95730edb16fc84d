import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, TENANT_B, type TestGateway } from './support/gateway.js';

let gateway: TestGateway;
let provider: string;
beforeAll(async () => {
  gateway = await openGateway();
  const { body } = await gateway.request('POST', '/v1/providers', {
    body: { name: 'Prov One', owner_email: 'a@b.c', slug: null },
  });
  provider = (body['provider'] as { id: string }).id;
});
afterAll(() => gateway[Symbol.asyncDispose]());

const card = (more: object = {}) => ({
  name: 'T',
  description: 'd',
  capability: 'prov1.t_x',
  input_schema: { type: 'object' },
  idempotency: { mode: 'caller_provided', key_fields: [] },
  retry: { safe: false, max_attempts: 1, backoff_ms: 250 },
  tags: [],
  ...more,
});
const tool = (more: object = {}, cardMore: object = {}) => ({
  name: 't_x',
  mcp_tool: 't_x',
  mcp_url: 'http://127.0.0.1:9/mcp',
  risk_level: 'medium',
  approval_required: false,
  capability_card: card(cardMore),
  ...more,
});
const register = (body: object, key?: string) =>
  gateway.request('POST', `/providers/${provider}/tools`, key === undefined ? { body } : { body, key });

describe('providers', () => {
  test('are created once and updated by slug, keeping their id', async () => {
    const again = await gateway.request('POST', '/providers', {
      body: { name: 'Renamed', slug: 'prov-one' },
    });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      success: true,
      provider: { id: provider, name: 'Renamed', slug: 'prov-one' },
    });
    const { body } = await gateway.request('GET', '/v1/providers');
    expect((body['providers'] as unknown[]).length).toBe(1);
  });

  test.each(['!!!', '日本'])('%s needs a slug: two such names are not one provider', async (name) => {
    const bare = await gateway.request('POST', '/providers', {
      body: { name, owner_email: 'a@b.co', slug: null },
    });
    expect([bare.status, bare.body['code']]).toEqual([422, 'validation_failed']);
    expect(bare.body).toMatchObject({ errors: [{ pointer: '/slug' }] });
    expect(bare.body['detail']).toContain('give a slug');
  });
});

describe('tools', () => {
  test('are created, then updated: the new address wins, the tool is listed once', async () => {
    const created = await register(tool());
    expect([created.status, (created.body['tool'] as { tool_class: string }).tool_class]).toEqual([201, 'C']);
    const updated = await register(tool({ mcp_url: 'http://127.0.0.1:10/mcp' }));
    expect(updated.status).toBe(200);
    const version = (a: typeof created) => (a.body['tool'] as { version: string }).version;
    expect(version(updated)).not.toBe(version(created));
    expect(version(await register(tool({ mcp_url: 'http://127.0.0.1:10/mcp' })))).toBe(version(updated));
    const { body } = await gateway.request('GET', '/tools');
    expect((body['tools'] as { id: string }[]).filter((t) => t.id === 't_x')).toHaveLength(1);
  });

  test('with a placeholder address can be registered, and say that they are not configured', async () => {
    const { status, body } = await register(
      tool({ name: 't_placeholder', mcp_url: 'https://replace-with-your-mcp-host/mcp' }),
    );
    expect([status, (body['tool'] as { configured: boolean }).configured]).toEqual([201, false]);
    const called = await gateway.request('POST', '/v1/call', { body: { tool: 't_placeholder' } });
    expect([called.status, called.body['code']]).toEqual([409, 'tool_not_callable']);
  });

  test('of a provider that is not yours do not exist', async () => {
    const answer = await register(tool(), TENANT_B);
    expect([answer.status, answer.body['code']]).toEqual([404, 'not_found']);
  });

  test.each([
    ['a name of a built-in tool', tool({ name: 'fetch.url' }), 409, 'tool_conflict'],
    ['a name that looks like one', tool({ name: 'fetch_url' }), 409, 'tool_conflict'],
    ['an empty name', tool({ name: '' }), 422, 'validation_failed'],
    ['a name with a space', tool({ name: 'a b' }), 422, 'validation_failed'],
    ['a name with a slash', tool({ name: '../x' }), 422, 'validation_failed'],
    ['a reserved name', tool({ name: '__proto__' }), 422, 'validation_failed'],
    ['a look-alike letter', tool({ name: '\u0441rm.update' }), 422, 'validation_failed'],
    [
      'credentials in the URL',
      tool({ mcp_url: 'https://user:pw@example.com/mcp' }),
      422,
      'validation_failed',
    ],
    ['the metadata service', tool({ mcp_url: 'http://169.254.169.254/mcp' }), 403, 'egress_denied'],
    ['a private address', tool({ mcp_url: 'https://10.0.0.1/mcp' }), 403, 'egress_denied'],
    ['no address', tool({ mcp_url: null }), 422, 'validation_failed'],
    ['a field that is not known', tool({ gateway_url: 'x' }), 422, 'validation_failed'],
    ['$async', tool({}, { input_schema: { $async: true, type: 'object' } }), 422, 'schema_rejected'],
    [
      '$id',
      tool({}, { input_schema: { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'object' } }),
      422,
      'schema_rejected',
    ],
    ['a file reference', tool({}, { input_schema: { $ref: 'file:///etc/passwd' } }), 422, 'schema_rejected'],
    [
      'a bad pattern',
      tool({}, { input_schema: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } } }),
      422,
      'schema_rejected',
    ],
    [
      'misspelt keywords',
      tool({}, { input_schema: { type: 'object', requird: ['a'] } }),
      422,
      'schema_rejected',
    ],
    ['a type that does not exist', tool({}, { input_schema: { type: 'banana' } }), 422, 'schema_rejected'],
    [
      'a condition that cannot be read',
      tool({}, { reconcile: { state_refetch: { tool: 'x' }, conditions: { a: '> > 1' } } }),
      422,
      'policy_invalid',
    ],
  ])('%s', async (_, body, status, code) => {
    const answer = await register(body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    const { body: listed } = await gateway.request('GET', '/tools');
    expect(
      (listed['tools'] as { id: string }[])
        .map((t) => t.id)
        .filter(
          (id) =>
            ![
              't_x',
              't_placeholder',
              'fetch.url',
              'sandbox.charge',
              'sandbox.lookup',
              't_re2',
              't_own',
            ].includes(id),
        ),
    ).toEqual([]);
  });

  test('with fewer reads than it takes to believe that nothing happened are refused, and told what is needed', async () => {
    const reconcile = {
      state_refetch: { tool: 'x' },
      conditions: { a: 1 },
      min_absent_reads: 3,
      max_reads: 3,
    };
    const { status, body } = await register(tool({ name: 't_few' }, { reconcile }));
    expect([status, body['code']]).toEqual([422, 'validation_failed']);
    const [problem] = body['errors'] as { pointer: string; message: string }[];
    expect(problem?.pointer).toBe('/capability_card/reconcile/max_reads');
    expect(problem?.message).toContain('expected at least 4');
  });

  test('patterns run on RE2: a bomb is refused quickly, and required names are own properties', async () => {
    await register(
      tool(
        { name: 't_re2' },
        { input_schema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } } },
      ),
    );
    await register(tool({ name: 't_own' }, { input_schema: { type: 'object', required: ['toString'] } }));
    const started = performance.now();
    const bomb = await gateway.request('POST', '/v1/call', {
      body: { tool: 't_re2', params: { a: `${'a'.repeat(50_000)}!` } },
    });
    expect([bomb.status, performance.now() - started < 1_000]).toEqual([422, true]);
    const own = await gateway.request('POST', '/v1/call', { body: { tool: 't_own', params: {} } });
    expect([own.status, own.body['code']]).toEqual([422, 'validation_failed']);
  });
});
