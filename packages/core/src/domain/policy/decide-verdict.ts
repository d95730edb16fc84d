import { PROCEED, refuse, type Decision } from '../decision.js';
import type { PolicyVerdict } from './policy-verdict.js';

/** What a verdict means for a call that has not begun. Where approval is required it goes on: to be frozen. */
export function decideVerdict(verdict: PolicyVerdict): Decision {
  switch (verdict.kind) {
    case 'allow':
    case 'require_approval':
      return PROCEED;
    case 'deny': {
      const { rule, source, reason, undecided } = verdict.by;
      const doubt = undecided === null ? '' : ` (it cannot be decided: ${undecided})`;
      return refuse('policy_denied', `${reason}${doubt}`, {
        details: { rule, source, reason, ...(undecided === null ? {} : { undecided }) },
      });
    }
    case 'conflict': {
      const { name } = verdict;
      return refuse(
        'context_conflict',
        `${name}, which a rule uses, has one value in params and another in execution_state.variables.`,
        { details: { name } },
      );
    }
  }
}
