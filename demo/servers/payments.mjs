import { createHmac } from 'node:crypto';
import { schemaOf } from '../schema-of.mjs';
/** @import { EventOrder, Faults } from '../types.ts' */
/** @import { Ledger } from './ledger.mjs' */
/** @import { Behaviour } from './mcp-server.mjs' */

/** @typedef {{ reference: string | null, status: 'paid' | 'returned' }} Payment */

/**
 * A payments provider: charges as often as it is told, and tells of it by signed events (Standard Webhooks).
 * @param {Ledger} ledger
 * @param {{ readonly answered: (tool: string, value: Readonly<Record<string, unknown>>) => Behaviour, readonly secret: string }} options
 *   `secret`: `whsec_` and base64.
 */
export function createPayments(ledger, { answered, secret }) {
  /** @type {Map<string, Payment>} */
  const payments = new Map();
  let toReturn = 0;
  let events = 0;

  return {
    /** @param {Faults} faults */
    startAfresh({ chargesReturned = 0 }) {
      payments.clear();
      toReturn = chargesReturned;
    },

    tools: {
      payments_charge: {
        description: 'Charges a customer.',
        inputSchema: schemaOf(
          { payment_id: 'string', customer_id: 'string', amount: 'number', currency: 'string' },
          { reference: 'string' },
        ),
        /** @param {Readonly<Record<string, any>>} args */
        call({ payment_id, customer_id, amount, currency, reference = null }) {
          const isReturned = toReturn > 0;
          if (isReturned) toReturn -= 1;
          payments.set(payment_id, { reference, status: isReturned ? 'returned' : 'paid' });
          const detail = { customer_id, amount, currency };
          const { seq } = ledger.append({ kind: 'charge', subject: payment_id, detail });
          if (isReturned) ledger.append({ kind: 'charge_returned', subject: payment_id, detail });
          const charge = { charge_id: `ch_${seq}`, payment_id, amount, currency, charged: true };
          return answered('payments_charge', charge);
        },
      },
      payments_lookup: {
        description: 'Whether a payment was charged, and where it stands.',
        inputSchema: schemaOf({ payment_id: 'string' }),
        /** @param {Readonly<Record<string, any>>} args */
        call({ payment_id }) {
          const payment_status = payments.get(payment_id)?.status ?? 'none';
          return answered('payments_lookup', {
            payment_id,
            charged: payments.has(payment_id),
            payment_status,
          });
        },
      },
    },

    /** @param {EventOrder} order */
    sendEvent(order) {
      events += 1;
      const reference = payments.get(order.payment_id)?.reference ?? null;
      return send({ id: `evt_${events}`, reference, ...order }, secret);
    },
  };
}

/**
 * @param {EventOrder & { readonly id: string, readonly reference: string | null }} event
 * @param {string} secret
 */
async function send({ id, to, type, payment_id, reference }, secret) {
  const data = { payment_id, reference };
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  const answer = await fetch(to, { method: 'POST', headers: sign({ id, body }, secret), body });
  return { http: answer.status, text: await answer.text() };
}

/**
 * The headers of a signed event, as https://www.standardwebhooks.com has them.
 * @param {{ readonly id: string, readonly body: string }} event
 * @param {string} secret
 */
function sign({ id, body }, secret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest}`,
  };
}
