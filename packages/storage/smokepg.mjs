import { startPostgres } from '../testkit/src/postgres/start-postgres.ts';
import { createPostgresStore } from './src/postgres.ts';
import { createHash, randomUUID } from 'node:crypto';
let t = performance.now();
const pgs = await startPostgres();
console.log('started', (performance.now() - t).toFixed(0));
t = performance.now();
const url = await pgs.createDatabase();
console.log('db', (performance.now() - t).toFixed(0));
t = performance.now();
const store = await createPostgresStore({ connectionString: url });
console.log('open', (performance.now() - t).toFixed(0));
try {
  console.log(await store.check(), (await store.instanceSecret()).length);
  const body = 'x'.repeat(350);
  let ms = Date.now();
  function rec(i) {
    const id = 'exec_' + (ms + i / 20).toString(16).slice(0, 11) + '-' + randomUUID();
    const at = Date.now();
    return {
      id,
      tenant: 'default',
      env: 'prod',
      keyDigest: createHash('sha256').update(id).digest('hex'),
      idempotencyKey: 'key-' + i,
      fingerprint: 'f'.repeat(64),
      tool: 'crm_update_' + (i % 10),
      toolVersion: 'v'.repeat(64),
      action: null,
      agentId: 'agent' + (i % 5),
      workflow: null,
      keyId: 'key_1',
      entityId: null,
      traceId: 'trace_' + i,
      request: { params: { body } },
      state: 'running',
      epoch: 0,
      seq: 0,
      owner: 'inc_1',
      token: randomUUID(),
      journal: { attempts: [{ n: 1, role: 'primary', tool: 'x', state: 'started' }], lookups: [], steps: [] },
      resultText: null,
      outcome: null,
      notBeforeAt: null,
      createdAt: at,
      updatedAt: at,
      finishedAt: null,
    };
  }
  const mv = (r) => ({
    id: r.id,
    from: { state: 'running', epoch: 0, seq: 0 },
    state: 'completed',
    owner: null,
    token: randomUUID(),
    journal: {
      attempts: [{ n: 1, role: 'primary', tool: 'x', state: 'ok' }],
      lookups: [],
      steps: [{ step: 'a', status: 'b', at: 1 }],
    },
    resultText: JSON.stringify({ ok: true, body }),
    outcome: { final: 'completed' },
    notBeforeAt: null,
    updatedAt: Date.now(),
    finishedAt: Date.now(),
  });
  for (const conc of (process.env.CONC || '1,16,64,64,256').split(',').map(Number)) {
    let n = 0,
      stop = false;
    const c0 = process.cpuUsage(),
      w0 = Date.now();
    setTimeout(() => (stop = true), 2000);
    await Promise.all(
      Array.from({ length: conc }, async () => {
        while (!stop) {
          const r = rec(n++);
          if ((await store.executions.claim(r)).kind !== 'claimed') throw 1;
          if ((await store.executions.transition(mv(r))).kind !== 'moved') throw 2;
        }
      }),
    );
    const dt = (Date.now() - w0) / 1e3,
      c = process.cpuUsage(c0);
    console.log(conc, Math.round(n / dt), 'calls/s', ((c.user + c.system) / n).toFixed(0), 'us cpu');
  }
  const one = await store.executions.list({
    tenant: 'default',
    limit: 2,
    before: null,
    state: null,
    tool: null,
    agentId: null,
  });
  console.log(
    one.length,
    await store.executions.recall(one[0].keyDigest).then((r) => r.kind),
    await store.executions.recall('x'),
  );
} finally {
  t = performance.now();
  await store.close();
  await pgs[Symbol.asyncDispose]();
  console.log('closed', (performance.now() - t).toFixed(0));
}
