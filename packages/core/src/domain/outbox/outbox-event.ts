/** What is worth telling, and the fixed words that people read first: nothing of a call stands in a subject. */
const OUTBOX_EVENTS = {
  'approval.requested': 'Approval requested',
  'approval.decided': 'Approval decided',
  'approval.requeued': 'Approval requested again: live state had changed',
  'review.requested': 'Review requested: the outcome of a call is not certain',
  'execution.settled': 'Outcome settled by an event of the provider',
  'execution.contradicted': 'An event of the provider contradicts what is recorded',
  'execution.contract_broken': 'A tool took effect too late, or more than once',
  'execution.reinstated': 'The database had lost an execution; it was put back',
} as const;
export type OutboxEvent = keyof typeof OUTBOX_EVENTS;

export function titleOf(event: OutboxEvent): string {
  return OUTBOX_EVENTS[event];
}
