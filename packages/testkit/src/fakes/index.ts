export { createManualClock } from './manual-clock.js';
export type { ManualClock } from './manual-clock.js';
export { answered, createScriptedInvoker, LOST_CONNECTION, REFUSED_CONNECTION } from './scripted-invoker.js';
export type { ScriptedInvoker, ScriptedReply } from './scripted-invoker.js';
