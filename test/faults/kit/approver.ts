import { APPROVER } from './fleet.js';
import { sleep } from './sleep.js';

export interface Approver {
  /** Decisions that were taken, by their outcome. */
  readonly decided: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export interface ApproverOptions {
  /** All gateways that are up; each approval is granted at two of them at once. */
  readonly gateways: () => readonly string[];
  readonly everyMs?: number;
}

/** A human who says yes to everything, twice. */
export function startApprover({ gateways, everyMs = 300 }: ApproverOptions): Approver {
  const decided = new Map<string, number>();
  let stopped = false;

  async function round(): Promise<void> {
    const [first, second = first] = gateways();
    if (first === undefined || second === undefined) return;
    const { approvals = [] } = (await ask(first, 'GET', '/v1/approvals?status=pending&limit=200')) as {
      approvals?: readonly { readonly id: string; readonly kind: string }[];
    };
    const waiting = approvals.filter((a) => a.kind === 'approval');
    await Promise.all(
      waiting.flatMap(({ id }) =>
        [first, second].map(async (gateway) => {
          const answer = await ask(gateway, 'POST', `/v1/approvals/${id}/approve`, {});
          const word = String(answer['outcome'] ?? answer['code'] ?? 'no answer');
          decided.set(word, (decided.get(word) ?? 0) + 1);
        }),
      ),
    );
  }

  const running = (async () => {
    while (!stopped) {
      await round();
      await sleep(everyMs);
    }
  })();
  return {
    decided,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function ask(
  gateway: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(gateway + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': APPROVER, prefer: 'wait=1' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5_000),
    });
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
