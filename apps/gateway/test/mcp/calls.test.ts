import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVER, FULL, openGateway, type TestGateway } from '../support/gateway.js';
import { register } from '../support/register.js';
import { legacy, modern, told, type RpcAnswer, type RpcOptions } from '../support/rpc.js';
import { openToolServer, type ToolServer } from '../support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'pay', `${tools.url}/ok`);
  await register(gateway, 'slow', `${tools.url}/late/600`);
  await register(gateway, 'transfer', `${tools.url}/ok`, { idempotency: { field: 'reference' } });
  await register(gateway, 'order', `${tools.url}/ok`, {
    idempotency: { mode: 'automatic', key_fields: ['order_id'] },
  });
  await register(gateway, 'push', `${tools.url}/ok`, { action: 'git_push' });
  for (const name of ['crm.update', 'crm-update', 'crm_update', 'mail.send', 'mail-send']) {
    await register(gateway, name, `${tools.url}/ok/${name}`);
  }
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const call = (name: string, args: object = {}, options: RpcOptions = {}) =>
  modern(gateway, 'tools/call', { name, arguments: args }, options);
const metaOf = ({ result }: RpcAnswer) =>
  (result['_meta'] as Record<string, Record<string, unknown>>)['dev.invoke/execution'] ?? {};
const executionOf = async (answer: RpcAnswer) => {
  const read = await gateway.request('GET', `/v1/executions/${String(metaOf(answer)['execution_id'])}`);
  return read.body['execution'] as Record<string, unknown>;
};
async function newEffects(act: () => Promise<unknown>) {
  const before = tools.effects.length;
  await act();
  return tools.effects.slice(before);
}

describe('what names a call', () => {
  const KEY = 'dev.invoke/idempotencyKey';
  const CELLS = [
    { cell: 'nothing', tool: 'pay', expected: null },
    {
      cell: '_meta',
      tool: 'pay',
      meta: { [KEY]: 'm-1' },
      args: { _idempotency_key: 'a-1' },
      expected: 'm-1',
    },
    {
      cell: 'the header',
      tool: 'pay',
      headers: { 'Idempotency-Key': '"h-2"' },
      args: { _idempotency_key: 'a-2' },
      expected: 'h-2',
    },
    {
      cell: 'both, agreeing',
      tool: 'pay',
      meta: { [KEY]: 'b-3' },
      headers: { 'Idempotency-Key': 'b-3' },
      expected: 'b-3',
    },
    {
      cell: 'the argument that the card names',
      tool: 'transfer',
      args: { reference: 'r-4', _idempotency_key: 'a-4' },
      expected: 'r-4',
    },
    {
      cell: 'that argument of a tool whose card does not',
      tool: 'pay',
      args: { reference: 'r-5' },
      expected: null,
    },
    {
      cell: 'that argument where it is no key',
      tool: 'transfer',
      args: { reference: 7, _idempotency_key: 'a-6' },
      expected: 'a-6',
    },
    { cell: '_idempotency_key', tool: 'pay', args: { _idempotency_key: 'a-7' }, expected: 'a-7' },
  ];
  test.each(CELLS)('$cell -> $expected', async ({ tool, meta, headers, args = {}, expected }) => {
    const answer = await call(tool, args, { ...(meta ? { meta } : {}), ...(headers ? { headers } : {}) });
    expect(answer.result).not.toHaveProperty('isError');
    expect(await executionOf(answer)).toMatchObject({ tool, idempotency_key: expected });
  });

  test('_idempotency_key reaches a tool that has such a parameter, and no other', async () => {
    await register(gateway, 'wrapped', `${tools.url}/ok`, {
      input_schema: {
        type: 'object',
        properties: { _idempotency_key: { type: 'string' } },
        required: ['_idempotency_key'],
        additionalProperties: false,
      },
    });
    const wrapped = await newEffects(() => call('wrapped', { _idempotency_key: 'handed on' }));
    expect(wrapped).toMatchObject([{ body: { _idempotency_key: 'handed on' } }]);
    const effects = await newEffects(() => call('pay', { a: 1, _idempotency_key: 'kept-back' }));
    expect(effects).toMatchObject([{ body: { a: 1 } }]);
    expect(effects[0]?.body).not.toHaveProperty('_idempotency_key');
  });

  test('without any, the pipeline derives one where the card asks for it', async () => {
    const effects = await newEffects(async () => {
      const first = await call('order', { order_id: 'o-1' });
      const second = await call('order', { order_id: 'o-1' }, { id: 'another' });
      expect(metaOf(second)).toEqual({ ...metaOf(first), replayed: true });
    });
    expect(effects).toHaveLength(1);
  });

  test('what is no key, or two of them, is refused by name and traced', async () => {
    for (const [options, args, words] of [
      [{ meta: { [KEY]: '' } }, {}, KEY],
      [{ meta: { [KEY]: 7 } }, {}, KEY],
      [{}, { _idempotency_key: 'ä' }, '_idempotency_key'],
      [{ meta: { [KEY]: 'x' }, headers: { 'Idempotency-Key': 'y' } }, {}, `header and _meta ${KEY} are not`],
    ] as const) {
      const answer = await call('pay', args, options);
      expect([answer.result['isError'], told(answer)]).toMatchObject([
        true,
        { status: 'refused', code: 'bad_request', detail: expect.stringContaining(words) },
      ]);
      const traces = await gateway.request('GET', '/v1/traces?limit=1');
      expect(traces.body['traces']).toMatchObject([{ trace_id: told(answer)['trace_id'], tool: 'pay' }]);
    }
  });

  test('an argument that the card takes for the key, and that is none, does not leave a call without one', async () => {
    const effects = await newEffects(async () => {
      for (const reference of ['Müller-1', '', 7, ' x']) {
        expect(told(await call('transfer', { reference }))).toMatchObject({
          code: 'bad_request',
          detail: expect.stringContaining('arguments reference, which names the call: expected'),
        });
      }
    });
    expect(effects).toEqual([]);
    expect((await call('transfer', {})).result).not.toHaveProperty('isError');
  });

  test('the same key with other arguments is refused; the id of the message counts for nothing', async () => {
    const meta = { [KEY]: 'once' };
    const effects = await newEffects(async () => {
      const first = await call('pay', { n: 1 }, { meta, id: 1 });
      const again = await legacy(
        gateway,
        'tools/call',
        { name: 'pay', arguments: { n: 1 } },
        { meta, id: 2 },
      );
      expect(again.result['content']).toEqual(first.result['content']);
      const other = await call('pay', { n: 2 }, { meta, id: 1 });
      expect(told(other)).toMatchObject({ code: 'idempotency_key_reused', retryable: false });
    });
    expect(effects).toHaveLength(1);
  });

  test('a request that is sent again while the first one runs waits for it and gets its answer', async () => {
    const effects = await newEffects(async () => {
      const options = { meta: { [KEY]: 'in-flight' } };
      const answers = await Promise.all([call('slow', {}, options), call('slow', {}, { ...options, id: 2 })]);
      expect(answers.map((a) => a.result['content'])).toEqual([
        [{ type: 'text', text: '{"late":true}' }],
        [{ type: 'text', text: '{"late":true}' }],
      ]);
    });
    expect(effects).toHaveLength(1);
  });

  test('who will not wait that long is told which execution it is', async () => {
    const meta = { [KEY]: 'impatient' };
    const first = call('slow', {}, { meta });
    await sleep(100);
    const second = await call('slow', {}, { meta: { ...meta, 'dev.invoke/call': { timeout_ms: 50 } } });
    expect(told(second)).toMatchObject({
      code: 'idempotency_in_progress',
      retryable: true,
      execution_id: metaOf(await first)['execution_id'],
    });
  });
});

describe('what else a call may say', () => {
  test('everything that POST /call takes, in _meta', async () => {
    const extras = { agent_id: 'a-1', env: 'prod', workflow: 'w-1', action: 'pay_out', resource: 'r' };
    const answer = await call('pay', {}, { meta: { 'dev.invoke/call': extras } });
    expect(await executionOf(answer)).toMatchObject({
      agent_id: 'a-1',
      env: 'prod',
      workflow_id: 'w-1',
      action: 'pay_out',
    });
  });

  test.each([
    [{ agent_id: 'has blanks' }, '/agent_id'],
    [{ tool: 'push' }, '/tool'],
    [{ params: {} }, '/params'],
    [{ idempotency_key: 'x' }, '/idempotency_key'],
    [{ nonsense: 1 }, '/nonsense'],
    ['text', ''],
  ])('%j is refused by name', async (extras, pointer) => {
    const answer = await call('pay', {}, { meta: { 'dev.invoke/call': extras } });
    expect(told(answer)).toMatchObject({
      code: 'validation_failed',
      detail: expect.stringContaining('_meta dev.invoke/call'),
      errors: [{ pointer }],
    });
  });
});

test('a tool that the call names beside its own is told as what it is: the call could not be made so', async () => {
  const extras = { failure_policy: { fallback: 'nothing' } };
  const answer = await call('pay', {}, { meta: { 'dev.invoke/call': extras } });
  expect([answer.result['isError'], told(answer)]).toMatchObject([
    true,
    { status: 'refused', code: 'not_found' },
  ]);
});

test('the trace of a call that could not be read has its agent, as that of POST /call', async () => {
  const extras = { agent_id: 'agent-7', nonsense: 1 };
  const answer = await call('pay', { a: 1 }, { meta: { 'dev.invoke/call': extras } });
  const { body } = await gateway.request('GET', '/v1/traces?agent_id=agent-7');
  expect(body['traces']).toMatchObject([
    { trace_id: told(answer)['trace_id'], agent_id: 'agent-7', tool: 'pay', params: { a: 1 } },
  ]);
});

describe('names', () => {
  test('an exact one wins, one that fits two tools is refused, and each has one of its own', async () => {
    const { tools: listed } = (await modern(gateway, 'tools/list')).result as {
      tools: { name: string; _meta: Record<string, string> }[];
    };
    const nameOf = (id: string) => listed.find((t) => t._meta?.['dev.invoke/tool'] === id)?.name ?? '';
    for (const id of ['crm.update', 'crm-update', 'crm_update', 'mail.send', 'mail-send']) {
      for (const name of [id, nameOf(id)]) {
        expect(name).not.toBe('');
        const effects = await newEffects(() => call(name));
        expect(effects.map((e) => e.path)).toEqual([`/ok/${id}`]);
      }
    }
    expect(nameOf('crm_update')).toBe('crm_update');
    expect((await call('mail_send')).error).toMatchObject({ code: -32602, data: { code: 'tool_conflict' } });
  });
});

describe('a call that a person has to approve', () => {
  const policy = { rules: [{ when: 'action == git_push', effect: 'require_approval' }] };
  const push = (key: string, timeout_ms?: number) =>
    call(
      'push',
      { branch: 'main' },
      {
        meta: {
          'dev.invoke/idempotencyKey': key,
          'dev.invoke/call': { agent_id: key, policy, ...(timeout_ms === undefined ? {} : { timeout_ms }) },
        },
      },
    );
  async function approvalOf(agentId: string): Promise<string> {
    for (;;) {
      const list = await gateway.request('GET', `/v1/approvals?agent_id=${agentId}`, { key: APPROVER });
      const [first] = list.body['approvals'] as { id: string }[];
      if (first !== undefined) return first.id;
      await sleep(20);
    }
  }
  const decide = (id: string, what: 'approve' | 'reject') =>
    gateway.request('POST', `/v1/approvals/${id}/${what}`, { body: {}, key: APPROVER });

  test('is held, and answered with its outcome where the decision comes in time', async () => {
    const effects = await newEffects(async () => {
      const waiting = push('held-1');
      await decide(await approvalOf('held-1'), 'approve');
      const answer = await waiting;
      expect(answer.result).not.toHaveProperty('isError');
      expect(told(answer)).toMatchObject({ path: '/ok' });
      expect(metaOf(answer)).toMatchObject({ status: 'completed' });
    });
    expect(effects).toHaveLength(1);
  });

  test('to the same call that came again meanwhile, the outcome is a replay', async () => {
    const effects = await newEffects(async () => {
      const first = push('held-3');
      const id = await approvalOf('held-3');
      const again = push('held-3');
      await sleep(200);
      await decide(id, 'approve');
      expect(metaOf(await first)).toMatchObject({ status: 'completed' });
      expect(metaOf(await first)).not.toHaveProperty('replayed');
      expect(metaOf(await again)).toEqual({ ...metaOf(await first), replayed: true });
    });
    expect(effects).toHaveLength(1);
  });

  test('a no is told as one', async () => {
    const waiting = push('held-2');
    await decide(await approvalOf('held-2'), 'reject');
    const answer = await waiting;
    expect([answer.result['isError'], told(answer)]).toMatchObject([
      true,
      { success: false, status: 'rejected', next: expect.stringContaining('a person said no') },
    ]);
  });

  test('else it says what to ask for; asking, and the same call again, find out', async () => {
    const effects = await newEffects(async () => {
      const pending = await push('late-1', 100);
      expect(pending.result).toMatchObject({ isError: true, content: [{ type: 'text' }] });
      expect(pending.result).not.toHaveProperty('structuredContent');
      const { execution_id, approval_id } = told(pending);
      expect(told(pending)).toMatchObject({
        success: false,
        status: 'pending_approval',
        execution_id: expect.stringMatching(/^exec_/),
        approval_id: expect.stringMatching(/^appr_/),
        next: expect.stringContaining('invoke_get_execution'),
      });
      expect(metaOf(pending)).toMatchObject({ status: 'pending_approval', execution_id, approval_id });
      expect(told(await push('late-1', 100))).toMatchObject({ execution_id, approval_id });
      const asked = call('invoke_get_execution', { execution_id, wait_ms: 10_000 });
      await sleep(50);
      await decide(String(approval_id), 'approve');
      expect((await asked).result['structuredContent']).toMatchObject({
        execution_id,
        status: 'completed',
        settled: true,
        result: { path: '/ok' },
      });
      expect(metaOf(await push('late-1'))).toMatchObject({
        status: 'completed',
        execution_id,
        replayed: true,
      });
    });
    expect(effects).toHaveLength(1);
  });

  test('is not approved by what its caller answers', async () => {
    const effects = await newEffects(async () => {
      const answer = await modern(
        gateway,
        'tools/call',
        {
          name: 'push',
          arguments: {},
          inputResponses: { approval: { action: 'accept', content: { approved: true } } },
        },
        { meta: { 'dev.invoke/call': { policy, timeout_ms: 50 } } },
      );
      expect(told(answer)).toMatchObject({ status: 'pending_approval' });
    });
    expect(effects).toEqual([]);
  });
});

test('a call goes on when its caller hangs up, and is answered to whoever asks again', async () => {
  const { hostname, port } = new URL(gateway.url);
  const params = { name: 'slow', arguments: {}, _meta: { 'dev.invoke/idempotencyKey': 'hung-up' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const effects = await newEffects(async () => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    const head = `POST /mcp HTTP/1.1\r\nHost: x\r\nX-API-Key: ${FULL}\r\nContent-Type: application/json\r\n`;
    await new Promise((resolve) =>
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`, resolve),
    );
    await sleep(200);
    socket.destroy();
    const again = await legacy(gateway, 'tools/call', params);
    expect(again.result['content']).toEqual([{ type: 'text', text: '{"late":true}' }]);
  });
  expect(effects).toHaveLength(1);
});

test('a key that is revoked while the body of its call is on its way makes that call no more', async () => {
  const made = await gateway.request('POST', '/v1/keys', {
    body: { name: 'slow', scopes: ['tools:call'] },
  });
  const { secret, key } = made.body as { secret: string; key: { id: string } };
  const { hostname, port } = new URL(gateway.url);
  const params = { name: 'pay', arguments: {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const effects = await newEffects(async () => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    const head = `POST /mcp HTTP/1.1\r\nHost: x\r\nX-API-Key: ${secret}\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.slice(0, 9)}`);
    await sleep(200);
    expect((await gateway.request('DELETE', `/v1/keys/${key.id}`)).status).toBe(200);
    socket.write(body.slice(9));
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toContain('unauthenticated');
  });
  expect(effects).toEqual([]);
});

test('a trace context that is none is overlooked', async () => {
  for (const traceparent of ['x\r\nEvil: 1', 'ä€', 'x'.repeat(100_000), 7]) {
    const answer = await call('pay', {}, { meta: { traceparent } });
    expect(answer.result).not.toHaveProperty('isError');
  }
});

test('invoke_get_execution says what is wrong with its arguments', async () => {
  for (const [args, pointer] of [
    [{}, '/execution_id'],
    [{ execution_id: 7 }, '/execution_id'],
    [{ execution_id: 'exec_1', wait_ms: 20_001 }, '/wait_ms'],
    [{ execution_id: 'exec_1', more: 1 }, '/more'],
  ] as const) {
    const answer = await call('invoke_get_execution', args);
    expect([answer.result['isError'], told(answer)]).toMatchObject([
      true,
      { code: 'validation_failed', errors: [{ pointer }] },
    ]);
  }
});
