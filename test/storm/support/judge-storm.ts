import type { Story } from './call-until-answered.js';

/** What is left of a storm. */
export interface Storm {
  readonly callers: readonly { readonly params: string; readonly story: Story }[];
  /** The bodies of the requests that reached the tool, by the tool's own count. */
  readonly effects: readonly string[];
}

export interface Verdict {
  /** How often each status was seen. */
  readonly seen: ReadonlyMap<string, number>;
  readonly effects: number;
  /** Different last answers among the callers who asked for what was done. */
  readonly answers: number;
  readonly wrong: readonly string[];
}

/**
 * One effect; whoever asked for it gets one and the same answer, at once or after 409s; whoever asked for something else
 * under the same key gets 422 and learns nothing of the other call.
 */
export function judgeStorm({ callers, effects }: Storm): Verdict {
  const [done = ''] = effects;
  const same = callers.filter(({ params }) => params === done);
  const others = callers.filter(({ params }) => params !== done);
  const answers = new Set(same.map(({ story }) => withoutReplayMark(story.body)));
  const [answer = ''] = answers;
  return {
    seen: countSeen(callers.map(({ story }) => story)),
    effects: effects.length,
    answers: answers.size,
    wrong: [
      ...(effects.length === 1 ? [] : [`${effects.length} effects for one key`]),
      ...(same.length > 0 && answers.size === 1 ? [] : [`${answers.size} different answers`]),
      ...(answer.includes('"receipt":1') ? [] : [`the answer does not tell the receipt: ${answer}`]),
      ...same.flatMap(({ story }) => strange(story, /^200$/)),
      ...others.flatMap(({ story }) => strange(story, /^422$/)),
      ...(others.some(({ story }) => story.body?.includes('receipt'))
        ? ['a call with other params was shown the answer']
        : []),
    ],
  };
}

/** The only difference between the first answer and its replays. */
function withoutReplayMark(body: string | null): string {
  return (body ?? 'none').replace('"replayed":true,', '');
}

/** Anything but 409s and then the one status that ends it. Whoever is refused is refused at once. */
function strange({ seen }: Story, end: RegExp): readonly string[] {
  const last = seen.at(-1) ?? 'nothing';
  const before = seen.slice(0, -1);
  const repeats = end.test('422') ? before.length === 0 : before.every((status) => status === '409');
  return end.test(last) && repeats ? [] : [`somebody saw ${seen.join(', ')}`];
}

function countSeen(stories: readonly Story[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const status of stories.flatMap(({ seen }) => seen).toSorted()) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}
