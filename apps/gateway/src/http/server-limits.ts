import type { Server } from 'node:http';
import { answerUnreadable } from './unreadable.js';

/**
 * Limits against slow and oversized clients. Node looks for overdue requests only every 30 s by default, so that a limit of
 * 10 s would fire at 30. Who sends no Host is answered by us: Node's own answer says nothing.
 */
export const SERVER_OPTIONS = {
  connectionsCheckingInterval: 1_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
  requireHostHeader: false,
} as const;

/**
 * Connections that the kernel holds ready until they are accepted (it takes no more than its own limit, net.core.somaxconn).
 * With the 511 of Node, the rest of a thousand callers at once is dropped without a word and tries again a second later.
 */
export const BACKLOG = 4_096;

export function hardenServer(server: Server): void {
  server.maxConnections = 10_000;
  server.maxHeadersCount = 100;
  answerUnreadable(server);
}
