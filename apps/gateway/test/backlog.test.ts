import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openGateway } from './support/gateway.js';

const CALLERS = 1_000;
const LISTENING = '0A';
const SOCKETS = '/proc/net/tcp';

/** Connections to a port that the kernel has made and nobody has accepted yet, as proc(5) tells; null off Linux. */
function waitingToBeAccepted(port: number): number | null {
  if (!existsSync(SOCKETS)) return null;
  const sockets = readFileSync(SOCKETS, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = sockets.find(
    ([, local, , state]) => state === LISTENING && local?.endsWith(`:${hexPort}`),
  );
  return Number.parseInt(listening?.[4]?.split(':')[1] ?? '', 16);
}

/** What the kernel lets wait of a thousand. */
function mostWaiting(): number {
  return Math.min(CALLERS, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));
}

test('a thousand callers at once are all let in, however busy the gateway is', async () => {
  await using gateway = await openGateway();
  const port = Number(new URL(gateway.url).port);
  // All in one turn: the gateway, which runs in this process, accepts none of them meanwhile.
  const sockets = Array.from({ length: CALLERS }, () => connect(port, '127.0.0.1'));
  const connected = sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve)));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const waiting = waitingToBeAccepted(port);
  await Promise.all(connected);
  for (const socket of sockets) socket.destroy();
  expect(waiting ?? CALLERS).toBeGreaterThanOrEqual(waiting === null ? CALLERS : mostWaiting());
});
