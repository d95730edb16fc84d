import { writeSync } from 'node:fs';
import { parseConfig, startGateway } from '@invoke/gateway';
import { ablate, MODES } from './ablations.js';
import { createFailpoints, parseFailpoints } from './failpoints.js';
import { FAULT_VARIABLES, type GatewayEvent } from './gateway-event.js';
import { withFailpoints } from './wrap-ports.js';

/**
 * A gateway as it is started for real, with failpoints around its ports. What happens at them is told over file descriptor 3,
 * synchronously: the next instruction may be the last one of this process.
 */
const { failpoints, seed, mode: named } = FAULT_VARIABLES;
const env = { ...process.env };
const text = env[failpoints] ?? '';
const mode = MODES.find((m) => m === (env[named] ?? 'fenced'));
if (mode === undefined) throw new Error(`there is no mode ${env[named]}`);
const points = createFailpoints(parseFailpoints(text), Number(env[seed] ?? '1'), {
  tell: (at, action) => tell({ kind: 'failpoint', at, action }),
  signal: (signal) => process.kill(process.pid, signal),
});
// The gateway knows no such variables, and would say so.
for (const name of Object.values(FAULT_VARIABLES)) delete env[name];

const parsed = parseConfig(env);
if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
const gateway = await startGateway(parsed.config, (ports) =>
  ablate(
    mode,
    withFailpoints(ports, points, (sent) => tell({ kind: 'sent', at: Date.now(), ...sent })),
  ),
);
process.stdin.on('end', () => process.exit(1)).resume();
let stopping = false;
process.on('SIGTERM', () => {
  if (stopping) return;
  stopping = true;
  void gateway.close().then(() => process.exit(0));
});
tell({ kind: 'ready', url: gateway.url });

function tell(event: GatewayEvent): void {
  const line = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let written = 0; written < line.length;) {
    try {
      written += writeSync(3, line, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}
