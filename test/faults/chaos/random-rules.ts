import { FAILPOINTS, type Failpoint } from '../kit/failpoints.js';
import type { Random } from '../kit/seeded-random.js';

/** Where nothing of a call is at stake. */
const BESIDE_CALLS: readonly Failpoint[] = ['before_outbox_send', 'after_outbox_send', 'renew'];
const KILLS = FAILPOINTS.filter((point) => !BESIDE_CALLS.includes(point));

const OTHERS = [
  'before_fence:pause=9000@1%',
  'before_send:pause=4500@2%',
  'at_fence:pause=4500@0.5%',
  'after_send:pause=4500@2%',
  'before_outcome_commit:pause=5000@2%',
  'after_takeover:pause=4500@10%',
  'before_lookup:pause=4500@3%',
  'before_claim_commit:throw@5%',
  'after_claim_commit:throw@5%',
  'before_claim_commit:commit_lost@5%',
  'before_attempt_commit:commit_lost@10%',
  'after_step_commit:throw@5%',
  'before_step_commit:throw@5%',
  'before_outcome_commit:throw@10%',
  'before_outcome_commit:commit_lost@10%',
  'before_approval_commit:commit_lost@20%',
  'before_outcome_commit:delay=900@10%',
  'before_claim_commit:delay=700@5%',
  'renew:delay=2600@20%',
  'renew:throw@20%',
];

/** What a gateway is started with: in half of all cases nothing, else a place to die at and something else that goes wrong. */
export function randomRules(random: Random): string {
  if (random.chance(0.5)) return '';
  const kill = `${random.pick(KILLS)}:kill@${random.between(1, 12)}`;
  const other = random.pick(OTHERS);
  return random.chance(0.5) ? `${kill},${other}` : random.chance(0.5) ? kill : other;
}
