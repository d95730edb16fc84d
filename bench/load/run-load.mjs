import { connect } from 'node:net';
import { percentile } from '../statistics.mjs';
import { createAnswerReader } from './answer-reader.mjs';
import { createRequestBytes } from './request-bytes.mjs';
/** @import { LoadPlan, LoadResult } from '../types.ts' */
/** @import { Socket } from 'node:net' */

const READ_BUFFER_BYTES = 64 * 1024;

/**
 * A closed loop: each connection sends its next request when it has the answer to the last one, and, where a rate is given,
 * not before its turn. Written on bare sockets,
 * because the load generator shares a few cores with what it measures. Rejects at the first answer that is not as expected.
 * @param {LoadPlan} plan
 * @returns {Promise<LoadResult>}
 */
export async function runLoad({ urls, request, connections, warmupMs, ms, perSecond }) {
  const run = Date.now();
  const from = performance.now() + warmupMs;
  const until = from + ms;
  /** @type {number[]} */
  const latencies = [];
  let unmeasured = 0;
  let longestMs = 0;

  /** @param {number} sentAt @returns {boolean} Whether to go on. */
  function count(sentAt) {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - sentAt);
    if (sentAt >= from && now <= until) latencies.push(now - sentAt);
    else unmeasured += 1;
    return now < until;
  }

  const pace = perSecond === undefined ? null : createPace(perSecond);
  const targets = urls.map((url) => new URL(url));
  const loops = Array.from({ length: connections }, (_, connection) => {
    const { hostname, port, host } = /** @type {URL} */ (targets[connection % targets.length]);
    const bytes = createRequestBytes(request, { host, run, connection });
    return keepAsking({ hostname, port: Number(port), bytes, expect: request.expect, count, pace });
  });
  await Promise.all(loops);
  latencies.sort((a, b) => a - b);
  return {
    answers: latencies.length,
    unmeasured,
    ms,
    perSecond: (latencies.length * 1000) / ms,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    longestMs,
  };
}

/** What was missed is not made up for: after a stall of the server there is no storm. */
const FORGOTTEN_AFTER_MS = 100;

/**
 * Turns at a fixed distance, given out one by one.
 * @param {number} perSecond
 * @returns {() => number} How long to wait for the next turn, in milliseconds.
 */
function createPace(perSecond) {
  const distance = 1000 / perSecond;
  let turn = performance.now();
  return () => {
    const now = performance.now();
    turn = Math.max(turn + distance, now - FORGOTTEN_AFTER_MS);
    return turn - now;
  };
}

/**
 * @typedef {object} Asking
 * @property {string} hostname
 * @property {number} port
 * @property {{ next(): Buffer }} bytes
 * @property {{ readonly status: number, readonly text: string }} expect
 * @property {(sentAt: number) => boolean} count
 * @property {(() => number) | null} pace
 */

/** @param {Asking} asking @returns {Promise<void>} */
function keepAsking({ hostname, port, bytes, expect, count, pace }) {
  const reader = createAnswerReader();
  const expected = Buffer.from(expect.text);
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let done = false;

    /** @param {Socket} to */
    function send(to) {
      sentAt = performance.now();
      to.write(bytes.next());
    }

    /** @param {Socket} to */
    function sendInTurn(to) {
      const waitMs = pace === null ? 0 : pace();
      if (waitMs < 1) send(to);
      else setTimeout(send, waitMs, to);
    }

    /** @param {number} length @param {Uint8Array} buffer */
    function receive(length, buffer) {
      try {
        const answer = reader.push(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        if (answer === null) return true;
        if (answer.status !== expect.status || !answer.contains(expected)) {
          throw new Error(`expected ${expect.status} with ${expect.text}, got ${answer.text()}`);
        }
        if (count(sentAt)) sendInTurn(socket);
        else finish();
      } catch (error) {
        socket.destroy();
        reject(error);
      }
      return true;
    }

    function finish() {
      done = true;
      socket.end();
      resolve();
    }

    const socket = connect({
      host: hostname,
      port,
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES), callback: receive },
    });
    socket.on('connect', () => sendInTurn(socket));
    socket.on('error', reject);
    socket.on('close', () => {
      if (!done) reject(new Error('the connection was closed'));
    });
  });
}
