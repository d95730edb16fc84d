import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, createSystemClock, createSystemDigest, createSystemIds } from '@invoke/core';
import { createExpressionLanguage, createSchemaCompiler } from '@invoke/core/adapters';
import { fullAccess, visualFlow } from '@invoke/core/domain';
import type { SearchFound, SearchProvider } from '@invoke/core/ports';
import { createToolInvoker } from '@invoke/mcp-client';
import { createSqliteStore } from '@invoke/storage/sqlite';
import { describe, expect, test } from 'vitest';
import { builtinTools } from '../src/builtin-tools.js';

const principal = fullAccess('key_1');
const meta = { requestId: 'req_1', traceparent: null };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An engine with a search provider, over SQLite in a folder of its own. */
async function openEngine(found: SearchFound) {
  const dataDir = await mkdtemp(join(tmpdir(), 'invoke-search-'));
  const store = await createSqliteStore({ dataDir });
  const tools = builtinTools();
  const invoker = createToolInvoker({
    allowLoopback: false,
    secrets: () => undefined,
    builtins: tools.handlers,
    log: silent,
  });
  const asked: unknown[] = [];
  const search: SearchProvider = {
    name: 'test',
    search: async (query) => {
      asked.push(query);
      return found;
    },
  };
  const engine = createEngine(
    {
      store,
      invoker,
      keyRing: { find: () => null, byId: () => null },
      schemas: createSchemaCompiler(),
      language: createExpressionLanguage(),
      addresses: { check: () => ({ kind: 'ok' }) },
      clock: createSystemClock(),
      ids: createSystemIds(),
      digest: createSystemDigest(await store.instanceSecret()),
      random: Math.random,
      log: silent,
    },
    { builtin: tools.definitions, search },
  );
  await engine.start();
  return {
    engine,
    asked,
    async [Symbol.asyncDispose]() {
      await engine.stop(1000);
      await Promise.all([invoker.close(), tools.close()]);
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const HIT = { title: 'MCP auth', summary: 'What changed.', url: 'https://example.com/mcp' };
const run = (engine: Awaited<ReturnType<typeof openEngine>>['engine'], input: Record<string, unknown>) =>
  engine.runWorkflow(principal, { id: 'live-context-retrieval', input, meta, attachMs: 0 });

describe('live-context-retrieval with a search provider', () => {
  test('has the flow that the description shows', async () => {
    await using open = await openEngine({ kind: 'found', hits: [HIT] });
    const ran = await run(open.engine, { query: 'latest MCP auth changes' });
    if (ran.kind !== 'ran') throw new Error(ran.refusal.message);
    expect(ran.stopped).toBeNull();
    expect(visualFlow(ran.story)).toBe(
      'request_received -> context_retrieved -> risk_scanned -> tool_authorized -> execution_completed',
    );
    expect(ran.story.lines[1]).toEqual({
      step: 'context_retrieved',
      title: 'Context retrieved',
      status: 'completed',
      detail: '1 source by test, first https://example.com/mcp',
    });
    expect(open.asked).toEqual([{ query: 'latest MCP auth changes', limit: 3 }]);
  });

  test('a source that may not be opened stops it', async () => {
    await using open = await openEngine({ kind: 'found', hits: [{ ...HIT, url: 'file:///etc/passwd' }] });
    const ran = await run(open.engine, { query: 'q', limit: 1 });
    expect(ran.kind === 'refused' ? ran.refusal.code : ran.kind).toBe('validation_failed');
    expect(ran.story === null ? '' : visualFlow(ran.story)).toBe(
      'request_received -> context_retrieved -> risk_scanned -> tool_refused -> execution_blocked',
    );
    expect(open.asked).toEqual([{ query: 'q', limit: 1 }]);
  });

  test('nothing found is no context', async () => {
    await using open = await openEngine({ kind: 'found', hits: [] });
    const ran = await run(open.engine, { query: 'q' });
    expect(ran.kind === 'ran' ? ran.stopped : ran.kind).toBe('failed');
  });

  test('a provider that fails is told as such', async () => {
    const failed = { kind: 'failed', code: 'upstream_timeout', message: 'no answer in time' } as const;
    await using open = await openEngine(failed);
    const ran = await run(open.engine, { query: 'q' });
    expect(ran.kind === 'refused' ? ran.refusal : ran.kind).toMatchObject({
      code: 'upstream_timeout',
      message: 'test: no answer in time',
    });
  });

  test('a search is traced', async () => {
    await using open = await openEngine({ kind: 'found', hits: [HIT] });
    const found = await open.engine.search(principal, { query: 'q', limit: 3 }, meta);
    if (found.kind !== 'answer') throw new Error(found.refusal.message);
    expect(found.answer).toEqual({
      query: 'q',
      provider: 'test',
      results: [HIT],
      trace_id: found.answer.trace_id,
    });
    const everything = { tool: null, agentId: null, status: null, executionId: null };
    const before = { traceId: null, executionId: null };
    const { records } = await open.engine.traces(principal, { ...everything, limit: 1, before });
    expect(records[0]).toMatchObject({
      trace_id: found.answer.trace_id,
      tool: 'search',
      status: 'completed',
    });
  });
});
