import { duplicateScene } from './duplicate.mjs';
import { killScene } from './kill.mjs';
import { paymentScene } from './payment.mjs';
import { createTimeoutScene } from './timeout.mjs';
import { wrongEntityScene } from './wrong-entity.mjs';
/** @import { Scene } from '../types.ts' */

/**
 * The scenes in the order in which they are played. Those marked `optional` are played when asked for by name.
 * @param {{ readonly failFirst: number }} options
 * @returns {readonly Scene[]}
 */
export function createScenes(options) {
  return [createTimeoutScene(options), paymentScene, wrongEntityScene, duplicateScene, killScene];
}
