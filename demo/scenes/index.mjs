import { duplicateScene } from './duplicate.mjs';
import { killScene } from './kill.mjs';
import { paymentScene } from './payment.mjs';
import { staleApprovalScene } from './stale-approval.mjs';
import { createTimeoutScene } from './timeout.mjs';
import { webhookScene } from './webhook.mjs';
import { wrongEntityScene } from './wrong-entity.mjs';
/** @import { Scene } from '../types.ts' */

/**
 * The scenes in the order in which they are played. The one that kills the gateway is the last.
 * @param {{ readonly failFirst: number }} options
 * @returns {readonly Scene[]}
 */
export function createScenes(options) {
  return [
    createTimeoutScene(options),
    paymentScene,
    wrongEntityScene,
    duplicateScene,
    staleApprovalScene,
    webhookScene,
    killScene,
  ];
}
