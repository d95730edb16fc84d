import { createBareConnection } from './bare-connection.js';
import { classifyHandshake } from './classify-handshake.js';
import type { ConnectResult, Upstream } from './connection.js';
import { openSdkConnection } from './sdk-connection.js';
import { SdkWire } from './sdk-wire.js';

/**
 * Agrees with a server on how to speak, newest first: MCP 2026-07-28, then `initialize`, then bare JSON-RPC. Never rejects.
 * `knownLegacy` saves the question for the newest, where its answer is known from a session that was lost.
 */
export async function connectUpstream(upstream: Upstream, knownLegacy: boolean): Promise<ConnectResult> {
  const wire = new SdkWire(upstream);
  try {
    return { kind: 'connected', connection: await openSdkConnection(wire, upstream, knownLegacy) };
  } catch (error) {
    const verdict = classifyHandshake(wire.handshake, error);
    if (verdict.kind !== 'bare') return verdict;
    /* What was true of this server is no longer true: ask it from the start. */
    if (knownLegacy) return connectUpstream(upstream, false);
    return { kind: 'connected', connection: createBareConnection(upstream, verdict.sessionId) };
  }
}
