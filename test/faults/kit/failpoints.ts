import { StorageUnavailable } from '@invoke/core/ports';
import { seededRandom } from './seeded-random.js';
import { sleep } from './sleep.js';

/** Where a gateway can be made to fail. Each is a wrapper around a port; production code knows none of them. */
export const FAILPOINTS = [
  'before_claim_commit',
  'after_claim_commit',
  /** The next attempt of an execution: what has to be durable before a byte leaves. */
  'before_attempt_commit',
  'after_attempt_commit',
  /** Between attempts: an outcome that is unknown, a look at it, a wait. */
  'before_step_commit',
  'after_step_commit',
  /** The end of an execution, or its being handed to people. */
  'before_outcome_commit',
  'after_outcome_commit',
  'before_approval_commit',
  'after_approval_commit',
  'before_takeover',
  /** Something was taken over. */
  'after_takeover',
  /** The invoker is about to be asked to send. */
  'before_send',
  /** There is a connection, and leave to send is about to be asked. */
  'before_fence',
  /** Leave was given, and nothing is written yet: nothing but the tool itself can guard against a pause here. */
  'at_fence',
  /** An answer is there. */
  'after_send',
  'before_lookup',
  'after_lookup',
  'before_outbox_send',
  'after_outbox_send',
  /** The lease is about to be renewed. */
  'renew',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/**
 * `kill`: SIGKILL. `pause`: SIGSTOP, and the fleet lets it go on after `ms`. `throw`: StorageUnavailable. `commit_lost`: only
 * before a commit; it is made, and then StorageUnavailable is thrown. `delay`: only this one operation waits.
 */
export type FailAction =
  | { readonly kind: 'kill' }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'throw' }
  | { readonly kind: 'commit_lost' }
  | { readonly kind: 'delay'; readonly ms: number };

/** When: at the nth time that it is reached, or by chance each time, or always. */
export type FailWhen =
  | { readonly kind: 'always' }
  | { readonly kind: 'nth'; readonly n: number }
  | { readonly kind: 'chance'; readonly share: number };

export interface FailRule {
  readonly at: Failpoint;
  readonly action: FailAction;
  readonly when: FailWhen;
}

/** Throws on what it cannot read: `after_claim_commit:kill@3,before_send:pause=3000@5%,before_outcome_commit:throw`. */
export function parseFailpoints(text: string): readonly FailRule[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRule);
}

const RULE =
  /^(?<at>[a-z_]+):(?:(?<plain>kill|throw|commit_lost)|(?<timed>pause|delay)=(?<ms>\d+))(?:@(?:(?<n>\d+)|(?<percent>\d+(?:\.\d+)?)%))?$/;

function parseRule(text: string): FailRule {
  const found = RULE.exec(text)?.groups;
  const at = FAILPOINTS.find((name) => name === found?.['at']);
  if (found === undefined || at === undefined) throw new Error(`this is no failpoint: ${text}`);
  const { plain, timed, ms, n, percent } = found;
  const action =
    timed === undefined
      ? { kind: plain as 'kill' | 'throw' | 'commit_lost' }
      : { kind: timed as 'pause' | 'delay', ms: Number(ms) };
  if (n !== undefined) return { at, action, when: { kind: 'nth', n: Number(n) } };
  if (percent !== undefined) return { at, action, when: { kind: 'chance', share: Number(percent) / 100 } };
  return { at, action, when: { kind: 'always' } };
}

/** What happens when a failpoint is reached. */
export interface Failpoints {
  /** Does what has to be done here. True: the commit that follows is to be made and its answer lost. */
  hit(at: Failpoint): Promise<boolean>;
  /** The same within a synchronous call, where nothing can wait or throw: only `kill` and `pause` work there. */
  hitNow(at: Failpoint): void;
}

export interface FailpointHands {
  /** Tells the fleet, and returns when it has been told: what follows may be the end of this process. */
  readonly tell: (at: Failpoint, action: FailAction) => void;
  readonly signal: (signal: 'SIGKILL' | 'SIGSTOP') => void;
}

export function createFailpoints(
  rules: readonly FailRule[],
  seed: number,
  { tell, signal }: FailpointHands,
): Failpoints {
  const random = seededRandom(seed);
  const reached = new Map<Failpoint, number>();

  function due(at: Failpoint): readonly FailAction[] {
    const n = (reached.get(at) ?? 0) + 1;
    reached.set(at, n);
    return rules
      .filter((rule) => rule.at === at && applies(rule.when, n))
      .map(({ action }) => {
        tell(at, action);
        return action;
      });
  }

  function applies(when: FailWhen, n: number): boolean {
    switch (when.kind) {
      case 'always':
        return true;
      case 'nth':
        return when.n === n;
      case 'chance':
        return random.chance(when.share);
    }
  }

  function stop(action: FailAction): void {
    if (action.kind === 'kill') signal('SIGKILL');
    if (action.kind === 'pause') signal('SIGSTOP');
  }

  return {
    async hit(at) {
      let loses = false;
      for (const action of due(at)) {
        stop(action);
        if (action.kind === 'delay') await sleep(action.ms);
        if (action.kind === 'throw') throw new StorageUnavailable(`failpoint ${at}`);
        loses ||= action.kind === 'commit_lost';
      }
      return loses;
    },
    hitNow(at) {
      for (const action of due(at)) stop(action);
    },
  };
}
