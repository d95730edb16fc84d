// Restate doing the governed call: its server takes the idempotency key at its ingress, and a handler calls the tool in one
// durable step. This process is the handler's; the server is its child.
//   UPSTREAM_URL  the tool      RESTATE_BASE_DIR  where the server keeps its data
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as restate from '@restatedev/restate-sdk';
import { createForward } from './forward.mjs';

const UP_WITHIN_MS = 12_000;
const TRY_EVERY_MS = 100;

const forward = createForward(process.env.UPSTREAM_URL);
const service = restate.service({
  name: 'bench',
  handlers: { call: (ctx, { params }) => ctx.run('tool', () => forward(params)) },
});

const [handler, ingress, admin, node] = await freePorts(4);
const at = (port) => `127.0.0.1:${port}`;
const server = spawn(serverBinary(), [], {
  env: {
    ...process.env,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: at(node),
    RESTATE_ADVERTISED_ADDRESS: `http://${at(node)}`,
    RESTATE_INGRESS__BIND_ADDRESS: at(ingress),
    RESTATE_ADMIN__BIND_ADDRESS: at(admin),
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});
server.on('exit', (code) => process.exit(code ?? 1));
process.on('exit', () => server.kill('SIGKILL'));
process.on('SIGTERM', () => process.exit(0));
process.stdin.resume().on('close', () => process.exit(0));

await restate.serve({ services: [service], port: handler });
await register();
process.stdout.write(`ready http://${at(ingress)}\n`);

/** The handler is made known, and has answered once: from then on the ingress is up as well. */
async function register() {
  const until = performance.now() + UP_WITHIN_MS;
  for (;;) {
    try {
      const answer = await fetch(`http://${at(admin)}/deployments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uri: `http://${at(handler)}` }),
      });
      const health = await fetch(`http://${at(ingress)}/restate/health`);
      if (answer.ok && health.ok) return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    if (performance.now() > until) throw new Error('the Restate server did not come up');
    await sleep(TRY_EVERY_MS);
  }
}

/** The program of this platform, without the starter around it. */
function serverBinary() {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  return join(require.resolve(`${name}/package.json`), '..', 'bin', 'restate-server');
}

async function freePorts(count) {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
      return probe;
    }),
  );
  const ports = probes.map((probe) => probe.address().port);
  for (const probe of probes) probe.close();
  return ports;
}
