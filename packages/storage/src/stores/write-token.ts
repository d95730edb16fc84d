import { randomBytes } from 'node:crypto';

/** Names one write, so that it is recognised when the answer to its commit was lost. */
export function writeToken(): string {
  return randomBytes(12).toString('base64url');
}
