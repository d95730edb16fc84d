import { setTimeout as sleep } from 'node:timers/promises';
import type { CountingTools, ToolAnswer } from './counting-tools.js';
import type { Ledger } from './ledger.js';

/** What happens around one charge, and when the gateway dies in it. */
export interface KillPoint {
  readonly step: string;
  /** Whether the caller hears of the outcome before the gateway dies. */
  readonly answered: 'no' | 'yes' | 'perhaps';
  /** Arms the tools: at the named step, once, the gateway is killed. */
  arm(scene: { readonly tools: CountingTools; readonly ledger: Ledger; kill(): Promise<void> }): void;
}

/** A moment of the second half of the wait of 1.5 s before the retry. */
const INTO_THE_WAIT_MS = 300;

/** The steps of an execution at which a process can die, as its tool sees them. */
export const KILL_POINTS: readonly KillPoint[] = [
  {
    step: 'while it connects to the tool',
    answered: 'no',
    arm: ({ tools, kill }) => tools.onNextConnection(() => void kill()),
  },
  {
    step: 'when the request has arrived and nothing is done',
    answered: 'no',
    arm: ({ tools, ledger, kill }) =>
      once(tools, ledger, async () => {
        await kill();
        return 'break';
      }),
  },
  {
    step: 'when it is done and not answered',
    answered: 'no',
    arm: ({ tools, ledger, kill }) =>
      once(tools, ledger, async (orderId) => {
        ledger.charge(orderId);
        await kill();
        return 'break';
      }),
  },
  {
    step: 'while the answer is on its way',
    answered: 'perhaps',
    arm: ({ tools, ledger, kill }) =>
      once(tools, ledger, async (orderId) => {
        ledger.charge(orderId);
        setImmediate(() => void kill());
        return { status: 200, body: { ok: true } };
      }),
  },
  {
    step: 'when the caller has its answer',
    answered: 'yes',
    /* Killed by the test itself, once it has been answered. */
    arm: () => undefined,
  },
  {
    step: 'while it waits to try again',
    answered: 'no',
    arm: ({ tools, ledger, kill }) =>
      once(tools, ledger, async () => {
        void sleep(INTO_THE_WAIT_MS).then(kill);
        return { status: 503, body: { ok: false } };
      }),
  },
  {
    step: 'while it looks up what has happened',
    answered: 'no',
    arm({ tools, ledger, kill }) {
      once(tools, ledger, async (orderId) => {
        ledger.charge(orderId);
        return 'break';
      });
      tools.answer('ledger.find', async (): Promise<'break'> => {
        tools.answer('ledger.find', ({ params }) => ({
          status: 200,
          body: { found: ledger.charged.includes(String(params['order_id'])) },
        }));
        await kill();
        return 'break';
      });
    },
  },
];

type Once = (orderId: unknown) => Promise<'break' | ToolAnswer>;

/** The next charge goes as told, the ones after it as usual. */
function once(tools: CountingTools, ledger: Ledger, first: Once): void {
  tools.answer('ledger.charge', ({ params }) => {
    tools.answer('ledger.charge', ({ params: later }) => {
      ledger.charge(later['order_id']);
      return { status: 200, body: { ok: true } };
    });
    return first(params['order_id']);
  });
}
