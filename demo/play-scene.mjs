import { createInvokeSide } from './invoke-side.mjs';
import { createTeller } from './tell.mjs';
/** @import { ExecutionView } from '@invoke/contract' */
/** @import { InvokeAnswer, Scene, SceneReport, ToolServer } from './types.ts' */
/** @import { Stage } from './stage/stage.mjs' */

/**
 * Plays a scene twice, without Invoke and with it, each side in a chapter of its own with the same faults, and judges it by
 * what the tools' own ledgers say.
 * @param {Scene} scene
 * @param {{ readonly stage: Stage, readonly servers: Readonly<Record<'flaky' | 'business', ToolServer>> }} world
 * @returns {Promise<SceneReport>}
 */
export async function playScene(scene, { stage, servers }) {
  const started = performance.now();
  const naive = createTeller();
  const invoke = createTeller();
  /** @type {InvokeAnswer[]} */
  const answers = [];

  const naiveChapter = await openChapters(scene, 'naive', servers);
  await scene.naive({ ...servers, tell: naive.tell, chapter: naiveChapter, spawnAgent: stage.startAgent });

  const invokeChapter = await openChapters(scene, 'invoke', servers);
  const { tell } = invoke;
  const side = createInvokeSide({ gateway: stage.gateway, business: servers.business, answers, tell });
  await scene.throughInvoke({ ...servers, ...side, tell, chapter: invokeChapter, gateway: stage.gateway });

  const executions = await readExecutions(stage, answers);
  const ledgers = {
    naive: await readLedgers(servers, naiveChapter),
    invoke: await readLedgers(servers, invokeChapter),
  };
  const checks = scene.expect({ ...ledgers, answers, executions });
  /** @param {'naive' | 'invoke'} side */
  const countsOf = (side) => scene.measures.map((m) => ({ label: m.label, n: m.count(ledgers[side]) }));
  return {
    id: scene.id,
    title: scene.title,
    story: scene.story,
    naive: { lines: naive.lines, counts: countsOf('naive') },
    invoke: { lines: invoke.lines, counts: countsOf('invoke') },
    executions,
    checks,
    ok: checks.length > 0 && checks.every((c) => c.holds),
    ms: Math.round(performance.now() - started),
  };
}

/**
 * @param {Scene} scene
 * @param {string} side
 * @param {Readonly<Record<string, ToolServer>>} servers
 */
async function openChapters(scene, side, servers) {
  const chapter = `${scene.id}/${side}`;
  await Promise.all(Object.values(servers).map((s) => s.openChapter(chapter, scene.faults)));
  return chapter;
}

/** @param {Readonly<Record<string, ToolServer>>} servers @param {string} chapter */
async function readLedgers(servers, chapter) {
  return (await Promise.all(Object.values(servers).map((s) => s.ledger(chapter)))).flat();
}

/** @param {Stage} stage @param {readonly InvokeAnswer[]} answers @returns {Promise<ExecutionView[]>} */
function readExecutions(stage, answers) {
  const ids = new Set(answers.flatMap((a) => a.body.execution_id ?? []));
  return Promise.all([...ids].map((id) => stage.gateway.execution(id)));
}
