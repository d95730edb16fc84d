import type { InvokeAnswer, InvokeBody, LedgerEntry, Scene, SceneFacts } from '../types.ts';
import { createScenes } from '../scenes/index.mjs';

/** For the tests of the scenes' checks: facts as they could have been. */

export function sceneOf(id: string, failFirst = 2): Scene {
  const scene = createScenes({ failFirst }).find((s) => s.id === id);
  if (scene === undefined) throw new Error(`no scene ${id}`);
  return scene;
}

export function entries(kind: string, subject: string, n: number): LedgerEntry[] {
  return Array.from({ length: n }, (_, i) => ({
    seq: i + 1,
    chapter: 'c',
    at: 0,
    kind,
    subject,
    detail: {},
  }));
}

export function answer(http: number, body: InvokeBody, text = JSON.stringify(body)): InvokeAnswer {
  return { http, headers: new Headers(), text, body };
}

/** The claims that do not hold. */
export function broken(scene: Scene, facts: Partial<SceneFacts>): string[] {
  const all = { naive: [], invoke: [], answers: [], executions: [], ...facts };
  return scene.expect(all).flatMap((c) => (c.holds ? [] : [c.claim]));
}

/** One row of a table of facts and the claims that they break. */
export interface FactsCell {
  readonly cell: string;
  readonly facts: Partial<SceneFacts>;
  readonly expected: readonly string[];
  readonly why: string;
}
