import { parseConfig } from './config.js';
import { startGateway } from './start-gateway.js';

const parsed = parseConfig(process.env);
if (parsed.kind === 'invalid') {
  for (const problem of parsed.problems) process.stderr.write(`config: ${problem}\n`);
  process.exit(1);
}
try {
  const gateway = await startGateway(parsed.config);
  process.stdout.write(`invoke gateway ready at ${gateway.url}\n`);
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void gateway.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  process.stderr.write(`start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
