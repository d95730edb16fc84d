import { parseConfig, startGateway } from '@invoke/gateway';

/** A gateway in a process of its own, set up by its environment. It says where it listens, and runs until it is killed. */
const parsed = parseConfig(process.env);
if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
const gateway = await startGateway(parsed.config);
process.stdout.write(`${gateway.url}\n`);
