/**
 * What is promised, one sentence each, with the section of the description or the README that promises it. Every e2e test
 * says by `verifies()` which of these it proves; requirements.test.ts fails where one is proven by none.
 */
export const REQUIREMENTS = {
  'MAIN-01': {
    section: 'Invoke',
    promise: 'Params that do not fit the schema of the tool never reach it.',
  },
  'MAIN-02': {
    section: 'Invoke',
    promise: 'A key only reaches what its scopes and limits allow.',
  },
  'MAIN-03': {
    section: 'Invoke',
    promise: 'A rule can deny a call, and then the tool is not touched.',
  },
  'MAIN-04': {
    section: 'What it promises',
    promise: 'A repeat of a key gets the recorded outcome; the same key with other params is refused.',
  },
  'MAIN-05': {
    section: 'What it promises',
    promise: 'Calls with the same key at the same time take effect once.',
  },
  'MAIN-06': {
    section: 'How It Works',
    promise: 'Every call leaves a structured record that can be inspected, refused ones too.',
  },
  'MAIN-07': {
    section: 'What it promises',
    promise:
      'A tool that can neither honour a key nor be looked up is attempted once, and doubts go to a human.',
  },
  'MAIN-08': {
    section: 'Run the gateway',
    promise: 'With Postgres, any number of gateways share one state.',
  },
  'STATE-01': {
    section: 'State Revalidation Engine',
    promise: 'verified / execute: required fields still match and conditions pass.',
  },
  'STATE-02': {
    section: 'State Revalidation Engine',
    promise: 'blocked / abort: state is missing, changed, or no longer satisfies conditions.',
  },
  'STATE-03': {
    section: 'State Revalidation Engine',
    promise: 'replan_required / replan: same mismatch path when on_mismatch is replan.',
  },
  'STATE-04': {
    section: 'State Revalidation Engine',
    promise: 'Current state is re-fetched by a tool and compared, with drift for each field.',
  },
  'STATE-05': {
    section: 'State Revalidation Engine',
    promise: 'The fields of a JSON page that fetch.url reads are state.',
  },
  'ENTITY-01': {
    section: 'Entity Resolution Tracking',
    promise: 'The resolved entity id, its source and its timestamp are in the trace of the call.',
  },
  'ENTITY-02': {
    section: 'Entity Resolution Tracking',
    promise:
      'An id in the params that names another entity blocks the call with 409, and the tool is never touched.',
  },
  'ENTITY-03': {
    section: 'Entity Resolution Tracking',
    promise: 'So does an id in the execution state.',
  },
  'ENTITY-04': {
    section: 'Entity Resolution Tracking',
    promise: 'The same check runs when a pending approval is approved, against the thawed state.',
  },
  'FAIL-01': {
    section: 'Failure Policy Engine',
    promise: 'retry: 2 is one initial attempt and at most two more.',
  },
  'FAIL-02': {
    section: 'Failure Policy Engine',
    promise: 'There is a hard cap on retries.',
  },
  'FAIL-03': {
    section: 'Failure Policy Engine',
    promise: 'Where the primary tool still fails, the fallback is called once.',
  },
  'FAIL-04': {
    section: 'Failure Policy Engine',
    promise: 'Where everything fails, escalate makes a pending approval with the context of the failure.',
  },
  'FAIL-05': {
    section: 'Failure Policy Engine',
    promise: 'Without escalate, the failure is answered as one.',
  },
  'RECON-01': {
    section: 'Outcome Reconciliation',
    promise: 'do_not_retry: current state shows that the action succeeded.',
  },
  'RECON-02': {
    section: 'Outcome Reconciliation',
    promise: 'retry_allowed: current state shows that it did not.',
  },
  'RECON-03': {
    section: 'Outcome Reconciliation',
    promise: 'escalate: it still cannot be told.',
  },
  'RECON-04': {
    section: 'Outcome Reconciliation',
    promise:
      'In a failure policy, an action that is found to have succeeded is outcome_reconciled and never repeated.',
  },
  'RECON-05': {
    section: 'Outcome Reconciliation',
    promise: 'In a failure policy, an action that is found not to have succeeded is retried within bounds.',
  },
  'RECON-06': {
    section: 'Outcome Reconciliation',
    promise: 'In a failure policy, an outcome that stays unknown escalates or errors, as the policy says.',
  },
  'GATE-01': {
    section: 'Approval Gates',
    promise: 'A checkpoint carries params, variables, tool outputs, action, policy contract and timestamps.',
  },
  'GATE-02': {
    section: 'Conditional Approval Contracts',
    promise: 'A rule with require_approval freezes the call that it matches, and no other.',
  },
  'GATE-03': {
    section: 'Approval Gates',
    promise: 'An approval executes what was frozen, once, and the repeat of the call gets its result.',
  },
  'GATE-04': {
    section: 'Approval Gates',
    promise: 'Who asked for a call cannot approve it.',
  },
  'GATE-05': {
    section: 'Approval Gates',
    promise: 'What is rejected is not executed.',
  },
  'GATE-06': {
    section: 'Approval Gates',
    promise: 'Rules are held against fresh state when an approval is given.',
  },
  'INTENT-01': {
    section: 'Conditional Approval Contracts',
    promise: 'A domain policy freezes intent-specific work, which executes while its condition holds.',
  },
  'INTENT-02': {
    section: 'Conditional Approval Contracts',
    promise: 'An action that is not the allowed one is cancelled.',
  },
  'INTENT-03': {
    section: 'Conditional Approval Contracts',
    promise: 'Where the condition does not hold any more, the agent is asked to plan again.',
  },
  'INTENT-04': {
    section: 'Conditional Approval Contracts',
    promise: 'After expires_at nothing is executed.',
  },
  'CONTRACT-01': {
    section: 'Conditional Approval Contracts',
    promise: 'A contract makes a pending approval even if the tool is low-risk.',
  },
  'CONTRACT-02': {
    section: 'Conditional Approval Contracts',
    promise: 'Valid: the original action is executed.',
  },
  'CONTRACT-03': {
    section: 'Conditional Approval Contracts',
    promise: 'Changed: the old approval is invalidated, and a fresh one waits with the live state.',
  },
  'CONTRACT-04': {
    section: 'Conditional Approval Contracts',
    promise: 'Expired: cancelled before execution.',
  },
  'CONTRACT-05': {
    section: 'Conditional Approval Contracts',
    promise: 'strict: values match the snapshot exactly, and every condition holds.',
  },
  'CONTRACT-06': {
    section: 'Conditional Approval Contracts',
    promise: 'conditions: values may change as long as every condition holds.',
  },
  'CONTRACT-07': {
    section: 'Conditional Approval Contracts',
    promise: 'Current state is accepted from the approver, or fetched; what is fetched counts.',
  },
  'CONTRACT-08': {
    section: 'Conditional Approval Contracts',
    promise: 'Drift is told for each condition key.',
  },
  'CONTRACT-09': {
    section: 'Conditional Approval Contracts',
    promise: 'A contract that has expired when it is made is refused.',
  },
  'NOTIFY-01': {
    section: 'Conditional Approval Contracts',
    promise: 'A pending approval is told to the Slack webhook and to the email webhook.',
  },
} as const satisfies Record<string, { readonly section: string; readonly promise: string }>;

export type RequirementId = keyof typeof REQUIREMENTS;
