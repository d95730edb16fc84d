/** Exit codes are part of the interface: scripts branch on them. `invoke help exit-codes` shows this table. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unauthenticated: 4,
  blocked: 10,
  pendingApproval: 11,
  replanRequired: 12,
  outcomeUnknown: 13,
  notExecuted: 14,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
