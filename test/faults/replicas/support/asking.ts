import { AGENT, until, type Answer, type Replica } from './replica.js';

export function call(at: Replica, tool: string, order: string): Promise<Answer> {
  const body = { tool, params: { order }, idempotency_key: `key of ${order}` };
  return at.ask('POST /v1/call', { key: AGENT, body });
}

/** The answer of a gateway that can answer: while it says 503, the call is repeated. */
export async function answered(at: Replica, tool: string, order: string): Promise<Answer> {
  let answer: Answer = await call(at, tool, order);
  await until(async () => {
    if (answer.status !== 503) return true;
    answer = await call(at, tool, order);
    return answer.status !== 503;
  }, 20_000);
  return answer;
}

/** A server that was stopped for a moment may have outlasted the lease. */
export async function ready(at: Replica): Promise<void> {
  await until(async () => (await at.ask('GET /ready')).status === 200, 20_000);
}
